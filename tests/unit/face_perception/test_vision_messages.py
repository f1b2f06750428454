import pytest

pytest.importorskip("vision_msgs.msg", reason="vision_msgs is not installed")

import numpy as np

from face_perception.detection import FaceKeypoints
from face_perception.face import Face
from face_perception.vision_messages import detections_2d, detections_3d
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import Intrinsics, RgbdFrame
from perception_core.geometry import Box

FRAME = RgbdFrame(
    1, "camera", np.zeros((480, 640, 3), np.uint8), None, Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
)
POINTS = FaceKeypoints(*((0.0, 0.0),) * 5)


def face(source):
    return Face(7, 0.9, False, Box(290, 200, 60, 80), POINTS, Position3D((0.0, 0.0, 2.0), 0.02, 0.9, source))


def test_a_face_is_a_detection_with_its_track_as_id():
    (detection,) = detections_2d(FRAME, [face(PositionSource.DEPTH)]).detections
    assert (detection.id, detection.results[0].hypothesis.class_id) == ("7", "face")
    assert (detection.bbox.center.position.x, detection.bbox.center.position.y) == (320.0, 240.0)
    assert (detection.bbox.size_x, detection.bbox.size_y) == (60.0, 80.0)


def test_in_space_its_size_is_that_of_a_head():
    (detection,) = detections_3d(FRAME, [face(PositionSource.DEPTH)]).detections
    assert detection.bbox.center.position.z == 2.0
    assert (detection.bbox.size.x, detection.bbox.size.y) == pytest.approx((0.2, 80 * 2 / 600))


def test_who_has_no_position_is_left_out_of_space_but_not_out_of_the_image():
    unknown = face(PositionSource.NONE)
    assert detections_3d(FRAME, [unknown]).detections == []
    assert len(detections_2d(FRAME, [unknown]).detections) == 1
