import os

import cv2
import numpy as np
import pytest

from perception_cli.evaluation import gesture_boxes
from perception_cli.evaluation.gesture_boxes import almost_list, box_lists, read_box_list
from perception_cli.evaluation.pictures import DataError
from perception_core.geometry import Box

VOC = "filename,width,height,class,xmin,ymin,xmax,ymax\n"  # as SubhiH/HandsDataset writes them


@pytest.fixture
def data(tmp_path):
    """Lays lists and tiny pictures."""

    def lay(lists, pictures=("a.png", "b.png")):
        for place, text in lists.items():
            path = tmp_path / "data" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for place in pictures:
            path = tmp_path / "data" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.zeros((40, 80, 3), np.uint8))
        return tmp_path / "data"

    return lay


def boxes(found, shape=(80, 40)):
    return [
        (each.picture.name, hand.label, box)
        for each in found.pictures
        for hand, box in zip(each.hands, each.boxes(shape, shape), strict=True)
    ]


def near(found, *expected):
    assert [(name, label) for name, label, _ in found] == [(name, label) for name, label, _ in expected]
    for (_, _, box), (_, _, wanted) in zip(found, expected, strict=True):
        assert (box.x, box.y, box.width, box.height) == pytest.approx(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "filename,class,xmin,ymin,xmax,ymax\na.png,fist,10,5,30,25\nb.png,palm,0,0,80,40\n",
        "Image Name,Label,x1,y1,x2,y2\na.png,fist,10,5,30,25\nb.png,palm,0,0,80,40\n",
        "path,gesture,left,top,right,bottom\na.png,fist,10,5,30,25\nb.png,palm,0,0,80,40\n",
        "label,file,x,y,w,h\nfist,a.png,10,5,20,20\npalm,b.png,0,0,80,40\n",
        "label,file,x,y,width,height\nfist,a.png,10.0,5,20,20\npalm,b.png,0,0,80,40\n",
        "label,file,x,y,w,h\nfist,a,0.125,0.125,0.25,0.5\npalm,b,0,0,1,1\n",
        VOC + "a.png,160,80,fist,20,10,60,50\nb.png,160,80,palm,0,0,160,80\n",
    ],
)
def test_columns_are_known_by_their_names(data, text):
    folder = data({"list.csv": text})
    near(boxes(read_box_list(folder, None)), ("a.png", "fist", (10, 5, 20, 20)), ("b.png", "palm", (0, 0, 80, 40)))


def test_other_csv_files_are_no_lists_of_boxes(data):
    folder = data({"list.csv": VOC + "a.png,80,40,fist,1,1,9,9\n", "other.csv": "image;no\n", "empty.csv": ""})
    assert [path.name for path in box_lists(folder)] == ["list.csv"]


def test_hands_of_one_picture_belong_together(data):
    folder = data(
        {"list.csv": VOC + "a.png,80,40,5-hand,1,1,9,9\nb.png,80,40,0-hand,1,1,9,9\na.png,80,40,1-hand,20,1,30,9\n"}
    )
    assert [[hand.label for hand in each.hands] for each in read_box_list(folder, None).pictures] == [
        ["5-hand", "1-hand"],
        ["0-hand"],
    ]


def test_boxes_follow_a_picture_that_is_shrunk(data):
    folder = data({"list.csv": "file,label,x,y,w,h\na.png,fist,8,4,16,8\n"})
    (picture,) = read_box_list(folder, None).pictures
    assert picture.boxes((80, 40), (40, 20)) == [Box(4, 2, 8, 4)]


def test_parts_are_told_by_the_names_of_the_lists(data):
    folder = data(
        {
            "data/train_labels.csv": VOC + "a.png,80,40,fist,1,1,9,9\n",
            "data/test_labels.csv": VOC + "b.png,80,40,palm,1,1,9,9\n",
        },
        ["images/a.png", "images/b.png", "images/train/a.png", "images/test/b.png"],
    )
    assert [name for name, _, _ in boxes(read_box_list(folder, None))] == ["images/test/b.png"]
    assert [name for name, _, _ in boxes(read_box_list(folder, "train"))] == ["images/train/a.png"]
    assert len(read_box_list(folder, "all").pictures) == 2
    assert read_box_list(folder, "all").split == "all"


def test_a_list_names_pictures_with_their_folders(data):
    text = "file,label,x,y,w,h\none/a.png,fist,1,1,9,9\ntwo\\a.png,palm,1,1,9,9\n"
    folder = data({"list.csv": text}, ["pictures/one/a.png", "pictures/two/a.png"])
    assert [name for name, _, _ in boxes(read_box_list(folder, None))] == ["pictures/one/a.png", "pictures/two/a.png"]


@pytest.mark.parametrize(
    "line",
    [
        "a.png,fist",
        "a.png,fist,1,1,x,9",
        "a.png,fist,9,9,1,1",
        "a.png,fist,nan,1,9,9",
        "a.png,fist,1,1,1e9,9",
        "a.png,,1,1,9,9",
    ],
)
def test_a_damaged_line_is_named_and_disturbs_no_other(data, line):
    folder = data({"list.csv": f"file,label,xmin,ymin,xmax,ymax\n{line}\nb.png,fist,1,1,9,9\n\n"})
    found = read_box_list(folder, None)
    assert len(found.pictures) == 1
    assert found.unreadable == ("list.csv, line 2: it is no box of a hand",)


def test_an_unclosed_quote_is_named_with_its_line_and_takes_no_others_with_it(data):
    lines = ["file,label,x,y,w,h", '"a.png,fist,1,1,9,9', "b.png,fist,1,1,9,9", '"a.png",fist,1,1,9,9', 'b.png,"palm']
    found = read_box_list(data({"list.csv": "\n".join(lines)}), None)
    assert [each.picture.name for each in found.pictures] == ["b.png", "a.png"]
    assert found.unreadable == (
        "list.csv, line 2: a quote is opened and not closed",
        "list.csv, line 5: a quote is opened and not closed",
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('"a.png,fist,1,1,9,9', "list.csv, line 2: a quote is opened and not closed"),
        ("a.png", "list.csv, line 2: it is no box of a hand"),
        ("", "list.csv names no hand"),
        ("a.png,fist,1,1,9," + "9" * 200_000, "list.csv, line 2: field larger than field limit"),
    ],
    ids=lambda text: text[:20],
)
def test_a_list_without_a_single_hand_says_why(data, line, told):
    with pytest.raises(DataError, match=told):
        read_box_list(data({"list.csv": f"file,label,x,y,w,h\n{line}\n"}), None)


def test_pipes_among_the_data_are_passed_over_and_what_is_too_large_is_refused(data, monkeypatch):
    folder = data({"list.csv": "file,label,x,y,w,h\na.png,fist,1,1,9,9\n"})
    os.mkfifo(folder / "other.csv")
    assert len(read_box_list(folder, None).pictures) == 1
    monkeypatch.setattr(gesture_boxes, "_MOST_BYTES", 10)
    with pytest.raises(DataError, match=r"list\.csv is too large: it has \d+ bytes; up to 10 are read"):
        read_box_list(folder, None)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("file,label", "xmin, ymin, xmax, ymax"),
        ("file,label,x,y,w", "h"),
        ("file,x1,y1,x2,y2", "label"),
        ("xmin,ymin,xmax", "file, label, ymax"),
        ("some,thing", "file, label, xmin, ymin, xmax, ymax"),
    ],
)
def test_the_columns_are_named_that_a_list_lacks(data, header, missing):
    folder = data({"list.csv": f"{header}\n"})
    told = f"list.csv is no list of boxes, as it has no column {missing}"
    assert almost_list(folder / "list.csv") == told
    assert almost_list(folder) == (None if header == "some,thing" else told)
    with pytest.raises(DataError, match=f"{told}$"):
        read_box_list(folder / "list.csv", None)


def test_pictures_that_are_not_there_are_counted(data):
    folder = data({"list.csv": "file,label,x,y,w,h\na.png,fist,1,1,9,9\nc.png,fist,1,1,9,9\n"})
    assert read_box_list(folder, None).missing == 1


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ({}, "no csv file with columns such as file, xmin"),
        ({"list.csv": "file,label\na.png,fist\n"}, "no csv file with columns such as file, xmin"),
        ({"list.csv": "file,label,x,y,w,h\nc.png,fist,1,1,9,9\n"}, "none of the pictures is there that list.csv names"),
        ({"train.csv": "file,label,x,y,w,h\na.png,fist,1,1,9,9\n"}, "has no part val; there are: train"),
    ],
)
def test_what_is_no_such_data_set_is_said(data, lists, told):
    with pytest.raises(DataError, match=told):
        read_box_list(data(lists), "val" if "train.csv" in lists else None)
