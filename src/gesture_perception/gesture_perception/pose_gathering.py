"""Views of one live hand, gathered frame by frame to teach a gesture with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from gesture_perception.hand import Gesture, HandLandmarks
from gesture_perception.pose_description import Embeddings, unit_rows

_APART_NS = 250_000_000  # between two views: nearly the same picture twice says nothing new
_IN_SUCCESSION_NS = 400_000_000  # so long after another an image tells whether the hand moved
_STILL = 0.97  # cosine to the image before: fingers that move are below
_ONE_POSE = 0.8  # cosine to the mean of the views: other gestures are below
_THE_SAME_IMAGE = 1e-6
_OTHERS_IN_A_ROW = 2  # so many views of another pose and it is that which is meant: the hand was still on its way


class TeachResult(IntEnum):
    """How teaching ended; numbers and names are those of perception_msgs/TeachGesture."""

    OK = 0
    NO_SUCH_HAND = 1
    SEVERAL_HANDS = 2
    BAD_NAME = 3
    TOO_CLOSE = 4
    TOO_FEW_VIEWS = 5
    STORE_FAILED = 6
    BUSY = 7


@dataclass(frozen=True, slots=True, eq=False)
class PoseView:
    """A hand in one image.

    Attributes:
        landmarks: Its points.
        embedding: 128 numbers that describe its pose.
        gesture: What was read in it, without regard to what was taught.
    """

    landmarks: HandLandmarks
    embedding: Embeddings
    gesture: Gesture


@dataclass(frozen=True, slots=True)
class GatheringEnd:
    """Why no more views are gathered.

    Attributes:
        result: OK when there are enough.
        message: The same in words; empty when there are enough.
    """

    result: TeachResult
    message: str = ""


class PoseGathering:
    """The views of one hand until there are enough, or there is a reason to stop.

    Attributes:
        track_id: Whose; 0 as long as the only hand in view is meant and none was.
        wanted: How many views are enough.
        views: Those that are good.
        refused: How many views were refused, by the reason in words.
        end: None while it goes on.
    """

    def __init__(self, track_id: int, wanted: int, keep_lost_s: float) -> None:
        """Begins without a view.

        Args:
            track_id: Whose views; 0 means the only hand in view.
            wanted: How many views are enough.
            keep_lost_s: A hand that was named and is not in view for so long has ended.
        """
        self.track_id, self.wanted = track_id, wanted
        self.views: list[PoseView] = []
        self.refused: Counter[str] = Counter()
        self.end: GatheringEnd | None = None
        self._keep_lost_ns = keep_lost_s * 1e9
        self._must_be_alone = track_id == 0
        self._others: list[PoseView] = []
        self._before: tuple[int, Embeddings] | None = None
        self._stamp_ns: int | None = None
        self._seen_ns = 0
        self._taken_ns: int | None = None

    @property
    def images(self) -> bool:
        """Whether any image has come."""
        return self._stamp_ns is not None

    def take(self, stamp_ns: int, visible: Collection[int], view: PoseView | None) -> None:
        """Takes in an image.

        Args:
            stamp_ns: When it was taken.
            visible: Ids of the hands in view.
            view: Of the hand whose views are gathered; None where it was not found in this image.
        """
        if self.end is not None:
            return
        if self._stamp_ns is None:
            self._seen_ns = stamp_ns
        elif stamp_ns < self._stamp_ns:
            self.stop(TeachResult.NO_SUCH_HAND, "the time of the images went back, and all hands ended: try again")
            return
        self._stamp_ns = stamp_ns
        self._follow(stamp_ns, visible)
        if self.end is None and view is not None and np.isfinite(view.embedding).all():
            self._look(stamp_ns, view)

    def whose(self, visible: Collection[int]) -> int:
        """The hand of which a view is wanted in an image with these hands; 0 for none."""
        if self._must_be_alone:
            return next(iter(visible)) if len(visible) == 1 else 0
        return self.track_id

    def stop(self, result: TeachResult, message: str) -> None:
        """Ends it, unless it has ended before."""
        if self.end is None:
            self.end = GatheringEnd(result, message)

    def _follow(self, stamp_ns: int, visible: Collection[int]) -> None:
        if self._must_be_alone and len(visible) > 1:
            self.stop(
                TeachResult.SEVERAL_HANDS,
                f"{len(visible)} hands are in view: give the track_id of the one that is meant, or have only one seen",
            )
        elif self._must_be_alone and visible:
            (self.track_id,) = visible  # also one that was lost and has another id now: it has to show the same pose
        if self.track_id in visible:
            self._seen_ns = stamp_ns
        elif not self._must_be_alone and stamp_ns - self._seen_ns > self._keep_lost_ns:
            self.stop(TeachResult.NO_SUCH_HAND, f"no hand with the track_id {self.track_id} is in view")

    def _look(self, stamp_ns: int, view: PoseView) -> None:
        pose = unit_rows(view.embedding[None])[0]
        before, self._before = self._before, (stamp_ns, pose)
        if self._taken_ns is not None and stamp_ns - self._taken_ns < _APART_NS:
            return
        if before is None or stamp_ns - before[0] > _IN_SUCCESSION_NS:
            return  # the next image tells whether it is still
        likeness = float(pose @ before[1])
        if not likeness >= _STILL:
            self.refused["the hand moved: hold it still"] += 1
        elif likeness > 1 - _THE_SAME_IMAGE:
            self.refused["the image was the same as before"] += 1
        else:
            self._taken_ns = stamp_ns
            self._add(view, pose)

    def _add(self, view: PoseView, pose: Embeddings) -> None:
        if self.views and _likeness(pose, self.views) < _ONE_POSE:
            self.refused["it was another pose than before"] += 1
            self._others = [*(each for each in self._others if _likeness(pose, [each]) >= _ONE_POSE), view]
            if len(self._others) < _OTHERS_IN_A_ROW:
                return
            self.views = self._others
        else:
            self.views.append(view)
        self._others = []
        if len(self.views) >= self.wanted:
            self.end = GatheringEnd(TeachResult.OK)


def _likeness(pose: Embeddings, views: list[PoseView]) -> float:
    """Cosine to the mean of views."""
    mean = unit_rows(np.stack([view.embedding for view in views])).mean(axis=0)
    return float(mean @ pose) / float(np.linalg.norm(mean))
