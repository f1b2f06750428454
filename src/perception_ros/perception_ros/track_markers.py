"""Markers of what is followed: they keep the id of its track, and vanish by themselves soon after it does."""

from __future__ import annotations

from typing import Protocol

from rclpy.duration import Duration
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker

from perception_core.frame import Point3

_LIFETIME = Duration(seconds=0.5)  # longer than a dropped frame or two, shorter than anybody's patience
_SEEN, _BRIDGED = 0.9, 0.5  # opacity


class Followed(Protocol):
    """A face or a hand."""

    @property
    def track_id(self) -> int:
        """The same from frame to frame."""

    @property
    def bridged(self) -> bool:
        """Not found in this frame."""


def track_marker(header: Header, followed: Followed, namespace: str, kind: int, rgb: Point3) -> Marker:
    """A marker without place and size.

    Args:
        header: Stamp of the image, and the frame in which it is shown.
        followed: Whose it is.
        namespace: Of markers of this sort.
        kind: A constant of Marker, such as SPHERE.
        rgb: Red, green and blue, 0 to 1.
    """
    return Marker(
        header=header,
        ns=namespace,
        id=followed.track_id,
        type=kind,
        action=Marker.ADD,
        color=track_colour(rgb, followed),
        lifetime=_LIFETIME.to_msg(),
    )


def track_colour(rgb: Point3, followed: Followed) -> ColorRGBA:
    """The colour, pale where it was not found."""
    red, green, blue = rgb
    return ColorRGBA(r=red, g=green, b=blue, a=_BRIDGED if followed.bridged else _SEEN)
