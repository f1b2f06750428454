import pytest

from perception_cli.evaluation.pictures import DataError
from perception_cli.evaluation.wider_face import read_wider_face
from perception_core.geometry import Box

NAME = "0--Parade/a.jpg"
FACE = "10 20 30 40 0 0 0 0 0 0"


@pytest.fixture
def data(tmp_path):
    """Writes a list and an empty picture where WIDER FACE's archives have them."""

    def write(*lines, part="val"):
        lists = tmp_path / "wider_face_split"
        lists.mkdir(exist_ok=True)
        (lists / f"wider_face_{part}_bbx_gt.txt").write_text("\n".join(lines) + "\n")
        picture = tmp_path / f"WIDER_{part}" / "images" / lines[0]
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.touch()
        return tmp_path

    return write


def test_every_picture_has_its_faces_and_those_that_nobody_has_to_find(data):
    folder = data(NAME, "2", FACE, "1 2 3 4 2 0 0 1 2 0 ", "0--Parade/b.jpg", "1", FACE)
    one, other = read_wider_face(folder, None).crowds
    assert one.picture.name == "WIDER_val/images/0--Parade/a.jpg"
    assert one.faces == (Box(10, 20, 30, 40), Box(1, 2, 3, 4)) and one.invalid == {1}
    assert other.faces == (Box(10, 20, 30, 40),) and other.invalid == frozenset()


def test_where_nobody_is_a_line_of_zeros_stands_for_it(data):
    one, other = read_wider_face(data(NAME, "0", "0 0 0 0 0 0 0 0 0 0", NAME, "1", FACE), None).crowds
    assert one.faces == () and len(other.faces) == 1


def test_a_face_without_size_is_none(data):
    (only,) = read_wider_face(data(NAME, "2", "5 5 0 9 0 0 0 1 0 0", "1 2 3 4 0 0 0 1 0 0"), None).crowds
    assert only.faces == (Box(1, 2, 3, 4),) and only.invalid == {0}


def test_the_validation_part_is_taken_before_that_for_training(data):
    data("0--Parade/t.jpg", "1", FACE, part="train")
    folder = data(NAME, "1", FACE)
    assert read_wider_face(folder, None).crowds[0].picture.name.startswith("WIDER_val")
    assert read_wider_face(folder, "train").crowds[0].picture.name == "WIDER_train/images/0--Parade/t.jpg"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([NAME, "two"], "line 2: expected is how many faces"),
        ([NAME, "²"], "line 2: expected is how many faces"),
        ([NAME, "9" * 5000], "line 2: expected is how many faces"),
        ([NAME, "1", FACE, "a" * 5000, "1", FACE], "line 4: no picture can have the name 'aaa"),
        ([NAME], "expected is how many faces"),
        ([NAME, "1", "1 2 x 4"], "line 3: expected are left, top, width and height"),
        ([NAME, "2", FACE], "expected are left, top, width and height"),
    ],
)
def test_a_damaged_list_is_said_by_its_line(data, lines, words):
    with pytest.raises(DataError, match=words):
        read_wider_face(data(*lines), None)
    with pytest.raises(DataError) as caught:
        read_wider_face(data(*lines), None)
    assert len(str(caught.value)) < 500


def test_a_folder_without_its_pictures_or_without_a_list_is_said(data, tmp_path):
    with pytest.raises(DataError, match=r"no wider_face_\*_bbx_gt\.txt"):
        read_wider_face(tmp_path, None)
    folder = data(NAME, "1", FACE)
    (folder / "WIDER_val" / "images" / NAME).unlink()
    with pytest.raises(DataError, match="none of the pictures is there"):
        read_wider_face(folder, None)
