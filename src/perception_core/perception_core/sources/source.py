"""Where frames come from: one interface for cameras, files and virtual scenes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from perception_core.frame import RgbdFrame
from perception_core.sources.camera import open_csi_camera, open_usb_camera
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import PICTURE_SUFFIXES, PictureSource
from perception_core.sources.realsense import RealSenseSource
from perception_core.sources.recording import named_path, open_recording
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import SCENES
from perception_core.sources.video import VideoSource

_SCENE_PREFIX = "scene:"
_MOST_DIGITS = 9  # of a camera's number; OpenCV takes 32 bits
_WORDS = ("demo", "csi", "realsense", *(_SCENE_PREFIX + name for name in SCENES))

ACCEPTED = (
    "demo, a video file, a picture or a folder of pictures, a recording (rosbag2: its folder, .mcap or .db3), "
    "a camera number (0 is the first), csi, realsense"
)


class FrameSource(Protocol):
    """Something that delivers frames."""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        ...

    @property
    def rate_hz(self) -> float | None:
        """Frames per second at which a recorded source is meant to be played; None for a live one."""
        ...

    @property
    def live(self) -> bool:
        """Whether frames come when the camera has them and are lost when nobody takes them."""
        ...

    def frames(self) -> Iterator[RgbdFrame]:
        """The frames; a recorded source begins at its first frame each time this is called.

        Stamps of a recording are those with which it was recorded. Others count from the beginning: the time of
        capture for a live source, k / rate for what has no stamps.

        Raises:
            SourceError: No more frames can be had although there should be some.
        """
        ...

    def close(self) -> None:
        """Let go of the camera or file."""
        ...


def open_source(text: str, size: tuple[int, int] = (640, 480)) -> FrameSource:
    """The source that a user names.

    Args:
        text: One of `ACCEPTED`, or scene:<name> for another virtual scene.
        size: Width and height to ask a camera for; files and scenes keep their own.

    Raises:
        SourceError: There is no such source, or it cannot be opened; the text says what to do.
    """
    if names_scene(text):
        return SceneSource(SCENES[text.removeprefix(_SCENE_PREFIX)]())
    if text == "csi":
        return open_csi_camera(size)
    if text == "realsense":
        return RealSenseSource(size)
    if _is_number(text):
        return open_usb_camera(int(text), size)
    return _open_path(text)


def names_scene(text: str) -> bool:
    """Whether a source is one of the virtual scenes."""
    return text == "demo" or (text.startswith(_SCENE_PREFIX) and text.removeprefix(_SCENE_PREFIX) in SCENES)


def named_paths(text: str) -> list[Path]:
    """The files and folders that a source may be read from; none for a camera or a scene.

    Args:
        text: As `open_source` takes it.
    """
    if text in _WORDS or _is_number(text):
        return []
    name, mark, _ = text.rpartition("?")  # a recording, and which of its topics; or part of a name
    return [named_path(each) for each in (text, *([name] if mark else []))]


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _MOST_DIGITS


def _open_path(text: str) -> FrameSource:
    recording = open_recording(text)
    if recording is not None:
        return recording
    path = named_path(text)
    if path.is_dir() or (path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES):
        return PictureSource(path)
    if path.is_file():
        return VideoSource(path)
    similar = difflib.get_close_matches(text.lower(), _WORDS, n=1)
    hint = f" Did you mean {similar[0]}?" if similar else ""
    raise SourceError(
        f"{text!r}: there is no such file or folder, and it is no known source.{hint} Accepted: {ACCEPTED}."
    )
