"""Which gesture a hand shows: what the network says of several looks at it, and what its fingers say.

The network's errors are almost always None: it was shown hands that are held up to the camera. So it looks at every
hand five times, in one run: as it is, turned upright, turned to the front by either kind of landmarks, and with the
thumb up. A pose that it knows in any of these is believed if the fingers are held that way. Which way an index or a
thumb points is read from the landmarks as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gesture_perception.finger_geometry import FingerGeometry, measured
from gesture_perception.gesture_names import CANNED
from gesture_perception.gesture_network import GestureClassifier, GestureEmbedder, in_longer_sides, sides_and_metric
from gesture_perception.hand import NO_GESTURE, NOT_EXAMINED, Gesture, HandLandmarks, Origin
from gesture_perception.hand_points import INDEX_MCP, INDEX_TIP, LITTLE_MCP, THUMB_MCP, THUMB_TIP, WRIST
from gesture_perception.hand_views import thumb_up, to_front, upright
from gesture_perception.pose_rules import FIST, LOVE, ONE, PALM, THUMB, VICTORY
from perception_core.engines.engine import EngineError
from perception_core.frame import ColourImage

_AS_IT_IS, _THUMB_UP_LOOK = 0, -1  # places of the looks; those between are for poses whatever their direction
_FINGERS = {
    "Closed_Fist": 0,
    "Open_Palm": 5,
    "Pointing_Up": 1,
    "Point": 1,
    "Thumb_Up": 1,
    "Thumb_Down": 1,
    "Victory": 2,
    "ILoveYou": 3,
}
_RULES = {"Closed_Fist": FIST, "Open_Palm": PALM, "Pointing_Up": ONE, "Victory": VICTORY, "ILoveYou": LOVE}

_POINTS_UP = 50.0  # degrees from straight up within which an index points up; the network's own limit is about there
_THUMB_UP = 65.0  # likewise of a thumb; a thumb that is up leans by 25 on average, by 50 in one of ten pictures
_THUMB_AT_MOST = 85.0  # likewise where the network says so of the hand as it is
_RING_SCORE = 0.9  # OK and pinch are seen or not; nine of ten are right

_PLACES = {label: place for place, label in enumerate(CANNED)}

Floats = NDArray[np.float32]
Scores = Sequence[float]  # of `CANNED`


@dataclass(frozen=True, slots=True, eq=False)
class HandReading:
    """What is read in one hand.

    Attributes:
        gesture: The pose; NOT_EXAMINED where the points are no hand.
        embedding: 128 float32, the network's description of the pose; NaN likewise.
    """

    gesture: Gesture
    embedding: NDArray[np.float32]


class GestureReader:
    """Names the poses of hands, by MediaPipe's networks and geometry; the engines are the caller's to close."""

    def __init__(self, embedder: GestureEmbedder, classifier: GestureClassifier) -> None:
        """Takes over the networks.

        Args:
            embedder: Describes poses.
            classifier: Names those of `CANNED`.

        Raises:
            EngineError: The classifier names others; `OwnReader` is for those.
        """
        if classifier.labels != CANNED:
            raise EngineError(
                f"looking at a hand from several sides is for a classifier of {', '.join(CANNED)}; this one has "
                f"{', '.join(classifier.labels)}"
            )
        self._embed, self._classify = embedder, classifier

    def __call__(self, colour: ColourImage, hands: Sequence[HandLandmarks]) -> list[HandReading]:
        """One reading for every hand.

        Args:
            colour: HxWx3 uint8, the picture that the hands are in.
            hands: Their landmarks.

        Raises:
            EngineError: A network fails.
        """
        if not hands:
            return []
        points = in_longer_sides(hands, (colour.shape[1], colour.shape[0]))
        right, metric = sides_and_metric(hands)
        looks = np.concatenate([points, *_turned(points, metric, [hand.right for hand in hands])])
        times = len(looks) // len(hands)
        embeddings = self._embed.describe(looks, np.concatenate([right] * times), np.concatenate([metric] * times))
        scores = self._classify(embeddings).reshape(times, len(hands), len(CANNED)).swapaxes(0, 1).tolist()
        return [
            HandReading(_gesture(hand, geometry, of_one), embedding)
            for hand, geometry, of_one, embedding in zip(
                hands, measured(hands), scores, embeddings[: len(hands)], strict=True
            )
        ]


def shaped(geometry: FingerGeometry) -> Gesture | None:
    """The gesture that the fingers alone tell: OK, Pinch, or Point; None where it is none of these."""
    if not geometry.usable:
        return None
    if geometry.ring or geometry.pinch:
        return _met("OK" if geometry.ring else "Pinch", geometry)
    within = ONE.evidence(0.5, geometry)
    return Gesture("Point", _probability(within), Origin.GEOMETRY, geometry.raised) if within >= ONE.bias else None


def _turned(points: Floats, metric: Floats, right: Sequence[float]) -> list[Floats]:
    """Looks at Nx21x3 hands that are turned, each Nx21x3: one of their metric landmarks, and last with the thumb up."""
    held, in_metres = points.tolist(), metric.tolist()
    fronts = list(map(to_front, in_metres, right))
    turns = [list(map(upright, held)), list(map(to_front, held, right)), list(map(thumb_up, held))]
    with np.errstate(invalid="ignore", over="ignore"):
        return [metric @ np.array(fronts, np.float32), *(points @ np.array(turns, np.float32))]


def _gesture(hand: HandLandmarks, geometry: FingerGeometry, looks: Sequence[Scores]) -> Gesture:
    """The pose, by the probabilities of the looks at it."""
    if not (geometry.usable and all(math.isfinite(sum(look)) for look in looks)):
        return NOT_EXAMINED
    if geometry.ring:
        return _met("OK", geometry)
    as_it_is = looks[_AS_IT_IS]
    own = CANNED[as_it_is.index(max(as_it_is))]
    label, evidence = _best(hand, geometry, looks, own)
    if evidence <= 0:
        if geometry.pinch:
            return _met("Pinch", geometry)
        return Gesture(NO_GESTURE, 1 - _probability(evidence), Origin.NETWORK, geometry.raised)
    if label == "Open_Palm" and own != label and not _shows_its_palm(hand):
        return Gesture(NO_GESTURE, as_it_is[_PLACES[NO_GESTURE]], Origin.NETWORK, geometry.raised)
    origin = Origin.NETWORK if label == own else Origin.GEOMETRY
    return Gesture(label, _probability(evidence), origin, _FINGERS[label])


def _best(hand: HandLandmarks, geometry: FingerGeometry, looks: Sequence[Scores], own: str) -> tuple[str, float]:
    """The gesture with most evidence, and how much that is; `own` is what the network says of the hand as it is."""
    most = [max(scores) for scores in zip(*looks[:_THUMB_UP_LOOK], strict=True)]
    evidence = {label: rule.evidence(most[_PLACES[label]], geometry) for label, rule in _RULES.items()}
    thumb = _thumb_direction(hand, own)
    if thumb is not None:
        up, down, first = _PLACES["Thumb_Up"], _PLACES["Thumb_Down"], looks[_AS_IT_IS]
        evidence[thumb] = THUMB.evidence(max(first[up], first[down], looks[_THUMB_UP_LOOK][up]), geometry)
    label = max(evidence, key=lambda each: evidence[each])
    found = evidence[label]
    if label == "Pointing_Up" and own != "Pointing_Up" and _from_up(hand, INDEX_MCP, INDEX_TIP) > _POINTS_UP:
        label = "Point"
    return label, found


def _thumb_direction(hand: HandLandmarks, own: str) -> str | None:
    """What a thumb that sticks out of a fist says; nothing if it points aside, unless the network is sure of it."""
    x, y = (hand.points[THUMB_TIP, :2] - hand.points[THUMB_MCP, :2]).tolist()
    angle = abs(math.degrees(math.atan2(x, -y)))
    if angle <= (_THUMB_AT_MOST if own == "Thumb_Up" else _THUMB_UP):
        return "Thumb_Up"
    return "Thumb_Down" if 180 - angle <= (_THUMB_AT_MOST if own == "Thumb_Down" else _THUMB_UP) else None


def _shows_its_palm(hand: HandLandmarks) -> bool:
    """Whether the palm is to the camera: hands that rest, hold something or touch a face show their back."""
    index, little = (hand.metric[root, :2] - hand.metric[WRIST, :2] for root in (INDEX_MCP, LITTLE_MCP))
    # Seen from the palm of a right hand, the little finger follows the index finger against the clock.
    against_clock = float(index[0] * little[1] - index[1] * little[0]) < 0
    return against_clock == (hand.right >= 0.5)


def _met(label: str, geometry: FingerGeometry) -> Gesture:
    return Gesture(label, _RING_SCORE, Origin.GEOMETRY, geometry.raised)


def _from_up(hand: HandLandmarks, root: int, tip: int) -> float:
    """Degrees between a finger and straight up in the image, in space: one that points at the camera is far from it."""
    direction = (hand.points[tip] - hand.points[root]).astype(np.float64)
    length = float(np.linalg.norm(direction))
    return math.degrees(math.acos(min(max(-float(direction[1]) / length, -1.0), 1.0))) if length > 0 else 180.0


def _probability(evidence: float) -> float:
    return 1 / (1 + math.exp(-evidence))
