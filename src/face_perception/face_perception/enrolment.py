"""Enrolling whom the camera sees: a service's thread asks and waits, the thread that works on frames gives the views.

The thread of the frames is never made to wait: what is long, reading and writing the gallery, is done by the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_errors import BadNameError, GalleryError, GalleryReadOnlyError, NameTakenError
from face_perception.identity_threshold import Threshold, identity_threshold
from face_perception.likeness import least_of_one_track, rival_of
from face_perception.view_gathering import EnrolResult, GatheringTerms, ViewGathering
from perception_core.gathering import BusyError, GatheringTurn, NoTurnError
from perception_core.private_store.names import checked_name, name_key

if TYPE_CHECKING:
    from face_perception.identification import Candidate

_LONGEST_S = 600.0

Finish = Callable[[], "Outcome"]


@dataclass(frozen=True, slots=True)
class EnrolPolicy:
    """How people are enrolled.

    Attributes:
        views: Good views of each, unless the request says another number.
        timeout_s: So long they are waited for, unless the request says another time.
        flat: Whether a photograph or a screen may be enrolled.
        strangers: Share of strangers that may be taken for somebody enrolled, above 0 to 1.
        keep_lost_s: A track that is not in view for so long has ended.
    """

    views: int = 5
    timeout_s: float = 15.0
    flat: bool = False
    strangers: float = 0.01
    keep_lost_s: float = 1.25


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """Whom to enrol.

    Attributes:
        name: What the person is to be called.
        track_id: Whose face it is; 0 means the only one in view.
        views: How many good views; 0 leaves it to the policy.
        timeout_s: How long to wait for them; 0, or what is no time, leaves it to the policy.
        even_if_alike: Whether who looks like somebody in the gallery is welcome, as twins are.
    """

    name: str
    track_id: int = 0
    views: int = 0
    timeout_s: float = 0.0
    even_if_alike: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request.

    Attributes:
        result: OK if the person is in the gallery now.
        person_id: Of the person, or of the one who is in the way; empty when neither.
        accepted: Views that were stored.
        refused: Why views were refused, the most frequent reason first.
        message: The result in words.
    """

    result: EnrolResult
    person_id: str = ""
    accepted: int = 0
    refused: tuple[str, ...] = ()
    message: str = ""


class Enrolment:
    """Enrols one person at a time from the live tracks."""

    def __init__(self, gallery: Gallery, table: Mapping[int, float], policy: EnrolPolicy) -> None:
        """Begins without a camera: everybody is refused until `camera_started`.

        Args:
            gallery: Where people are put.
            table: Thresholds of the embedder; see `identity_threshold`.
            policy: How; may be replaced at any time, for the requests that follow.
        """
        self.policy = policy
        self._gallery = gallery
        self._table = table
        self._turn: GatheringTurn[ViewGathering] = GatheringTurn()

    @property
    def threshold(self) -> Threshold:
        """How alike a face must be to somebody in the gallery, as it is now, to be named."""
        index = self._gallery.index
        return identity_threshold(len(index.people), self.policy.strangers, self._table, index.views_per_person)

    @property
    def state(self) -> str:
        """What goes on, in words, without a name."""
        with self._turn.views() as gathering:
            if gathering is None:
                return "idle"
            whose = f"track {gathering.track_id}" if gathering.track_id else "nobody yet"
            return f"{len(gathering.views)} of {gathering.terms.views} views of {whose}"

    def camera_started(self) -> None:
        """Frames come from now on."""
        self._turn.camera_started()

    def cancel(self, why: str = "the camera was stopped") -> None:
        """No frames come any more; who waits is told at once.

        Args:
            why: For the answer.
        """
        self._turn.camera_stopped(
            lambda gathering: gathering.stop(EnrolResult.TOO_FEW_VIEWS, f"{why}: nobody was enrolled")
        )

    def wanted(self, visible: Collection[int]) -> Collection[int]:
        """The tracks of which a look is wanted in the image at hand; returns at once.

        Args:
            visible: Ids of the tracks in view.
        """
        with self._turn.views() as gathering:
            return gathering.wanted(visible) if gathering is not None else ()

    def take(self, stamp_ns: int, visible: Collection[int], candidates: Sequence[Candidate]) -> None:
        """Takes in an image, also one without a look; returns at once.

        Args:
            stamp_ns: When it was taken.
            visible: Ids of the tracks in view.
            candidates: Looks at some of them.
        """
        with self._turn.views() as gathering:
            if gathering is not None:
                gathering.take(stamp_ns, visible, candidates)

    def __call__(self, request: EnrolRequest) -> Outcome:
        """Enrols somebody; waits for the views and for the disk."""
        return self.begin(request)()

    def begin(self, request: EnrolRequest) -> Finish:
        """Begins to gather views, unless the request can be refused already.

        Returns:
            What waits for the views, puts the person into the gallery and tells the outcome; has to be called, once.
        """
        try:
            name = checked_name(request.name)
            self._gallery.refresh()
            self._check(name)
        except GalleryError as error:
            return partial(_failed, error, ())
        policy = self.policy
        terms = GatheringTerms(
            request.views or policy.views, policy.keep_lost_s, least_of_one_track(self._table), policy.flat
        )
        timeout_s = min(request.timeout_s, _LONGEST_S) if request.timeout_s > 0 else policy.timeout_s
        try:
            gathering = self._turn.begin(lambda: ViewGathering(request.track_id, terms))
        except NoTurnError as error:
            refusal = _without_turn(error)
            return lambda: refusal
        return partial(self._finish, replace(request, name=name), gathering, timeout_s)

    def _check(self, name: str) -> None:
        """Refuses what cannot end well, before anybody has to stand still."""
        key = name_key(name)
        for person in self._gallery.index.people.values():
            if name_key(person.name) == key:
                raise NameTakenError(
                    f"{person.name} is already in the gallery (id {person.id}): choose another name, or, if it is the "
                    "same person, forget that entry and enrol anew",
                    person.id,
                )
        if not self._gallery.writable:
            raise GalleryReadOnlyError(f"{self._gallery.path} cannot be written; give this user the right to write it")

    def _finish(self, request: EnrolRequest, gathering: ViewGathering, timeout_s: float) -> Outcome:
        try:
            self._turn.wait(gathering, timeout_s, lambda late: late.stop(*_too_late(late, timeout_s)))
            end = gathering.end
            assert end is not None
            refused = tuple(reason for reason, _ in gathering.refused.most_common())
            if end.result is not EnrolResult.OK:
                return Outcome(end.result, refused=refused, message=end.message)
            return self._stored(request, gathering.views, refused)
        finally:
            self._turn.leave()  # not before the person is in the gallery, where the next one is compared

    def _stored(self, request: EnrolRequest, views: Sequence[FaceView], refused: tuple[str, ...]) -> Outcome:
        name = request.name
        mean = np.stack([view.embedding for view in views]).mean(axis=0)
        try:
            self._gallery.refresh()
            rival = rival_of(mean, self._gallery.index, self._table)
            if rival is not None and not request.even_if_alike:
                return Outcome(
                    EnrolResult.LOOKS_LIKE_OTHER,
                    rival.person.id,
                    refused=refused,
                    message=f"this face looks like {rival.person.name} (id {rival.person.id}, similarity "
                    f"{rival.similarity:.2f}): if it is the same person, rename that entry, or forget it first; if "
                    "not, as with twins, even_if_alike (--force on the command line) enrols both",
                )
            person = self._gallery.enrol(name, views, time.time_ns())
        except GalleryError as error:
            return _failed(error, refused)
        return Outcome(EnrolResult.OK, person.id, len(views), refused, f"{name} is enrolled with {len(views)} views")


def _without_turn(error: NoTurnError) -> Outcome:
    if isinstance(error, BusyError):
        return Outcome(EnrolResult.BUSY, message="somebody else is being enrolled: try again")
    return Outcome(EnrolResult.NO_SUCH_TRACK, message="the camera is not active, nobody is seen: activate the node")


def _too_late(gathering: ViewGathering, timeout_s: float) -> tuple[EnrolResult, str]:
    if not gathering.images:
        return EnrolResult.TOO_FEW_VIEWS, f"no image came within {timeout_s:g} s"
    if not gathering.track_id:
        return EnrolResult.NO_SUCH_TRACK, f"nobody was in view for {timeout_s:g} s"
    often = f"; most often, {gathering.refused.most_common(1)[0][0]}" if gathering.refused else ""
    seen = f"{len(gathering.views)} of {gathering.terms.views} good views were seen within {timeout_s:g} s"
    return EnrolResult.TOO_FEW_VIEWS, f"{seen}{often}"


def _failed(error: GalleryError, refused: tuple[str, ...]) -> Outcome:
    if isinstance(error, BadNameError):
        return Outcome(EnrolResult.BAD_NAME, refused=refused, message=str(error))
    if isinstance(error, NameTakenError):
        return Outcome(EnrolResult.NAME_TAKEN, error.person_id, refused=refused, message=str(error))
    return Outcome(EnrolResult.STORE_FAILED, refused=refused, message=str(error))
