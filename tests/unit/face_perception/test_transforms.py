import pytest

pytest.importorskip("tf2_msgs.msg", reason="tf2_msgs is not installed")

from dataclasses import replace

import numpy as np

from face_perception.transforms import transforms
from perception_core.depth import PositionSource

from .whole_faces import FRAME, SELLION, plain_face, turned, whole_face


def rotated(rotation, vector):
    """A vector turned by a unit quaternion: v + 2 u x (u x v + w v)."""
    u, v = np.array([rotation.x, rotation.y, rotation.z]), np.array(vector, float)
    return v + 2 * np.cross(u, np.cross(u, v) + rotation.w * v)


def test_a_head_is_a_frame_at_its_sellion_from_the_cameras_at_the_images_time():
    (transform,) = transforms(FRAME, [whole_face(track_id=7)]).transforms
    assert (transform.header.frame_id, transform.child_frame_id) == ("camera", "face_7")
    assert (transform.header.stamp.sec, transform.header.stamp.nanosec) == (5, 7)
    at = transform.transform.translation
    assert (at.x, at.y, at.z) == SELLION


def test_x_points_out_of_the_face_and_z_up():
    (transform,) = transforms(FRAME, [whole_face(pose=turned())]).transforms
    rotation = transform.transform.rotation
    assert rotated(rotation, (1, 0, 0)) == pytest.approx((0, 0, -1))  # towards the camera
    assert rotated(rotation, (0, 1, 0)) == pytest.approx((1, 0, 0))  # the person's left, right in the image
    assert rotated(rotation, (0, 0, 1)) == pytest.approx((0, -1, 0))


@pytest.mark.parametrize("angles", [(30, 0, 0), (0, 25, 0), (0, 0, -40), (35, -20, 10)])
def test_a_point_before_the_nose_stays_before_it_however_the_head_is_turned(angles):
    pose = turned(*angles)
    (transform,) = transforms(FRAME, [whole_face(pose=pose)]).transforms
    assert rotated(transform.transform.rotation, (0.1, 0, 0)) == pytest.approx(0.1 * pose.forward)


def test_who_has_no_pose_or_no_position_has_no_frame():
    nowhere = whole_face(source=PositionSource.NONE)
    assert transforms(FRAME, [plain_face(), nowhere]).transforms == []


def test_a_camera_without_a_name_has_no_frames_about_it():
    assert transforms(replace(FRAME, frame_id=""), [whole_face()]).transforms == []
