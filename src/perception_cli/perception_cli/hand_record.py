"""A hand and a gesture event as records of JSON; what is not known is null."""

from __future__ import annotations

from gesture_perception.gesture_events import GestureEvent
from gesture_perception.hand import Hand, Pointing, Side
from gesture_perception.hand_points import SCHEME
from perception_cli.json_numbers import all_rounded, place_record, rounded
from perception_core.depth import PositionSource


def hand_record(hand: Hand, *, landmarks: bool = False) -> dict[str, object]:
    """All that is known of a hand.

    Args:
        hand: The hand.
        landmarks: With its 21 points in the image and, with depth, in camera metres.
    """
    box, gesture = hand.box, hand.gesture
    record = {
        "id": hand.track_id,
        "side": _side(hand.side),
        "box": all_rounded((box.x, box.y, box.width, box.height), 1),
        "score": rounded(hand.score, 3),
        **place_record(hand.position),
        "gesture": gesture.label or None,
        "gesture_score": rounded(gesture.score, 3),
        "fingers": gesture.fingers if gesture.fingers >= 0 else None,
        "motion": hand.motion.label if hand.motion.shown else None,
        "pointing": _pointing(hand.pointing),
    }
    return {**record, "landmarks": _landmarks(hand)} if landmarks else record


def event_record(event: GestureEvent) -> dict[str, object]:
    """What has become of a gesture; the duration is in seconds."""
    return {
        "event": event.kind.name.lower(),
        "id": event.event_id,
        "gesture": event.gesture.label,
        "score": rounded(event.gesture.score, 3),
        "origin": event.gesture.origin.value or None,
        "duration": rounded(event.duration_s, 3),
        "hand": event.hand.track_id,
        "side": _side(event.hand.side),
    }


def _side(side: Side) -> str | None:
    return None if side is Side.UNKNOWN else side.value


def _pointing(pointing: Pointing | None) -> dict[str, object] | None:
    if pointing is None:
        return None
    met = pointing.target.source is not PositionSource.NONE
    return {
        "origin": all_rounded(pointing.origin, 4),
        "direction": all_rounded(pointing.direction, 4),
        "target": all_rounded(pointing.target.xyz, 4) if met else None,
    }


def _landmarks(hand: Hand) -> dict[str, object] | None:
    if hand.landmarks is None:
        return None
    metres = None if hand.in_camera is None else [all_rounded(point, 4) for point in hand.in_camera.tolist()]
    return {
        "scheme": SCHEME,
        "points": [all_rounded(point, 2) for point in hand.landmarks.points.tolist()],
        "metres": metres,
    }
