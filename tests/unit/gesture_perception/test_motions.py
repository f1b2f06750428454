import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.harness.made_motions import MOTIONS, OTHERS, talking
from benchmarks.harness.model_hand import model_hand
from benchmarks.harness.motion_sequences import Filming, Pose, film, glide
from gesture_perception.gesture_names import MOTIONS as NAMES
from gesture_perception.hand import NOT_EXAMINED, Origin
from gesture_perception.motion_window import MotionSample, motion_sample
from gesture_perception.motions import HandMotions
from perception_core.depth import Position3D, PositionSource

NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
JITTER = np.random.default_rng(0).normal(0, 0.01, (200, 21, 3))
OPEN = Pose()
CALM = Filming(JITTER, 30.0, missed=0.0, missed_when_quick=0.0)


def shown(frames, motions=None):
    """The motions one after the other that a hand is said to make."""
    motions, found = motions or HandMotions(), []
    last = ""
    for stamp_ns, landmarks, position in frames:
        sample = motion_sample(landmarks, position) if landmarks is not None else None
        gesture = motions.update(sample, stamp_ns)
        label = gesture.label if gesture.shown else ""
        if label not in ("", last):
            found.append(label)
            assert gesture.origin is Origin.MOTION
            assert 0.5 <= gesture.score <= 1
        last = label
    return found


def filmed(path, seconds, filming=CALM, right=True, seed=0):
    return film(path, seconds, model_hand(right), filming, np.random.default_rng(seed))


def moving(right=0.0, down=0.0, *, closer=0.0, seconds=0.35, rest=0.8, pose=OPEN):
    """A path from rest to rest."""

    def path(time):
        share = glide(time, rest, seconds)
        place = (pose.place[0] + right * share, pose.place[1] + down * share)
        return replace(pose, place=place, distance=pose.distance - closer * share)

    return path


@pytest.mark.parametrize("rate_hz", [10, 30, 60])
def test_nine_of_ten_are_recognised_at_every_rate(rate_hz):
    right = dict.fromkeys(MOTIONS, 0)
    for name, make in MOTIONS.items():
        for seed in range(3):
            made = make(np.random.default_rng(seed))
            filming = Filming(JITTER, rate_hz, depth=seed % 2 == 0)
            right[name] += shown(filmed(made.path, made.seconds, filming, bool(seed % 3), seed)) == [name]
    assert sum(right.values()) >= 0.9 * 3 * len(MOTIONS)
    assert min(right.values()) >= 2


@pytest.mark.parametrize("name", sorted(OTHERS.keys() - {"talking"}))
def test_what_hands_do_otherwise_is_no_motion(name):
    false = 0
    for seed in range(3):
        made = OTHERS[name](np.random.default_rng(seed))
        false += len(shown(filmed(made.path, made.seconds, Filming(JITTER, 30.0), seed=seed)))
    assert false == 0


def test_hands_that_talk_seldom_seem_to_mean_something():
    made = [talking(np.random.default_rng(seed)) for seed in range(5)]
    false = [shown(filmed(each.path, each.seconds, Filming(JITTER, 30.0), seed=k)) for k, each in enumerate(made)]
    assert sum(each.seconds for each in made) == 60
    assert len([label for labels in false for label in labels]) <= 3


def test_every_name_of_a_motion_can_be_shown():
    assert set(MOTIONS) == set(NAMES)


@pytest.mark.parametrize(
    ("way", "label"),
    [((0.35, 0), "Swipe_Left"), ((-0.35, 0), "Swipe_Right"), ((0, -0.35), "Swipe_Up"), ((0, 0.35), "Swipe_Down")],
)
def test_left_is_the_persons_own_left(way, label):
    assert shown(filmed(moving(*way), 2.0)) == [label]


def test_a_swipe_is_shown_for_a_moment_soon_after_its_end():
    motions = HandMotions()
    times = []
    for stamp_ns, landmarks, position in filmed(moving(0.35), 3.0):
        if motions.update(motion_sample(landmarks, position), stamp_ns).shown:
            times.append(stamp_ns / 1e9 - 1.0)
    assert 1.15 < times[0] < 1.15 + 0.35
    assert times[-1] - times[0] == pytest.approx(0.4, abs=0.05)


def test_the_way_back_is_no_swipe():
    def path(time):
        return Pose((0.35 * (glide(time, 0.8, 0.35) - glide(time, 1.9, 0.35)), 0.0))

    assert shown(filmed(path, 3.5)) == ["Swipe_Left"]


def test_two_swipes_the_same_way_are_two():
    def path(time):
        back = glide(time, 1.6, 0.9) + glide(time, 3.8, 0.9)
        return Pose((0.35 * (glide(time, 0.8, 0.35) + glide(time, 3.0, 0.35) - back), 0.0))

    assert shown(filmed(path, 5.5)) == ["Swipe_Left", "Swipe_Left"]


def test_a_hand_that_leaves_the_view_with_its_swipe_has_swiped():
    frames = filmed(moving(0.45), 1.6)
    gone = [(stamp, landmarks if stamp < 2_080_000_000 else None, where) for stamp, landmarks, where in frames]
    assert shown(gone) == ["Swipe_Left"]


@pytest.mark.parametrize("curl", [0.5, 1.0])
def test_a_fist_does_not_swipe(curl):
    assert shown(filmed(moving(0.35, pose=Pose(curl=curl)), 2.0)) == []


@pytest.mark.parametrize(
    "path",
    [moving(0.35, seconds=1.2), moving(0.1), moving(0.25, 0.22), moving(0.35, rest=0.0), moving(1.3, seconds=0.9)],
    ids=["slow", "short", "askew", "as it appears", "long"],
)
def test_what_is_no_clean_stroke_is_no_swipe(path):
    assert shown(filmed(path, 2.0)) == []


@pytest.mark.parametrize("depth", [True, False])
def test_a_palm_that_comes_closer_pushes_and_its_back_does_not(depth):
    filming = replace(CALM, depth=depth)
    assert shown(filmed(moving(closer=0.3), 2.0, filming)) == ["Push_Away"]
    assert shown(filmed(moving(closer=-0.3), 2.0, filming)) == []
    assert shown(filmed(moving(closer=0.3, pose=Pose(yaw=math.pi)), 2.0, filming)) == []
    assert shown(filmed(moving(closer=0.3, pose=Pose(curl=1.0)), 2.0, filming)) == []


def waving(time, rate_hz=1.6, angle=0.35):
    swing = angle * math.sin(2 * math.pi * rate_hz * max(0.0, time - 0.5))
    return Pose((0.3 * math.sin(swing), 0.0), roll=swing)


def test_a_wave_goes_on_as_long_as_the_hand_waves():
    motions, labels = HandMotions(), {}
    for stamp_ns, landmarks, position in filmed(lambda time: waving(min(time, 4.25)), 6.0):
        labels[stamp_ns / 1e9 - 1.0] = motions.update(motion_sample(landmarks, position), stamp_ns).label
    assert all(label == "Wave" for time, label in labels.items() if 2.0 < time < 4.2)
    assert all(label == "None" for time, label in labels.items() if time < 1.0 or time > 5.2)


def test_a_wave_is_over_when_the_hand_does_something_else():
    motions, labels = HandMotions(), {}

    def path(time):
        lowered = glide(time, 3.0, 0.6)
        sway = 0.04 * math.sin(2 * math.pi * 0.9 * time) * lowered
        moved = waving(min(time, 3.0))
        return Pose((moved.place[0] + sway, 0.4 * lowered), roll=moved.roll + math.pi * lowered, curl=0.4 * lowered)

    for stamp_ns, landmarks, position in filmed(path, 7.0):
        labels[stamp_ns / 1e9 - 1.0] = motions.update(motion_sample(landmarks, position), stamp_ns).label
    assert "Wave" in labels.values()
    assert all(label == "None" for time, label in labels.items() if time > 4.2)


@pytest.mark.parametrize("pose", [Pose(roll=math.pi), Pose(curl=0.8)], ids=["hanging", "fist"])
def test_only_an_open_upright_hand_waves(pose):
    def path(time):
        moved = waving(time)
        return replace(moved, roll=moved.roll + pose.roll, curl=pose.curl)

    assert "Wave" not in shown(filmed(path, 4.0))


def test_fingers_that_open_and_close_at_the_camera_do_not_beckon():
    def path(time):
        return Pose(curl=0.5 - 0.5 * math.cos(2 * math.pi * 1.5 * time))

    assert shown(filmed(path, 4.0)) == []
    turned = [filmed(lambda time, yaw=yaw: replace(path(time), yaw=yaw), 4.0) for yaw in (math.pi, 2.4)]
    assert [shown(frames)[:1] for frames in turned] == [["Beckon"], ["Beckon"]]


@pytest.mark.parametrize(("depth", "label"), [(True, ["Beckon"]), (False, [])])
def test_a_hand_that_is_pulled_towards_its_owner_beckons_where_depth_tells_it(depth, label):
    def path(time):
        pulled = 0.1 - 0.1 * math.cos(2 * math.pi * 1.2 * min(max(0.0, time - 0.5), 2.5))
        return Pose(distance=1.2 + pulled, yaw=math.pi, pitch=0.3)

    assert shown(filmed(path, 4.0, replace(CALM, depth=depth))) == label


def test_time_that_jumps_back_begins_anew():
    motions = HandMotions()
    assert shown(filmed(waving, 3.0), motions) == ["Wave"]
    back = [(stamp - 900_000_000_000, landmarks, where) for stamp, landmarks, where in filmed(waving, 3.0)]
    first = motions.update(motion_sample(*back[0][1:]), back[0][0])
    assert first.label == "None"
    assert shown(back[1:], motions) == ["Wave"]


def test_a_late_image_changes_nothing():
    motions, calm = HandMotions(), HandMotions()
    for stamp_ns, landmarks, position in filmed(waving, 3.0):
        sample = motion_sample(landmarks, position)
        told = motions.update(sample, stamp_ns)
        assert told == calm.update(sample, stamp_ns)
        assert motions.update(replace(sample, palm=(0.0, 0.0)), stamp_ns - 50_000_000) == told


def test_a_gap_forgets_the_swings_before_it():
    frames = [frame for frame in filmed(waving, 4.0) if not 1.2 < frame[0] / 1e9 - 1.0 < 2.0]
    motions = HandMotions()
    labels = {stamp: motions.update(motion_sample(found, where), stamp).label for stamp, found, where in frames}
    assert all(label == "None" for stamp, label in labels.items() if 2.0 <= stamp / 1e9 - 1.0 < 2.4)
    assert "Wave" in labels.values()


def test_a_hand_that_was_never_found_is_not_examined():
    motions = HandMotions()
    assert motions.update(None, 0) == NOT_EXAMINED
    assert motions.update(None, 10**9) == NOT_EXAMINED


@pytest.mark.parametrize("rates", [(5, 60), (5, 15), (30, 60)])
def test_a_rate_that_jumps_does_not_hide_a_swipe(rates):
    right = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        every = filmed(moving(0.4, seconds=0.4, rest=1.0), 2.6, replace(CALM, rate_hz=120.0), seed=seed)
        kept, last_s = [], -1.0
        for frame in every:
            if frame[0] / 1e9 >= last_s + 1 / random.uniform(*rates):
                kept.append(frame)
                last_s = frame[0] / 1e9
        right += shown(kept) == ["Swipe_Left"]
    assert right >= 9


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, width=32)
SAMPLES = st.one_of(
    st.none(),
    st.builds(MotionSample, st.tuples(NUMBERS, NUMBERS), st.tuples(NUMBERS, NUMBERS), *[NUMBERS] * 7),
    st.builds(
        MotionSample,
        st.tuples(st.floats(0, 640), st.floats(0, 480)),
        st.tuples(st.floats(0, 640), st.floats(0, 480)),
        st.floats(50, 800),
        *[st.floats(0, 1)] * 2,
        *[st.floats(-1, 1)] * 3,
        st.floats(0.3, 4) | st.just(math.nan),
    ),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(SAMPLES, st.sampled_from([0.0, 0.016, 0.033, 0.1, 0.2, 2.0, -0.05, -3.0])), max_size=60))
def test_whatever_is_seen_the_answer_is_one_of_the_motions_or_none(script):
    motions, stamp_ns = HandMotions(), 10**12
    for sample, step_s in script:
        stamp_ns += round(step_s * 1e9)
        gesture = motions.update(sample, stamp_ns)
        assert gesture == NOT_EXAMINED or gesture.label in ("", "None", *NAMES)
        assert gesture == NOT_EXAMINED or 0 <= gesture.score <= 1
