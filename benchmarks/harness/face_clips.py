"""Clips of 320 frames, 640x480 at 30 Hz, in which it is known where every face is; and stills of single faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from benchmarks.harness.faces import GROUP, GROUP_FACES, HEIGHT, WIDTH, KnownFrame, on_canvas
from perception_core.frame import ColourImage
from perception_core.geometry import Affine, transformed
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_portraits import PEXELS, Point
from perception_core.sources.video import VideoSource
from perception_core.zoo.fetch import fetch_pictures
from perception_core.zoo.manifest import load_pictures
from perception_core.zoo.store import picture_path

CLIP_FRAMES, RATE_HZ = 320, 30.0
STILLS = (
    *("astronaut", "obama", "biden", "obama_other", "obama_third", "group_of_faces"),
    *("surprised_face", "happy_face", "angry_face", "disgusted_face"),
)
_STILLS_OF_CLIP = range(0, CLIP_FRAMES, 40)

_SECOND = "one_face_clip"  # a man before a door, who begins to smile
_SECOND_SELLION = (291.0, 163.0)  # he moves by less than half an eye's distance
_FROM = 150  # of two faces: the woman's picture in which her hand begins to come down
_SIDE = 444  # columns of each clip's pictures
_SECOND_LEFT, _SWAY_PX, _SWAY_S = 75, 35.0, 4.0  # the man's columns go to and fro, as if he stood there


@dataclass(frozen=True, slots=True)
class FaceClip:
    """Pictures that follow one another.

    Attributes:
        name: One word or two.
        frames: In all of them the same faces, in the same order.
    """

    name: str
    frames: tuple[KnownFrame, ...]

    @property
    def faces(self) -> int:
        """How many there are in every frame."""
        return len(self.frames[0].faces)


def one_face() -> FaceClip:
    """A woman close by, with a hand at her face for a third of the time."""
    frames = []
    for k, picture in enumerate(pictures_of(PEXELS.picture, CLIP_FRAMES)):
        placed, down = on_canvas(picture, 0.5)
        x, y = PEXELS.sellion_at(k)
        frames.append(KnownFrame("one_face", placed, ((x, y + down),)))
    return FaceClip("one_face", tuple(frames))


def two_faces() -> FaceClip:
    """Two people beside each other, the left one with a hand at her face in the beginning."""
    woman = pictures_of(PEXELS.picture, _FROM + CLIP_FRAMES)[_FROM:]
    forth = pictures_of(_SECOND)
    man = [*forth, *forth[-2:0:-1]]
    frames = []
    for k in range(CLIP_FRAMES):
        swayed = round(_SECOND_LEFT + _SWAY_PX * math.sin(2 * math.pi * k / RATE_HZ / _SWAY_S))
        left, her = half_frame(woman[k], woman[k].shape[1] - _SIDE, _SIDE, PEXELS.sellion_at(_FROM + k))
        right, his = half_frame(man[k % len(man)], swayed, _SIDE, _SECOND_SELLION)
        placed, down = on_canvas(np.hstack([left, right]), 0.5)
        frames.append(KnownFrame("two_faces", placed, ((her[0], her[1] + down), (his[0] + WIDTH / 2, his[1] + down))))
    return FaceClip("two_faces", tuple(frames))


def crowd() -> FaceClip:
    """Six people at a table, their faces 40 to 60 pixels high; the camera pans, comes nearer, and trembles."""
    placed, _ = _group()
    frames = []
    for look, faces in zip(_looks(), in_crowd(GROUP_FACES), strict=True):
        moved = np.asarray(cv2.warpAffine(placed, look, (WIDTH, HEIGHT)), np.uint8)
        frames.append(KnownFrame("crowd", moved, faces))
    return FaceClip("crowd", tuple(frames))


def in_crowd(points: Sequence[Point]) -> list[tuple[Point, ...]]:
    """Where points of the group's picture, at a width of 640, are in each frame of the crowd."""
    _, down = _group()
    placed = [(x, y + down) for x, y in points]
    return [tuple((x, y) for x, y in transformed(placed, look).tolist()) for look in _looks()]


def stills() -> list[ColourImage]:
    """Photographs of 640x480 with a face or several, and some pictures of a clip."""
    pictures = [_whole(_picture(name)) for name in STILLS]
    clip = pictures_of(PEXELS.picture, CLIP_FRAMES)
    return pictures + [_whole(clip[k]) for k in _STILLS_OF_CLIP]


def half_frame(picture: ColourImage, left: int, columns: int, point: Point) -> tuple[ColourImage, Point]:
    """Some columns of a clip's picture, made half as wide as a frame, and where a point of the picture is in there."""
    scale = WIDTH / 2 / columns
    part = picture[:, left : left + columns]
    size = WIDTH // 2, round(picture.shape[0] * scale)
    resized = cv2.resize(part, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return np.asarray(resized, np.uint8), ((point[0] - left) * scale, point[1] * scale)


def pictures_of(clip: str, most: int | None = None) -> list[ColourImage]:
    """The pictures of a clip in pictures.yaml, so many at most; fetched if it is not there."""
    fetch_pictures([load_pictures()[clip]], print)
    source = VideoSource(picture_path(clip))
    pictures = [frame.colour for frame in islice(source.frames(), most)]
    source.close()
    return pictures


def _group() -> tuple[ColourImage, int]:
    """The group in a frame, and the number of rows above it."""
    picture = _picture(GROUP)
    scale = WIDTH / picture.shape[1]
    return on_canvas(
        np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8), 0.5
    )


def _looks() -> list[Affine]:
    """From the group's frame to each of the crowd's."""
    rng = np.random.default_rng(0)
    return [_camera(k / RATE_HZ, *rng.normal(0, 0.5, 2).tolist()) for k in range(CLIP_FRAMES)]


def _camera(seconds: float, aside: float, down: float) -> Affine:
    """From the crowd's picture to what the camera sees of it, whose hand trembles by so many pixels."""
    scale = 0.94 + 0.06 * math.sin(2 * math.pi * seconds / 7)
    degrees = 1.5 * math.sin(2 * math.pi * seconds / 5)
    look = np.asarray(cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, scale), np.float64)
    look[:, 2] += aside + 10 * math.sin(2 * math.pi * seconds / 6), down
    return look


def _whole(picture: ColourImage) -> ColourImage:
    """The whole picture, in the middle of a black frame."""
    scale = min(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    frame = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    top, left = (HEIGHT - size[1]) // 2, (WIDTH - size[0]) // 2
    frame[top : top + size[1], left : left + size[0]] = small
    return frame


def _picture(name: str) -> ColourImage:
    fetch_pictures([load_pictures()[name]], print)
    return read_picture(picture_path(name))
