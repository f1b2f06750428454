import math
from dataclasses import replace

import numpy as np
import pytest

from face_perception.expression_evidence import UNKNOWN, Expression, ExpressionState
from face_perception.expression_labels import FER7
from face_perception.expression_panel import draw_expression, panels
from face_perception.face import Face
from perception_core.depth import Position3D, PositionSource
from perception_core.free_space import FreeSpace
from perception_core.geometry import Box

TONE = (255, 140, 90)
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
HAPPY = Expression(
    ExpressionState.STABLE, "FER7", "happy", FER7.classes, (0.06, 0.88, 0.01, 0.01, 0.01, 0.01, 0.02), 0.7, 0.4
)
UNCERTAIN = replace(HAPPY, state=ExpressionState.UNCERTAIN, label="", scores=(0.3, 0.3, 0.1, 0.1, 0.1, 0.05, 0.05))
FACE = Face(3, 0.93, False, Box(270, 200, 100, 130), None, NOWHERE, expression=HAPPY)
GREY = 120


def drawn(face, others=(), size=(640, 480)):
    picture, free = np.full((size[1], size[0], 3), GREY, np.uint8), FreeSpace(*size)
    for each in (face, *others):
        free.take(each.box)
    draw_expression(picture, face, TONE, free)
    return picture


def changed(picture):
    return (picture != GREY).any(axis=2)


def bar(picture):
    """Length of the bar of the class that leads, pixels; beside it only a thin stripe has its colour."""
    lengths = (picture == TONE).all(axis=2).sum(axis=1)
    return int(lengths.max() - np.median(lengths[lengths > 0])) if lengths.any() else 0


def test_every_class_has_a_line_and_the_leading_one_the_colour_of_the_face():
    assert [label for label, _ in panels(HAPPY)[0]] == list(FER7.classes)
    assert bar(drawn(FACE)) > 20 and bar(drawn(replace(FACE, expression=UNCERTAIN))) == 0


def test_the_bar_is_as_long_as_the_score_is_high():
    half = replace(HAPPY, scores=(0.5, 0.44, 0.01, 0.01, 0.01, 0.01, 0.02))
    assert bar(drawn(replace(FACE, expression=half))) == pytest.approx(bar(drawn(FACE)) / 2, abs=1)


def test_a_panel_covers_no_face():
    around = [replace(FACE, box=Box(x, 150, 90, 120)) for x in (150, 400)]
    picture = drawn(FACE, others=around)
    assert changed(picture).any()
    for face in (FACE, *around):
        assert not changed(picture)[face.box.slices()].any()


def test_where_all_do_not_fit_the_leading_class_is_shown_alone():
    crowded = [replace(FACE, box=Box(0, 0, 640, 160)), replace(FACE, box=Box(0, 365, 640, 115))]
    crowded += [replace(FACE, box=Box(x, 0, 170, 480)) for x in (0, 470)]
    picture = drawn(FACE, others=crowded)
    assert bar(picture) > 20
    assert changed(picture).any(axis=1).sum() < 0.4 * changed(drawn(FACE)).any(axis=1).sum()
    assert not changed(drawn(replace(FACE, expression=UNCERTAIN), others=crowded)).any()


def test_nothing_is_shown_where_there_is_no_room_or_nothing_to_show():
    assert not changed(drawn(replace(FACE, box=Box(0, 0, 640, 480)))).any()
    assert not changed(drawn(replace(FACE, expression=UNKNOWN))).any()


def test_many_classes_with_long_names_of_a_user_s_model_are_shown_as_far_as_they_fit():
    classes = tuple(f"{chr(97 + index)} feeling of another kind, 感情" for index in range(20))
    scores = tuple(np.linspace(0.0, 0.1, 20).tolist())
    many = Expression(ExpressionState.STABLE, "mine", classes[19], classes, scores, math.nan, math.nan)
    shown = panels(many)[0]
    assert [label[0] for label, _ in shown] == list("mnopqrst")
    assert changed(drawn(replace(FACE, expression=many))).any()


@pytest.mark.parametrize("size", [(320, 240), (1920, 1080), (7680, 4320)])
def test_the_panel_grows_with_the_picture(size):
    box = Box(0.1 * size[0], 0.2 * size[1], 0.3 * size[0], 0.6 * size[1])
    columns = changed(drawn(replace(FACE, box=box), size=size)).any(axis=0)
    assert 0.05 < columns.mean() < 0.55
