"""What is told of faces, on real pictures through the real networks."""

import math

import numpy as np
import pytest

from face_perception.blendshapes import BlendshapeNetwork
from face_perception.describing import FaceDescriber, FaceNetworks, Pace, SeenFace
from face_perception.detection import FaceDetector
from face_perception.expression_evidence import UNKNOWN, ExpressionState
from face_perception.expression_network import ExpressionNetwork, ExpressionReader
from face_perception.face import Face
from face_perception.face_state import Calm
from face_perception.finding import FaceFinder
from face_perception.head_turn import turn_from_camera
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.liveness import Liveness
from perception_core.depth import Position3D, PositionSource
from perception_core.engines.engine import open_engine
from perception_core.frame import RgbdFrame
from perception_core.sources.pictures import read_picture
from perception_core.stages import StageTimes
from perception_core.zoo.manifest import load_models

FRAME_NS = 33_333_333
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)


@pytest.fixture(scope="module")
def expressions(weights):
    engine = open_engine(weights("face_expression"))
    return ExpressionReader([ExpressionNetwork(engine, load_models()["face_expression"])])


@pytest.fixture(scope="module")
def blendshapes(weights):
    return BlendshapeNetwork(open_engine(weights("face_blendshapes")), load_models()["face_blendshapes"].labels)


@pytest.fixture
def networks(full_mesh, blendshapes, expressions, canonical_face):
    return FaceNetworks(full_mesh, blendshapes, expressions, canonical_face)


@pytest.fixture
def describer(networks):
    return FaceDescriber(networks)


@pytest.fixture(scope="module")
def seen_in(weights, light_mesh):
    """Everybody in a picture."""
    detector = FaceDetector(open_engine(weights("yunet")), 0.6)

    def find(colour, light=light_mesh):
        sightings = FaceFinder(detector, None, light)(colour)
        return [SeenFace(number, each, NOWHERE) for number, each in enumerate(sightings, start=1)]

    return find


@pytest.fixture(scope="module")
def astronaut(photograph, seen_in):
    colour = photograph("astronaut")
    return colour, seen_in(colour)


def shown(describer, colour, seen, frames=1, start_ns=0):
    for k in range(frames):
        stamp_ns = start_ns + k * FRAME_NS
        faces = describer(RgbdFrame(stamp_ns, "camera", colour), colour, seen, stamp_ns, StageTimes())
    return faces


def test_of_a_face_in_full_view_everything_is_told(describer, astronaut):
    (face,) = shown(describer, *astronaut, frames=12)
    assert face.landmarks.scheme is LandmarkScheme.MEDIAPIPE478 and face.landmarks.presence > 0.9
    assert abs(face.pose.yaw_deg) < 35 and abs(face.pose.roll_deg) < 15
    assert not (face.eyes.right_shut or face.eyes.left_shut)
    assert face.gaze.by_eyes and face.gaze.direction[2] < 0
    assert face.blendshapes["mouthSmileLeft"] > 0.3
    assert (face.expression.state, face.expression.label) == (ExpressionState.STABLE, "happy")
    assert face.looking_at_camera is not None


def test_box_and_points_are_those_of_the_landmarks(describer, astronaut):
    colour, seen = astronaut
    (face,) = shown(describer, colour, seen)
    assert face.box.overlap(seen[0].sighting.detection.box) > 0.85
    mouth = face.landmarks.points[[61, 291], :2]
    corners = [face.keypoints.right_mouth, face.keypoints.left_mouth]
    assert np.abs(mouth - corners).max() < 0.15 * face.box.width


def test_with_the_light_network_alone_there_are_468_points_and_the_head_tells_the_gaze(
    astronaut, canonical_face, expressions
):
    describer = FaceDescriber(FaceNetworks(None, None, expressions, canonical_face))
    (face,) = shown(describer, *astronaut, frames=12)
    assert face.landmarks.scheme is LandmarkScheme.MEDIAPIPE468
    assert not face.gaze.by_eyes
    assert face.blendshapes is None
    assert face.expression.label == "happy"


def test_without_landmarks_expressions_are_read_still(astronaut, seen_in, expressions):
    colour, _ = astronaut
    describer = FaceDescriber(FaceNetworks(None, None, expressions, None))
    (face,) = shown(describer, colour, seen_in(colour, None), frames=12)
    assert (face.landmarks, face.pose, face.gaze, face.eyes, face.looking_at_camera) == (None,) * 5
    assert face.expression.label == "happy"


def test_where_nothing_is_wanted_a_face_is_told_as_it_was_found(astronaut, seen_in):
    colour, _ = astronaut
    (one,) = seen_in(colour, None)
    (face,) = shown(FaceDescriber(FaceNetworks()), colour, [one])
    found = one.sighting.detection
    assert face == Face(1, found.score, False, found.box, found.keypoints, NOWHERE)


class Counted:
    """A landmark network that remembers how many faces it was given each time."""

    def __init__(self, network):
        self._network, self.scheme, self.faces = network, network.scheme, []

    def __call__(self, colour, regions):
        self.faces.append(len(regions))
        return self._network(colour, regions)


def test_in_a_crowd_everybody_has_a_turn_and_no_frame_serves_many(picture, seen_in, full_mesh, canonical_face):
    colour = read_picture(picture("six_faces"))
    seen = seen_in(colour)
    counted = Counted(full_mesh)
    describer = FaceDescriber(FaceNetworks(counted, None, None, canonical_face))
    faces = shown(describer, colour, seen, frames=18)
    assert len(faces) == 6
    assert all(face.landmarks.scheme is LandmarkScheme.MEDIAPIPE478 for face in faces)
    assert max(counted.faces) == 1
    assert 6 <= sum(counted.faces) <= 9


def test_everybody_can_be_described_at_once(picture, seen_in, networks):
    colour = read_picture(picture("group_of_faces"))
    describer = FaceDescriber(networks)
    describer.change(Pace(refresh_every=1, many=64, most_read=64), 0.5, Calm(shows_after_s=0.0))
    faces = shown(describer, colour, seen_in(colour))
    assert len(faces) >= 5
    assert all(face.blendshapes is not None and face.expression.label == "happy" for face in faces)


def test_only_the_first_ones_expressions_are_read_where_there_are_too_many(picture, seen_in, networks):
    colour = read_picture(picture("group_of_faces"))
    describer = FaceDescriber(networks)
    describer.change(Pace(refresh_every=1, many=64, most_read=2), 0.5, Calm())
    faces = shown(describer, colour, seen_in(colour))
    assert [face.track_id for face in faces if face.expression is not UNKNOWN] == [1, 2]


def test_of_a_face_that_is_turned_away_no_expression_is_told(picture, seen_in, networks):
    colour = read_picture(picture("six_faces"))  # the one in the middle of the upper row looks to the side
    describer = FaceDescriber(networks)
    describer.change(Pace(refresh_every=1, many=64, most_read=64), 0.5, Calm())
    faces = shown(describer, colour, seen_in(colour))
    turned = [abs(turn_from_camera(face.pose).yaw) > math.radians(45) for face in faces]
    assert [face.expression is UNKNOWN for face in faces] == turned
    assert sum(turned) == 1


def test_where_the_better_network_sees_no_face_there_are_no_landmarks(describer, astronaut):
    colour, seen = astronaut
    (face,) = shown(describer, np.zeros_like(colour), seen)
    assert face.landmarks is None and face.pose is None
    assert describer.region(1) is None


def test_landmarks_that_are_not_finite_are_none(describer, astronaut):
    colour, (one,) = astronaut
    nothing = Landmarks(LandmarkScheme.MEDIAPIPE468, np.full((468, 3), np.nan, np.float32), 1.0)
    broken = SeenFace(1, type(one.sighting)(one.sighting.detection, nothing, one.sighting.region), NOWHERE)
    (face,) = shown(describer, colour, [broken])
    assert face.landmarks is None and face.pose is None
    (mended,) = shown(describer, colour, [one], start_ns=FRAME_NS)
    assert mended.landmarks is not None


def test_without_calibration_a_head_is_turned_but_nowhere(describer, astronaut):
    (face,) = shown(describer, *astronaut)
    assert face.pose.position.source is PositionSource.NONE
    assert face.liveness is Liveness.UNKNOWN


def test_a_face_that_is_not_seen_shows_what_it_showed(describer, astronaut):
    colour, seen = astronaut
    (face,) = shown(describer, colour, seen, frames=10)
    gone = Face(1, face.score, True, face.box, None, NOWHERE)
    soon = describer.bridged(gone, 11 * FRAME_NS)
    assert soon.expression == face.expression and soon.landmarks is None
    assert describer.bridged(gone, 10_000_000_000).expression is UNKNOWN


def test_who_is_not_kept_is_forgotten(describer, astronaut):
    colour, seen = astronaut
    (face,) = shown(describer, colour, seen, frames=10)
    describer.keep([7])
    assert describer.region(1) is None
    gone = Face(1, face.score, True, face.box, None, NOWHERE)
    assert describer.bridged(gone, 11 * FRAME_NS).expression is UNKNOWN


def test_other_smoothing_is_taken_on_while_somebody_is_followed(networks, astronaut):
    colour, seen = astronaut
    describer = FaceDescriber(networks)
    shown(describer, colour, seen, frames=12)
    describer.change(Pace(), 0.5, Calm(min_cutoff_hz=3.0))
    (face,) = shown(describer, colour, seen, start_ns=12 * FRAME_NS)
    assert face.landmarks is not None and face.expression.label == "happy"


def test_a_head_that_is_upside_down_breaks_nothing(describer, astronaut, seen_in):
    turned = np.ascontiguousarray(astronaut[0][::-1, ::-1])
    for face in shown(describer, turned, seen_in(turned), frames=4):
        assert math.isfinite(face.box.x) and face.expression.state in ExpressionState
