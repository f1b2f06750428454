"""What somebody does with one arm: it hangs, is raised, says something with the hand, and hangs again."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

from perception_core.frame import Point3
from perception_core.sources.scene_drawn_arm import Posture
from perception_core.sources.scene_hand_poses import CURLED, FIST, OPEN, POINTING, RELAXED, THUMB, VICTORY
from perception_core.sources.scene_hand_shape import HandPose, Triple, between
from perception_core.sources.scene_path import minimum_jerk

NOTHING = "None"  # as the gesture node calls a hand that shows nothing

# From the sellion, of an adult of 1.75 m, metres aside, down and back. Eyes are 0.19 m above the acromion, which is
# 0.20 m aside (A. Tilley, "The Measure of Man and Woman", 2002); the joint lies 40 mm below and 20 mm further in.
_SHOULDER = (0.18, 0.23, 0.09)
_HANGING = (0.05, 0.54, -0.04)  # the wrist from the shoulder: outwards, down, away
_HANGING_TURN: Triple = (60.0, 168.0, 0.0)
_STEPS_PER_TURN = 18  # of a movement to and fro: so many pictures are drawn of it
_EXACT = 6  # decimals; what is the same but for rounding is drawn once


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that a hand says.

    Attributes:
        gesture: By the name that the gesture node gives it.
        pose: Of the fingers.
        turn: Of the hand, degrees; see `scene_hand_shape.turned`.
        other: Of the fingers at the other end of a movement to and fro; None if they are held.
        sway: Likewise of the hand, degrees clockwise to either side.
        rate_hz: Movements to and fro per second.
    """

    gesture: str
    pose: HandPose
    turn: Triple
    other: HandPose | None = None
    sway: float = 0.0
    rate_hz: float = 5 / 3  # 18 frames at 30 Hz

    def leaning(self, degrees: float) -> Sign:
        """The same, with the fingers leaning outwards where the forearm does: a wrist bends little to a side."""
        own, forward, roll = self.turn
        return replace(self, turn=(own, forward, roll - degrees))

    def at(self, second: float) -> tuple[HandPose, Triple]:
        """Fingers and turn of the hand, so long after it began."""
        if self.other is None and self.sway == 0:
            return self.pose, self.turn
        phase = round((second * self.rate_hz) % 1 * _STEPS_PER_TURN) % _STEPS_PER_TURN / _STEPS_PER_TURN
        own, forward, roll = self.turn
        part = round(0.5 - 0.5 * math.cos(2 * math.pi * phase), _EXACT)
        pose = self.pose if self.other is None else between(self.pose, self.other, part)
        return pose, (own, forward, round(roll + self.sway * math.sin(2 * math.pi * phase), _EXACT))


PALM = Sign("Open_Palm", OPEN, (0.0, 5.0, 0.0))
CLOSED_FIST = Sign("Closed_Fist", FIST, (0.0, 5.0, 0.0))
POINTS_UP = Sign("Pointing_Up", POINTING, (0.0, 5.0, 0.0))
TWO_FINGERS = Sign("Victory", VICTORY, (0.0, 5.0, 0.0))
THUMBS_UP = Sign("Thumb_Up", THUMB, (20.0, 0.0, -80.0))
BECKON = Sign("Beckon", CURLED, (230.0, 5.0, 0.0), other=OPEN)  # raised and lowered open it would be a palm
WAVE = Sign("Wave", OPEN, (0.0, 5.0, 0.0), sway=24.0)
_HANGS = Sign(NOTHING, RELAXED, _HANGING_TURN)


@dataclass(frozen=True, slots=True)
class Turn:
    """A sign that is shown for some time.

    Attributes:
        start: Seconds since the scene began, when the hand has been raised.
        end: When it goes on to something else.
        sign: What is shown.
        wrist: Where, metres from the shoulder: outwards, down, away from the viewer.
    """

    start: float
    end: float
    sign: Sign
    wrist: Point3


@dataclass(frozen=True, slots=True)
class ArmScript:
    """What one arm does in a scene; it hangs where nothing is said, at the beginning and at the end.

    Attributes:
        right: Whether it is the person's own right arm.
        turns: One after the other; there is time between them for the way.
        raise_s: So long takes the way up from hanging, and down.
    """

    right: bool
    turns: tuple[Turn, ...]
    raise_s: float = 0.9

    def gesture(self, second: float) -> str:
        """What is shown now; None, by that name, while it hangs or is on its way."""
        return next((turn.sign.gesture for turn in self.turns if turn.start <= second < turn.end), NOTHING)

    def wrist(self, second: float) -> Point3:
        """Metres from the owner's sellion: right and down as the viewer sees them, and away."""
        outwards, down, away = self._at(second)[0]
        aside, below, behind = _SHOULDER
        x = aside + outwards
        return (-x if self.right else x), below + down, behind + away

    def posture(self, second: float) -> Posture:
        """How the arm is held."""
        (outwards, down, away), pose, turn = self._at(second)
        inwards = outwards if self.right else -outwards
        return Posture((inwards, -down, -away), turn, pose, self.right)

    def _at(self, second: float) -> tuple[Point3, HandPose, Triple]:
        """Wrist from the shoulder, fingers, and turn of the hand."""
        for before, after in itertools.pairwise(self._stops()):
            if before.start <= second < before.end:
                return before.wrist, *before.sign.at(second - before.start)
            if before.end <= second < after.start:
                part = round(minimum_jerk((second - before.end) / (after.start - before.end)), _EXACT)
                return _on_the_way(before, after, part)
        return _HANGING, *_HANGS.at(0.0)

    def _stops(self) -> list[Turn]:
        """The turns, and between those that are far apart the arm hangs."""
        first, last = self.turns[0], self.turns[-1]
        stops = [Turn(-math.inf, first.start - self.raise_s, _HANGS, _HANGING), first]
        for before, after in itertools.pairwise(self.turns):
            if after.start - before.end > 2 * self.raise_s:
                stops.append(Turn(before.end + self.raise_s, after.start - self.raise_s, _HANGS, _HANGING))
            stops.append(after)
        return [*stops, Turn(last.end + self.raise_s, math.inf, _HANGS, _HANGING)]


def _on_the_way(before: Turn, after: Turn, part: float) -> tuple[Point3, HandPose, Triple]:
    pose, turn = before.sign.at(before.end - before.start)
    next_pose, next_turn = after.sign.at(0.0)
    return (
        _mixed(before.wrist, after.wrist, part),
        between(pose, next_pose, part),
        _mixed(turn, next_turn, part),
    )


def _mixed(start: Triple, end: Triple, part: float) -> Triple:
    a, b, c = (x + part * (y - x) for x, y in zip(start, end, strict=True))
    return a, b, c
