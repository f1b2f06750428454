"""What movement a hand makes, from what it did in the last second and a half.

Wave and beckon are to and fro, and are seen while they go on; swipes and pushes are single strokes, and are seen when
they are over: only the stop tells a swipe from the first swing of a wave, and what comes before it tells it from hands
that talk. All lengths are metres at the hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gesture_perception.motion_window import STEP_S, Movement, quantile
from gesture_perception.strokes import Stroke, Swing, strokes, swings

Floats = NDArray[np.float64]

WAVE, BECKON, PUSH_AWAY = "Wave", "Beckon", "Push_Away"
SWIPE_LEFT, SWIPE_RIGHT, SWIPE_UP, SWIPE_DOWN = "Swipe_Left", "Swipe_Right", "Swipe_Up", "Swipe_Down"

_OPEN, _FLAT = 0.8, 0.83  # extension of a hand that waves or pushes, and of one that swipes; see `MotionSample`
_ALONG_ONE_AXIS = 0.7  # of a way in two dimensions, at least: 1 / sqrt(2)
_RARELY, _AT_TIMES, _HALF = 0.1, 0.3, 0.5  # quantiles: so much of the time a hand may look otherwise

# What has begun goes on with less.
_GOES_ON_HEIGHT = 0.6  # times the height of a swing
_GOES_ON_SECONDS = 1.3  # times the slowest
_EASE = 0.3  # off the cosines of a hand's position
_EASE_OPEN = 0.1  # off the extension
_EASE_RISE = 0.4


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How somebody moves to and fro on purpose.

    Attributes:
        swings: So many one after the other.
        quickest_s: The shortest swing between two turning points.
        slowest_s: The longest.
        alike: The smallest swing in shares of the largest.
        even: The shortest swing in shares of the longest, in time.
        ends_s: So long after the last turning point or movement, it is over.
    """

    swings: int = 3
    quickest_s: float = 0.1
    slowest_s: float = 0.6
    alike: float = 0.45
    even: float = 0.4
    ends_s: float = 0.5


@dataclass(frozen=True, slots=True)
class WaveRule:
    """An open, upright hand that goes to and fro sideways about one place.

    Attributes:
        swing: Of the fingertips, metres, least.
        rhythm: Of its swings.
        small_swing: As `swing`, of a small wave from the wrist ...
        small_rhythm: ... which goes on for longer.
        rise: Up and down in shares of sideways, most.
        raised: Least; see `MotionSample`.
        facing: Least, the palm or the back of the hand; see `MotionSample`.
    """

    swing: float = 0.065
    rhythm: Rhythm = Rhythm(slowest_s=0.55, alike=0.5, even=0.5)
    small_swing: float = 0.04
    small_rhythm: Rhythm = Rhythm(swings=4, slowest_s=0.55)
    rise: float = 0.55
    raised: float = 0.5
    facing: float = 0.5


@dataclass(frozen=True, slots=True)
class BeckonRule:
    """Fingers that curl and open, or a hand that is pulled or turned towards its owner, again and again.

    Attributes:
        rhythm: Of its swings.
        curl: Of the extension of all long fingers, least.
        index_curl: Of the index finger alone.
        turn: Of how far the hand is raised or its palm looks up; see `MotionSample`.
        pull: Of the distance, metres, where depth tells it.
        facing: The palm looks at the camera at most so much; see `MotionSample`.
        palm_up: A hand that turns or pulls shows its palm to the ceiling at least so much; fingers may curl anyhow.
        place: The palm stays within so many metres.
    """

    rhythm: Rhythm = Rhythm(ends_s=0.6)
    curl: float = 0.14
    index_curl: float = 0.18
    turn: float = 0.4
    pull: float = 0.12
    facing: float = 0.4
    palm_up: float = -0.3
    place: float = 0.25


@dataclass(frozen=True, slots=True)
class StrokeRule:
    """A single quick stroke that goes straight, from a rest to a stop.

    Lengths are metres, or natural logarithms where the size tells how near a hand is.

    Attributes:
        speed: Length per second, the highest at least.
        shortest: Length, least.
        longest: Length, most; longer is an arm that is raised, or a walk.
        longest_s: Seconds; likewise.
        straight: The path in shares of its length, most.
        aside: Off the axis in shares of its length, most.
        stop_s: So long it has stopped, or is gone.
        latest_s: A stroke that ended longer ago is history.
        rest_s: So long it was in view before.
        rival: Another stroke about it is part of the same to and fro from this share of its speed on ...
        rival_s: ... if it ended at most so long before.
    """

    speed: float = 0.8
    shortest: float = 0.17
    longest: float = 0.8
    longest_s: float = 0.75
    straight: float = 1.2
    aside: float = 0.5
    stop_s: float = 0.2
    latest_s: float = 0.45
    rest_s: float = 0.1
    rival: float = 0.4
    rival_s: float = 0.6


@dataclass(frozen=True, slots=True)
class PushRule:
    """An open palm that comes quickly towards the camera.

    Attributes:
        stroke: Towards the camera, where depth tells it.
        by_size: Where only the size does.
        facing: Least; see `MotionSample`.
        raised: Least; see `MotionSample`.
        sideways: In the image, metres, most.
    """

    stroke: StrokeRule = StrokeRule(speed=0.5, shortest=0.12, longest=0.7)
    by_size: StrokeRule = StrokeRule(speed=0.45, shortest=0.11, longest=0.9)
    facing: float = 0.5
    raised: float = 0.0
    sideways: float = 0.15


def waves(movement: Movement, rule: WaveRule, *, already: bool = False) -> float:
    """How surely the hand waves; 0 where it does not.

    Args:
        movement: Of the hand.
        rule: What is a wave.
        already: It did until now, and goes on with less.
    """
    sideways = movement.tips[:, 0]
    return max(
        _waves_by(movement, _row(sideways, least, rhythm, already=already), least, rule, already=already)
        for least, rhythm in ((rule.swing, rule.rhythm), (rule.small_swing, rule.small_rhythm))
    )


def _waves_by(movement: Movement, row: list[Swing], least: float, rule: WaveRule, *, already: bool) -> float:
    if not row or not _goes_on(row, movement, rule.rhythm.ends_s):
        return 0.0
    ease, ease_open, ease_rise = (_EASE, _EASE_OPEN, _EASE_RISE) if already else (0.0, 0.0, 0.0)
    during = slice(row[0].start, row[-1].end + 1)
    upright = quantile(movement.raised[during], _HALF) >= rule.raised - ease
    shown = abs(quantile(movement.facing[during], _HALF)) >= rule.facing - ease
    opened = quantile(movement.extension[during], _HALF) >= _OPEN - ease_open
    width, rise = np.ptp(movement.tips[during], axis=0).tolist()
    if not (upright and shown and opened and rise <= (rule.rise + ease_rise) * width):
        return 0.0
    return _certainty(min(abs(swing.change) for swing in row), least)


def beckons(movement: Movement, rule: BeckonRule, *, already: bool = False) -> float:
    """How surely the hand calls somebody; 0 where it does not. See `waves`."""
    ease, ease_open = (_EASE, _EASE_OPEN) if already else (0.0, 0.0)
    # Fingers that open and close at the camera say good-bye, or grasp.
    if quantile(movement.facing, _HALF) > rule.facing + ease:
        return 0.0
    opened = _OPEN - ease_open
    signals = [(movement.extension, rule.curl, opened), (movement.index_extension, rule.index_curl, opened)]
    if quantile(movement.palm_up, _HALF) > rule.palm_up - ease:
        signals += [(values, rule.turn, -math.inf) for values in (movement.raised, movement.palm_up)]
        if movement.measured:  # by its size, a hand that types on a telephone comes and goes
            signals.append((movement.nearness, rule.pull, -math.inf))
    best = 0.0
    for values, least, reached in signals:
        row = _row(values, least, rule.rhythm, already=already)
        if not row or not _goes_on(row, movement, rule.rhythm.ends_s):
            continue
        during = slice(row[0].start, row[-1].end + 1)
        stays = float(np.ptp(movement.palm[during], axis=0).max()) <= rule.place
        if stays and float(values[during].max()) >= reached:
            best = max(best, _certainty(min(abs(swing.change) for swing in row), least))
    return best


@dataclass(frozen=True, slots=True)
class SingleStroke:
    """A swipe or a push.

    Attributes:
        label: Which one.
        score: How sure it is, 0 to 1.
        stroke: Of the hand's middle in the image, or of its nearness.
    """

    label: str
    score: float
    stroke: Stroke


def swipe(movement: Movement, rule: StrokeRule, *, gone: bool) -> SingleStroke | None:
    """The swipe that has just ended.

    Args:
        movement: Of the hand.
        rule: What is a swipe.
        gone: The hand is no longer seen.
    """
    stroke = _single_stroke(movement.hand, rule, gone=gone)
    if stroke is None or quantile(movement.extension[stroke.start : stroke.end + 1], _AT_TIMES) < _FLAT:
        return None
    right, down = stroke.way
    major, minor = max(abs(right), abs(down)), min(abs(right), abs(down))
    if minor > rule.aside * major:
        return None
    raised = movement.raised[stroke.start : stroke.end + 1]
    if abs(right) > abs(down):
        label = SWIPE_LEFT if right > 0 else SWIPE_RIGHT
        hangs = quantile(raised, _HALF) < -0.5
    else:
        label = SWIPE_DOWN if down > 0 else SWIPE_UP
        # An arm that is raised begins hanging down, one that is lowered ends so or leaves the view.
        hangs = bool(raised.min() < -0.3) or (gone and down > 0)
    if hangs:
        return None
    return SingleStroke(label, _certainty(stroke.length, rule.shortest), stroke)


def push(movement: Movement, rule: PushRule, *, gone: bool) -> SingleStroke | None:
    """The push that has just ended; see `swipe`."""
    wanted = rule.stroke if movement.measured else rule.by_size
    stroke = _single_stroke(movement.nearness[:, None], wanted, gone=gone)
    if stroke is None or stroke.way[0] < 0:
        return None
    during = slice(stroke.start, stroke.end + 1)
    shows_palm = (
        quantile(movement.facing[during], _RARELY) >= rule.facing
        and quantile(movement.extension[during], _RARELY) >= _OPEN
        and quantile(movement.raised[during], _RARELY) >= rule.raised
    )
    sideways = math.dist(movement.palm[stroke.end], movement.palm[stroke.start])
    if not shows_palm or sideways > rule.sideways:
        return None
    return SingleStroke(PUSH_AWAY, _certainty(stroke.length, wanted.shortest), stroke)


def _single_stroke(positions: Floats, rule: StrokeRule, *, gone: bool) -> Stroke | None:
    """The stroke that has just ended, if it is one by itself."""
    extent = max(max(along) - min(along) for along in positions.T.tolist())
    if extent < _ALONG_ONE_AXIS * rule.shortest:
        return None
    found = strokes(positions, rule.rival * rule.speed, rule.speed)
    newest = len(positions) - 1
    for stroke in reversed(found):
        since_s = (newest - stroke.end) * STEP_S
        ended = gone or rule.stop_s <= since_s <= rule.latest_s
        if ended and _is_stroke(stroke, rule) and _is_alone(stroke, found, rule):
            return stroke
    return None


def _is_stroke(stroke: Stroke, rule: StrokeRule) -> bool:
    return (
        stroke.speed >= rule.speed
        and rule.shortest <= stroke.length <= rule.longest
        and stroke.seconds <= rule.longest_s
        and stroke.path <= rule.straight * stroke.length
        and stroke.start * STEP_S >= rule.rest_s
    )


def _is_alone(stroke: Stroke, found: list[Stroke], rule: StrokeRule) -> bool:
    for other in found:
        if other is stroke or other.speed < rule.rival * stroke.speed:
            continue
        if other.start >= stroke.end or (stroke.start - other.end) * STEP_S <= rule.rival_s:
            return False
    return True


def _row(values: Floats, least: float, rhythm: Rhythm, *, already: bool) -> list[Swing]:
    """The newest swings, if they are as many and as even as the rhythm wants; else none."""
    wanted, slowest_s = rhythm.swings, rhythm.slowest_s
    if already:
        wanted, slowest_s, least = wanted - 1, _GOES_ON_SECONDS * slowest_s, _GOES_ON_HEIGHT * least
    row = swings(values, least)[-wanted:]
    if len(row) < wanted:
        return []
    # The first one may begin with a rest: its turning point is anywhere in it.
    seconds = [swing.seconds for swing in row[1:]]
    heights = [abs(swing.change) for swing in row]
    if not (rhythm.quickest_s <= min(seconds) and max(seconds) <= slowest_s):
        return []
    alike = min(heights) >= rhythm.alike * max(heights) and min(seconds) >= rhythm.even * max(seconds)
    return row if alike or already else []


def _goes_on(row: list[Swing], movement: Movement, ends_s: float) -> bool:
    return (len(movement.extension) - 1 - row[-1].end) * STEP_S <= ends_s


def _certainty(height: float, least: float) -> float:
    """0.5 for what is just enough, towards 1 for more."""
    return 1.0 - 0.5 * math.exp(-max(0.0, height / least - 1.0))
