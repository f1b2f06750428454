import math

import numpy as np
import pytest
from perception_msgs.msg import Expression, Face, Identity, Position3D
from rclpy.serialization import deserialize_message, serialize_message

from face_perception.expression_evidence import ExpressionState
from face_perception.identity import IdentityState
from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import LandmarkScheme
from face_perception.messages import face_array
from perception_core.depth import PositionSource

from .whole_faces import FRAME, KEYPOINTS, LABELS, SELLION, plain_face, turned, whole_face


def message_of(face, **options):
    """A face as it arrives."""
    message = face_array(FRAME, [face], **options)
    return deserialize_message(serialize_message(message), type(message)).faces[0]


def test_where_a_face_is_survives_the_wire():
    message = message_of(plain_face())
    assert (message.track_id, message.bridged) == (3, False)
    assert message.score == pytest.approx(0.93)
    assert list(message.box) == [100, 100, 50, 70]
    assert np.array(message.keypoints).reshape(5, 2) == pytest.approx(KEYPOINTS.as_array())
    point = message.position.point
    assert (point.x, point.y, point.z) == SELLION
    assert message.position.sigma == pytest.approx(0.01)


def test_the_stamp_keeps_its_nanoseconds():
    header = face_array(FRAME, []).header
    assert (header.stamp.sec, header.stamp.nanosec, header.frame_id) == (5, 7, "camera")


@pytest.mark.parametrize(
    ("source", "constant"),
    [
        (PositionSource.NONE, Position3D.NONE),
        (PositionSource.DEPTH, Position3D.DEPTH),
        (PositionSource.SIZE_PRIOR, Position3D.SIZE_PRIOR),
        (PositionSource.PREDICTED, Position3D.PREDICTED),
    ],
)
def test_every_source_has_its_constant(source, constant):
    assert message_of(plain_face(source)).position.source == constant


@pytest.mark.parametrize("state", IdentityState)
def test_the_states_of_identity_are_those_of_the_message(state):
    assert state.value == getattr(Identity, state.name)


@pytest.mark.parametrize("state", ExpressionState)
def test_the_states_of_expression_are_those_of_the_message(state):
    assert state.value == getattr(Expression, state.name)


def test_a_bridged_face_has_no_keypoints():
    message = message_of(plain_face(bridged=True))
    assert message.bridged and len(message.keypoints) == 0


def test_what_is_not_known_is_empty_or_not_a_number():
    message = message_of(plain_face())
    unknown = (
        message.gaze.x,
        message.eye_closed_right,
        message.eye_closed_left,
        message.expression.valence,
        message.expression.arousal,
        message.identity.similarity,
    )
    assert all(math.isnan(value) for value in unknown)
    assert (message.landmark_scheme, message.blendshape_scheme, message.expression.label_set) == ("", "", "")
    assert len(message.landmarks) == len(message.blendshapes) == len(message.expression.scores) == 0
    assert not message.head_pose_known
    assert (message.attention, message.liveness) == (Face.ATTENTION_UNKNOWN, Face.LIVENESS_UNKNOWN)


def test_everything_that_is_known_is_there():
    face = whole_face()
    message = message_of(face)
    assert message.landmark_scheme == "MEDIAPIPE478"
    assert np.array_equal(np.reshape(message.landmarks, (478, 3)), face.landmarks.points)
    assert message.blendshape_scheme == "ARKIT52" and message.blendshapes[LABELS.index("noseSneerRight")] == 1
    assert (message.gaze.x, message.gaze.y, message.gaze.z) == (0.6, 0.0, -0.8)
    assert message.attention == Face.ATTENTION_CAMERA
    assert (message.eye_closed_right, message.eye_closed_left) == pytest.approx((0.1, 0.9))
    expression = message.expression
    assert (expression.state, expression.label, expression.label_set) == (Expression.STABLE, "happy", "FER7")
    assert expression.scores[expression.classes.index("happy")] == pytest.approx(0.9)
    assert (expression.valence, expression.arousal) == pytest.approx((0.7, 0.4))
    identity = message.identity
    assert (identity.state, identity.person_id, identity.name) == (Identity.CONFIRMED, "0123456789abcdef", "Ada 🤖")
    assert message.liveness == Face.LIVENESS_REAL


def test_a_head_that_looks_into_the_camera_has_x_towards_it_and_z_up():
    pose = message_of(whole_face(pose=turned())).head_pose
    x, y, z, w = (getattr(pose.orientation, axis) for axis in "xyzw")
    # The axes of a rotation by a unit quaternion, as text books have them.
    out_of_the_face = (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y))
    up = (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y))
    assert out_of_the_face == pytest.approx((0, 0, -1))
    assert up == pytest.approx((0, -1, 0))
    assert (pose.position.x, pose.position.y, pose.position.z) == SELLION


def test_without_calibration_a_head_is_turned_but_nowhere():
    message = message_of(whole_face(source=PositionSource.NONE))
    assert message.head_pose_known and math.isnan(message.head_pose.position.z)
    orientation = message.head_pose.orientation
    assert math.hypot(*(getattr(orientation, axis) for axis in "xyzw")) == pytest.approx(1)


@pytest.mark.parametrize("scheme", [LandmarkScheme.WFLW98, LandmarkScheme.DLIB68])
def test_landmarks_come_in_the_scheme_that_is_wanted_and_flat_ones_have_no_depth(scheme):
    face = whole_face()
    message = message_of(face, scheme=scheme)
    points = np.reshape(message.landmarks, (scheme.points, 3))
    assert message.landmark_scheme == scheme.value
    assert np.array_equal(points[:, :2], to_scheme(face.landmarks, scheme).points[:, :2])
    assert not points[:, 2].any()
    assert face.landmarks.points[:, 2].any()  # what it was made of is left alone
