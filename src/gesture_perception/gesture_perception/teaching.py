"""Teaching what the camera sees: a service's thread asks and waits, the thread that works on frames gives the views.

The thread of the frames is never made to wait: what is long, describing, reading and writing, is done by the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_label import checked_label
from gesture_perception.gesture_records import Taught
from gesture_perception.hand import Hand, Side
from gesture_perception.pose_description import Embed, Embeddings, described
from gesture_perception.pose_gathering import PoseGathering, PoseView, TeachResult
from gesture_perception.taught_gestures import built_in_rival
from perception_core.gathering import BusyError, GatheringTurn, NoTurnError
from perception_core.private_store.errors import BadNameError, StoreError, StoreReadOnlyError

_LONGEST_S = 600.0

Finish = Callable[[], "TeachOutcome"]


@dataclass(frozen=True, slots=True)
class TeachPolicy:
    """How gestures are taught.

    Attributes:
        views: Of each, unless the request says another number.
        timeout_s: So long they are waited for, unless the request says another time.
        keep_lost_s: A hand that is not in view for so long has ended.
    """

    views: int = 5
    timeout_s: float = 15.0
    keep_lost_s: float = 0.7


@dataclass(frozen=True, slots=True)
class TeachRequest:
    """What to teach.

    Attributes:
        name: What the gesture is to be called; one that is known gets further examples.
        track_id: Whose hand shows it; 0 means the only one in view.
        views: How many views; 0 leaves it to the policy.
        timeout_s: How long to wait for them; 0, or what is no time, leaves it to the policy.
    """

    name: str
    track_id: int = 0
    views: int = 0
    timeout_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TeachOutcome:
    """What became of a request.

    Attributes:
        result: OK if the gesture is known now.
        rival: The gesture that is too close; empty otherwise.
        accepted: Examples that were stored.
        message: The result in words.
    """

    result: TeachResult
    rival: str = ""
    accepted: int = 0
    message: str = ""


class Teaching:
    """Teaches one gesture at a time from the live hands."""

    def __init__(self, gestures: GestureCollection, embed: Embed, policy: TeachPolicy) -> None:
        """Begins without a camera: everybody is refused until `camera_started`.

        Args:
            gestures: Where gestures are put.
            embed: The gesture embedder; is called by the threads of the requests.
            policy: How; may be replaced at any time, for the requests that follow.
        """
        self.policy = policy
        self._gestures, self._embed = gestures, embed
        self._turn: GatheringTurn[PoseGathering] = GatheringTurn()

    @property
    def state(self) -> str:
        """What goes on, in words."""
        with self._turn.views() as gathering:
            if gathering is None:
                return "idle"
            whose = f"hand {gathering.track_id}" if gathering.track_id else "no hand yet"
            return f"{len(gathering.views)} of {gathering.wanted} views of {whose}"

    def camera_started(self) -> None:
        """Frames come from now on."""
        self._turn.camera_started()

    def cancel(self) -> None:
        """No frames come any more; who waits is told at once."""
        self._turn.camera_stopped(
            lambda gathering: gathering.stop(TeachResult.TOO_FEW_VIEWS, "the camera was stopped: nothing was taught")
        )

    def look(self, hands: Sequence[Hand], poses: Mapping[int, PoseView], stamp_ns: int) -> None:
        """Takes in an image; returns at once.

        Args:
            hands: Those in view, bridged ones among them.
            poses: Of those that were found in this image and read, by their track's id.
            stamp_ns: When it was taken.
        """
        with self._turn.views() as gathering:
            if gathering is not None:
                visible = [hand.track_id for hand in hands]
                gathering.take(stamp_ns, visible, poses.get(gathering.whose(visible)))

    def __call__(self, request: TeachRequest) -> TeachOutcome:
        """Teaches a gesture; waits for the views and for the disk."""
        return self.begin(request)()

    def begin(self, request: TeachRequest) -> Finish:
        """Begins to gather views, unless the request can be refused already.

        Returns:
            What waits for the views, puts the gesture where it is kept and tells the outcome; has to be called, once.
        """
        try:
            name = checked_label(request.name)
            if not self._gestures.writable:
                path = self._gestures.path
                raise StoreReadOnlyError(f"{path} cannot be written; give this user the right to write it")
            policy = self.policy
            views = request.views or policy.views
            self._gestures.require_room(name, views)
        except StoreError as error:
            return partial(_failed, error)
        timeout_s = min(request.timeout_s, _LONGEST_S) if request.timeout_s > 0 else policy.timeout_s
        try:
            gathering = self._turn.begin(lambda: PoseGathering(request.track_id, views, policy.keep_lost_s))
        except NoTurnError as error:
            refusal = _without_turn(error)
            return lambda: refusal
        return partial(self._finish, name, gathering, timeout_s)

    def _finish(self, name: str, gathering: PoseGathering, timeout_s: float) -> TeachOutcome:
        try:
            self._turn.wait(gathering, timeout_s, lambda late: late.stop(*_too_late(late, timeout_s)))
            end = gathering.end
            assert end is not None
            if end.result is not TeachResult.OK:
                return TeachOutcome(end.result, message=end.message)
            examples = described([view.landmarks for view in gathering.views], self._embed)
            if not examples:
                return TeachOutcome(TeachResult.TOO_FEW_VIEWS, message="no view could be described: try again")
            return taught(self._gestures, name, gathering.views, examples)
        finally:
            self._turn.leave()  # not before the gesture is kept, where the next one is compared


def taught(
    gestures: GestureCollection,
    name: str,
    views: Sequence[PoseView],
    examples: Sequence[Embeddings],
    side: Side | None = None,
) -> TeachOutcome:
    """Puts examples where gestures are kept, unless they are too close to another gesture.

    Args:
        gestures: Where they are kept.
        name: Of the gesture.
        views: What was seen.
        examples: The same, described.
        side: Of the hands that count; None leaves it as it is.
    """
    try:
        gestures.refresh()
        rival = built_in_rival([view.gesture for view in views]) or gestures.index.rival(examples, name)
        if rival is not None:
            return TeachOutcome(
                TeachResult.TOO_CLOSE,
                rival,
                message=f"this pose cannot be told from {rival}: choose another, or, if that was taught, forget it",
            )
        stored = gestures.teach(name, examples, time.time_ns(), side)
    except StoreError as error:
        return _failed(error)
    return TeachOutcome(TeachResult.OK, accepted=stored.added, message=_told(stored, len(examples) - stored.added))


def _told(stored: Taught, known: int) -> str:
    """What was stored, in words; `known` is how many examples were there already."""
    new = f"{stored.added} new example{'s' * (stored.added != 1)}"
    if not known:
        return f"{stored.name} is taught with {new}"
    if not stored.added:
        return f"{stored.name} is known by {'this example' if known == 1 else f'these {known} examples'} already"
    return f"{stored.name} is taught with {new}; {known} {'was' if known == 1 else 'were'} there already"


def _without_turn(error: NoTurnError) -> TeachOutcome:
    if isinstance(error, BusyError):
        return TeachOutcome(TeachResult.BUSY, message="another gesture is being taught: try again")
    return TeachOutcome(
        TeachResult.NO_SUCH_HAND, message="the camera is not active, no hand is seen: activate the node"
    )


def _too_late(gathering: PoseGathering, timeout_s: float) -> tuple[TeachResult, str]:
    if not gathering.images:
        return TeachResult.TOO_FEW_VIEWS, f"no image came within {timeout_s:g} s"
    if not gathering.track_id:
        return TeachResult.NO_SUCH_HAND, f"no hand was in view for {timeout_s:g} s"
    often = f"; most often, {gathering.refused.most_common(1)[0][0]}" if gathering.refused else ""
    seen = f"{len(gathering.views)} of {gathering.wanted} good views were seen within {timeout_s:g} s"
    return TeachResult.TOO_FEW_VIEWS, f"{seen}{often}"


def _failed(error: StoreError) -> TeachOutcome:
    kind = TeachResult.BAD_NAME if isinstance(error, BadNameError) else TeachResult.STORE_FAILED
    return TeachOutcome(kind, message=str(error))
