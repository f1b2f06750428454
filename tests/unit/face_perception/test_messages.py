import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from perception_msgs.msg import Position3D as Position3DMessage
from rclpy.serialization import deserialize_message, serialize_message

from face_perception.detection import FaceKeypoints
from face_perception.face import Face
from face_perception.messages import face_array, faces, markers
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import RgbdFrame
from perception_core.geometry import Box

KEYPOINTS = FaceKeypoints((110.0, 120.0), (140.0, 120.0), (125.0, 135.0), (112.0, 150.0), (138.0, 150.0))
FRAME = RgbdFrame(5_000_000_007, "camera", np.zeros((480, 640, 3), np.uint8))
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)


def face(source=PositionSource.DEPTH, bridged=False, track_id=3):
    position = Position3D((0.1, -0.2, 1.25), 0.01, 0.9, source) if source is not PositionSource.NONE else NOWHERE
    return Face(track_id, 0.93, bridged, Box(100, 100, 50, 70), None if bridged else KEYPOINTS, position)


def test_a_face_survives_the_wire():
    message = face_array(FRAME, [face()])
    received = deserialize_message(serialize_message(message), type(message)).faces[0]
    assert (received.track_id, received.bridged) == (3, False)
    assert received.score == pytest.approx(0.93)
    assert list(received.box) == [100, 100, 50, 70]
    assert np.array(received.keypoints).reshape(5, 2) == pytest.approx(KEYPOINTS.as_array())
    point = received.position.point
    assert (point.x, point.y, point.z) == (0.1, -0.2, 1.25)
    assert received.position.sigma == pytest.approx(0.01)


def test_the_stamp_keeps_its_nanoseconds():
    header = face_array(FRAME, []).header
    assert (header.stamp.sec, header.stamp.nanosec, header.frame_id) == (5, 7, "camera")


@pytest.mark.parametrize(
    ("source", "constant"),
    [
        (PositionSource.NONE, Position3DMessage.NONE),
        (PositionSource.DEPTH, Position3DMessage.DEPTH),
        (PositionSource.SIZE_PRIOR, Position3DMessage.SIZE_PRIOR),
        (PositionSource.PREDICTED, Position3DMessage.PREDICTED),
    ],
)
def test_every_source_has_its_constant(source, constant):
    assert face_array(FRAME, [face(source)]).faces[0].position.source == constant


def test_a_bridged_face_has_no_keypoints():
    message = face_array(FRAME, [face(bridged=True)]).faces[0]
    assert message.bridged and len(message.keypoints) == 0


def test_what_is_not_known_is_not_a_number():
    message = face_array(FRAME, [face()]).faces[0]
    unknown = (
        message.gaze.x,
        message.eye_closed_right,
        message.eye_closed_left,
        message.expression.valence,
        message.expression.arousal,
        message.identity.similarity,
    )
    assert all(math.isnan(value) for value in unknown)


def test_markers_show_who_has_a_position():
    known, unknown = face(track_id=1), face(PositionSource.NONE, track_id=2)
    shown = markers(FRAME, [known, unknown]).markers
    assert [(marker.ns, marker.id) for marker in shown] == [("faces", 1), ("face_texts", 1)]
    assert shown[1].text == f"1: {math.hypot(0.1, 0.2, 1.25):.2f} m"


NUMBERS = st.floats(-1e4, 1e4)
METRES = st.floats(-1e3, 1e3)
POINTS = st.tuples(NUMBERS, NUMBERS)
POSITIONS = st.one_of(
    st.just(NOWHERE),
    st.builds(
        Position3D,
        st.tuples(METRES, METRES, METRES),
        st.floats(0, 10),
        st.floats(0, 1),
        st.sampled_from([PositionSource.DEPTH, PositionSource.SIZE_PRIOR, PositionSource.PREDICTED]),
    ),
)
FACES = st.builds(
    Face,
    track_id=st.integers(1, 2**31 - 1),
    score=st.floats(0, 1),
    bridged=st.booleans(),
    box=st.builds(Box, NUMBERS, NUMBERS, st.floats(0, 1e4), st.floats(0, 1e4)),
    keypoints=st.none() | st.builds(FaceKeypoints, POINTS, POINTS, POINTS, POINTS, POINTS),
    position=POSITIONS,
)


def numbers(face):
    """All that is a number; the positions' coordinates are doubles in the message, the rest float32."""
    box, where = face.box, face.position
    points = [] if face.keypoints is None else face.keypoints.as_array().ravel().tolist()
    return [
        *where.xyz,
        *np.float32([face.score, box.x, box.y, box.width, box.height, where.sigma, where.valid_share]),
    ], (np.float32(points))


@given(st.lists(FACES, max_size=4))
def test_faces_come_back_from_the_wire_as_they_went(sent):
    message = face_array(FRAME, sent)
    received = faces(deserialize_message(serialize_message(message), type(message)))
    assert len(received) == len(sent)
    for one, other in zip(received, sent, strict=True):
        assert (one.track_id, one.bridged, one.position.source) == (
            other.track_id,
            other.bridged,
            other.position.source,
        )
        assert (one.keypoints is None) == (other.keypoints is None)
        for some, others in zip(numbers(one), numbers(other), strict=True):
            np.testing.assert_array_equal(some, others)
    again = faces(face_array(FRAME, received))
    assert repr(again) == repr(received)  # NaN is not equal to itself
