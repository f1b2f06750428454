import os

import cv2
import numpy as np
import pytest

from perception_cli.evaluation.fer2013 import fer2013_file, read_fer2013
from perception_cli.evaluation.pictures import DataError
from perception_core.sources.error import SourceError

PIXELS = np.arange(48 * 48, dtype=np.uint8).reshape(48, 48)


def line(emotion, pixels=PIXELS, usage="PrivateTest"):
    return f"{emotion},{' '.join(map(str, np.ravel(pixels)))},{usage}"


def written(folder, *lines, header="emotion,pixels,Usage"):
    path = folder / "fer2013.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_the_numbers_of_emotions_are_those_that_the_challenge_gave_them(tmp_path):
    data = read_fer2013(written(tmp_path, *map(line, range(7))), None)
    names = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert [each.label for each in data.pictures] == names
    assert (data.layout, data.split) == ("fer2013-csv", "PrivateTest")


def test_the_pixels_are_those_of_the_line_row_by_row(tmp_path):
    (only,) = read_fer2013(written(tmp_path, line(3)), None).pictures
    assert only.picture.name == "fer2013.csv line 2"
    assert (only.picture.read() == cv2.cvtColor(PIXELS, cv2.COLOR_GRAY2BGR)).all()


@pytest.mark.parametrize(
    ("split", "label"),
    [(None, "happy"), ("private", "happy"), ("PublicTest", "sad"), ("val", "sad"), ("training", "angry")],
)
def test_each_part_by_its_names(tmp_path, split, label):
    path = written(tmp_path, line(0, usage="Training"), line(4, usage="PublicTest"), line(3, usage="PrivateTest"))
    assert [each.label for each in read_fer2013(path, split).pictures] == [label]


def test_columns_in_another_order_with_blanks_and_a_mark_in_front_are_understood(tmp_path):
    path = tmp_path / "icml_face_data.csv"
    pixels = " ".join(map(str, PIXELS.ravel()))
    path.write_text(f"\ufeffemotion, Usage, pixels\n6, PrivateTest, {pixels}\n", encoding="utf-8")
    assert fer2013_file(tmp_path) == path
    (only,) = read_fer2013(path, None).pictures
    assert only.label == "neutral" and only.picture.read().shape == (48, 48, 3)


def test_a_file_without_parts_is_all_one(tmp_path):
    path = written(tmp_path, "3," + " ".join(["0"] * 4), header="emotion,pixels")
    assert len(read_fer2013(path, None).pictures) == 1
    with pytest.raises(DataError, match="leave --split out"):
        read_fer2013(path, "test")


@pytest.mark.parametrize("pixels", [[], [1, 2, 3], [256] * 4, [-1] * 4, ["x"] * 4, ["9" * 30] * 4])
def test_a_damaged_face_is_an_error_of_its_own(tmp_path, pixels):
    (only,) = read_fer2013(written(tmp_path, line(3, pixels)), None).pictures
    with pytest.raises(SourceError, match="line 2"):
        only.picture.read()


@pytest.mark.parametrize("emotion", ["7", "-1", "", "happy", "²"])
def test_a_line_whose_emotion_nobody_knows_is_named(tmp_path, emotion):
    data = read_fer2013(written(tmp_path, line(emotion), line(3)), None)
    assert len(data.pictures) == 1 and data.unreadable == ("fer2013.csv line 2",)


def test_what_is_not_the_file_is_said(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    assert fer2013_file(tmp_path) is None
    with pytest.raises(DataError, match="emotion and pixels"):
        read_fer2013(tmp_path / "other.csv", None)
    with pytest.raises(DataError, match="no line"):
        read_fer2013(written(tmp_path), None)


def test_a_cell_without_end_is_said(tmp_path):
    with pytest.raises(DataError, match="the file is damaged"):
        read_fer2013(written(tmp_path, "3," + "1 " * 100_000 + ",PrivateTest"), None)


@pytest.mark.timeout(10)
def test_a_pipe_that_is_called_like_the_file_is_passed_over(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    assert fer2013_file(tmp_path) is None
    path = written(tmp_path, line(3))
    assert fer2013_file(tmp_path) == path
