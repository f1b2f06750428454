import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gesture_perception.gesture_events import EventKind, EventRules, GestureEvents
from gesture_perception.hand import NO_GESTURE, NOT_EXAMINED, Gesture, Hand, Origin, Side
from perception_core.depth import Position3D, PositionSource
from perception_core.geometry import Box

STARTED, HELD, ENDED = EventKind.STARTED, EventKind.HELD, EventKind.ENDED
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
PALM, FIST = Gesture("Open_Palm", 0.9, Origin.NETWORK), Gesture("Closed_Fist", 0.8, Origin.GEOMETRY)
NOTHING = Gesture(NO_GESTURE, 0.9)
WAVE, SWIPE = Gesture("Wave", 0.7, Origin.MOTION), Gesture("Swipe_Left", 0.7, Origin.MOTION)


def hand(gesture=NOT_EXAMINED, motion=NOT_EXAMINED, track_id=1, bridged=False):
    return Hand(track_id, 0.9, bridged, Side.RIGHT, 0.9, Box(0, 0, 9, 9), NOWHERE, gesture=gesture, motion=motion)


def ns(seconds):
    return 10_000_000_000 + round(seconds * 1e9)


def told(shown, rate_hz=30.0, rules=None, events=None, start_s=0.0):
    """Events of one hand that shows these gestures, image after image, with the time of each."""
    events = events or GestureEvents(rules)
    found = []
    for k, gesture in enumerate(shown):
        time = start_s + k / rate_hz
        found += [(time, event) for event in events.update([hand(gesture)], ns(time))]
    return found


def kinds(found):
    return [(event.kind, event.gesture.label) for _, event in found]


@pytest.mark.parametrize("rate_hz", [10, 15, 30, 60])
def test_a_gesture_begins_once_goes_on_evenly_and_ends_once(rate_hz):
    shown = [NOTHING] * rate_hz + [PALM] * (2 * rate_hz) + [NOTHING] * rate_hz
    found = told(shown, rate_hz)
    assert kinds(found) == [(STARTED, "Open_Palm")] + [(HELD, "Open_Palm")] * 3 + [(ENDED, "Open_Palm")]
    assert len({event.event_id for _, event in found}) == 1
    slack = 1 / rate_hz + 1e-6
    times = [time for time, _ in found]
    assert times[0] == pytest.approx(1.2, abs=slack)
    assert np.diff(times[:4]) == pytest.approx([0.5] * 3, abs=slack)
    assert times[4] == pytest.approx(3.0 - 1 / rate_hz + 0.25, abs=slack)
    durations = [event.duration_s for _, event in found]
    assert durations[:4] == pytest.approx([time - 1.0 for time in times[:4]], abs=1e-6)
    assert durations[4] == pytest.approx(2.0 - 1 / rate_hz, abs=1e-6)


@pytest.mark.parametrize("rate_hz", [5, 10, 30, 60])
@pytest.mark.parametrize("images", [1, 2])
def test_a_flicker_begins_nothing(rate_hz, images):
    shown = ([NOTHING] * 6 + [PALM] * images) * 8
    assert told(shown, rate_hz) == []


@pytest.mark.parametrize("rate_hz", [5, 10, 30, 60])
@pytest.mark.parametrize("flicker", [NOTHING, FIST, NOT_EXAMINED, replace(PALM, score=math.nan)])
@pytest.mark.parametrize("images", [1, 2])
def test_a_flicker_ends_nothing(rate_hz, flicker, images):
    shown = [PALM] * 60 + ([flicker] * images + [PALM] * 6) * 8
    found = kinds(told(shown, rate_hz))
    assert found[0] == (STARTED, "Open_Palm")
    assert set(found[1:]) <= {(HELD, "Open_Palm")}


def test_another_gesture_takes_over_after_its_own_time_and_the_former_ends_first():
    found = told([PALM] * 30 + [FIST] * 30, 30, EventRules(end_after_s=5.0))
    assert [kind for kind in kinds(found) if kind[0] is not HELD] == [
        (STARTED, "Open_Palm"),
        (ENDED, "Open_Palm"),
        (STARTED, "Closed_Fist"),
    ]
    (ended, started) = [one for one in found if one[0] > 1][:2]
    assert ended[0] == started[0] == pytest.approx(1.2, abs=0.04)
    assert ended[1].event_id != started[1].event_id
    assert ended[1].duration_s == pytest.approx(29 / 30)


def test_two_gestures_that_take_turns_change_nothing():
    found = told([PALM] * 30 + [FIST, PALM] * 60, 30)
    assert [kind for kind in kinds(found) if kind[0] is not HELD] == [(STARTED, "Open_Palm")]


def test_a_lost_hand_ends_its_gesture():
    events = GestureEvents()
    found = told([PALM] * 30, events=events)
    found += [(k / 30, event) for k in range(30, 60) for event in events.update([], ns(k / 30))]
    assert kinds(found)[-1] == (ENDED, "Open_Palm")
    time, ended = found[-1]
    assert time == pytest.approx(1 + 0.25, abs=0.05)
    assert ended.hand.track_id == 1


def test_a_bridged_hand_neither_ends_nor_starts_a_gesture():
    events = GestureEvents()
    for k in range(30):
        events.update([hand(PALM)], ns(k / 30))
    for k in range(30, 34):
        assert events.update([hand(bridged=True)], ns(k / 30)) == []
    assert [event.kind for event in events.update([hand(PALM)], ns(34 / 30))] in ([], [HELD])


def test_when_nobody_looks_any_longer_all_ends_and_ids_go_on():
    events = GestureEvents()
    found = told([PALM] * 30, events=events)
    ended = events.end_all()
    assert [event.kind for event in ended] == [ENDED]
    assert ended[0].event_id == found[0][1].event_id
    assert events.end_all() == []
    again = told([PALM] * 30, events=events)
    assert again[0][1].kind is STARTED
    assert again[0][1].event_id > ended[0].event_id


def test_time_that_jumps_back_ends_all_first():
    events = GestureEvents()
    told([PALM] * 30, events=events)
    found = told([PALM] * 30, events=events, start_s=-100.0)
    assert kinds(found)[:2] == [(ENDED, "Open_Palm"), (STARTED, "Open_Palm")]
    assert found[0][1].event_id != found[1][1].event_id
    assert found[1][0] == pytest.approx(-99.8, abs=0.04)


def test_a_late_image_is_ignored():
    events = GestureEvents()
    told([PALM] * 30, events=events)
    for late_s in (0.0, 0.05, 0.09):
        assert events.update([hand(NOTHING)], ns(29 / 30 - late_s)) == []


def test_a_score_that_is_no_number_is_no_gesture():
    assert told([replace(PALM, score=math.nan)] * 60) == []


def test_pose_and_motion_are_told_beside_each_other():
    events = GestureEvents()
    found = []
    for k in range(60):
        motion = SWIPE if 20 <= k < 32 else NOTHING
        found += events.update([hand(PALM, motion)], ns(k / 30))
    assert [(event.kind, event.gesture.label) for event in found if event.kind is not HELD] == [
        (STARTED, "Open_Palm"),
        (STARTED, "Swipe_Left"),
        (ENDED, "Swipe_Left"),
    ]


@pytest.mark.parametrize("rate_hz", [10, 30, 60])
def test_a_swipe_begins_with_the_first_image_and_two_are_two(rate_hz):
    events, found = GestureEvents(), []
    for k in range(3 * rate_hz):
        time = k / rate_hz
        motion = SWIPE if 1.0 <= time < 1.4 or 2.0 <= time < 2.4 else NOTHING
        found += [(time, event) for event in events.update([hand(motion=motion)], ns(time))]
    assert [event.kind for _, event in found] == [STARTED, ENDED, STARTED, ENDED]
    assert found[0][0] == pytest.approx(1.0)
    assert found[0][1].duration_s == 0


def test_a_motion_may_have_to_go_on():
    rules = EventRules(motion_start_after_s=0.3)
    for images, started in ((6, False), (20, True)):
        events = GestureEvents(rules)
        found = [events.update([hand(motion=WAVE)], ns(k / 30)) for k in range(images)]
        assert any(found) is started


def test_rules_may_change_meanwhile():
    events = GestureEvents(EventRules(start_after_s=9.0))
    assert told([PALM] * 30, events=events) == []
    events.rules = EventRules(start_after_s=0.1)
    assert [event.kind for event in events.update([hand(PALM)], ns(1.0))] == [STARTED]


@pytest.mark.parametrize("wrong", [{"start_after_s": -0.1}, {"held_every_s": 0.0}, {"end_after_s": math.nan}])
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 0 s"):
        EventRules(**wrong)


def test_hands_are_told_apart():
    events, found = GestureEvents(), []
    for k in range(60):
        found += events.update([hand(PALM, track_id=1), hand(FIST if k > 20 else NOTHING, track_id=2)], ns(k / 30))
    started = [event for event in found if event.kind is STARTED]
    assert [(event.hand.track_id, event.gesture.label) for event in started] == [(1, "Open_Palm"), (2, "Closed_Fist")]


def test_a_crowd_leaves_nothing_behind():
    events = GestureEvents()
    for k in range(300):
        events.update([hand(PALM, track_id=k)], ns(k / 10))
    for k in range(300, 320):
        events.update([], ns(k / 10))
    assert events.end_all() == []
    assert not events._followed


POSES = st.sampled_from([PALM, FIST, NOTHING, NOT_EXAMINED, replace(PALM, score=math.nan), None])
MOTIONS = st.sampled_from([WAVE, SWIPE, NOTHING, NOT_EXAMINED, replace(WAVE, score=math.nan)])
STEPS = st.sampled_from([1 / 60, 1 / 30, 0.1, 0.2, 0.0, -0.05, 3.0, -5.0])


@settings(max_examples=80)
@given(st.lists(st.tuples(STEPS, POSES, MOTIONS, st.integers(1, 8)), min_size=1, max_size=40), st.booleans())
def test_whatever_comes_every_beginning_has_one_end_and_durations_grow(script, two_hands):
    events, found, time = GestureEvents(EventRules(held_every_s=0.1)), [], 0.0
    for step, pose, motion, images in script:
        for _ in range(images):
            time += step
            hands = [] if pose is None else [hand(pose, motion, 1)]
            if two_hands:
                hands.append(hand(pose or FIST, motion, 2))
            found += events.update(hands, ns(1000 + time))
    found += events.end_all()
    by_id = {
        key: list(group)
        for key, group in itertools.groupby(sorted(found, key=lambda event: event.event_id), lambda one: one.event_id)
    }
    for mine in by_id.values():
        assert [event.kind for event in mine] == [STARTED] + [HELD] * (len(mine) - 2) + [ENDED]
        assert len({(event.hand.track_id, event.gesture.label) for event in mine}) == 1
        durations = [event.duration_s for event in mine]
        assert durations == sorted(durations) and durations[0] >= 0
        assert all(event.gesture.shown for event in mine)
    for track_id in (1, 2):
        poses = [
            one for one in found if one.hand.track_id == track_id and one.gesture.label in ("Open_Palm", "Closed_Fist")
        ]
        order = [event.kind for event in poses if event.kind is not HELD]
        assert order == [STARTED, ENDED] * (len(order) // 2)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.6, 3.0))
def test_a_rate_that_jumps_from_5_to_60_hertz_changes_little(seed, shown_s):
    random = np.random.default_rng(seed)
    times = np.cumsum(1 / random.uniform(5, 60, 600))
    events, found = GestureEvents(), []
    for time in times[times < 3 + shown_s + 3]:
        gesture = PALM if 3 <= time < 3 + shown_s else NOTHING
        found += [(time, event) for event in events.update([hand(gesture)], ns(time))]
    ends = [(time, event.kind) for time, event in found if event.kind is not HELD]
    assert [kind for _, kind in ends] == [STARTED, ENDED]
    assert 3.2 <= ends[0][0] <= 3.2 + 0.5
    assert 3 + shown_s <= ends[1][0] <= 3 + shown_s + 0.75
