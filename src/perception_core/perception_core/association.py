"""How well detections go with tracks, and who gets whom."""

from __future__ import annotations

from collections.abc import Sequence

import lap
import numpy as np

from perception_core.motion import COLUMN, ROW, SIZE, Floats, Mask, MotionFilters

_GATE = 18.5  # squared Mahalanobis distance that a right match of four quantities exceeds once in a thousand
# Cost of leaving a track and a detection alone; a match of a track long unseen may cost nearly as much.
_UNMATCHED = 22.0
_SAME_PLACE, _SAME_SIZE = 0.3, 0.4  # overlap and difference of log sizes at which no motion is too sudden for a match
_HIDING = 0.3  # share of a box that a nearer one covers when it may hide it
_COVERING = 0.15  # share from which on the rest is framed smaller and to the side
_TOUCHING = 0.1  # overlap of two tracks when a detection may be of either
_NEARER = 0.1  # difference of log sizes that makes one of two alike things nearer


def corners(position: Floats, log_aspect: Floats) -> Floats:
    """Boxes of filters or measurements.

    Args:
        position: Nx4, as `MotionFilters` has it.
        log_aspect: N logarithms of width / height.

    Returns:
        Nx4: left, top, right, bottom in pixels.
    """
    size, stretch = np.exp(position[:, SIZE]), np.exp(log_aspect / 2)
    half = np.stack([size * stretch, size / stretch], axis=1) / 2
    centre = position[:, [COLUMN, ROW]]
    return np.concatenate([centre - half, centre + half], axis=1)


def overlaps(some: Floats, others: Floats) -> tuple[Floats, Floats]:
    """How much boxes share.

    Args:
        some: Mx4 corners.
        others: Nx4 corners.

    Returns:
        MxN intersection over union; MxN intersection over the smaller of the two.
    """
    low = np.maximum(some[:, None, :2], others[None, :, :2])
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    area = (some[:, 2:] - some[:, :2]).prod(axis=1)[:, None]
    other_area = (others[:, 2:] - others[:, :2]).prod(axis=1)[None, :]
    return shared / (area + other_area - shared), shared / np.minimum(area, other_area)


def partly_covered(position: Floats, predicted: Floats) -> Mask:
    """Which tracks stand behind a nearer one in part: what is seen of them is a smaller box beside the true one.

    Args:
        position: Nx4, as `MotionFilters` has it.
        predicted: Nx4 corners of the tracks' boxes.

    Returns:
        N.
    """
    nearer = _nearer(position)
    if not nearer.any():
        return np.zeros(len(position), np.bool_)
    return np.asarray((nearer & (overlaps(predicted, predicted)[1] > _COVERING)).any(axis=0))


def _nearer(position: Floats) -> Mask:
    """NxN: the first is nearer than the second, for things of about one true size."""
    log_size = position[:, SIZE]
    return np.asarray(log_size[:, None] > log_size[None, :] + _NEARER)


def match_costs(filters: MotionFilters, predicted: Floats, measured: Floats, boxes: Floats, covered: Mask) -> Floats:
    """What it costs to give a detection to a track: twice the negative logarithm of its likelihood.

    Args:
        filters: Of N tracks.
        predicted: Nx4 corners of the tracks' boxes.
        measured: Mx4 measurements; an unknown distance is NaN.
        boxes: Mx4 corners of the detections' boxes.
        covered: N, from `partly_covered`.

    Returns:
        MxN; for `assigned`.
    """
    squared, volume = filters.deviations(measured, covered)
    overlap = overlaps(boxes, predicted)[0]
    unlike = np.abs(measured[:, None, SIZE] - filters.position[:, SIZE])
    possible = (squared < _GATE) | ((overlap > _SAME_PLACE) & (unlike < _SAME_SIZE))
    possible &= ~_of_who_hides(filters.position, predicted, unlike, possible)
    return np.where(possible, np.minimum(squared, _GATE) + volume, np.inf)


def _of_who_hides(position: Floats, predicted: Floats, unlike: Floats, possible: Mask) -> Mask:
    """MxN: detection m may be of a nearer track that hides n, and is more like that one than like n."""
    nearer = _nearer(position)
    if not nearer.any():
        return np.zeros_like(possible)
    hider, hidden = np.nonzero(nearer & (overlaps(predicted, predicted)[1] > _HIDING))
    likelier = possible[:, hider] & (unlike[:, hider] < unlike[:, hidden])
    taken = np.zeros_like(possible)
    for pair, track in enumerate(hidden):
        taken[:, track] |= likelier[:, pair]
    return taken


def assigned(cost: Floats, detections: Mask, without: Sequence[int] = ()) -> list[tuple[int, int]]:
    """The matches of least total cost.

    Args:
        cost: MxN from `match_costs`.
        detections: M; the detections to be given away.
        without: Tracks that are taken already.

    Returns:
        Pairs of track and detection.
    """
    columns = np.flatnonzero(detections)
    if not columns.size:
        return []
    free = np.ones(cost.shape[1], np.bool_)
    free[list(without)] = False
    rows = np.flatnonzero(free)
    if not rows.size:
        return []
    part = np.minimum(cost[np.ix_(columns, rows)], _UNMATCHED)
    chosen, _ = lap.lapjv(part, extend_cost=True, return_cost=False)
    return [
        (int(rows[row]), int(columns[column]))
        for column, row in enumerate(chosen)
        if row >= 0 and part[column, row] < _UNMATCHED
    ]


def doubtful(cost: Floats, predicted: Floats, pairs: Sequence[tuple[int, int]]) -> Mask:
    """Whether a match could as well be another track's: two that cross look like one for a while.

    Args:
        cost: MxN from `match_costs`.
        predicted: Nx4 corners of the tracks' boxes.
        pairs: Of track and detection.

    Returns:
        For each pair whether a track that lies over the matched one got nothing, but could have had the detection.
    """
    missed = np.ones(cost.shape[1], np.bool_)
    missed[[row for row, _ in pairs]] = False
    if not missed.any():
        return np.zeros(len(pairs), np.bool_)
    touching = overlaps(predicted, predicted)[0] > _TOUCHING
    rivals = [(missed & touching[row] & (cost[column] < np.inf)).any() for row, column in pairs]
    return np.array(rivals, np.bool_)


def distinct(covers: Mask) -> list[int]:
    """Indices of those of N things, best first, that no better one covers (NxN)."""
    kept: list[int] = []
    for index in range(len(covers)):
        if not covers[index, kept].any():
            kept.append(index)
    return kept
