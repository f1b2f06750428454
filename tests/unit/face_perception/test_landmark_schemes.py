import cv2
import numpy as np
import pytest

from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import Landmarks, LandmarkScheme

DLIB68, WFLW98 = LandmarkScheme.DLIB68, LandmarkScheme.WFLW98
MESHES = (LandmarkScheme.MEDIAPIPE478, LandmarkScheme.MEDIAPIPE468)
DLIB_OF_MIRROR = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31]
DLIB_OF_MIRROR += [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
DLIB_OF_MIRROR += [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
# Which points of WFLW98 are points of DLIB68, by the definition of the two.
SHARED = {2 * k: k for k in range(17)} | {51 + k: 27 + k for k in range(9)} | {76 + k: 48 + k for k in range(20)}
SHARED |= {60: 36, 61: 37, 63: 38, 64: 39, 65: 40, 67: 41, 68: 42, 69: 43, 71: 44, 72: 45, 73: 46, 75: 47}


@pytest.fixture(scope="module")
def astronaut(photograph, landmarks_in):
    return landmarks_in(photograph("astronaut"))


@pytest.mark.parametrize(("scheme", "count"), [(DLIB68, 68), (WFLW98, 98), (LandmarkScheme.MEDIAPIPE468, 468)])
def test_a_scheme_has_its_points(astronaut, scheme, count):
    found = to_scheme(astronaut, scheme)
    assert found.scheme is scheme
    assert scheme.points == count
    assert found.points.shape == (count, 3)
    assert found.points.dtype == np.float32
    assert found.presence == astronaut.presence


def test_the_68_points_are_in_their_places(astronaut):
    points = to_scheme(astronaut, DLIB68).points[:, :2]
    x, y = points.T
    assert (np.diff(x[:17]) > 0).all()  # the jaw from ear to ear, its lowest point the chin
    assert y[:17].argmax() == 8
    assert (np.diff(x[17:27]) > 0).all()  # the brows, above the eyes
    assert y[17:27].max() < y[36:48].min()
    assert (np.diff(y[27:31]) > 0).all()  # down the bridge of the nose
    assert (np.diff(x[31:36]) > 0).all()
    assert x[36] < x[39] < x[42] < x[45]
    assert max(y[37], y[38]) < min(y[40], y[41])
    assert (np.diff(x[48:55]) > 0).all()
    assert y[51] < y[62] <= y[66] < y[57]


def test_both_schemes_agree_where_they_mean_the_same(astronaut):
    small, large = to_scheme(astronaut, DLIB68).points, to_scheme(astronaut, WFLW98).points
    for wflw, dlib in SHARED.items():
        assert large[wflw] == pytest.approx(small[dlib], abs=1e-3)


def test_the_98_points_are_in_their_places(astronaut):
    points = to_scheme(astronaut, WFLW98).points[:, :2]
    x, y = points.T
    assert (np.diff(x[:33]) > 0).all()
    assert (y[34:38] < y[41:37:-1]).all()  # upper edge of the brow above the lower one
    assert (y[42:46] < y[50:46:-1]).all()
    assert x[61] < x[62] < x[63]
    assert x[67] < x[66] < x[65]
    assert x[60] < x[96] < x[64]
    assert x[68] < x[97] < x[72]
    assert astronaut.points[468, :2] == pytest.approx(points[96])


def test_without_irises_the_pupils_are_in_the_middle_of_the_eyes(astronaut):
    mesh = to_scheme(astronaut, LandmarkScheme.MEDIAPIPE468)
    with_irises, without = to_scheme(astronaut, WFLW98).points, to_scheme(mesh, WFLW98).points
    assert without[96:, :2] == pytest.approx(with_irises[96:, :2], abs=2)
    assert without[:96] == pytest.approx(with_irises[:96])


def test_a_mirrored_picture_has_mirrored_points(photograph, landmarks_in):
    picture = photograph("happy_face")
    points = to_scheme(landmarks_in(picture), DLIB68).points[:, :2]
    mirrored = to_scheme(landmarks_in(cv2.flip(picture, 1)), DLIB68).points[DLIB_OF_MIRROR, :2]
    mirrored[:, 0] = picture.shape[1] - 1 - mirrored[:, 0]
    eyes = np.linalg.norm(points[36] - points[45])
    assert np.median(np.linalg.norm(points - mirrored, axis=1)) / eyes < 0.02


def test_every_scheme_is_itself(astronaut):
    for scheme in (DLIB68, WFLW98):
        found = to_scheme(astronaut, scheme)
        assert to_scheme(found, scheme) is found


@pytest.mark.parametrize(
    ("have", "want"),
    [(DLIB68, WFLW98), (WFLW98, DLIB68), (DLIB68, MESHES[1]), (MESHES[1], MESHES[0]), (WFLW98, MESHES[0])],
)
def test_what_cannot_be_known_is_refused(have, want):
    landmarks = Landmarks(have, np.zeros((have.points, 3), np.float32), 1.0)
    with pytest.raises(ValueError, match=f"{want.value} landmarks cannot be made of {have.value} ones"):
        to_scheme(landmarks, want)
