import math
from dataclasses import replace

import numpy as np
import pytest

from face_perception.face import Face
from face_perception.face_tag import draw_tag, tag_lines
from face_perception.identity import Identity, IdentityState
from face_perception.liveness import Liveness
from perception_core.depth import Position3D, PositionSource
from perception_core.free_space import FreeSpace
from perception_core.geometry import Box

TONE = (255, 140, 90)
POSITION = Position3D((0.1, -0.2, 1.25), 0.01, 0.9, PositionSource.DEPTH)
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
FACE = Face(3, 0.93, False, Box(270, 200, 100, 130), None, POSITION)


def said(face):
    return [[words.text for words in line] for line in tag_lines(face)]


def named(name, state=IdentityState.CONFIRMED):
    return replace(FACE, identity=Identity(state, "3fa277c1", name, 0.6))


def drawn_area(face, size=(640, 480), others=()):
    """Where the tag changes the picture, as left, top, right and bottom; None if nowhere."""
    picture, free = np.full((size[1], size[0], 3), 120, np.uint8), FreeSpace(*size)
    for each in (face, *others):
        free.take(each.box)
    draw_tag(picture, face, TONE, free)
    rows, columns = np.nonzero((picture != 120).any(axis=2))
    return (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if len(rows) else None


def test_id_name_and_distance_are_in_one_line():
    assert said(named("Ada")) == [["#3", "Ada", "1.25 m"]]


def test_nothing_is_said_of_what_is_not_known():
    assert said(replace(FACE, position=NOWHERE)) == [["#3"]]


@pytest.mark.parametrize(("answer", "lines"), [(True, 2), (False, 1), (None, 1)])
def test_who_looks_at_the_camera_is_told_so(answer, lines):
    assert said(replace(FACE, looking_at_camera=answer))[1:] == [["looking at you"]][: lines - 1]


def test_a_picture_of_a_face_is_warned_of_in_a_colour_of_its_own():
    (words,) = tag_lines(replace(FACE, liveness=Liveness.FLAT))[1]
    assert words.text == "flat"
    assert words.tone not in [other.tone for line in tag_lines(named("Ada")) for other in line]


def test_a_person_whose_name_cannot_be_drawn_is_told_from_others():
    assert said(named("李明"))[0][1] == "person 3fa2"
    assert said(named("🙂", IdentityState.TENTATIVE))[0][1] == "person 3fa2?"
    assert said(named("Zoë 🙂"))[0][1] == "Zoe ?"


def test_a_long_name_is_cut():
    name = said(named("Wolfeschlegelsteinhausenbergerdorff"))[0][1]
    assert len(name) <= 18 and name.startswith("Wolfeschleg") and name.endswith("..")


def test_the_tag_is_near_its_face_and_not_on_it():
    left, _, right, bottom = drawn_area(named("Ada"))
    assert FACE.box.y - 12 < bottom <= FACE.box.y and left < FACE.box.right and right > FACE.box.x


def test_the_tag_covers_nobody_else():
    above = replace(FACE, box=Box(250, 60, 140, 135))
    _, top, _, _ = drawn_area(named("Ada"), others=[above])
    assert top >= FACE.box.bottom


@pytest.mark.parametrize("size", [(100, 100), (160, 120), (1920, 1080), (7680, 4320)])
def test_the_tag_grows_with_the_picture(size):
    face = replace(named("Ada"), box=Box(0.3 * size[0], 0.4 * size[1], 0.3 * size[0], 0.4 * size[1]))
    left, top, right, bottom = drawn_area(face, size)
    assert 0.04 < (right - left) / size[0] < 0.95 and 0.015 < (bottom - top) / size[1] < 0.3


def test_a_face_that_fills_the_picture_has_its_tag_on_the_forehead():
    left, top, _, bottom = drawn_area(replace(FACE, box=Box(-20, -20, 700, 520)))
    assert (left, top) == (0, 0) and bottom < 100


def test_a_face_too_small_for_a_tag_in_a_crowd_has_none():
    crowd = [replace(FACE, box=Box(x, y, 18, 18)) for x in range(0, 640, 20) for y in range(0, 480, 20)]
    assert drawn_area(crowd[300], others=crowd) is None
