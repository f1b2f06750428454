"""Clips of 320 frames, 640x480 at 30 Hz, in which it is known where every face and every hand is.

Hands were read off the pictures by hand: a point well inside of each, by which it is seen whether a box is around it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from benchmarks.harness.face_clips import (
    CLIP_FRAMES,
    RATE_HZ,
    FaceClip,
    crowd,
    half_frame,
    in_crowd,
    one_face,
    pictures_of,
)
from benchmarks.harness.faces import WIDTH, KnownFrame, on_canvas
from perception_core.frame import ColourImage
from perception_core.sources.scene_portraits import PEXELS, Point

# The woman's hand at her face, by the number of the picture, in pixels of the file.
_AT_FACE: Mapping[int, Point] = {
    **{57: (470, 345), 58: (425, 315), 59: (410, 305), 60: (390, 310), 62: (365, 310), 64: (350, 315), 68: (360, 310)},
    **{76: (380, 310), 84: (385, 315), 88: (375, 310), 90: (385, 315), 92: (370, 305), 94: (375, 290), 96: (375, 270)},
    **{104: (370, 275), 116: (380, 275), 130: (380, 275), 136: (390, 275), 142: (385, 275), 146: (365, 280)},
    **{160: (350, 290), 180: (355, 295), 190: (375, 300), 222: (375, 290), 226: (385, 295), 228: (415, 330)},
    **{229: (445, 335), 230: (485, 345), 231: (535, 345)},
}
_CLEAR = range(59, 228)  # before and after, it is a blur at the lower border
_ABOVE = 60  # black rows above the woman's picture

_HANDS_CLIP, _HANDS_CLIP_HZ = "hands_clip", 10.0
_HIS_SELLION, _HIS_HAND = (142.0, 118.0), (225.0, 162.0)  # neither moves far; pixels of the file
_CORNER = np.s_[0:75, 245:320]  # where a yellow hand is drawn, but for one picture
_EMPTY_CORNER = 36
_HIS_COLUMNS, _HIS_LEFT, _SWAY_PX, _SWAY_S = 260, 52, 18.0, 4.0  # the columns go to and fro, as if he swayed
_WITHOUT_HAND = 240  # from this picture on the woman's hand is gone
_HER_COLUMNS = 444

# At a width of 640: two hands hold cards, one a chip, one is a fist, one hangs in the air; and two are on the table.
_CROWDS_HANDS = ((113, 233), (611, 294), (362, 274), (323, 224), (520, 235), (163, 320), (474, 313))


def one_person() -> FaceClip:
    """A woman close by, with a hand at her face for half of the time, much of it below the picture."""
    frames = []
    for k, frame in enumerate(one_face().frames):
        hand = (_at_face(k),) if min(_AT_FACE) <= k <= max(_AT_FACE) else ()
        hands, doubtful = (hand, ()) if k in _CLEAR else ((), hand)
        frames.append(replace(frame, origin="one_person", hands=hands, doubtful_hands=doubtful))
    return FaceClip("one_person", tuple(frames))


def two_people() -> FaceClip:
    """A man who shows thumb up and victory in turns, and beside him the woman without her hand."""
    men = _without_drawing(pictures_of(_HANDS_CLIP))
    forth = pictures_of(PEXELS.picture)[_WITHOUT_HAND:]
    women = [*enumerate(forth), *list(enumerate(forth))[-2:0:-1]]
    frames = []
    for k in range(CLIP_FRAMES):
        man = men[int(k * _HANDS_CLIP_HZ / RATE_HZ) % len(men)]
        left = _HIS_LEFT + round(_SWAY_PX * math.sin(2 * math.pi * k / RATE_HZ / _SWAY_S))
        his, his_face = half_frame(man, left, _HIS_COLUMNS, _HIS_SELLION)
        _, his_hand = half_frame(man, left, _HIS_COLUMNS, _HIS_HAND)
        number, woman = women[k % len(women)]
        her, her_face = half_frame(
            woman, woman.shape[1] - _HER_COLUMNS, _HER_COLUMNS, PEXELS.sellion_at(_WITHOUT_HAND + number)
        )
        (his, below), (her, below_her) = on_canvas(his, 0.5), on_canvas(her, 0.5)
        faces = ((his_face[0], his_face[1] + below), (her_face[0] + WIDTH / 2, her_face[1] + below_her))
        hands = ((his_hand[0], his_hand[1] + below),)
        frames.append(KnownFrame("two_people", np.hstack([his, her]), faces, hands=hands))
    return FaceClip("two_people", tuple(frames))


def crowd_with_hands() -> FaceClip:
    """Six people at a table, their faces 40 to 60 pixels high, and seven hands of theirs, 20 to 50 pixels high."""
    frames = zip(crowd().frames, in_crowd(_CROWDS_HANDS), strict=True)
    return FaceClip("crowd", tuple(replace(frame, hands=hands) for frame, hands in frames))


def _at_face(picture: int) -> Point:
    """The woman's hand in one picture, in the frame."""
    numbers = list(_AT_FACE)
    x, y = (float(np.interp(picture, numbers, values)) for values in zip(*_AT_FACE.values(), strict=True))
    return x, y + _ABOVE


def _without_drawing(pictures: list[ColourImage]) -> list[ColourImage]:
    """The pictures with the same empty corner."""
    corner = pictures[_EMPTY_CORNER][_CORNER].copy()
    for picture in pictures:
        picture[_CORNER] = corner
    return pictures
