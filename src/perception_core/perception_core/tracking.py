"""Which detection belongs to whom: identities that survive misses, crossings and occlusions.

Confident detections are given to tracks first, doubtful ones to those left over (the idea of ByteTrack: Zhang et al.,
ECCV 2022): a doubtful one may continue a track, but not start one.
"""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from perception_core.association import assigned, corners, distinct, doubtful, match_costs, overlaps, partly_covered
from perception_core.geometry import Box
from perception_core.motion import Floats, Mask, MotionFilters
from perception_core.stamps import JUMP_BACK_NS

T = TypeVar("T")

_DUPLICATE = 0.5  # overlap of two boxes of one thing
_INSIDE = 0.8  # share of the smaller box that lies in the other: a part of the same thing
_TENTATIVE_NS = 500_000_000  # a doubtful newcomer must be seen again within this time
_LONG_MISS_NS = 200_000_000  # who was away for longer may have changed places with somebody
_ASPECT_GAIN = 0.3
_LEAST_PX, _MOST_PX = 0.1, 1e6  # a box beyond these is a broken number
_LEAST_M, _MOST_M = 1e-3, 1e4

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Observation(Generic[T]):
    """A detection in one frame.

    Attributes:
        box: Where it is, pixels.
        score: How sure the detector is, 0 to 1.
        distance: Metres; None if unknown.
        payload: Whatever shall travel along, such as keypoints.
    """

    box: Box
    score: float
    distance: float | None
    payload: T


@dataclass(frozen=True, slots=True)
class Track(Generic[T]):
    """One thing over time, as of one frame.

    Attributes:
        id: Positive; never used again by the same tracker.
        box: Filtered, or predicted where there was no detection; pixels.
        last: The last detection.
        last_seen_ns: Stamp of the last detection.
        stamp_ns: Stamp of the frame.
        seen: Whether it was detected in this frame.
        in_doubt: Whether the detection of this frame may be of another thing: the track had been missed for a while, or
            crosses another.
    """

    id: int
    box: Box
    last: Observation[T]
    last_seen_ns: int
    stamp_ns: int
    seen: bool
    in_doubt: bool = False

    @property
    def observation(self) -> Observation[T] | None:
        """The detection in this frame; None if the box is only predicted."""
        return self.last if self.seen else None

    @property
    def missed_s(self) -> float:
        """Seconds since the last detection."""
        return (self.stamp_ns - self.last_seen_ns) / 1e9


@dataclass(slots=True)
class _Record(Generic[T]):
    """What the filters do not hold; in the same order as their rows."""

    id: int | None  # None as long as it may be noise
    last: Observation[T]
    last_seen_ns: int
    log_aspect: float
    seen: bool = True
    in_doubt: bool = False

    def see(self, observation: Observation[T], stamp_ns: int, *, in_doubt: bool) -> None:
        self.in_doubt = in_doubt or stamp_ns - self.last_seen_ns > _LONG_MISS_NS
        self.log_aspect += _ASPECT_GAIN * (_log_aspect(observation.box) - self.log_aspect)
        self.last, self.last_seen_ns, self.seen = observation, stamp_ns, True


@dataclass(frozen=True, slots=True)
class _Detections(Generic[T]):
    """Observations beside what is computed of them: Nx4 measurements, Nx4 corners of the boxes."""

    observations: list[Observation[T]]
    measured: Floats
    boxes: Floats

    def chosen(self, indices: list[int]) -> _Detections[T]:
        return _Detections([self.observations[index] for index in indices], self.measured[indices], self.boxes[indices])


class Tracker(Generic[T]):
    """Gives detections identities; not safe to use from several threads.

    Args:
        max_missed_s: How long a thing that is not detected keeps its identity, seconds.
        sure_score: A newcomer with this score is tracked at once; a lower one when it is seen again.
        score: A lower score starts no track.
        low_score: A lower score is not looked at.
        notify: Told, once for each reason, why all tracks ended although time did not simply pass.
        ids: The next ones; None begins with 1.
    """

    def __init__(
        self,
        max_missed_s: float = 1.25,
        sure_score: float = 0.8,
        score: float = 0.6,
        low_score: float = 0.3,
        notify: Callable[[str], None] = _LOGGER.warning,
        *,
        ids: Iterator[int] | None = None,
    ) -> None:
        if not (max_missed_s > 0 and 0 <= low_score <= score <= sure_score):
            raise ValueError(
                f"a tracker needs max_missed_s > 0 and 0 <= low_score <= score <= sure_score, got "
                f"max_missed_s={max_missed_s}, low_score={low_score}, score={score}, sure_score={sure_score}"
            )
        self._max_missed_ns = round(max_missed_s * 1e9)
        self._sure_score, self._score, self._low_score = sure_score, score, low_score
        self._notify = notify
        self._told: set[str] = set()
        self._ids = ids or itertools.count(1)
        self._filters = MotionFilters()
        self._records: list[_Record[T]] = []
        self._stamp_ns: int | None = None

    def reset(self) -> None:
        """Ends all tracks; identities are still not used again."""
        self._filters = MotionFilters()
        self._records = []
        self._stamp_ns = None

    @property
    def undecided(self) -> list[Box]:
        """Where the last frame had doubtful newcomers, which become tracks when they are seen again."""
        return [record.last.box for record in self._records if record.id is None and record.seen]

    def update(self, observations: Sequence[Observation[T]], stamp_ns: int) -> list[Track[T]]:
        """Takes in the detections of a frame; none if the detector did not run.

        Args:
            observations: In any order. Boxes that are empty or not finite are ignored.
            stamp_ns: When the frame was taken. If it lies more than 0.1 s back, all tracks end; less, the frame counts
                as taken at the time of the newest.

        Returns:
            All tracks that are alive, by identity; those not detected for at most `max_missed_s` are predicted.
        """
        stamp_ns = self._advance(stamp_ns)
        found = self._usable(observations)
        left = self._continue(found, stamp_ns)
        if left:
            self._start(found.chosen(left), stamp_ns)
        return sorted(self._tracks(stamp_ns), key=lambda track: track.id)

    def _advance(self, stamp_ns: int) -> int:
        """Moves the tracks to the time of the frame, and ends those that are missed for too long."""
        last = self._stamp_ns
        if last is not None and stamp_ns < last - JUMP_BACK_NS:
            self._tell("back", f"Time went back by {(last - stamp_ns) / 1e9:.3f} s: all tracks end and start anew.")
            self.reset()
            last = None
        if last is not None and stamp_ns - last > self._max_missed_ns and self._records:
            self._tell("gap", f"No frame for {(stamp_ns - last) / 1e9:.3f} s: all tracks end.")
        self._stamp_ns = stamp_ns if last is None else max(last, stamp_ns)
        self._drop([record for record in self._records if not self._expired(record, self._stamp_ns)])
        if self._records and last is not None:
            seen = np.array([record.seen for record in self._records])
            self._filters.predict((self._stamp_ns - last) / 1e9, seen)
        for record in self._records:
            record.seen = record.in_doubt = False
        return self._stamp_ns

    def _tell(self, reason: str, text: str) -> None:
        if reason not in self._told:
            self._told.add(reason)
            self._notify(text)

    def _expired(self, record: _Record[T], stamp_ns: int) -> bool:
        allowed_ns = self._max_missed_ns if record.id is not None else min(self._max_missed_ns, _TENTATIVE_NS)
        return stamp_ns - record.last_seen_ns > allowed_ns

    def _drop(self, kept: list[_Record[T]]) -> None:
        if len(kept) < len(self._records):
            alive = {id(record) for record in kept}
            self._filters.keep(np.array([id(record) in alive for record in self._records]))
            self._records = kept

    def _usable(self, observations: Sequence[Observation[T]]) -> _Detections[T]:
        """Best first, without broken boxes and without duplicates."""
        plausible = [one for one in observations if one.score >= self._low_score and _plausible(one.box)]
        plausible.sort(key=lambda observation: observation.score, reverse=True)
        found = _detections(plausible)
        if len(plausible) < 2:
            return found
        return found.chosen(distinct(overlaps(found.boxes, found.boxes)[0] > _DUPLICATE))

    def _continue(self, found: _Detections[T], stamp_ns: int) -> list[int]:
        """Continues tracks by the detections that belong to them; returns the indices of those left over."""
        left = set(range(len(found.observations)))
        if not left or not self._records:
            return list(left)
        predicted = self._predicted_corners()
        covered = partly_covered(self._filters.position, predicted)
        cost = match_costs(self._filters, predicted, found.measured, found.boxes, covered)
        confident = np.array([observation.score >= self._score for observation in found.observations])
        pairs = assigned(cost, confident)
        pairs += assigned(cost, ~confident, without=[row for row, _ in pairs])
        rows = [row for row, _ in pairs]
        rivals = doubtful(cost, predicted, pairs)
        self._filters.correct(rows, found.measured[[column for _, column in pairs]], covered[rows] | rivals)
        for (row, column), rival in zip(pairs, rivals.tolist(), strict=True):
            self._records[row].see(found.observations[column], stamp_ns, in_doubt=rival)
            if self._records[row].id is None:
                self._records[row].id = next(self._ids)
        return sorted(left - {column for _, column in pairs})

    def _start(self, found: _Detections[T], stamp_ns: int) -> None:
        """Starts tracks for confident detections, unless they lie on a track or on each other."""
        confident = [index for index, one in enumerate(found.observations) if one.score >= self._score]
        if not confident:
            return
        found = found.chosen(confident)
        # A part of a face can be found beside the face only; where a near face was lost, a small one is another's.
        seen = np.array([record.seen for record in self._records], np.bool_)
        known = _same(found.boxes, self._predicted_corners(), seen).any(axis=1)
        found = found.chosen(np.flatnonzero(~known).tolist())
        found = found.chosen(distinct(_same(found.boxes, found.boxes, np.ones(len(found.boxes), np.bool_))))
        self._filters.add(found.measured)
        for observation in found.observations:
            identity = next(self._ids) if observation.score >= self._sure_score else None
            self._records.append(_Record(identity, observation, stamp_ns, _log_aspect(observation.box)))

    def _predicted_corners(self) -> Floats:
        return corners(self._filters.position, np.array([record.log_aspect for record in self._records], np.float64))

    def _tracks(self, stamp_ns: int) -> list[Track[T]]:
        tracks = []
        for record, (left, top, right, bottom) in zip(self._records, self._predicted_corners().tolist(), strict=True):
            if record.id is not None:
                box = Box(left, top, right - left, bottom - top)
                seen_ns = record.last_seen_ns
                tracks.append(Track(record.id, box, record.last, seen_ns, stamp_ns, record.seen, record.in_doubt))
        return tracks


def _same(some: Floats, others: Floats, seen: Mask) -> Mask:
    """Of each pair of boxes, whether they are of one thing or, if the other is seen, of a thing and a part of it."""
    overlap, inside = overlaps(some, others)
    return np.asarray((overlap > _DUPLICATE) | ((inside > _INSIDE) & seen))


def _log_aspect(box: Box) -> float:
    return math.log(box.width / box.height)


def _detections(observations: list[Observation[T]]) -> _Detections[T]:
    rows = [(*one.box.centre, 0.5 * math.log(one.box.area), _log_distance(one.distance)) for one in observations]
    measured = np.array(rows, np.float64).reshape(-1, 4)
    aspects = np.array([_log_aspect(one.box) for one in observations], np.float64)
    return _Detections(observations, measured, corners(measured, aspects))


def _log_distance(distance: float | None) -> float:
    return math.log(distance) if distance is not None and _LEAST_M < distance < _MOST_M else math.nan


def _plausible(box: Box) -> bool:
    return (
        abs(box.x) < _MOST_PX
        and abs(box.y) < _MOST_PX
        and all(_LEAST_PX < side < _MOST_PX for side in (box.width, box.height))
    )
