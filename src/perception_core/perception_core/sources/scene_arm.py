"""Hands out of photographs: cut out, with relief, on an arm in a sleeve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage
from perception_core.sources.error import SourceError
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_cutout import FINEST_PIXELS_PER_METRE, coverage_of
from perception_core.sources.scene_hands import HandPicture
from perception_core.sources.scene_portraits import Point, at_scale
from perception_core.sources.scene_sprite import StillSprite, pyramid

Tint = tuple[float, float, float]  # BGR

_MARK_RADIUS_PX = 3
_GRAIN_PX, _GRAIN_LEVELS = 5, 25.0  # of a clip with few colours, smoothed away
_SLEEVE_M = 0.6  # from the wrist on: at arm's length its end is outside the image
_CUFF_M, _WIDENING = 0.041, 0.05  # half of the sleeve's width at its beginning, and how fast it widens
_ROUND_M = 0.012  # how far the edge of a hand lies behind its middle
_BACKWARDS = 0.5  # so far does an arm that is held up go back to its body, per metre of its length
_SMOOTHING_M = 0.003
_WRIST_M = 0.025  # from the wrist to where the hand has its own shape
_FINGERS, _PER_BONE = 5, 6
_COARSE = 6  # pixels between places at which the hand's shape is computed: it is smooth
_NEAR_M, _FOREMOST_M = 0.008, 0.02  # how far aside, and how far behind others, a bone counts little

_Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Canvas:
    """The part of a plane on which an arm is painted.

    Attributes:
        origin: Its first pixel, in pixels of the scaled photograph.
        size: Width and height.
        per_metre: Pixels.
        along: HxW metres from the wrist towards the elbow.
        across: HxW metres beside the forearm's axis.
    """

    origin: tuple[int, int]
    size: tuple[int, int]
    per_metre: float
    along: _Field
    across: _Field


def arm(hand: HandPicture, path: Path, tint: Tint) -> tuple[StillSprite, float, Point]:
    """A hand on an arm; the anchor is the wrist.

    Args:
        hand: Where the hand is in the picture.
        path: The picture.
        tint: Of the sleeve.

    Returns:
        The sprite, its pixels per pixel of the file, and where its first pixel lies in the file scaled like this.

    Raises:
        SourceError: The file cannot be read.
    """
    photograph = _read(hand, path)
    scale = min(1.0, FINEST_PIXELS_PER_METRE / hand.pixels_per_metre)
    size = round(photograph.shape[1] * scale), round(photograph.shape[0] * scale)
    canvas, wrist = _canvas(hand, scale), at_scale(hand.wrist, scale)
    skin = _moved(np.asarray(cv2.resize(photograph, size, interpolation=cv2.INTER_AREA), np.uint8), canvas)
    covered = _moved(coverage_of(hand.outline, scale, size), canvas)
    sleeve, colour = _sleeve(canvas, hand.cuff_m, tint)
    share = np.float32(1 / 255) * sleeve[..., None]
    painted = np.rint(skin * (1 - share) + colour * share).astype(np.uint8)
    coverage = np.maximum(np.where(canvas.along < hand.cuff_m, covered, 0), sleeve).astype(np.uint8)
    levels = pyramid(painted, coverage, _relief(hand, scale, canvas, coverage))
    x, y = canvas.origin
    return StillSprite(levels, canvas.per_metre, (wrist[0] - x, wrist[1] - y)), scale, (float(x), float(y))


def _read(hand: HandPicture, path: Path) -> ColourImage:
    if hand.frame is None:
        return read_picture(path)
    capture = cv2.VideoCapture(str(path))
    pictures = [capture.read()[1] for _ in range(hand.frame + 1)]
    capture.release()
    if pictures[-1] is None:
        raise SourceError(
            f"{path}: the clip for the virtual scene has no picture {hand.frame}: the file is damaged or another one. "
            "Remove it and run `./perception setup`."
        )
    return _without_marks(np.asarray(pictures[-1], np.uint8), hand.marks)


def _without_marks(picture: ColourImage, marks: Sequence[Point]) -> ColourImage:
    """The picture with what is around the marks drawn over them."""
    marked = np.zeros(picture.shape[:2], np.uint8)
    for x, y in marks:
        cv2.circle(marked, (round(x), round(y)), _MARK_RADIUS_PX, (255.0,), cv2.FILLED)
    healed = cv2.inpaint(picture, marked, _MARK_RADIUS_PX, cv2.INPAINT_TELEA)
    return np.asarray(cv2.bilateralFilter(healed, _GRAIN_PX, _GRAIN_LEVELS, _GRAIN_PX / 2), np.uint8)


def _canvas(hand: HandPicture, scale: float) -> _Canvas:
    """As large as the hand and its sleeve are."""
    per_metre, wrist = hand.pixels_per_metre * scale, np.array(at_scale(hand.wrist, scale))
    axis = np.subtract(hand.elbow, hand.wrist) / np.hypot(*np.subtract(hand.elbow, hand.wrist))
    half = _CUFF_M + _WIDENING * _SLEEVE_M
    end, beside = wrist + axis * (_SLEEVE_M * per_metre), axis[::-1] * (-1, 1) * (half * per_metre)
    corners = [*(at_scale(point, scale) for point in hand.outline), end - beside, end + beside]
    left, top = (int(each) for each in np.floor(np.min(corners, axis=0)))
    right, bottom = (int(each) for each in np.ceil(np.max(corners, axis=0)))
    size = right - left + 1, bottom - top + 1
    columns, rows = np.meshgrid(np.arange(left, right + 1), np.arange(top, bottom + 1))
    x, y = (columns - wrist[0]) / per_metre, (rows - wrist[1]) / per_metre
    along, across = x * axis[0] + y * axis[1], x * axis[1] - y * axis[0]
    return _Canvas((left, top), size, per_metre, along.astype(np.float32), across.astype(np.float32))


def _moved(picture: NDArray[np.uint8], canvas: _Canvas) -> NDArray[np.uint8]:
    """What lies on the canvas; 0 where the picture does not reach."""
    x, y = canvas.origin
    shift = np.array([[1.0, 0.0, -x], [0.0, 1.0, -y]])
    return np.asarray(cv2.warpAffine(picture, shift, canvas.size, flags=cv2.INTER_NEAREST), np.uint8)


def _sleeve(canvas: _Canvas, cuff_m: float, tint: Tint) -> tuple[_Field, _Field]:
    """How much of each pixel it covers, 0 to 255, and its colour, HxWx3; lit from the left."""
    beyond = canvas.along - cuff_m
    half = _CUFF_M + _WIDENING * np.maximum(beyond, 0)
    inside = np.minimum(np.minimum(beyond, _SLEEVE_M - canvas.along), half - np.abs(canvas.across))
    coverage = 255 * np.clip(inside * canvas.per_metre + 0.5, 0, 1)
    turned = np.arcsin(np.clip(canvas.across / half, -1, 1))
    light = 0.55 + 0.45 * np.clip(np.cos(turned + 0.6), 0, 1)
    return coverage.astype(np.float32), np.asarray(light[..., None] * np.array(tint), np.float32)


def _relief(hand: HandPicture, scale: float, canvas: _Canvas, coverage: NDArray[np.uint8]) -> _Field:
    """HxW metres behind the wrist: the hand's shape, round at its edges, on an arm that goes back to the body."""
    inside = np.asarray((coverage >= 128) * 255, np.uint8)
    edge_m = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / canvas.per_metre
    round_off = _ROUND_M * (1 - np.sqrt(1 - np.square(1 - np.minimum(edge_m / _ROUND_M, 1))))
    beyond_wrist = np.clip(-canvas.along / _WRIST_M, 0, 1) * _shape(hand, scale, canvas)
    surface = _BACKWARDS * np.maximum(canvas.along, 0) + beyond_wrist + round_off
    return np.asarray(cv2.GaussianBlur(surface, (0, 0), _SMOOTHING_M * canvas.per_metre), np.float32)


def _shape(hand: HandPicture, scale: float, canvas: _Canvas) -> _Field:
    """HxW metres behind the wrist: everywhere that of the bones near by, of several the foremost."""
    bones = np.array([(*at_scale(joint.pixel, scale), joint.behind_mm / 1000) for joint in hand.joints])
    fingers = np.concatenate([np.repeat(bones[None, :1], _FINGERS, axis=0), bones[1:].reshape(_FINGERS, -1, 3)], axis=1)
    shares = np.linspace(0, 1, _PER_BONE, endpoint=False)[:, None]
    starts, ends = fingers[:, :-1, None], fingers[:, 1:, None]
    along_bones = (starts + shares * (ends - starts)).reshape(-1, 3)
    left, top = canvas.origin
    columns, rows = np.meshgrid(
        np.arange(left, left + canvas.size[0], _COARSE), np.arange(top, top + canvas.size[1], _COARSE)
    )
    apart = np.hypot(columns[..., None] - along_bones[:, 0], rows[..., None] - along_bones[:, 1]) / canvas.per_metre
    logarithms = -np.square(apart / _NEAR_M) / 2 - along_bones[:, 2] / _FOREMOST_M
    weights = np.exp(logarithms - logarithms.max(axis=-1, keepdims=True))
    shape = (weights * along_bones[:, 2]).sum(axis=-1) / weights.sum(axis=-1)
    return np.asarray(cv2.resize(shape.astype(np.float32), canvas.size, interpolation=cv2.INTER_LINEAR), np.float32)
