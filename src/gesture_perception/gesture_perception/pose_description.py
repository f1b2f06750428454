"""Poses as numbers that can be compared: what gestures are taught with.

The gesture embedder's 128 numbers, at length one, proved best of what was compared on the sign-language digits (five
people's examples, other people's pictures, nearest example): among themselves it names 0.99 of the digits 3, 4 and 6 to
9 rightly, as directions of the bones do, and it rejects other shapes better than those, than positions of the points
about the wrist, angles of the joints, and distances of the fingertips. It is the same for a left and a right hand.

It is not the same for a hand that is turned in the image, as thumb up and thumb down are two gestures: turned by 15
degrees to the worse side a quarter of the hands are no longer recognised, by 30 degrees four fifths. An example is
therefore described as it is shown and turned by 15 and 30 degrees to both sides; then 0.9 and 0.8 are recognised.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gesture_perception.gesture_records import POSES
from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import WRIST
from perception_core.embedding_space import EmbeddingSpace
from perception_core.zoo.files import sha256_of
from perception_core.zoo.spec import FileSource, ModelSpec

DIMENSION = 128
TURNS_DEG = (0.0, -15.0, 15.0, -30.0, 30.0)
"""How the descriptions of an example are turned against what was shown."""

_PICTURE = (1024, 1024)  # any would do: where in a picture a hand is does not count for the embedder

Embeddings = NDArray[np.float32]
Embed = Callable[[Sequence[HandLandmarks], tuple[int, int]], Embeddings]

assert len(TURNS_DEG) == POSES


def described(hands: Sequence[HandLandmarks], embed: Embed) -> list[Embeddings]:
    """What is kept of hands that show a gesture.

    Args:
        hands: Their landmarks.
        embed: The gesture embedder.

    Returns:
        For every hand `POSES` x 128, each row of length one: as shown, then turned; a hand that cannot be described, as
        its points are no numbers, has none.
    """
    turned = [_turned(hand, math.radians(angle)) for hand in hands for angle in TURNS_DEG]
    rows: Embeddings = (
        unit_rows(embed(turned, _PICTURE)).reshape(-1, POSES, DIMENSION) if turned else np.empty((0, 1, 1), np.float32)
    )
    return [rows_of_one for rows_of_one in rows if np.isfinite(rows_of_one).all()]


def unit_rows(embeddings: Embeddings) -> Embeddings:
    """Nx128 at length one; NaN where a row has no length."""
    rows = np.asarray(embeddings, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    usable = np.isfinite(lengths) & (lengths > 0)
    return np.asarray(np.divide(rows, lengths, out=np.full_like(rows, np.nan), where=usable), np.float32)


def pose_space(spec: ModelSpec) -> EmbeddingSpace:
    """What an embedder's numbers can be compared with.

    Args:
        spec: Its entry in models.yaml.
    """
    hashes = {part: known or _own_file_sha256(spec) for part, known in spec.download.parts.items()}
    digest = hashlib.sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()[:16]
    return EmbeddingSpace(spec.name, DIMENSION, digest)


def _turned(hand: HandLandmarks, angle: float) -> HandLandmarks:
    """A hand turned about its wrist, clockwise in the image."""
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]], np.float32)
    points, metric = hand.points.copy(), hand.metric.copy()
    points[:, :2] = (points[:, :2] - points[WRIST, :2]) @ turn + points[WRIST, :2]
    metric[:, :2] = metric[:, :2] @ turn
    return replace(hand, points=points, metric=metric)


def _own_file_sha256(spec: ModelSpec) -> str:
    return next(sha256_of(source.path) for source in spec.download.sources if isinstance(source, FileSource))
