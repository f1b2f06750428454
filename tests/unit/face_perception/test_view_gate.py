import cv2
import numpy as np
import pytest

from face_perception.detection import FaceDetector
from face_perception.identity_crop import IdentityCrop
from face_perception.view_gate import ViewGate
from face_perception.view_quality import Refusal
from perception_core.engines.engine import EngineError, open_engine

PORTRAITS = ("obama", "obama_other", "obama_third", "biden", "astronaut", "happy_face", "angry_face", "disgusted_face")
_IN_CROP = 106.3  # pixels of a face's height in the aligned crop


@pytest.fixture(scope="module")
def engine(weights):
    return open_engine(weights("yunet"))


@pytest.fixture(scope="module")
def detect(engine):
    return FaceDetector(engine)


@pytest.fixture(scope="module")
def gate(engine):
    return ViewGate(engine)


@pytest.fixture(scope="module")
def portrait(picture):
    """A picture with a face of at most some 300 pixels."""

    def read(name):
        colour = cv2.imread(str(picture(name)))
        scale = min(1.0, 900 / max(colour.shape))
        return cv2.resize(colour, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    return read


@pytest.fixture(scope="module")
def refusals(detect, gate):
    """Why the views of a picture are refused; of no face, none."""

    def of(colour):
        return [gate(colour, face).quality.refusals for face in detect(colour)]

    return of


@pytest.fixture(scope="module")
def height(detect):
    def of(colour):
        return detect(colour)[0].box.height

    return of


@pytest.mark.parametrize("name", PORTRAITS)
def test_good_pictures_pass(portrait, refusals, name):
    assert refusals(portrait(name))[0] == ()


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_blur_of_three_pixels_in_the_crop_is_refused(portrait, refusals, height, name):
    colour = portrait(name)
    blurred = cv2.GaussianBlur(colour, (0, 0), 3 * height(colour) / _IN_CROP)
    assert all(Refusal.BLURRED in found for found in refusals(blurred))


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("light", [0.05, 0.1])
def test_a_dark_picture_is_refused(portrait, refusals, name, light):
    assert all(Refusal.TOO_DARK in found for found in refusals((portrait(name) * light).astype(np.uint8)))


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_face_of_24_pixels_is_refused(portrait, refusals, height, name):
    colour = portrait(name)
    scale = 24 / height(colour)
    small = cv2.resize(colour, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert all(found for found in refusals(small))


@pytest.mark.parametrize("name", PORTRAITS[:-1])  # the last one's border is too close for a few pixels
def test_a_face_of_40_pixels_passes(portrait, refusals, height, name):
    colour = portrait(name)
    scale = 40 / height(colour)
    small = cv2.resize(colour, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert refusals(small)[0] == ()


@pytest.mark.parametrize("name", PORTRAITS)
@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_upside_down_or_on_its_side_is_refused(portrait, refusals, name, turns):
    turned = np.ascontiguousarray(np.rot90(portrait(name), turns))
    assert all(found for found in refusals(turned))


def test_a_face_cut_by_the_border_is_refused(portrait, refusals):
    assert refusals(portrait("obama_half_face")) == [(Refusal.CUT_OFF,)]


def test_of_a_group_those_who_look_at_the_camera_pass(portrait, refusals):
    found = refusals(portrait("six_faces"))
    assert len(found) == 6
    assert sum(each == () for each in found) >= 5


def test_the_crop_is_as_large_as_the_embedder_wants_it(engine, detect, portrait):
    colour = portrait("astronaut")
    (face,) = detect(colour)
    small, large = ViewGate(engine)(colour, face), ViewGate(engine, IdentityCrop(160))(colour, face)
    assert (small.crop.shape, large.crop.shape) == ((112, 112, 3), (160, 160, 3))
    assert small.quality == large.quality
    difference = cv2.resize(large.crop, (112, 112), interpolation=cv2.INTER_AREA).astype(int) - small.crop
    assert np.abs(difference).mean() < 6


def test_another_network_is_refused(weights):
    with pytest.raises(EngineError):
        ViewGate(open_engine(weights("hand_landmarks")))
