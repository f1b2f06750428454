import numpy as np
import pytest

from perception_cli.evaluation.drawings import confusion_picture, roc_picture
from perception_core.evaluation.confusion import confusion
from perception_core.evaluation.verification import OperatingPoint, Similarities


def is_blue(pixels):
    return (pixels[..., 0].astype(int) - pixels[..., 2] > 60).mean()


def is_red(pixels):
    return (pixels[..., 2].astype(int) - pixels[..., 0] > 60).mean()


def test_what_is_right_is_blue_and_what_is_wrong_red():
    right = confusion_picture(confusion(["a", "b"], ["a", "b"], ("a", "b")), "right")
    wrong = confusion_picture(confusion(["a", "b"], ["b", "a"], ("a", "b")), "wrong")
    assert is_blue(right) > 0.1 and is_red(right) == 0
    assert is_red(wrong) > 0.1 and is_blue(wrong) == 0


@pytest.mark.parametrize("classes", [("a",), tuple(f"a rather long class {k}" for k in range(30))])
def test_the_matrix_has_room_for_every_class(classes):
    found = confusion_picture(confusion(classes, classes, classes), "title")
    assert found.shape[0] > 80 * len(classes) and found.shape[1] > 80 * (len(classes) + 1)
    assert (found[-3:] == 255).all() and (found[:, -3:] == 255).all()


@pytest.mark.parametrize("apart", [0.0, 3.0, 30.0])
def test_the_curve_lies_within_its_axes(apart):
    draw = np.random.default_rng(0)
    found = Similarities(
        np.concatenate([draw.normal(apart, 1, 2000), draw.normal(0, 1, 2000)]), [True] * 2000 + [False] * 2000
    )
    picture = roc_picture(found.curve(), {"at FAR 0.01": found.at_false_accepts(0.01)}, "title")
    rows, columns = np.nonzero(picture[..., 0].astype(int) - picture[..., 2] > 100)
    assert len(rows) > 500
    assert rows.min() > 60 and rows.max() < 570 and columns.min() > 70 and columns.max() < 740


def test_a_point_that_there_is_not_is_not_marked():
    curve = [OperatingPoint(0.5, 0.0, 0.5), OperatingPoint(0.0, 1.0, 1.0)]
    assert is_red(roc_picture(curve, {"at FAR 0.001": None}, "title")) == 0
    assert is_red(roc_picture(curve, {"here": curve[0]}, "title")) > 0
