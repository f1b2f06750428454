import numpy as np
import pytest

from benchmarks.faces import differences
from benchmarks.harness.clip_gallery import enrol_people
from benchmarks.harness.compared import best_round, rates
from benchmarks.harness.face_clips import CLIP_FRAMES, crowd, one_face, stills, two_faces
from benchmarks.harness.faces import found_and_false
from benchmarks.harness.network_work import counted_work
from benchmarks.peer_workers.serving import around
from face_perception.detection import FaceDetector
from face_perception.embedding import FaceEmbedder
from face_perception.gallery import Gallery
from face_perception.landmark_motion import EYE_CORNERS
from face_perception.landmarks import LandmarkNetwork
from perception_core.engines.engine import open_engine
from perception_core.geometry import RotatedRegion
from perception_core.zoo.manifest import load_models


def mesh(seed, offset=(0.0, 0.0)):
    """Points whose eyes are 100 apart."""
    points = np.random.default_rng(seed).uniform(0, 300, (478, 2))
    for corners, x in zip(EYE_CORNERS, (100.0, 200.0), strict=True):
        points[list(corners)] = x, 100.0
    return points + offset


@pytest.fixture(scope="module")
def detect(weights):
    return FaceDetector(open_engine(weights("yunet")))


def boxes(faces):
    return np.array([(face.box.x, face.box.y, face.box.width, face.box.height) for face in faces]).reshape(-1, 4)


@pytest.mark.parametrize(("make", "faces"), [(one_face, 1), (two_faces, 2), (crowd, 6)])
def test_the_faces_of_a_clip_are_where_it_says(make, faces, detect):
    clip = make()
    assert len(clip.frames) == CLIP_FRAMES
    assert clip.faces == faces
    for frame in clip.frames[::32]:
        assert frame.picture.shape == (480, 640, 3)
        assert found_and_false(boxes(detect(frame.picture)), frame) == (faces, 0)


def test_the_crowds_faces_are_small(detect):
    heights = [face.box.height for frame in crowd().frames[::32] for face in detect(frame.picture)]
    assert min(heights) > 35 and max(heights) < 75


def test_every_still_shows_a_face(detect):
    assert all(detect(picture) for picture in stills())


def test_everybody_in_a_clip_is_enrolled_beside_people_who_are_not_in_it(tmp_path, weights):
    assert enrol_people(tmp_path / "gallery.db", two_faces().frames) == 2
    space = FaceEmbedder(open_engine(weights("face_identity")), load_models()["face_identity"]).space
    gallery = Gallery(tmp_path / "gallery.db", space)
    names = [person.name for person in gallery.people()]
    gallery.close()
    assert names == ["astronaut", "biden", "obama", "person 1 of the clip", "person 2 of the clip"]


def test_the_best_round_counts_however_the_work_lies_in_it():
    assert best_round([9, 1, 2, 10, 1, 10], frames=3) == 4.0


def test_rates_are_per_face_but_for_the_search_of_the_picture():
    assert rates({"expression": 120, "detector": 60, "detect_cpu_ms": 33.0}, seconds=10, shown=6) == {
        "expression": 2.0,
        "detector": 6.0,
    }


def test_the_same_points_do_not_differ_whatever_their_order():
    assert differences([mesh(1), mesh(2)], [mesh(2), mesh(1)]) == [0.0, 0.0]


def test_points_off_by_a_pixel_differ_by_a_hundredth_of_the_eyes_distance():
    assert differences([mesh(1, offset=(0.0, 1.0))], [mesh(1)]) == pytest.approx([0.01])


def test_a_face_that_only_one_has_found_is_not_compared():
    assert differences([mesh(1)], [mesh(1), mesh(1, offset=(400.0, 0.0))]) == [0.0]
    assert differences([], [mesh(1)]) == []


def test_the_box_of_points_touches_them():
    face = np.array([[10.0, 20.0], [30.0, 25.0], [15.0, 60.0]])
    assert around([face], with_points=False) == {"boxes": [[10.0, 20.0, 20.0, 40.0]]}
    assert around([face], with_points=True)["points"] == [face.tolist()]


def test_every_face_that_goes_into_a_network_is_counted(weights):
    network = LandmarkNetwork(open_engine(weights("face_landmarks_light")))
    detector = FaceDetector(open_engine(weights("yunet")))
    black = np.zeros((480, 640, 3), np.uint8)
    two = [RotatedRegion((100, 100), 80, 0.0), RotatedRegion((300, 100), 80, 0.0)]
    with counted_work() as work:
        network(black, two)
        detector(black)
        detector(black[:112, :112])
    network(black, two)
    assert work == {"light_landmarks": 2, "detector": 1}
