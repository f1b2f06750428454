import numpy as np
import pytest

from perception_cli.evaluation.pictures import DataError
from perception_cli.evaluation.wflw import read_wflw
from perception_core.geometry import Box

POINTS = np.arange(196) + 0.5


def line(name="0--Parade/a.jpg", points=POINTS, rect=(10, 20, 60, 90), flags=(1, 0, 0, 0, 0, 1)):
    return " ".join(map(str, [*points, *rect, *flags, name]))


@pytest.fixture
def data(tmp_path):
    """Writes a list and empty pictures where WFLW's archives have them."""

    def write(*lines, part="test"):
        lists = tmp_path / "WFLW_annotations" / "list_98pt_rect_attr_train_test"
        lists.mkdir(parents=True, exist_ok=True)
        (lists / f"list_98pt_rect_attr_{part}.txt").write_text("\n".join(lines) + "\n")
        picture = tmp_path / "WFLW_images" / "0--Parade" / "a.jpg"
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.touch()
        return tmp_path

    return write


def test_a_line_holds_points_box_attributes_and_picture(data):
    (face,) = read_wflw(data(line()), None).faces
    assert (face.points == POINTS.reshape(98, 2)).all()
    assert face.box == Box(10, 20, 50, 70)
    assert face.attributes == {"pose", "blur"}
    assert face.picture.name == "WFLW_images/0--Parade/a.jpg"


def test_the_test_part_is_taken_where_none_is_named(data):
    data(line(), line())
    folder = data(line(), part="train")
    assert (read_wflw(folder, None).split, len(read_wflw(folder, None).faces)) == ("test", 2)
    assert len(read_wflw(folder, "train").faces) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "a line",
        line(points=["nan", *POINTS[1:]]),
        line(rect=(60, 20, 10, 90)),
        line().replace("0.5 ", "x ", 1),
        line("a" * 5000),
    ],
)
def test_a_line_that_is_no_face_is_named_and_the_others_are_read(data, bad):
    found = read_wflw(data(bad, line()), None)
    assert len(found.faces) == 1 and found.unreadable == ("list_98pt_rect_attr_test.txt line 1",)


def test_what_is_missing_is_said(data, tmp_path):
    with pytest.raises(DataError, match=r"no list_98pt_rect_attr_\*\.txt"):
        read_wflw(tmp_path, None)
    with pytest.raises(DataError, match="none of the pictures"):
        read_wflw(data(line("elsewhere.jpg")), None)
    with pytest.raises(DataError, match="none of the pictures"):
        read_wflw(data("", "damaged"), None)
