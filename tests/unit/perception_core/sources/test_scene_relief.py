import numpy as np
import pytest

from perception_core.sources.scene_portraits import ASTRONAUT, BIDEN, OBAMA, at_scale
from perception_core.sources.scene_relief import head_relief

SCALE = 0.6
SIZE = (1000, 800)


@pytest.fixture(params=[OBAMA, BIDEN], ids=lambda portrait: portrait.picture)
def head(request):
    return request.param, head_relief(request.param, SCALE, SIZE)


def behind(head, point):
    column, row = at_scale(point, SCALE)
    return head[1][round(row), round(column)]


def test_the_sellion_is_the_zero_of_the_relief(head):
    assert behind(head, head[0].sellion) == pytest.approx(0, abs=0.001)


def test_the_nose_stands_out_by_a_finger_s_breadth(head):
    assert -0.03 < behind(head, head[0].nose_tip) < -0.008


def test_eyes_lie_behind_the_sellion_and_ears_far_behind(head):
    portrait, _ = head
    for eye in portrait.eyes:
        assert 0.002 < behind(head, eye) < 0.04
    for side in (portrait.head.x, portrait.head.right):
        assert 0.03 < behind(head, (side, portrait.sellion[1])) < 0.12


def test_the_relief_has_no_steps_a_face_does_not_have(head):
    portrait, relief = head
    millimetres_per_pixel = 1000 / (portrait.pixels_per_metre * SCALE)
    rows, columns = portrait.face.scaled(SCALE).slices()
    steepest = np.abs(np.diff(relief[rows, columns], axis=1)).max() * 1000 / millimetres_per_pixel
    assert steepest < 3  # millimetres of depth per millimetre of width


def test_a_turned_face_has_a_turned_nose():
    tip = at_scale(ASTRONAUT.nose_tip, 2.0)
    relief = head_relief(ASTRONAUT, 2.0, (1024, 500))
    row = relief[round(tip[1]), round(tip[0]) - 40 : round(tip[0]) + 40]
    assert np.argmin(row) == pytest.approx(40, abs=4)
