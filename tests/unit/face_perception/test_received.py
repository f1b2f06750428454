import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message

from face_perception.messages import face_array
from face_perception.received import faces

from .whole_faces import FACES, FRAME, plain_face, whole_face


def arrived(sent):
    message = face_array(FRAME, sent)
    return faces(deserialize_message(serialize_message(message), type(message)))


def singles(face):
    """What a message carries in single precision."""
    box, where, eyes, expression = face.box, face.position, face.eyes, face.expression
    return np.float32(
        [
            *(face.score, box.x, box.y, box.width, box.height, where.sigma, where.valid_share),
            *(face.keypoints.as_array().ravel() if face.keypoints is not None else ()),
            *(face.landmarks.points.ravel() if face.landmarks is not None else ()),
            *((eyes.right_closed, eyes.left_closed) if eyes is not None else ()),
            *(*expression.scores, expression.valence, expression.arousal),
            *(face.blendshapes.scores if face.blendshapes is not None else ()),
            face.identity.similarity,
        ]
    )


def doubles(face):
    """What it carries in double precision."""
    pose = () if face.pose is None else (*face.pose.rotation.ravel(), *face.pose.position.xyz)
    return np.array([*face.position.xyz, *pose, *(face.gaze.direction if face.gaze is not None else ())])


def exact(face):
    """What is no number."""
    eyes, landmarks, shapes, pose = face.eyes, face.landmarks, face.blendshapes, face.pose
    expression = face.expression
    return (
        *(face.track_id, face.bridged, face.position.source, face.keypoints is None, face.looking_at_camera),
        *(None if landmarks is None else landmarks.scheme, None if shapes is None else shapes.labels),
        *(None if pose is None else pose.position.source, None if face.gaze is None else face.gaze.by_eyes),
        None if eyes is None else (eyes.right_shut, eyes.left_shut),
        *(expression.state, expression.label_set, expression.label, expression.classes),
        *(face.identity.state, face.identity.person_id, face.identity.name, face.liveness),
    )


def assert_same(one, other):
    assert exact(one) == exact(other)
    np.testing.assert_array_equal(singles(one), singles(other))
    np.testing.assert_allclose(doubles(one), doubles(other), rtol=0, atol=1e-9)


@settings(max_examples=50)
@given(st.lists(FACES, max_size=2))
def test_faces_come_back_from_the_wire_as_they_went(sent):
    received = arrived(sent)
    assert len(received) == len(sent)
    for one, other in zip(received, sent, strict=True):
        assert_same(one, other)
    for one, other in zip(arrived(received), received, strict=True):
        assert_same(one, other)


def test_what_a_message_does_not_carry_is_not_made_up():
    (face,) = arrived([whole_face()])
    assert math.isnan(face.landmarks.presence) and math.isnan(face.pose.sigma_deg)
    assert np.isnan(face.pose.to_camera).all() and math.isnan(face.pose.metres_per_pixel)


def test_a_pose_has_the_angles_that_it_had():
    sent = whole_face()
    (face,) = arrived([sent])
    for angle in ("yaw_deg", "pitch_deg", "roll_deg"):
        assert math.isclose(getattr(face.pose, angle), getattr(sent.pose, angle), abs_tol=1e-6)


def test_an_eye_that_is_nearly_closed_is_shut():
    (face,) = arrived([whole_face()])
    assert (face.eyes.right_shut, face.eyes.left_shut) == (False, True)


def test_what_is_unknown_comes_back_as_unknown():
    (face,) = arrived([plain_face()])
    assert [face.landmarks, face.pose, face.gaze, face.looking_at_camera, face.eyes, face.blendshapes] == [None] * 6
