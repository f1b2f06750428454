"""Stamps, points and places in messages, there and back."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from geometry_msgs.msg import Point
from numpy.typing import NDArray
from perception_msgs.msg import Position3D as Position3DMessage
from std_msgs.msg import Header

from perception_core.depth import Position3D, PositionSource
from perception_core.frame import Point3, RgbdFrame
from perception_ros.image_codec import time_message

SOURCES = {
    PositionSource.NONE: Position3DMessage.NONE,
    PositionSource.DEPTH: Position3DMessage.DEPTH,
    PositionSource.SIZE_PRIOR: Position3DMessage.SIZE_PRIOR,
    PositionSource.PREDICTED: Position3DMessage.PREDICTED,
}
_SOURCE_OF = {constant: source for source, constant in SOURCES.items()}


def header(frame: RgbdFrame) -> Header:
    """The stamp of the frame's image, and the camera's optical frame."""
    return Header(stamp=time_message(frame.stamp_ns), frame_id=frame.frame_id)


def point(xyz: Point3) -> Point:
    """A point in metres."""
    x, y, z = xyz
    return Point(x=x, y=y, z=z)


def position_message(where: Position3D) -> Position3DMessage:
    """A place and how far it can be trusted."""
    return Position3DMessage(
        point=point(where.xyz), source=SOURCES[where.source], sigma=where.sigma, valid_share=where.valid_share
    )


def position_of(where: Position3DMessage) -> Position3D:
    """A place out of a message."""
    return Position3D(
        xyz=(where.point.x, where.point.y, where.point.z),
        sigma=where.sigma,
        valid_share=where.valid_share,
        source=_SOURCE_OF[where.source],
    )


def floats(values: NDArray[Any]) -> array[float]:
    """Numbers as a message takes them at once; one by one, 478 points take 50 times as long."""
    return array("f", np.ascontiguousarray(values, np.float32).tobytes())
