import json
import os

import cv2
import numpy as np
import pytest

from perception_cli.evaluation import gesture_hagrid
from perception_cli.evaluation.gesture_data import LabelledHand
from perception_cli.evaluation.gesture_hagrid import hagrid_files, read_hagrid
from perception_cli.evaluation.pictures import DataError
from perception_core.geometry import Box

ONE = {"bboxes": [[0.1, 0.2, 0.3, 0.4]], "labels": ["fist"], "user_id": "a", "leading_hand": "left"}
TWO = {"bboxes": [[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.25, 0.5]], "labels": ["no_gesture", "peace"]}


@pytest.fixture
def data(tmp_path):
    """Lays annotations and tiny pictures."""

    def lay(annotations, pictures):
        for place, content in annotations.items():
            path = tmp_path / "data" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        for place in pictures:
            path = tmp_path / "data" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.zeros((40, 80, 3), np.uint8))
        return tmp_path / "data"

    return lay


def test_every_hand_has_its_label_and_its_box_in_pixels(data):
    folder = data({"annotations/fist.json": {"x": ONE, "y": TWO}}, ["fist/x.jpg", "fist/y.jpg"])
    found = read_hagrid(folder, None)
    assert (found.layout, found.split, found.missing, found.unreadable) == ("hagrid", None, 0, ())
    assert [each.picture.name for each in found.pictures] == ["fist/x.jpg", "fist/y.jpg"]
    assert found.pictures[0].hands == (LabelledHand("fist", Box(0.1, 0.2, 0.3, 0.4)),)
    assert found.labels == ["fist", "no_gesture", "peace"]
    box = found.pictures[1].boxes((80, 40), (40, 20))[1]
    assert (box.x, box.y, box.width, box.height) == pytest.approx((20, 10, 10, 10))


def test_one_file_for_all_classes_does_too(data):
    folder = data({"annotations.json": {"x": ONE, "y": TWO}}, ["a/x.png", "b/c/y.jpg"])
    assert len(read_hagrid(folder, None).pictures) == 2
    assert len(read_hagrid(folder / "annotations.json", None).pictures) == 2


def test_a_picture_of_the_same_name_is_that_of_the_class(data):
    folder = data({"ann/fist.json": {"x": ONE}}, ["call/x.jpg", "fist/x.jpg", "palm/x.jpg"])
    assert read_hagrid(folder, None).pictures[0].picture.name == "fist/x.jpg"


def test_pictures_of_the_same_name_in_two_classes_are_two(data):
    palm = ONE | {"labels": ["palm"]}
    folder = data({"ann/fist.json": {"x": ONE}, "ann/palm.json": {"x": palm}}, ["fist/x.jpg", "palm/x.jpg"])
    found = read_hagrid(folder, None)
    assert [(each.picture.name, each.hands[0].label) for each in found.pictures] == [
        ("fist/x.jpg", "fist"),
        ("palm/x.jpg", "palm"),
    ]


def test_pictures_of_the_same_name_in_two_parts_are_two(data):
    folder = data(
        {"ann/train/fist.json": {"x": ONE}, "ann/test/fist.json": {"x": TWO}}, ["train/fist/x.jpg", "test/fist/x.jpg"]
    )
    assert [each.picture.name for each in read_hagrid(folder, "train").pictures] == ["train/fist/x.jpg"]
    assert [each.picture.name for each in read_hagrid(folder, "test").pictures] == ["test/fist/x.jpg"]
    assert len(read_hagrid(folder, "all").pictures) == 2


def test_a_picture_of_another_class_is_not_taken_for_one_that_was_not_fetched(data):
    folder = data({"ann/fist.json": {"x": ONE}, "ann/palm.json": {"x": TWO}}, ["palm/x.jpg"])
    found = read_hagrid(folder, None)
    assert [each.hands[0].label for each in found.pictures] == ["no_gesture"] and found.missing == 1


def test_a_picture_that_is_listed_twice_counts_once(data):
    twice = {"ann/fist.json": {"x": ONE}, "ann/all.json": {"x": ONE}}
    assert len(read_hagrid(data(twice, ["x.jpg"]), None).pictures) == 1
    found = read_hagrid(data(twice | {"ann/palm.json": {"x": TWO}}, ["x.jpg"]), None)
    assert len(found.pictures) == 1
    assert found.unreadable == ("palm.json, x: other hands are listed for the same picture, too",)


def test_parts_are_told_by_their_folders(data):
    folder = data(
        {"ann/train/fist.json": {"x": ONE}, "ann/test/fist.json": {"y": TWO}, "ann/val/fist.json": {"z": ONE}},
        ["fist/x.jpg", "fist/y.jpg", "fist/z.jpg"],
    )
    assert [each.picture.name for each in read_hagrid(folder, None).pictures] == ["fist/y.jpg"]
    assert [each.picture.name for each in read_hagrid(folder, "train").pictures] == ["fist/x.jpg"]
    assert len(read_hagrid(folder, "all").pictures) == 3


def test_pictures_that_were_not_fetched_are_counted(data):
    folder = data({"fist.json": {"x": ONE, "y": TWO, "z": ONE}}, ["fist/y.jpg"])
    found = read_hagrid(folder, None)
    assert len(found.pictures) == 1 and found.missing == 2


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        [],
        {"bboxes": [[0, 0, 1, 1]]},
        {"bboxes": [[0, 0, 1, 1]], "labels": []},
        {"bboxes": [[0, 0, 1]], "labels": ["fist"]},
        {"bboxes": [[0, 0, 0, 1]], "labels": ["fist"]},
        {"bboxes": [[0, 0, "1", 1]], "labels": ["fist"]},
        {"bboxes": [[0, 0, True, 1]], "labels": ["fist"]},
        {"bboxes": [[100, 100, 300, 300]], "labels": ["fist"]},
        {"bboxes": [[0, 0, 1, 1]], "labels": [7]},
        {"bboxes": "no", "labels": "no"},
    ],
)
def test_a_damaged_entry_is_named_and_disturbs_no_other(data, damaged):
    folder = data({"fist.json": {"x": ONE, "bad": damaged}}, ["x.jpg", "bad.jpg"])
    found = read_hagrid(folder, None)
    assert len(found.pictures) == 1
    assert found.unreadable == ("fist.json, bad: its boxes and labels cannot be read",)


def test_numbers_that_are_none_are_no_boxes(data):
    text = '{"bad": {"bboxes": [[NaN, 0, 1, Infinity]], "labels": ["fist"]}, "x": ' + json.dumps(ONE) + "}"
    assert len(read_hagrid(data({"fist.json": text}, ["x.jpg", "bad.jpg"]), None).unreadable) == 1


def test_a_picture_without_hands_tells_nothing(data):
    folder = data({"fist.json": {"x": ONE, "empty": {"bboxes": [], "labels": []}}}, ["x.jpg", "empty.jpg"])
    assert len(read_hagrid(folder, None).pictures) == 1


def test_other_json_files_are_none_of_hagrids(data):
    folder = data({"package.json": {"a": 1}, "list.json": "[1, 2]", "fist.json": {"x": ONE}, "e.json": ""}, ["x.jpg"])
    assert [path.name for path in hagrid_files(folder)] == ["fist.json"]


def test_pipes_among_the_data_are_passed_over_and_what_is_too_large_is_refused(data, monkeypatch):
    folder = data({"fist.json": {"x": ONE}}, ["x.jpg"])
    os.mkfifo(folder / "palm.json")
    assert len(read_hagrid(folder, None).pictures) == 1
    monkeypatch.setattr(gesture_hagrid, "_MOST_BYTES", 10)
    with pytest.raises(DataError, match=r"fist\.json is too large: it has \d+ bytes; up to 10 are read"):
        read_hagrid(folder, None)


@pytest.mark.parametrize(
    ("annotations", "pictures", "told"),
    [
        ({}, ["x.jpg"], "no file \\*.json with bboxes and labels"),
        ({"fist.json": {"x": ONE}}, ["y.jpg"], "none of the pictures is there that fist.json names"),
        ({"fist.json": json.dumps({"x": ONE})[:-5]}, ["x.jpg"], "is no JSON: .*; the file is damaged"),
        ({"fist.json": '{"bboxes": ' + "[" * 100_000}, ["x.jpg"], "is no JSON"),
        ({"fist.json": '{"x": {"bboxes": [[' + "1" * 5000 + "]]}}"}, ["x.jpg"], "is no JSON: .*digits"),
    ],
)
def test_what_is_no_such_data_set_is_said(data, annotations, pictures, told):
    with pytest.raises(DataError, match=told):
        read_hagrid(data(annotations, pictures), None)


def test_a_part_that_is_not_there_is_said(data):
    folder = data({"train/fist.json": {"x": ONE}}, ["x.jpg"])
    with pytest.raises(DataError, match="has no part val; there are: train"):
        read_hagrid(folder, "val")
