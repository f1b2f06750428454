import os

import pytest

from perception_cli.evaluation.class_folders import read_class_folders
from perception_cli.evaluation.pictures import DataError


def labels(data):
    return [(each.label, each.picture.name) for each in data.pictures]


@pytest.fixture
def folder(tmp_path):
    """Makes empty picture files at places."""

    def make(*places):
        for place in places:
            path = tmp_path / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    return make


def test_every_picture_has_the_name_of_its_folder(folder):
    data = read_class_folders(folder("anger/b.png", "anger/a.JPG", "Joy/x/deep.webp"), None)
    assert labels(data) == [("Joy", "Joy/x/deep.webp"), ("anger", "anger/a.JPG"), ("anger", "anger/b.png")]
    assert (data.layout, data.split) == ("class-folders", None)


def test_what_is_no_picture_and_what_is_hidden_is_left_alone(folder):
    data = read_class_folders(
        folder("anger/a.png", "anger/notes.txt", "anger/._a.png", ".cache/b.png", "list.csv"), None
    )
    assert labels(data) == [("anger", "anger/a.png")]


def test_numbers_before_the_names_are_no_part_of_them(folder):
    assert labels(read_class_folders(folder("0 angry/a.png", "1_happy/b.png"), None)) == [
        ("angry", "0 angry/a.png"),
        ("happy", "1_happy/b.png"),
    ]


@pytest.mark.parametrize(
    ("split", "taken"), [(None, "test"), ("train", "train"), ("Training", "train"), ("PrivateTest", "test")]
)
def test_of_the_parts_of_a_data_set_one_is_taken_and_test_first(folder, split, taken):
    data = read_class_folders(folder("train/sad/a.png", "test/sad/b.png"), split)
    assert data.split == taken
    assert labels(data) == [("sad", "test/sad/b.png" if taken == "test" else "train/sad/a.png")]


def test_a_folder_that_holds_nothing_but_the_data_is_gone_through(folder):
    data = read_class_folders(folder("archive/FER/test/sad/a.png", "archive/FER/train/sad/b.png"), None)
    assert labels(data) == [("sad", "archive/FER/test/sad/a.png")]


@pytest.mark.parametrize(
    ("places", "split", "words"),
    [
        (["notes.txt"], None, "a folder for each class"),
        (["a.png"], None, "a folder for each class"),
        (["test/sad/a.png"], "train", "no part train; there are: test"),
        (["sad/a.png"], "test", "leave --split out"),
    ],
)
def test_what_is_not_such_a_folder_is_said(folder, places, split, words):
    with pytest.raises(DataError, match=words):
        read_class_folders(folder(*places), split)


def test_a_folder_that_is_not_there_or_is_a_file_is_said(tmp_path):
    with pytest.raises(DataError, match="No such file"):
        read_class_folders(tmp_path / "nowhere", None)
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="is a file"):
        read_class_folders(tmp_path / "file", None)


def test_a_folder_that_may_not_be_read_is_said(folder, tmp_path, unprivileged):
    locked = folder("happy/a.png", "sad/b.png") / "sad"
    for parent in (*tmp_path.parents, tmp_path):
        if parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | 0o055)
    locked.chmod(0)
    try:
        with unprivileged(), pytest.raises(DataError, match="sad: the folder cannot be read: Permission denied"):
            read_class_folders(tmp_path, None)
    finally:
        locked.chmod(0o700)
