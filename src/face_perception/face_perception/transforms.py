"""Heads as frames of TF, for who asks where something is as a person sees it; import only where tf2_msgs is installed.

The messages are made here, as tf2_ros's broadcaster makes them: it needs the same topic and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from tf2_msgs.msg import TFMessage

from face_perception.face import Face
from face_perception.head_pose import HeadPose
from perception_core.depth import PositionSource
from perception_core.frame import RgbdFrame
from perception_ros.space_messages import header

TOPIC = "/tf"
QUEUE = 100  # as tf2_ros has it


def transforms(frame: RgbdFrame, faces: Sequence[Face]) -> TFMessage:
    """The frame `face_<track id>` of every head whose pose is known in metres.

    Its origin is the sellion, x points out of the face and z up. A camera whose images name no frame gives none: there
    is nothing to which the heads could be related.
    """
    if not frame.frame_id:
        return TFMessage()
    known = [(face, face.pose) for face in faces if face.pose is not None]
    return TFMessage(
        transforms=[
            _transform(frame, face, pose) for face, pose in known if pose.position.source is not PositionSource.NONE
        ]
    )


def _transform(frame: RgbdFrame, face: Face, pose: HeadPose) -> TransformStamped:
    (x, y, z), (qx, qy, qz, qw) = pose.position.xyz, pose.quaternion
    return TransformStamped(
        header=header(frame),
        child_frame_id=f"face_{face.track_id}",
        transform=Transform(translation=Vector3(x=x, y=y, z=z), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw)),
    )
