"""Good views of one live face, gathered frame by frame to remember it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from face_perception.gallery import FaceView
from face_perception.liveness import Liveness

if TYPE_CHECKING:
    from face_perception.identification import Candidate

_APART_NS = 250_000_000  # between two views: nearly the same picture twice says nothing new
_UNLIKE_IN_A_ROW = 2  # one may be a hand before the face
_ANOTHER_FACE = "it was another face than before"


class EnrolResult(IntEnum):
    """How an enrolment ended; numbers and names are those of perception_msgs/Enroll."""

    OK = 0
    NO_SUCH_TRACK = 1
    SEVERAL_FACES = 2
    BAD_NAME = 3
    NAME_TAKEN = 4
    LOOKS_LIKE_OTHER = 5
    FLAT = 6
    TOO_FEW_VIEWS = 7
    STORE_FAILED = 8
    BUSY = 9


@dataclass(frozen=True, slots=True)
class GatheringEnd:
    """Why no more views are gathered.

    Attributes:
        result: OK when there are enough.
        message: The same in words; empty when there are enough.
    """

    result: EnrolResult
    message: str = ""


@dataclass(frozen=True, slots=True)
class GatheringTerms:
    """What is gathered.

    Attributes:
        views: So many.
        keep_lost_s: A track that is not in view for so long has ended.
        least_likeness: Cosine; a view that is less like the mean of those before is of somebody else.
        flat: Whether faces without relief are welcome.
    """

    views: int
    keep_lost_s: float
    least_likeness: float
    flat: bool = False


class ViewGathering:
    """The views of one face until there are enough, or there is a reason to stop.

    Attributes:
        track_id: Whose; 0 as long as the only face in view is meant and none is.
        views: Those that are good.
        refused: How many views were refused, by the reason in words.
        end: None while it goes on.
    """

    def __init__(self, track_id: int, terms: GatheringTerms) -> None:
        """Begins without a view.

        Args:
            track_id: Whose views; 0 means the only face in view.
            terms: What is gathered.
        """
        self.track_id = track_id
        self.terms = terms
        self.views: list[FaceView] = []
        self.refused: Counter[str] = Counter()
        self.end: GatheringEnd | None = None
        self._must_be_alone = track_id == 0
        self._unlike = 0
        self._stamp_ns: int | None = None
        self._seen_ns = 0
        self._looked_ns: int | None = None

    @property
    def images(self) -> bool:
        """Whether any image has come."""
        return self._stamp_ns is not None

    def wanted(self, visible: Collection[int]) -> Collection[int]:
        """The tracks of which a look is wanted in an image: one or none.

        Args:
            visible: Ids of the tracks in view.
        """
        if self.end is not None or not self._is_due():
            return ()
        if self._must_be_alone and not self.track_id and len(visible) == 1:
            return tuple(visible)
        return (self.track_id,) if self.track_id in visible else ()

    def take(self, stamp_ns: int, visible: Collection[int], candidates: Sequence[Candidate]) -> None:
        """Takes in an image.

        Args:
            stamp_ns: When it was taken.
            visible: Ids of the tracks in view.
            candidates: Looks at some of them.
        """
        if self.end is not None:
            return
        if self._stamp_ns is None:
            self._seen_ns = stamp_ns
        elif stamp_ns < self._stamp_ns:
            self.stop(EnrolResult.NO_SUCH_TRACK, "the time of the images went back, and all tracks ended: try again")
            return
        self._stamp_ns = stamp_ns
        self._follow(stamp_ns, visible)
        for candidate in candidates:
            if candidate.track_id == self.track_id and self.end is None and self._is_due():
                self._looked_ns = stamp_ns
                self._look(candidate)

    def stop(self, result: EnrolResult, message: str) -> None:
        """Ends it, unless it has ended before."""
        if self.end is None:
            self.end = GatheringEnd(result, message)

    def _is_due(self) -> bool:
        return self._looked_ns is None or (self._stamp_ns or 0) - self._looked_ns >= _APART_NS

    def _follow(self, stamp_ns: int, visible: Collection[int]) -> None:
        if self._must_be_alone and len(visible) > 1:
            self.stop(
                EnrolResult.SEVERAL_FACES,
                f"{len(visible)} faces are in view: give the track_id of the one that is meant, or have only one seen",
            )
        elif self._must_be_alone and not self.track_id and visible:
            (self.track_id,) = visible
        if self.track_id in visible:
            self._seen_ns = stamp_ns
        elif self.track_id and stamp_ns - self._seen_ns > self.terms.keep_lost_s * 1e9:
            self.stop(EnrolResult.NO_SUCH_TRACK, f"no face with the track_id {self.track_id} is in view")

    def _look(self, candidate: Candidate) -> None:
        if candidate.liveness is Liveness.FLAT and not self.terms.flat:
            self.stop(
                EnrolResult.FLAT,
                "the depth of this face is flat, as that of a photograph or a screen; enroll_flat allows it",
            )
        elif candidate.embedding is None:
            self.refused.update(refusal.value for refusal in candidate.view.quality.refusals)
        elif not self._is_alike(candidate):
            self.refused[_ANOTHER_FACE] += 1
            self._unlike += 1
            if self._unlike >= _UNLIKE_IN_A_ROW:
                self.stop(EnrolResult.NO_SUCH_TRACK, f"track {self.track_id} went over to another face: try again")
        else:
            self._unlike = 0
            self.views.append(FaceView(candidate.embedding.copy(), candidate.view.crop))
            if len(self.views) >= self.terms.views:
                self.end = GatheringEnd(EnrolResult.OK)

    def _is_alike(self, candidate: Candidate) -> bool:
        if not self.views:
            return True
        mean = np.mean([view.embedding for view in self.views], axis=0)
        likeness = float(mean @ candidate.embedding) / float(np.linalg.norm(mean))
        return likeness >= self.terms.least_likeness
