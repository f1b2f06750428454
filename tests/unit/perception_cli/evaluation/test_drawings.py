import numpy as np
import pytest

from perception_cli.evaluation.drawings import confusion_picture, roc_picture
from perception_core.evaluation.confusion import confusion
from perception_core.evaluation.verification import OperatingPoint, Similarities


def is_blue(pixels):
    return (pixels[..., 0].astype(int) - pixels[..., 2] > 60).mean()


def is_red(pixels):
    return (pixels[..., 2].astype(int) - pixels[..., 0] > 60).mean()


def similarities_of(apart, count):
    draw = np.random.default_rng(0)
    values = np.concatenate([draw.normal(apart, 1, count), draw.normal(0, 1, count)])
    return Similarities(values, [True] * count + [False] * count)


def drawn_roc(found, marked=None):
    return roc_picture(found.curve(), marked or {}, "title", (found.same, found.different))


def blue_of(picture):
    return np.nonzero(picture[..., 0].astype(int) - picture[..., 2] > 100)


def rows_of_blue(picture):
    return blue_of(picture)[0]


def columns_of_blue(picture):
    return blue_of(picture)[1]


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
    found = similarities_of(apart, 2000)
    picture = drawn_roc(found, {"at FAR 0.01": found.at_false_accepts(0.01)})
    rows, columns = blue_of(picture)
    assert len(rows) > 500
    assert rows.min() > 86 and rows.max() < 574 and columns.min() > 80 and columns.max() < 728


def test_a_point_that_there_is_not_is_not_marked():
    curve = [OperatingPoint(0.5, 0.0, 0.5), OperatingPoint(0.0, 1.0, 1.0)]
    assert is_red(roc_picture(curve, {"at FAR 0.001": None}, "title", (2, 2))) == 0
    assert is_red(roc_picture(curve, {"here": curve[0]}, "title", (2, 2))) > 0


def test_a_curve_begins_where_one_pair_of_all_is_accepted_wrongly():
    few = drawn_roc(Similarities([0.9, 0.5, 0.4, 0.6, 0.2, 0.1], [True] * 3 + [False] * 3))
    many = drawn_roc(similarities_of(1.0, 20_000))
    assert columns_of_blue(few).min() == pytest.approx(84 + 640 * (1 + np.log10(1 / 3)), abs=3)
    assert columns_of_blue(many).min() == pytest.approx(84, abs=3)


def test_a_miss_among_few_pairs_is_at_its_height_and_one_among_many_is_near_the_top():
    # One true pair of three, and of three hundred, lies below all others; a false one above it.
    few = drawn_roc(Similarities([0.9, 0.8, 0.1, 0.5, 0.3, 0.0], [True] * 3 + [False] * 3))
    many = drawn_roc(Similarities([*[0.9] * 299, 0.1, 0.5, 0.3, 0.0], [True] * 300 + [False] * 3))
    assert rows_of_blue(few).max() == pytest.approx(90 + 480 / 3, abs=3)
    assert rows_of_blue(many).max() == pytest.approx(90 + 480 / 300 / 0.05, abs=3)


@pytest.mark.parametrize("count", [1, 2, 3, 20_000])
def test_however_many_pairs_there_are_the_picture_says_so(count):
    found = similarities_of(2.0, count)
    picture, other = (roc_picture(found.curve(), {}, "title", (pairs, count)) for pairs in (count, count + 1))
    assert (picture[40:70] != other[40:70]).any()
