"""What a face message holds when everything could be told of a face."""

import numpy as np
from perception_msgs.msg import Expression, Face, Identity, Position3D

AXES = ("x", "y", "z", "w")


def rotation_of(orientation):
    """3x3 of a quaternion."""
    x, y, z, w = (getattr(orientation, axis) for axis in AXES)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def xyz(point):
    return np.array([point.x, point.y, point.z])


def is_whole(face):
    """Whether every stage has something to say of a face."""
    return (
        not face.bridged
        and face.landmark_scheme == "MEDIAPIPE478"  # on a busy machine the light network stands in
        and face.head_pose_known
        and len(face.blendshapes) > 0
        and face.expression.state != Expression.UNKNOWN
        and face.identity.state != Identity.NOT_EXAMINED
        and face.liveness != Face.LIVENESS_UNKNOWN
    )


def assert_consistent(face):
    """What must hold between the fields of a whole face that looks roughly towards the camera."""
    box_x, box_y, width, height = face.box
    points = np.reshape(face.landmarks, (-1, 3))
    assert face.landmark_scheme == "MEDIAPIPE478" and len(points) == 478
    inside = (points[:, 0] > box_x - 0.3 * width) & (points[:, 0] < box_x + 1.3 * width)
    inside &= (points[:, 1] > box_y - 0.3 * height) & (points[:, 1] < box_y + 1.3 * height)
    assert inside.mean() > 0.98
    rotation = rotation_of(face.head_pose.orientation)
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert rotation[2, 0] < -0.7 and rotation[1, 2] < -0.7  # x towards the camera, z up
    assert face.position.source == Position3D.DEPTH
    assert np.linalg.norm(xyz(face.head_pose.position) - xyz(face.position.point)) < 0.02
    assert abs(np.linalg.norm(xyz(face.gaze)) - 1) < 1e-6 and face.gaze.z < -0.5
    assert face.attention in {Face.ATTENTION_AWAY, Face.ATTENTION_CAMERA}
    assert 0 <= face.eye_closed_right <= 1 and 0 <= face.eye_closed_left <= 1
    assert face.expression.label_set == "FER7" and len(face.expression.classes) == 7
    assert abs(sum(face.expression.scores) - 1) < 1e-3
    assert -1 <= face.expression.valence <= 1 and -1 <= face.expression.arousal <= 1
    assert face.blendshape_scheme == "ARKIT52" and len(face.blendshapes) == 52
    assert all(0 <= score <= 1 for score in face.blendshapes)
