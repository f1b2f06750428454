"""`./perception gestures teach NAME --from FOLDER` on real pictures, and on what is none."""

from contextlib import closing

import cv2
import numpy as np
import pytest

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_store import GestureStore
from gesture_perception.hand import Side
from perception_cli.commands import main
from perception_cli.gestures_networks import opened_networks, pose_space_of_default
from perception_cli.gestures_pictures import HandPictures


@pytest.fixture(autouse=True)
def ready(weights, signals_kept):
    """The networks are there."""
    for name in ("palm_detection", "hand_landmarks", "gesture_embedder", "gesture_classifier"):
        weights(name)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "gestures.sqlite"


@pytest.fixture
def teach(capsys, path):
    """Runs the command; gives its exit code, its output and what it complained about."""

    def run(name, folder, *words):
        code = main(["gestures", "teach", name, "--from", str(folder), "--gestures", str(path), *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def album(tmp_path):
    """An empty folder, and what puts pictures into it."""
    folder = tmp_path / "album"
    folder.mkdir()

    def put(**pictures):
        for name, colour in pictures.items():
            cv2.imwrite(str(folder / f"{name}.png"), colour)
        return folder

    return put


@pytest.fixture
def upright(picture):
    """A hand that points up."""
    return cv2.imread(str(picture("hand_pointing_up")))


@pytest.fixture
def fist(picture):
    return cv2.imread(str(picture("hand_fist")))


def turned(colour, degrees):
    height, width = colour.shape[:2]
    middle = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.8)
    return cv2.warpAffine(colour, middle, (width, height), borderMode=cv2.BORDER_REPLICATE)


def sideways(upright, degrees=0):
    """A hand that points to the side, as no class of the network does."""
    return turned(cv2.rotate(upright, cv2.ROTATE_90_CLOCKWISE), degrees)


def gestures_in(path):
    with closing(GestureStore(path, None)) as store:
        return {gesture.name: (gesture.examples, gesture.side) for gesture in store.gestures()}


def recognised(path, place):
    with opened_networks() as networks, closing(GestureCollection(path, pose_space_of_default())) as gestures:
        view = HandPictures(networks.palms, networks.hands, networks.read)(place)
        (match,) = gestures.index.match([view.landmarks], view.embedding[None])
    return None if match is None else match.name


def test_what_is_taught_from_pictures_is_recognised_in_others_and_other_poses_are_not(
    teach, path, album, upright, fist
):
    folder = album(a=sideways(upright), b=sideways(upright, 8), c=sideways(upright, -8))
    code, out, err = teach("Over there", folder)
    assert code == 0, err
    assert "Over there is taught with 3 new examples, from 3 pictures" in out
    assert gestures_in(path) == {"Over there": (3, Side.UNKNOWN)}
    for name, colour, expected in (
        ("turned", sideways(upright, 20), "Over there"),
        ("mirrored", cv2.flip(sideways(upright, 4), 1), "Over there"),
        ("upright", upright, None),
        ("fist", fist, None),
    ):
        place = path.with_name(f"{name}.png")
        cv2.imwrite(str(place), colour)
        assert recognised(path, place) == expected, name


def test_what_cannot_be_told_from_a_built_in_gesture_is_refused_with_its_name(teach, path, album, picture):
    clip = cv2.VideoCapture(str(picture("hands_clip")))
    victory = {f"frame{k}": clip.read()[1] for k in range(9)}
    code, _, err = teach("Two", album(**dict(list(victory.items())[3:])))
    assert code == 1 and "cannot be told from Victory" in err
    assert gestures_in(path) == {}


def test_what_cannot_be_told_from_a_taught_gesture_is_refused_with_its_name(teach, path, album, upright):
    folder = album(a=sideways(upright))
    assert teach("Over there", folder)[0] == 0
    code, _, err = teach("There", folder)
    assert code == 1 and "cannot be told from Over there" in err
    assert list(gestures_in(path)) == ["Over there"]


def test_pictures_without_a_hand_or_with_several_are_left_out_by_name(teach, path, album, upright):
    two = np.hstack([sideways(upright), sideways(upright)])
    nothing = np.full((200, 300, 3), 128, np.uint8)
    folder = album(good=sideways(upright), nothing=nothing, two=two)
    (folder / "letter.jpg").write_text("dear reader")
    code, out, _ = teach("Over there", folder)
    assert code == 0
    assert "nothing.png\tleft out: no hand was found in it" in out
    assert "two.png\tleft out: there are 2 hands in it" in out
    assert "letter.jpg\tleft out: " in out
    assert gestures_in(path) == {"Over there": (1, Side.UNKNOWN)}


def test_a_single_picture_does_for_an_example_and_the_next_adds_another(teach, path, album, upright):
    folder = album(a=sideways(upright), b=sideways(upright, 10))
    assert teach("Over there", folder / "a.png", "--side", "left")[0] == 0
    assert teach("over there", folder / "b.png")[0] == 0
    assert gestures_in(path) == {"Over there": (2, Side.LEFT)}


def test_a_hand_that_fills_the_picture_is_found_too(teach, path, album, upright):
    rows, columns = np.nonzero(cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY) < 120)
    close = upright[max(0, rows.min() - 5) : rows.max() + 5, max(0, columns.min() - 5) : columns.max() + 5]
    code, _, err = teach("Over there", album(close=cv2.rotate(close, cv2.ROTATE_90_CLOCKWISE)))
    assert code == 0, err


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "missing", "there is no folder"),
        (lambda folder: folder, "holds no pictures"),
    ],
    ids=["no folder", "an empty one"],
)
def test_an_empty_set_is_refused_and_makes_no_file(teach, path, album, make, said):
    code, out, err = teach("Over there", make(album()))
    assert (code, out) == (1, "") and said in err and err.count("\n") == 1
    assert not path.exists()


def test_a_set_without_a_hand_teaches_nothing(teach, path, album):
    code, _, err = teach("Over there", album(nothing=np.zeros((99, 99, 3), np.uint8)))
    assert code == 1 and "no picture shows a hand" in err
    assert gestures_in(path) == {}


@pytest.mark.parametrize("name", ["", "Thumb-Up", "x" * 65])
def test_a_bad_name_is_refused_and_makes_no_file(teach, path, album, upright, name):
    code, _, err = teach(name, album(a=sideways(upright)))
    assert code == 1 and err.count("\n") == 1
    assert not path.exists()


def test_what_is_for_the_camera_is_not_for_pictures(teach, album):
    code, _, err = teach("Over there", album(), "--views", "3")
    assert code == 1 and "are for the camera" in err


def test_the_same_pictures_again_teach_nothing_new(teach, path, album, upright):
    assert teach("Over there", album(a=sideways(upright)))[0] == 0
    code, out, _ = teach("over there", album(b=sideways(upright, 8)))
    assert code == 0 and "Over there is taught with 1 new example; 1 was there already, from 2 pictures" in out
    code, out, _ = teach("Over there", album())
    assert code == 0 and "Over there is known by these 2 examples already, from 2 pictures" in out
    assert gestures_in(path) == {"Over there": (2, Side.UNKNOWN)}
