"""A display that plays a clip at life size, as a telepresence robot carries it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.geometry import Box
from perception_core.sources.error import SourceError
from perception_core.sources.scene_portraits import PortraitClip
from perception_core.sources.scene_sprite import ClipSprite, StillSprite, pyramid

_BEZEL_M = 0.014
_CASE_BGR = (44, 42, 40)
_JPEG_QUALITY = 92
_STORED_SCALE = 0.5  # finer than it is ever shown


def display_case(portrait: PortraitClip) -> StillSprite:
    """The dark case around and behind the picture, with round corners."""
    bezel = round(_BEZEL_M * portrait.pixels_per_metre)
    width, height = (round(side) + 2 * bezel for side in (portrait.window.width, portrait.window.height))
    colour = np.full((height, width, 3), _CASE_BGR, np.uint8)
    levels = pyramid(colour, _rounded_rectangle(width, height, 2 * bezel), None)
    return StillSprite(levels, portrait.pixels_per_metre, (width / 2 - 0.5, height / 2 - 0.5))


def playing_clip(portrait: PortraitClip, path: Path, scene_frames: int, scene_rate_hz: float) -> ClipSprite:
    """The picture on the display.

    Args:
        portrait: What to show of the clip.
        path: Its file.
        scene_frames: Length of the scene.
        scene_rate_hz: Frames per second of the scene.

    Raises:
        SourceError: The clip cannot be read, or has not the number of pictures that was recorded.
    """
    pictures, rate_hz = _read(path, portrait.window)
    if len(pictures) != portrait.pictures:
        raise SourceError(
            f"{path}: the clip for the virtual scene has {len(pictures)} readable pictures, expected "
            f"{portrait.pictures}: the file is damaged or another one. Remove it and run `./perception setup`."
        )
    window = portrait.window
    return ClipSprite(
        pictures,
        rate_hz,
        scene_frames,
        scene_rate_hz,
        _STORED_SCALE,
        portrait.pixels_per_metre,
        (window.width / 2 - 0.5, window.height / 2 - 0.5),
    )


def _read(path: Path, window: Box) -> tuple[tuple[bytes, ...], float]:
    """The pictures of a clip, cut to the window and shrunk, as JPEG files, and their rate."""
    capture = cv2.VideoCapture(str(path))
    rate_hz = capture.get(cv2.CAP_PROP_FPS)
    rows, columns = window.slices()
    pictures = []
    while capture.grab():
        found, picture = capture.retrieve()
        if not found:
            break
        cut = picture[rows, columns]
        small = cv2.resize(cut, None, fx=_STORED_SCALE, fy=_STORED_SCALE, interpolation=cv2.INTER_AREA)
        pictures.append(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes())
    capture.release()
    return tuple(pictures), rate_hz


def _rounded_rectangle(width: int, height: int, radius: int) -> NDArray[np.uint8]:
    """Coverage: 255 inside, with smooth corners."""
    column = np.abs(np.arange(width) - (width - 1) / 2) - (width / 2 - radius)
    row = np.abs(np.arange(height) - (height - 1) / 2) - (height / 2 - radius)
    beyond = np.hypot(np.clip(column, 0, None)[None, :], np.clip(row, 0, None)[:, None])
    return np.asarray(255 * np.clip(radius + 0.5 - beyond, 0, 1), np.float64).astype(np.uint8)
