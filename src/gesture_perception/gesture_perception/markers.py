"""Hands in space for rviz2: their bones, what they show, and what they point at.

A marker vanishes by itself soon after its hand does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from gesture_perception.hand import Hand, Pointing
from gesture_perception.hand_overlay import BONE_TONES
from gesture_perception.hand_points import BONES
from gesture_perception.hand_words import shown_words, side_words
from perception_core.depth import PositionSource
from perception_core.drawing import Tone
from perception_core.frame import Point3
from perception_ros.space_messages import point
from perception_ros.track_markers import track_colour, track_marker

_WRIST_WIDTH_M = 0.04
_BONE_WIDTH_M = 0.006
_TEXT_HEIGHT_M = 0.05
_TEXT_ABOVE_M = 0.22  # beyond the fingertips
_RAY_M = 1.5  # of a ray that meets nothing
_SHAFT_M, _HEAD_M = 0.008, 0.02
_HAND_RGB, _RAY_RGB = (0.9, 0.6, 0.2), (1.0, 0.9, 0.2)


def markers(header: Header, hands: Sequence[Hand]) -> MarkerArray:
    """A sphere at the wrist and a text for every hand whose position is known; bones and ray where they are."""
    known = [hand for hand in hands if hand.position.source is not PositionSource.NONE]
    return MarkerArray(markers=[marker for hand in known for marker in _of_hand(header, hand)])


def _of_hand(header: Header, hand: Hand) -> list[Marker]:
    shown = [_wrist(header, hand), _text(header, hand)]
    if hand.in_camera is not None and np.isfinite(hand.in_camera).all():
        shown.append(_bones(header, hand, hand.in_camera))
    if hand.pointing is not None:
        shown.append(_ray(header, hand, hand.pointing))
    return shown


def _wrist(header: Header, hand: Hand) -> Marker:
    marker = track_marker(header, hand, "hands", Marker.SPHERE, _HAND_RGB)
    marker.pose.position = point(hand.position.xyz)
    marker.scale.x = marker.scale.y = marker.scale.z = _WRIST_WIDTH_M
    return marker


def _text(header: Header, hand: Hand) -> Marker:
    marker = track_marker(header, hand, "hand_texts", Marker.TEXT_VIEW_FACING, _HAND_RGB)
    marker.pose.position = point(hand.position.xyz)
    marker.pose.position.y -= _TEXT_ABOVE_M
    marker.scale.z = _TEXT_HEIGHT_M
    whose = " ".join(words for words in (side_words(hand.side), f"hand {hand.track_id}") if words)
    marker.text = f"{shown_words(hand) or whose}: {math.dist((0, 0, 0), hand.position.xyz):.2f} m"
    return marker


def _bones(header: Header, hand: Hand, in_camera: NDArray[np.float32]) -> Marker:
    marker = track_marker(header, hand, "hand_bones", Marker.LINE_LIST, _HAND_RGB)
    marker.scale.x = _BONE_WIDTH_M
    for ends, tone in zip(BONES, BONE_TONES, strict=True):
        for x, y, z in in_camera[ends].tolist():
            marker.points.append(point((x, y, z)))
        marker.colors += [track_colour(_rgb(tone), hand)] * 2
    return marker


def _ray(header: Header, hand: Hand, pointing: Pointing) -> Marker:
    marker = track_marker(header, hand, "hand_rays", Marker.ARROW, _RAY_RGB)
    marker.points = [point(pointing.origin), point(_end(pointing))]
    marker.scale.x, marker.scale.y = _SHAFT_M, _HEAD_M
    return marker


def _end(pointing: Pointing) -> Point3:
    if pointing.target.source is not PositionSource.NONE:
        return pointing.target.xyz
    x, y, z = (at + _RAY_M * step for at, step in zip(pointing.origin, pointing.direction, strict=True))
    return x, y, z


def _rgb(tone: Tone) -> Point3:
    blue, green, red = tone
    return red / 255, green / 255, blue / 255
