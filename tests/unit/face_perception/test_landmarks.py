import math

import cv2
import numpy as np
import pytest

from face_perception.face_region import region_of_detection, region_of_landmarks
from face_perception.landmarks import LandmarkNetwork, LandmarkScheme
from perception_core.engines.engine import EngineError, TensorSpec, open_engine
from perception_core.geometry import GeometryError, RotatedRegion, transformed
from perception_core.sources.scene_portraits import ASTRONAUT

# What mediapipe 0.10.14 gives for the astronaut with the same weights, its tracking settled on the still picture.
MEDIAPIPES = {
    10: (226.3, 70.8), 33: (195.5, 100.6), 133: (213.7, 103.7), 263: (255.5, 103.8), 362: (236.7, 104.9),
    4: (223.6, 127.5), 61: (202.4, 139.3), 291: (244.5, 140.7), 152: (221.0, 178.6), 234: (179.8, 108.5),
    454: (270.6, 113.6), 168: (225.0, 101.4), 468: (203.5, 101.1), 473: (246.5, 103.3),
}  # fmt: skip
RIGHT_EYE_OUTER, LEFT_EYE_OUTER, CHIN, FOREHEAD = 33, 263, 152, 10


@pytest.fixture(params=["full_mesh", "light_mesh"])
def network(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def astronaut(photograph):
    return photograph("astronaut")


@pytest.fixture(scope="module")
def region(astronaut, find_faces):
    return region_of_detection(find_faces(astronaut)[0])


def eye_distance(landmarks):
    return float(np.linalg.norm(np.subtract(*landmarks.points[[LEFT_EYE_OUTER, RIGHT_EYE_OUTER], :2])))


def off(landmarks, expected):
    """Median distance of points in parts of the distance between the eyes."""
    distances = np.linalg.norm(landmarks.points[:, :2] - expected, axis=1)
    return float(np.median(distances)) / eye_distance(landmarks)


def test_the_networks_are_told_apart(full_mesh, light_mesh, astronaut, region):
    for network, scheme in ((full_mesh, LandmarkScheme.MEDIAPIPE478), (light_mesh, LandmarkScheme.MEDIAPIPE468)):
        (found,) = network(astronaut, [region])
        assert found.scheme is network.scheme is scheme
        assert found.points.shape == (scheme.points, 3)
        assert found.points.dtype == np.float32


def test_the_points_lie_where_the_face_has_them(network, astronaut, region):
    (found,) = network(astronaut, [region])
    right, left = found.points[[33, 133], :2].mean(axis=0), found.points[[362, 263], :2].mean(axis=0)
    assert right == pytest.approx(ASTRONAUT.eyes[0], abs=3)
    assert left == pytest.approx(ASTRONAUT.eyes[1], abs=3)
    assert found.points[168, :2] == pytest.approx(ASTRONAUT.sellion, abs=5)
    assert found.points[CHIN, 1] > found.points[FOREHEAD, 1]
    assert found.points[4, 2] < found.points[RIGHT_EYE_OUTER, 2]  # the tip of the nose is nearer
    assert found.presence > 0.95


def test_the_points_are_mediapipes_own(astronaut, landmarks_in):
    found = landmarks_in(astronaut).points[list(MEDIAPIPES), :2]
    apart = np.linalg.norm(found - np.array(list(MEDIAPIPES.values())), axis=1)
    assert np.median(apart) < 0.01 * math.dist(MEDIAPIPES[468], MEDIAPIPES[473])


def test_several_faces_at_once_are_as_one_by_one(network, photograph, find_faces):
    group = photograph("six_faces")
    regions = [region_of_detection(face) for face in find_faces(group)]
    together = network(group, regions)
    assert len(together) == 6
    for region, found in zip(regions, together, strict=True):
        (alone,) = network(group, [region])
        assert np.array_equal(alone.points, found.points)
        assert alone.presence == found.presence


def test_what_was_found_is_not_changed_by_the_next_call(network, astronaut, region):
    (found,) = network(astronaut, [region])
    kept = found.points.copy()
    network(np.zeros_like(astronaut), [region])
    assert np.array_equal(found.points, kept)


def test_a_network_without_open_batch_takes_one_face_after_the_other(full_mesh, photograph, find_faces, weights):
    class OneAtATime:
        """The same network, as it is where the batch is fixed."""

        def __init__(self, engine):
            self._engine = engine
            self.inputs = tuple(TensorSpec(spec.name, (1, *spec.shape[1:]), spec.dtype) for spec in engine.inputs)
            self.outputs = tuple(TensorSpec(spec.name, (1, *spec.shape[1:]), spec.dtype) for spec in engine.outputs)

        def run(self, feeds):
            assert all(len(value) == 1 for value in feeds.values())
            return self._engine.run(feeds)

    group = photograph("six_faces")
    regions = [region_of_detection(face) for face in find_faces(group)]
    fixed = LandmarkNetwork(OneAtATime(open_engine(weights("face_landmarks"))))
    for one, other in zip(fixed(group, regions), full_mesh(group, regions), strict=True):
        assert np.array_equal(one.points, other.points)


@pytest.mark.parametrize("angle_deg", [-90, -30, 20, 90, 180])
def test_a_picture_turned_with_its_region_gives_turned_landmarks(network, astronaut, region, angle_deg):
    (upright,) = network(astronaut, [region])
    turn = cv2.getRotationMatrix2D(region.centre, -angle_deg, 1.0)
    size = astronaut.shape[1::-1]
    turned = cv2.warpAffine(astronaut, turn, size, borderMode=cv2.BORDER_REPLICATE)
    same = RotatedRegion(region.centre, region.side, region.angle + math.radians(angle_deg))
    (found,) = network(turned, [same])
    assert off(found, transformed(upright.points[:, :2], turn)) < 0.015
    assert found.presence > 0.95


@pytest.mark.parametrize("scale", [0.5, 0.75, 2.0])
def test_a_larger_picture_gives_larger_landmarks(network, astronaut, region, scale):
    (found,) = network(astronaut, [region])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(astronaut, None, fx=scale, fy=scale, interpolation=method)
    centre = tuple((np.array(region.centre) + 0.5) * scale - 0.5)
    (larger,) = network(resized, [RotatedRegion(centre, region.side * scale, region.angle)])
    assert off(larger, (found.points[:, :2] + 0.5) * scale - 0.5) < 0.02
    assert larger.points[4, 2] == pytest.approx(found.points[4, 2] * scale, rel=0.1)


def test_a_part_of_a_larger_image_is_taken_as_it_is(network, astronaut, region):
    canvas = np.zeros((700, 700, 3), np.uint8)
    canvas[100:612, 60:572] = astronaut
    (view,), (whole,) = network(canvas[100:612, 60:572], [region]), network(astronaut, [region])
    assert np.array_equal(view.points, whole.points)


def test_beyond_the_image_its_border_goes_on(network, astronaut, region):
    cut = astronaut[:, :230]  # through the face
    wider = cv2.copyMakeBorder(cut, 0, 0, 0, 300, cv2.BORDER_REPLICATE)
    (at_the_border,), (inside,) = network(cut, [region]), network(wider, [region])
    assert at_the_border.points == pytest.approx(inside.points, abs=0.05)


def test_where_no_face_is_the_presence_is_low(network, astronaut):
    nowhere = [RotatedRegion((430.0, 60.0), 120.0, 0.0), RotatedRegion((60.0, 450.0), 100.0, 0.3)]
    outside = [RotatedRegion((-900.0, 200.0), 200.0, 0.0), RotatedRegion((200.0, 5000.0), 300.0, 0.0)]
    for found in network(astronaut, nowhere + outside):
        assert found.presence < 0.3
        assert np.isfinite(found.points).all()


def test_a_face_upside_down_in_its_region_is_doubted_or_missed(network, astronaut, region):
    (upright,) = network(astronaut, [region])
    (found,) = network(astronaut, [RotatedRegion(region.centre, region.side, region.angle + math.pi)])
    assert off(found, upright.points[:, :2]) > 0.1 or found.presence < 0.5


def test_a_tiny_face_has_landmarks_too(network, astronaut, region):
    tiny = cv2.resize(astronaut, None, fx=0.12, fy=0.12, interpolation=cv2.INTER_AREA)  # eyes 5 px apart
    centre = tuple((np.array(region.centre) + 0.5) * 0.12 - 0.5)
    (found,) = network(tiny, [RotatedRegion(centre, region.side * 0.12, region.angle)])
    assert np.isfinite(found.points).all()
    right, left = found.points[[RIGHT_EYE_OUTER, LEFT_EYE_OUTER], 0]
    assert right < left


def test_a_region_that_keeps_following_its_landmarks_settles(network, astronaut, region):
    sides = []
    for _ in range(6):
        (found,) = network(astronaut, [region])
        region = region_of_landmarks(found)
        sides.append(region.side)
    assert sides[-1] == pytest.approx(sides[-2], rel=0.02)


def test_no_region_is_no_face(network, astronaut):
    assert network(astronaut, []) == []


@pytest.mark.parametrize(
    "region",
    [
        RotatedRegion((math.nan, 5.0), 10.0, 0.0),
        RotatedRegion((5.0, 5.0), math.inf, 0.0),
        RotatedRegion((5.0, 5.0), 10.0, math.nan),
        RotatedRegion((5.0, 5.0), 0.0, 0.0),
        RotatedRegion((5.0, 5.0), -3.0, 0.0),
    ],
)
def test_a_region_that_is_none_is_refused(network, astronaut, region):
    with pytest.raises(GeometryError, match="no crop can be made"):
        network(astronaut, [region])


@pytest.mark.parametrize("name", ["yunet", "hand_landmarks", "face_blendshapes"])
def test_another_network_is_refused(weights, name):
    with pytest.raises(EngineError, match="has to be a face mesh"):
        LandmarkNetwork(open_engine(weights(name)))
