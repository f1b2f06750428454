"""The movements by which a hand says something: waving, beckoning, swiping, pushing away."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gesture_perception.hand import NO_GESTURE, NOT_EXAMINED, Gesture, Origin
from gesture_perception.motion_rules import (
    BECKON,
    WAVE,
    BeckonRule,
    PushRule,
    SingleStroke,
    StrokeRule,
    WaveRule,
    beckons,
    push,
    swipe,
    waves,
)
from gesture_perception.motion_window import STEP_S, MotionSample, MotionWindow, Movement
from perception_core.stamps import JUMP_BACK_NS

_NOTHING = Gesture(NO_GESTURE, 1.0)


@dataclass(frozen=True, slots=True)
class MotionRules:
    """What counts as which movement.

    Attributes:
        wave: To and fro, sideways.
        beckon: To and fro, towards the person.
        swipe: One stroke across the image.
        push: One stroke towards the camera.
        shown_s: A single stroke is reported for so long from when it is recognised.
        return_s: A stroke back within this time after a swipe is the hand's return.
        gone_s: A hand not seen for so long in a stroke has left with it.
    """

    wave: WaveRule = field(default_factory=WaveRule)
    beckon: BeckonRule = field(default_factory=BeckonRule)
    swipe: StrokeRule = field(default_factory=StrokeRule)
    push: PushRule = field(default_factory=PushRule)
    shown_s: float = 0.4
    return_s: float = 1.5
    gone_s: float = 0.12


class HandMotions:
    """The movements of one hand.

    Swipe_Left goes towards the person's own left, which is to the right in the image of a camera that looks at them, if
    that is not mirrored; Swipe_Right likewise. The robot's own turning moves all hands in the image: look at no motions
    while it turns quickly.
    """

    def __init__(self, rules: MotionRules | None = None) -> None:
        """Begins with nothing seen."""
        self._rules = rules or MotionRules()
        self._window = MotionWindow()
        self.reset()

    def reset(self) -> None:
        """Forgets all that was seen."""
        self._window.reset()
        self._stamp_ns: int | None = None
        self._shown = NOT_EXAMINED
        self._until_ns = 0
        self._last: SingleStroke | None = None
        self._last_end_ns = 0

    def update(self, sample: MotionSample | None, stamp_ns: int) -> Gesture:
        """Takes in what an image shows of the hand.

        Args:
            sample: None where the hand was not found, which is not taken for a stop.
            stamp_ns: When the image was taken. A jump back by more than 0.1 s begins anew; less is a late image, which
                is ignored.

        Returns:
            The movement that goes on, or a single stroke for a while after its end; None (the label) where there is
            neither, and NOT_EXAMINED as long as the hand has not been seen.
        """
        if self._stamp_ns is not None and stamp_ns <= self._stamp_ns:
            if self._stamp_ns - stamp_ns <= JUMP_BACK_NS:
                return self._shown
            self.reset()
        self._stamp_ns = stamp_ns
        if sample is not None and _usable(sample):
            self._window.add(sample, stamp_ns)
        if self._window.last_ns is None:
            return NOT_EXAMINED
        self._shown = self._judged(stamp_ns)
        return self._shown

    def _judged(self, stamp_ns: int) -> Gesture:
        missed_s = (stamp_ns - (self._window.last_ns or stamp_ns)) / 1e9
        gone = missed_s >= self._rules.gone_s
        movement = self._window.movement() if missed_s == 0 or gone else None
        if movement is not None:
            repeated = self._repeated(movement, missed_s)
            if repeated is not None:
                return repeated
            single = self._single(movement, stamp_ns - round(missed_s * 1e9), gone=gone)
            if single is not None:
                self._last = single
                self._until_ns = stamp_ns + round(self._rules.shown_s * 1e9)
        if self._last is not None and stamp_ns < self._until_ns:
            return Gesture(self._last.label, self._last.score, Origin.MOTION)
        if missed_s > 0 and not gone and self._shown.label in (WAVE, BECKON):
            return self._shown
        return _NOTHING

    def _repeated(self, movement: Movement, missed_s: float) -> Gesture | None:
        if missed_s > 0:
            return None
        was = self._shown.label
        scores = {
            WAVE: waves(movement, self._rules.wave, already=was == WAVE),
            BECKON: beckons(movement, self._rules.beckon, already=was == BECKON),
        }
        label = max(scores, key=lambda each: scores[each])
        return Gesture(label, scores[label], Origin.MOTION) if scores[label] > 0 else None

    def _single(self, movement: Movement, newest_ns: int, *, gone: bool) -> SingleStroke | None:
        """A stroke that has ended and was not reported before, unless it only takes the hand back."""
        found = push(movement, self._rules.push, gone=gone) or swipe(movement, self._rules.swipe, gone=gone)
        if found is None:
            return None
        steps = len(movement.extension) - 1
        start_ns = newest_ns - round((steps - found.stroke.start) * STEP_S * 1e9)
        end_ns = newest_ns - round((steps - found.stroke.end) * STEP_S * 1e9)
        if self._last is not None:
            since_s = (start_ns - self._last_end_ns) / 1e9
            same = len(self._last.stroke.way) == len(found.stroke.way)
            back = same and found.stroke.against(self._last.stroke)
            if since_s < 0 or (back and since_s < self._rules.return_s):
                return None
        self._last_end_ns = end_ns
        return found


def _usable(sample: MotionSample) -> bool:
    """Whether all is known but the distance, which may be unknown."""
    numbers = (
        *sample.palm,
        *sample.tips,
        sample.pixels_per_metre,
        sample.extension,
        sample.index_extension,
        sample.raised,
        sample.facing,
        sample.palm_up,
    )
    return sample.pixels_per_metre > 0 and all(map(math.isfinite, numbers))
