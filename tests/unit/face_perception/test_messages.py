import math

import numpy as np
import pytest
from perception_msgs.msg import Position3D as Position3DMessage
from rclpy.serialization import deserialize_message, serialize_message

from face_perception.detection import FaceKeypoints
from face_perception.drawing import draw_faces, label
from face_perception.face import Face
from face_perception.messages import face_array, markers
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


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (PositionSource.DEPTH, "#3  1.25 m"),
        (PositionSource.SIZE_PRIOR, "#3  ~1.25 m"),
        (PositionSource.PREDICTED, "#3  ~1.25 m"),
        (PositionSource.NONE, "#3"),
    ],
)
def test_the_label_tells_measured_from_estimated(source, text):
    assert label(face(source)) == text


def test_drawing_leaves_the_camera_s_picture_alone():
    picture = draw_faces(FRAME.colour, [face()])
    assert picture.any() and not FRAME.colour.any()


def test_a_face_beyond_the_border_is_drawn_as_far_as_it_goes():
    beyond = Face(1, 0.9, False, Box(-40, -40, 5000, 5000), KEYPOINTS, NOWHERE)
    assert draw_faces(FRAME.colour, [beyond]).any()
