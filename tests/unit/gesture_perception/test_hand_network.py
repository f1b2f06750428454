"""The hand networks, and what they find in pictures of real hands."""

import math

import cv2
import numpy as np
import pytest

from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_points import INDEX_TIP, LITTLE_MCP, MIDDLE_MCP, WRIST
from gesture_perception.hand_region import region_of_palm
from perception_core.engines.engine import EngineError, TensorSpec, open_engine
from perception_core.geometry import GeometryError, RotatedRegion, transformed

# What mediapipe 0.10.14 gives with the same weights, its tracking settled on the still picture; columns and rows.
MEDIAPIPES = {
    "hand_pointing_up": [
        (230.1, 553.1), (300.3, 512.1), (347.5, 448.6), (376.0, 384.0), (355.4, 331.6), (196.1, 357.4), (214.1, 241.1),
        (221.6, 172.4), (214.9, 113.1), (198.2, 364.8), (301.6, 314.4), (319.1, 368.8), (287.6, 401.9), (210.8, 368.4),
        (301.1, 317.7), (311.4, 377.8), (277.7, 396.7), (223.9, 369.1), (290.8, 337.2), (300.6, 371.5), (278.4, 391.6),
    ],
    "hand_fist": [
        (214.0, 553.6), (279.9, 511.0), (324.7, 439.6), (345.7, 358.1), (320.5, 302.8), (173.4, 369.6), (260.0, 284.1),
        (295.0, 339.7), (277.4, 383.4), (157.7, 363.5), (255.6, 299.2), (286.4, 360.0), (265.9, 397.5), (159.4, 365.4),
        (252.3, 313.3), (274.6, 366.1), (250.9, 393.8), (162.9, 369.8), (239.1, 328.9), (254.4, 365.3), (234.1, 388.8),
    ],
}  # fmt: skip
HANDS = list(MEDIAPIPES)


@pytest.fixture(params=["full_hands", "light_hands"])
def network(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def pointing(hand_picture):
    return hand_picture("hand_pointing_up")


@pytest.fixture(scope="module")
def region(pointing, find_palms):
    return region_of_palm(find_palms(pointing)[0])


def off(landmarks, expected):
    """Median distance of the points in parts of the longer side of the box around them."""
    expected = np.asarray(expected)
    apart = np.linalg.norm(landmarks.points[:, :2] - expected, axis=1)
    return float(np.median(apart)) / np.ptp(expected, axis=0).max()


@pytest.mark.parametrize("name", HANDS)
def test_the_points_are_mediapipes_own(hand_picture, hand_in, name):
    assert off(hand_in(hand_picture(name)), MEDIAPIPES[name]) < 0.01


@pytest.mark.parametrize("name", HANDS)
def test_the_light_network_is_near(hand_picture, hand_in, light_hands, name):
    assert off(hand_in(hand_picture(name), light_hands), MEDIAPIPES[name]) < 0.05


def test_the_side_is_the_persons_own(hand_clip, hand_in):
    # A palm with the thumb at the picture's left: a left hand.
    (left,) = hand_clip("hands_clip", 8)
    assert hand_in(left).right < 0.1
    assert hand_in(np.ascontiguousarray(left[:, ::-1])).right > 0.9


def test_types_and_shapes(network, pointing, region):
    (found,) = network(pointing, [region])
    assert found.points.shape == found.metric.shape == (21, 3)
    assert found.points.dtype == found.metric.dtype == np.float32
    assert found.presence > 0.9


def test_the_shape_is_that_of_a_hand_in_metres(network, pointing, region):
    (found,) = network(pointing, [region])
    assert np.linalg.norm(found.metric[WRIST] - found.metric[MIDDLE_MCP]) == pytest.approx(0.1, abs=0.02)
    assert np.abs(found.metric.mean(axis=0)).max() < 0.05


@pytest.mark.parametrize("angle_deg", [-90, -30, 20, 90, 180])
def test_a_picture_turned_with_its_region_gives_a_turned_hand(network, pointing, region, angle_deg):
    (upright,) = network(pointing, [region])
    turn = cv2.getRotationMatrix2D(region.centre, -angle_deg, 1.0)
    turned = cv2.warpAffine(pointing, turn, pointing.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    (found,) = network(turned, [RotatedRegion(region.centre, region.side, region.angle + math.radians(angle_deg))])
    assert off(found, transformed(upright.points[:, :2], turn)) < 0.015
    expected = upright.metric.copy()
    expected[:, :2] = upright.metric[:, :2] @ turn[:, :2].T
    assert np.abs(found.metric - expected).max() < 0.015


@pytest.mark.parametrize("tip", [INDEX_TIP, LITTLE_MCP])
def test_the_axes_of_the_shape_are_the_images(network, pointing, region, tip):
    tilted = RotatedRegion(region.centre, region.side, region.angle + 0.4)
    (found,) = network(pointing, [tilted])
    in_image, in_metres = (each[tip, :2] - each[WRIST, :2] for each in (found.points, found.metric))
    between = math.remainder(math.atan2(*in_image) - math.atan2(*in_metres), 2 * math.pi)
    assert abs(between) < 0.2


def test_several_hands_at_once_are_as_one_by_one(network, pointing, region):
    x, y = region.centre
    regions = [RotatedRegion((x + shift, y), region.side, region.angle) for shift in (-20, 0, 300)]
    together = network(pointing, regions)
    for each, found in zip(regions, together, strict=True):
        (alone,) = network(pointing, [each])
        assert np.allclose(alone.points, found.points, atol=1e-3)
        assert (alone.presence, alone.right) == pytest.approx((found.presence, found.right), abs=1e-5)
    assert network(pointing, []) == []


def test_a_network_without_open_batch_takes_one_hand_after_the_other(full_hands, pointing, region, weights):
    class OneAtATime:
        """The same network, as it is where the batch is fixed."""

        def __init__(self, engine):
            self._engine = engine
            self.inputs = tuple(TensorSpec(spec.name, (1, *spec.shape[1:]), spec.dtype) for spec in engine.inputs)
            self.outputs = tuple(TensorSpec(spec.name, (1, *spec.shape[1:]), spec.dtype) for spec in engine.outputs)

        def run(self, feeds):
            assert all(len(value) == 1 for value in feeds.values())
            return self._engine.run(feeds)

    fixed = HandNetwork(OneAtATime(open_engine(weights("hand_landmarks"))))
    for one, other in zip(fixed(pointing, [region] * 2), full_hands(pointing, [region] * 2), strict=True):
        assert np.allclose(one.points, other.points, atol=1e-3)


def test_what_was_found_is_not_changed_by_the_next_call(network, pointing, region):
    (found,) = network(pointing, [region])
    kept = found.points.copy(), found.metric.copy()
    network(np.zeros_like(pointing), [region])
    assert np.array_equal(found.points, kept[0]) and np.array_equal(found.metric, kept[1])


def test_where_there_is_no_hand_the_presence_says_so(network, hand_clip, pointing):
    (face,) = hand_clip("hands_clip", 8)
    (on_face, beside) = network(face, [RotatedRegion((140, 110), 110, 0.0), RotatedRegion((60, 60), 100, 0.0)])
    assert max(on_face.presence, beside.presence) < 0.5


def test_a_hand_half_outside_is_found_where_it_is_seen(network, pointing, region):
    (whole,) = network(pointing, [region])
    cut = np.ascontiguousarray(pointing[:, 230:])
    (found,) = network(cut, [RotatedRegion((region.centre[0] - 230, region.centre[1]), region.side, region.angle)])
    assert np.isfinite(found.points).all()
    seen = whole.points[:, 0] > 300
    apart = np.linalg.norm(found.points[seen, :2] + [230, 0] - whole.points[seen, :2], axis=1)
    assert found.presence < 0.5 or np.median(apart) < 0.2 * region.side


@pytest.mark.parametrize("broken", ["landmarks", "world_landmarks", "presence", "handedness"])
def test_numbers_that_are_none_are_no_hand(made_up, pointing, region, broken):
    shapes = {"landmarks": (1, 21, 3), "presence": (1, 1), "handedness": (1, 1), "world_landmarks": (1, 21, 3)}
    outputs = {name: np.full(shape, 0.9, np.float32) for name, shape in shapes.items()}
    outputs[broken].flat[0] = math.nan
    network = HandNetwork(made_up({"image": (1, 3, 224, 224)}, shapes, lambda _: outputs))
    (found,) = network(pointing, [region])
    assert (found.presence, found.right) == (0.0, 0.5)


@pytest.mark.parametrize(
    "unusable",
    [
        RotatedRegion((math.nan, 5.0), 10.0, 0.0),
        RotatedRegion((5.0, 5.0), 0.0, 0.0),
        RotatedRegion((5.0, 5.0), math.inf, 0.0),
        RotatedRegion((5.0, 5.0), 10.0, math.nan),
    ],
)
def test_a_region_that_is_none_is_refused(full_hands, pointing, unusable):
    with pytest.raises(GeometryError, match="no crop can be made"):
        full_hands(pointing, [unusable])


@pytest.mark.parametrize("name", ["palm_detection", "face_landmarks_light"])
def test_another_network_is_refused(weights, name):
    with pytest.raises(EngineError, match="has to be one of MediaPipe's"):
        HandNetwork(open_engine(weights(name)))
