"""Which gesture a hand shows, by a network of the user's beside what the fingers alone tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gesture_perception.finger_geometry import FingerGeometry, measured
from gesture_perception.gesture_network import GestureEmbedder
from gesture_perception.gesture_reading import HandReading, shaped
from gesture_perception.hand import NO_GESTURE, NOT_EXAMINED, Gesture, HandLandmarks, Origin
from gesture_perception.user_classifier import UserClassifier
from perception_core.frame import ColourImage

_LEAST = 0.5  # a class that is less probable than all others together is none


class OwnReader:
    """Names the poses of hands, as the user's network does; geometry adds what the network has no class for."""

    def __init__(self, embedder: GestureEmbedder, classifier: UserClassifier) -> None:
        """Takes over the networks.

        Args:
            embedder: Describes poses.
            classifier: Names them.
        """
        self._embed, self._classify = embedder, classifier

    def __call__(self, colour: ColourImage, hands: Sequence[HandLandmarks]) -> list[HandReading]:
        """One reading for every hand.

        Args:
            colour: HxWx3 uint8, BGR, the picture that the hands are in.
            hands: Their landmarks.

        Raises:
            EngineError: A network fails.
        """
        if not hands:
            return []
        height, width = colour.shape[:2]
        embeddings = self._embed(hands, (width, height))
        scores = self._classify(colour, hands, embeddings)
        return [
            HandReading(self._gesture(geometry, row), embedding)
            for geometry, row, embedding in zip(measured(hands), scores, embeddings, strict=True)
        ]

    def _gesture(self, geometry: FingerGeometry, scores: NDArray[np.float64]) -> Gesture:
        if not (geometry.usable and np.isfinite(scores).all()):
            return NOT_EXAMINED
        best = int(scores.argmax())
        label, score = self._classify.labels[best], float(scores[best])
        if label != NO_GESTURE and score >= _LEAST:
            return Gesture(label, score, Origin.NETWORK, geometry.raised)
        alone = shaped(geometry)
        if alone is not None and alone.label not in self._classify.labels:
            return alone
        return Gesture(NO_GESTURE, score if label == NO_GESTURE else 1 - score, Origin.NETWORK, geometry.raised)
