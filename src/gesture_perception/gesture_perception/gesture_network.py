"""A hand's pose in 128 numbers, and the gestures that MediaPipe's classifier reads in them.

The two networks of MediaPipe's Gesture Recognizer. They see no picture, only the landmarks: a run takes a hundredth of
the time of the hand network.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import POINTS
from perception_core.engines.engine import Engine, EngineError

EMBEDDING = 128
"""Numbers by which the embedder describes a pose."""

_POINTS, _SIDE, _METRIC = "hand", "handedness", "world_hand"
_EMBEDDING, _SCORES = "embedding", "scores"

Floats = NDArray[np.float32]


class GestureEmbedder:
    """Describes poses by numbers that are alike for poses that are alike; the engine is the caller's to close."""

    def __init__(self, engine: Engine) -> None:
        """Prepares for a network.

        Args:
            engine: Inputs hand Nx21x3, handedness Nx1, world_hand Nx21x3; output embedding Nx128.

        Raises:
            EngineError: The network is another one.
        """
        inputs, outputs = _shapes(engine)
        wanted = {_POINTS: (POINTS, 3), _SIDE: (1,), _METRIC: (POINTS, 3)}
        found = {name: inputs.get(name, ())[1:] for name in wanted}
        if found != wanted or outputs.get(_EMBEDDING, ())[1:] != (EMBEDDING,):
            raise EngineError(
                f"the gesture embedder has to take hand Nx{POINTS}x3, handedness Nx1 and world_hand Nx{POINTS}x3, and "
                f"to give embedding Nx{EMBEDDING}; got inputs {inputs}, outputs {outputs}"
            )
        self._engine, self._batched = engine, inputs[_POINTS][0] is None

    def __call__(self, hands: Sequence[HandLandmarks], size: tuple[int, int]) -> Floats:
        """One row for every hand.

        Args:
            hands: In one picture.
            size: Width and height of that picture, pixels.

        Returns:
            Nx128 float32; a row is NaN where the hand's points are not finite.

        Raises:
            EngineError: The network fails.
        """
        if not hands:
            return np.empty((0, EMBEDDING), np.float32)
        return self.describe(in_longer_sides(hands, size), *sides_and_metric(hands))

    def describe(self, points: Floats, right: Floats, metric: Floats) -> Floats:
        """The same for hands that were turned: what a view of a hand does not change is given as it is.

        Args:
            points: Nx21x3, in longer sides of a picture, see `in_longer_sides`, or any other unit: where a hand is and
                how large does not count.
            right: Nx1, how surely each is a right hand.
            metric: Nx21x3 metres. The network asks for them and does not use them.

        Returns:
            See `__call__`.
        """
        count = len(points)
        parts = [slice(0, count)] if self._batched else [slice(k, k + 1) for k in range(count)]
        feeds = ({_POINTS: points[part], _SIDE: right[part], _METRIC: metric[part]} for part in parts)
        embeddings: Floats = np.concatenate([self._engine.run(each)[_EMBEDDING] for each in feeds])
        numbers = np.concatenate([points.reshape(count, -1), right, metric.reshape(count, -1)], axis=1)
        embeddings[~np.isfinite(numbers).all(axis=1)] = np.nan
        return embeddings


class GestureClassifier:
    """How probable each gesture is; the engine is the caller's to close.

    Attributes:
        labels: Of the columns.
    """

    def __init__(self, engine: Engine, labels: Sequence[str]) -> None:
        """Prepares for a network.

        Args:
            engine: Nx128 numbers in, scores NxC out, which sum to 1.
            labels: Of the C scores, each once.

        Raises:
            EngineError: The network is another one, or has another number of classes.
        """
        inputs, outputs = _shapes(engine)
        shapes, scores = list(inputs.values()), outputs.get(_SCORES, ())
        if len(shapes) != 1 or shapes[0][1:] != (EMBEDDING,) or scores[1:] != (len(labels),):
            raise EngineError(
                f"the gesture classifier has to take Nx{EMBEDDING} and to give scores Nx{len(labels)}, for "
                f"{', '.join(labels)}; got inputs {inputs}, outputs {outputs}"
            )
        if len(set(labels)) != len(labels):
            raise EngineError(f"the labels of the gesture classifier are not all different: {', '.join(labels)}")
        self.labels = tuple(labels)
        self._engine, self._input, self._batched = engine, next(iter(inputs)), shapes[0][0] is None

    def __call__(self, embeddings: Floats) -> Floats:
        """NxC float32, every row sums to 1; a row is NaN where the embedding is not finite.

        Args:
            embeddings: Nx128, as the embedder gives them.

        Raises:
            EngineError: The network fails.
        """
        if not len(embeddings):
            return np.empty((0, len(self.labels)), np.float32)
        rows = np.asarray(embeddings, np.float32)
        parts = [rows] if self._batched else [rows[k : k + 1] for k in range(len(rows))]
        scores: Floats = np.concatenate([self._engine.run({self._input: part})[_SCORES] for part in parts])
        scores[~np.isfinite(rows).all(axis=1)] = np.nan
        return scores


def in_longer_sides(hands: Sequence[HandLandmarks], size: tuple[int, int]) -> Floats:
    """Nx21x3: the points of one hand or more as the embedder takes them.

    Both axes are divided by the longer side, so that a hand keeps its shape in a picture that is not square, and moved
    so that the picture's centre is at 0.5.
    """
    width, height = size
    longer = max(width, height)
    points = _together([hand.points for hand in hands]) / np.float32(longer)
    points[:, :, :2] += np.array([0.5 - width / longer / 2, 0.5 - height / longer / 2], np.float32)
    return points


def sides_and_metric(hands: Sequence[HandLandmarks]) -> tuple[Floats, Floats]:
    """Nx1 and Nx21x3: what the embedder takes beside the points."""
    return np.array([[hand.right] for hand in hands], np.float32), _together([hand.metric for hand in hands])


def _together(points: Sequence[Floats]) -> Floats:
    return np.concatenate(points, dtype=np.float32).reshape(len(points), POINTS, 3)


def _shapes(engine: Engine) -> tuple[dict[str, tuple[int | None, ...]], dict[str, tuple[int | None, ...]]]:
    return {x.name: x.shape for x in engine.inputs}, {x.name: x.shape for x in engine.outputs}
