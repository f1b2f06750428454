"""A hand as anatomy has it on average, for sequences that need no real one."""

from __future__ import annotations

import numpy as np

from benchmarks.harness.motion_sequences import Floats, HandShape, curled

_ROOTS = np.array([[0.022, -0.028], [0.028, -0.088], [0.004, -0.09], [-0.018, -0.084], [-0.036, -0.072]])
_WAYS = np.array([[0.62, -0.78], [0.17, -0.985], [0.0, -1.0], [-0.14, -0.99], [-0.3, -0.954]])
_LINKS = np.array(
    [[0.04, 0.03, 0.025], [0.04, 0.024, 0.02], [0.044, 0.028, 0.021], [0.041, 0.026, 0.021], [0.032, 0.019, 0.018]]
)
_AT_REST = 0.2  # nobody stretches his fingers quite; so the networks find them, too


def model_hand(right: bool = True) -> HandShape:
    """An open hand, upright, with its palm to the camera; metres."""
    points: list[Floats] = [np.zeros(3)]
    for root, way, links in zip(_ROOTS, _WAYS, _LINKS, strict=True):
        along = np.concatenate([[0.0], np.cumsum(links)])
        points += list(np.column_stack([root + along[:, None] * way, np.zeros(4)]))
    metric = curled(np.array(points), _AT_REST) * [1.0 if right else -1.0, 1.0, 1.0]
    return HandShape(metric - metric.mean(axis=0), right)
