"""Pictures with faces, and hands, whose places are known, all of 640x480."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_portraits import PEXELS, Point
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import demo
from perception_core.sources.video import VideoSource
from perception_core.zoo.fetch import fetch_pictures
from perception_core.zoo.manifest import load_pictures
from perception_core.zoo.store import picture_path

WIDTH, HEIGHT = 640, 480
STRETCH = 20  # so many frames follow one another, for who tracks; from three places, for variety
_FRAMES = [start + k for start in (0, 150, 300) for k in range(STRETCH)]
GROUP = "six_faces"
# The middles of the six faces in the picture at a width of 640, read off it by hand.
GROUP_FACES = ((54, 166), (160, 106), (260, 170), (399, 205), (476, 64), (590, 168))
_VISIBLE = 0.9  # a face of which less is seen counts neither as found nor as false


@dataclass(frozen=True, slots=True)
class KnownFrame:
    """A picture, the faces in it, and the hands where those are wanted.

    Attributes:
        origin: Where the picture is from: clip, demo or group.
        picture: 480x640x3 uint8, BGR.
        faces: A point inside of each face that should be found, in pixels.
        doubtful: Likewise of each face that may be found or not.
        hands: Likewise of each hand that should be found.
        doubtful_hands: Likewise of each hand that may be found or not.
    """

    origin: str
    picture: ColourImage
    faces: tuple[Point, ...]
    doubtful: tuple[Point, ...] = ()
    hands: tuple[Point, ...] = ()
    doubtful_hands: tuple[Point, ...] = ()


def known_frames() -> list[KnownFrame]:
    """Of a clip with one face, of the demo, and of six people at a table."""
    fetch_pictures([load_pictures()[name] for name in (PEXELS.picture, GROUP)], print)
    return [*_clip(), *_scene(), *_group()]


def found_and_false(boxes: NDArray[np.float64], frame: KnownFrame) -> tuple[int, int]:
    """How many of a frame's faces have a box of their own, and how many boxes are on no face.

    Args:
        boxes: Nx4: x, y, width and height in pixels.
        frame: What should be found.
    """
    return _judged(boxes, frame.faces, frame.doubtful)


def found_and_false_hands(boxes: NDArray[np.float64], frame: KnownFrame) -> tuple[int, int]:
    """Likewise of its hands."""
    return _judged(boxes, frame.hands, frame.doubtful_hands)


def _judged(boxes: NDArray[np.float64], there: Sequence[Point], doubtful: Sequence[Point]) -> tuple[int, int]:
    left = list(boxes)
    found = 0
    for point in there:
        hits = [k for k, box in enumerate(left) if _inside(point, box)]
        if hits:
            found += 1
            left.pop(min(hits, key=lambda k: _from_middle(point, left[k])))
    false = [box for box in left if not any(_inside(point, box) for point in doubtful)]
    return found, len(false)


def _inside(point: Point, box: NDArray[np.float64]) -> bool:
    x, y, width, height = box
    return bool(x <= point[0] <= x + width and y <= point[1] <= y + height)


def _from_middle(point: Point, box: NDArray[np.float64]) -> float:
    x, y, width, height = box
    return float(np.hypot(point[0] - x - width / 2, point[1] - y - height / 2))


def _clip() -> list[KnownFrame]:
    video = VideoSource(picture_path(PEXELS.picture))
    frames, wanted = [], set(_FRAMES)
    for k, frame in enumerate(video.frames()):
        if k in wanted:
            picture, down = on_canvas(frame.colour, 0.5)
            x, y = PEXELS.sellion_at(k)
            frames.append(KnownFrame("clip", picture, ((x, y + down),)))
    video.close()
    return frames


def _scene() -> list[KnownFrame]:
    source = SceneSource(demo())
    frames = []
    for k in _FRAMES:
        faces = [face for face in source.truth(k).faces if face.visible_share > 0]
        seen = tuple(face.pixel for face in faces if face.visible_share >= _VISIBLE)
        doubtful = tuple(face.pixel for face in faces if face.visible_share < _VISIBLE)
        frames.append(KnownFrame("demo", source.frame(k).colour, seen, doubtful))
    return frames


def _group() -> list[KnownFrame]:
    """One picture, a little higher or lower each time, so that no two are the same to a detector's grid."""
    picture = read_picture(picture_path(GROUP))
    scale = WIDTH / picture.shape[1]
    small = np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    frames = []
    for k in range(len(_FRAMES)):
        placed, down = on_canvas(small, k / len(_FRAMES))
        frames.append(KnownFrame("group", placed, tuple((x, y + down) for x, y in GROUP_FACES)))
    return frames


def on_canvas(picture: ColourImage, share: float) -> tuple[ColourImage, int]:
    """The picture on black, with a share of the free rows above it; and the number of those."""
    free = HEIGHT - picture.shape[0]
    above = round(free * share)
    return np.asarray(cv2.copyMakeBorder(picture, above, free - above, 0, 0, cv2.BORDER_CONSTANT), np.uint8), above
