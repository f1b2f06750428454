"""People whose paths are known walk before a detector that errs as detectors do."""

import logging
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.geometry import Box
from perception_core.tracking import Observation, Tracker

FOCAL = 615.0
RATES = [10, 30, 60]
FACE_WIDTH = 0.15
SECOND = 10**9


def face(x, z, name="somebody", *, score=0.9, depth=True):
    """The detection of a face x metres aside and z metres away."""
    width = FACE_WIDTH * FOCAL / z
    return Observation(Box.around((320 + x * FOCAL / z, 240.0), width, 1.3 * width), score, z if depth else None, name)


@dataclass
class Detector:
    """Sees faces with noise, misses some, and reports one of two that overlap."""

    rng: np.random.Generator
    misses: float = 0.05
    depth: bool = True

    def __call__(self, places):
        found = []
        for name, (x, z) in places.items():
            if self.rng.random() < self.misses:
                continue
            seen = face(x + self.rng.normal(0, 0.03 * FACE_WIDTH), z, name)
            scale = math.exp(self.rng.normal(0, 0.03))
            distance = z * math.exp(self.rng.normal(0, 0.02)) if self.depth else None
            score = self.rng.uniform(0.65, 0.95)
            found.append(Observation(seen.box.scaled(scale), score, distance, name))
        found.sort(key=lambda one: -one.box.width)  # the nearer face hides the further one
        kept = []
        for one in found:
            if all(one.box.overlap(other.box) <= 0.3 for other in kept):
                kept.append(one)
        return kept


def filmed(walk, rate, seconds, seed, *, depth=True):
    """Yields for each frame the places of those in view, and the tracks."""
    rng = np.random.default_rng(seed)
    detector, tracker = Detector(rng, depth=depth), Tracker()
    for index in range(int(seconds * rate)):
        t = (index + rng.uniform(-0.1, 0.1)) / rate
        places = {name: place for name, place in walk(t).items() if place is not None}
        yield places, tracker.update(detector(places), round((t + 1) * SECOND))


def apart(places, name):
    """Whether nobody else looks out from the same place, where a detector cannot tell who it sees."""
    x, z = places[name]
    others = [place for other, place in places.items() if other != name]
    return all(abs(x / z - other_x / other_z) * z > 0.7 * FACE_WIDTH for other_x, other_z in others)


def identities(frames):
    """All identities under which each was seen while apart from the others."""
    seen = {}
    for places, tracks in frames:
        for track in tracks:
            if track.seen and apart(places, track.last.payload):
                seen.setdefault(track.last.payload, set()).add(track.id)
    return seen


def assert_one_identity_each(frames, people):
    seen = identities(frames)
    assert len(seen) == people
    assert all(len(ids) == 1 for ids in seen.values()), seen
    assert len(set.union(*seen.values())) == people


WALKS = {
    "past each other at different distances": lambda t: {"a": (-0.8 + 0.6 * t, 0.9), "b": (0.8 - 0.6 * t, 1.5)},
    "past each other at the same distance": lambda t: {"a": (-0.8 + 0.6 * t, 1.2), "b": (0.8 - 0.6 * t, 1.2)},
    "slowly past each other at the same distance": lambda t: {
        "a": (-0.35 + 0.25 * t, 1.2),
        "b": (0.35 - 0.25 * t, 1.2),
    },
    "slowly before somebody who stands": lambda t: {"a": (-0.35 + 0.25 * t, 0.8), "b": (0.1 * math.sin(t), 1.2)},
    "side by side": lambda t: {"a": (-1.0 + 0.8 * t, 1.5), "b": (-0.75 + 0.8 * t, 1.5)},
    "three at once": lambda t: {
        "a": (-0.8 + 0.6 * t, 1.0),
        "b": (0.8 - 0.6 * t, 1.5),
        "c": (0.2 * math.sin(2 * t), 2.2),
    },
    "towards the camera": lambda t: {"a": (0.0, 3.5 - 0.9 * t), "b": (0.6, 1.5)},
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("depth", [True, False], ids=["depth", "no depth"])
@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_people_who_walk_keep_their_identity(walk, depth, rate):
    for seed in range(5):
        assert_one_identity_each(filmed(walk, rate, 2.8, seed, depth=depth), people=len(walk(0.0)))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("speed", [0.0, 0.5])
def test_a_face_missed_for_a_second_keeps_its_identity(speed, rate):
    def walk(t):
        return {"a": None if 1.0 < t < 2.0 else (-0.5 + speed * t, 1.2), "b": (-0.9, 1.3)}

    for seed in range(5):
        frames = list(filmed(walk, rate, 3.0, seed))
        assert_one_identity_each(frames, people=2)
        assert all(len(tracks) == 2 for _, tracks in frames[rate // 2 :])


@pytest.mark.parametrize("rate", RATES)
def test_a_face_hidden_by_a_nearer_one_keeps_its_identity(rate):
    """Somebody stops in front of somebody else for almost a second, and walks on."""

    def walk(t):
        return {"near": (-0.6 + 0.6 * (min(t, 1.0) + max(t - 1.6, 0.0)), 0.8), "far": (0.0, 1.3)}

    for seed in range(5):
        assert_one_identity_each(filmed(walk, rate, 3.0, seed), people=2)


def visible_part(box, nearer):
    """The box of what is left beside a nearer face; None if it is too little to be seen as a face."""
    left, right = max(box.x, nearer.x), min(box.right, nearer.right)
    if right <= left:
        return box
    before, after = left - box.x, box.right - right
    if max(before, after) < 0.25 * box.width:
        return None
    width = max(before, after)
    shrunk = 0.4 + 0.6 * width / box.width
    return Box(box.x if before > after else right, box.y + (1 - shrunk) / 2 * box.height, width, shrunk * box.height)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("depth", [True, False], ids=["depth", "no depth"])
def test_a_face_that_goes_under_and_comes_out_in_parts_keeps_its_identity(depth, rate):
    """What is seen of it shrinks and stays behind on one side, then appears small on the other."""
    for seed in range(5):
        rng, tracker, ids = np.random.default_rng(seed), Tracker(), {"near": set(), "far": set()}
        for index in range(4 * rate):
            t = index / rate
            near, far = (
                face(0.36 - 0.18 * t, 1.5, "near", depth=depth),
                face(-0.36 + 0.18 * t, 1.62, "far", depth=depth),
            )
            part = visible_part(far.box, near.box)
            found = [near] if part is None else [near, Observation(part, 0.85, far.distance, "far")]
            tracks = tracker.update([one for one in found if rng.random() > 0.05], index * SECOND // rate)
            for track in tracks:
                ids[track.last.payload].add(track.id)
        assert [len(ids["near"]), len(ids["far"])] == [1, 1]
        assert ids["near"] != ids["far"]


@pytest.mark.parametrize("rate", RATES)
def test_who_comes_later_is_somebody_else(rate):
    def walk(t):
        return {"first": (0.0, 1.0) if t < 1.0 else None, "second": (0.0, 1.0) if t > 3.0 else None}

    assert_one_identity_each(filmed(walk, rate, 4.0, seed=0), people=2)


def test_the_box_follows_the_face():
    for places, tracks in list(filmed(WALKS["side by side"], 30, 2.0, seed=0))[15:]:
        for track in tracks:
            truth = face(*places[track.last.payload]).box
            assert math.dist(track.box.centre, truth.centre) < 0.25 * truth.width
            assert track.box.overlap(truth) > 0.6


def test_a_missed_face_is_predicted_and_says_so():
    tracker = Tracker()
    tracker.update([face(0.0, 1.0)], SECOND)
    (track,) = tracker.update([], SECOND + 500_000_000)
    assert track.observation is None
    assert track.last.payload == "somebody"
    assert (track.missed_s, track.last_seen_ns) == (0.5, SECOND)


def test_who_is_not_seen_walks_on_and_slows_down():
    tracker = Tracker()
    for frame in range(30):
        (track,) = tracker.update([face(0.02 * frame, 1.0)], frame * SECOND // 30)
    steps = []
    for frame in range(30, 60):
        (later,) = tracker.update([], frame * SECOND // 30)
        steps.append(later.box.centre[0] - track.box.centre[0])
        track = later
    assert steps[0] == pytest.approx(0.02 * FOCAL, rel=0.3)
    assert 0 < steps[-1] < 0.6 * steps[0]


@pytest.mark.parametrize("rate", RATES)
def test_a_track_ends_when_the_allowed_time_is_over(rate):
    tracker = Tracker(max_missed_s=0.5)
    tracker.update([face(0.0, 1.0)], 0)
    alive = [frame / rate for frame in range(1, rate) if tracker.update([], frame * SECOND // rate)]
    assert alive[-1] == pytest.approx(0.5, abs=1 / rate)


def test_a_confident_newcomer_is_tracked_at_once_and_a_doubtful_one_when_seen_again():
    tracker = Tracker()
    (sure,) = tracker.update([face(0.0, 1.0, "sure", score=0.9), face(0.5, 1.0, "doubtful", score=0.65)], 0)
    assert sure.last.payload == "sure"
    names = {track.last.payload for track in tracker.update([face(0.5, 1.0, "doubtful", score=0.65)], SECOND // 30)}
    assert names == {"sure", "doubtful"}


def test_noise_does_not_make_identities():
    """Doubtful detections here and there, never twice at the same place within half a second."""
    tracker = Tracker()
    for frame in range(40):
        assert tracker.update([face(-1.5 + 0.9 * (frame % 4), 2.0, score=0.7)], frame * SECOND // 5) == []


def test_a_low_score_continues_a_track_but_starts_none():
    tracker = Tracker()
    for frame in range(10):
        assert tracker.update([face(0.0, 1.0, score=0.4)], frame * SECOND // 30) == []
    tracker.update([face(0.0, 1.0)], SECOND)
    (track,) = tracker.update([face(0.0, 1.0, score=0.4)], SECOND + SECOND // 30)
    assert track.seen


def test_two_detections_of_one_face_are_one_track():
    tracker = Tracker()
    box = face(0.0, 1.0).box
    doubles = [Observation(box.scaled(scale), 0.9, 1.0, None) for scale in (1.0, 1.05, 0.5)]
    for frame in range(10):
        tracks = tracker.update(doubles, frame * SECOND // 30)
    assert [track.id for track in tracks] == [1]


def test_a_small_face_where_a_near_one_was_lost_is_somebody_else_at_once():
    tracker = Tracker()
    (near,) = tracker.update([face(0.0, 0.5)], SECOND)
    tracks = tracker.update([face(0.02, 2.0)], SECOND + SECOND // 30)
    assert [track.seen for track in tracks if track.id != near.id] == [True]


def test_a_part_of_a_face_that_is_seen_is_nobody_else():
    tracker = Tracker()
    tracker.update([face(0.0, 0.5)], SECOND)
    tracks = tracker.update([face(0.0, 0.5), face(0.02, 2.0)], SECOND + SECOND // 30)
    assert len(tracks) == 1


def test_a_nearer_face_is_not_handed_to_the_one_it_hides():
    tracker = Tracker()
    for frame in range(10):
        tracker.update([face(0.35 - 0.03 * frame, 0.8, "near"), face(0.0, 1.3, "far")], frame * SECOND // 30)
    for frame in range(10, 40):
        tracks = tracker.update([face(0.05, 0.8, "near")], frame * SECOND // 30)
        assert {track.last.payload for track in tracks if track.seen} == {"near"}
        assert [track.id for track in tracks if track.last.payload == "near" and track.seen] == [1]


def test_a_second_doubtful_box_on_a_face_is_not_handed_to_the_one_it_hides():
    tracker = Tracker()
    far = face(0.0, 1.3, "far", depth=False)
    for frame in range(10):
        tracker.update([face(0.35 - 0.03 * frame, 0.8, "near", depth=False), far], frame * SECOND // 30)
    for frame in range(10, 35):
        double = face(-0.02, 0.8, "double", score=0.4, depth=False)
        tracks = tracker.update([face(0.05, 0.8, "near", depth=False), double], frame * SECOND // 30)
        assert {track.last.payload for track in tracks if track.seen} == {"near"}


def test_equal_stamps_are_tolerated():
    tracker = Tracker()
    for _ in range(5):
        tracks = tracker.update([face(0.0, 1.0)], SECOND)
    assert [track.id for track in tracks] == [1]


def test_a_late_frame_does_not_end_a_track():
    tracker = Tracker()
    tracker.update([face(0.0, 1.0)], SECOND)
    (track,) = tracker.update([face(0.0, 1.0)], SECOND - SECOND // 30)
    assert (track.id, track.stamp_ns) == (1, SECOND)


def test_time_that_jumps_back_ends_all_tracks_and_is_told_once():
    told = []
    tracker = Tracker(notify=told.append)
    ids = []
    for start in (100, 50, 0):
        for frame in range(5):
            ids += [track.id for track in tracker.update([face(0.0, 1.0)], start * SECOND + frame * SECOND // 30)]
    assert sorted(set(ids)) == [1, 2, 3]
    assert len(told) == 1 and "back" in told[0]


def test_a_long_gap_ends_all_tracks_and_is_told_once():
    told = []
    tracker = Tracker(notify=told.append)
    ids = [tracker.update([face(0.0, 1.0)], 5 * frame * SECOND)[0].id for frame in range(4)]
    assert ids == [1, 2, 3, 4]
    assert len(told) == 1 and "5.000 s" in told[0]


def test_without_a_hook_it_is_logged(caplog):
    tracker = Tracker()
    tracker.update([face(0.0, 1.0)], 10 * SECOND)
    with caplog.at_level(logging.WARNING):
        tracker.update([], 0)
    assert "back" in caplog.text


def test_identities_are_not_used_again_after_a_reset():
    tracker = Tracker()
    tracker.update([face(0.0, 1.0)], 0)
    tracker.reset()
    assert [track.id for track in tracker.update([face(0.0, 1.0)], 0)] == [2]


@pytest.mark.parametrize(
    "box",
    [
        Box(math.nan, 0, 10, 10),
        Box(0, 0, math.inf, 10),
        Box(0, 0, 0, 10),
        Box(0, 0, -5, 10),
        Box(1e300, 0, 1e300, 1e300),
    ],
)
def test_broken_boxes_are_ignored(box):
    tracker = Tracker()
    tracks = tracker.update([Observation(box, 0.9, 1.0, None), face(0.0, 1.0)], 0)
    assert [track.last.payload for track in tracks] == ["somebody"]


@pytest.mark.parametrize("distance", [math.nan, math.inf, 0.0, -1.0])
def test_a_broken_distance_is_an_unknown_one(distance):
    tracker = Tracker()
    for frame in range(5):
        (track,) = tracker.update([Observation(Box(0, 0, 50, 60), 0.9, distance, None)], frame * SECOND // 30)
    assert track.id == 1
    assert track.box.centre == pytest.approx((25, 30))


def test_a_score_that_is_not_a_number_is_not_looked_at():
    assert Tracker().update([face(0.0, 1.0, score=math.nan)], 0) == []


@pytest.mark.parametrize("wrong", [{"max_missed_s": 0.0}, {"score": 0.9}, {"low_score": 0.7}, {"sure_score": 0.5}])
def test_parameters_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="tracker needs"):
        Tracker(**wrong)


DETECTIONS = st.lists(
    st.tuples(
        st.floats(-100, 800), st.floats(-100, 600), st.floats(1, 400), st.floats(1, 400), st.floats(0, 1),
        st.none() | st.floats(0.1, 10),
    ),
    max_size=6,
)  # fmt: skip


@given(st.lists(st.tuples(DETECTIONS, st.integers(-SECOND, SECOND)), max_size=30))
def test_whatever_is_detected_identities_are_unique_never_reused_and_never_too_old(frames):
    tracker = Tracker(max_missed_s=0.5, notify=lambda _: None)
    stamp, gone, alive = 10 * SECOND, set(), set()
    for detections, step in frames:
        stamp += step
        found = [Observation(Box(x, y, w, h), score, distance, None) for x, y, w, h, score, distance in detections]
        tracks = tracker.update(found, stamp)
        ids = [track.id for track in tracks]
        assert len(set(ids)) == len(ids)
        assert not gone & set(ids)
        assert all(0 <= track.missed_s <= 0.5 for track in tracks)
        assert all(math.isfinite(value) for track in tracks for value in (*track.box.centre, track.box.area))
        gone |= alive - set(ids)
        alive = set(ids)


def test_sixty_four_faces_keep_their_identities():
    places = [(x, 4.0, y) for x in np.linspace(-1.8, 1.8, 8) for y in np.linspace(-1.4, 1.4, 8)]
    rng, tracker = np.random.default_rng(0), Tracker()
    ids = set()
    for frame in range(30):
        found = []
        for x, z, y in places:
            box = face(x + rng.normal(0, 0.004), z).box
            found.append(Observation(Box(box.x, box.y + y * FOCAL / z, box.width, box.height), 0.9, z, None))
        ids |= {track.id for track in tracker.update(found, frame * SECOND // 30)}
    assert ids == set(range(1, 65))


def test_a_doubtful_newcomer_is_told_of_until_it_is_seen_again_or_is_not():
    tracker = Tracker()
    newcomer = face(0.0, 1.0, score=0.7)
    assert tracker.update([newcomer], 0) == []
    assert tracker.undecided == [newcomer.box]
    assert len(tracker.update([newcomer], SECOND // 30)) == 1
    assert tracker.undecided == []
    tracker.update([newcomer, face(0.6, 1.0, score=0.7)], 2 * SECOND // 30)
    assert len(tracker.undecided) == 1
    tracker.update([newcomer], 3 * SECOND // 30)
    assert tracker.undecided == []


@pytest.mark.parametrize(("missed_s", "in_doubt"), [(0.1, False), (0.5, True)])
def test_who_was_away_for_long_may_be_somebody_else(missed_s, in_doubt):
    tracker = Tracker()
    for k in range(5):
        tracker.update([face(0.0, 1.0)], k * SECOND // 30)
    (track,) = tracker.update([face(0.0, 1.0)], 4 * SECOND // 30 + round(missed_s * SECOND))
    assert track.seen and track.in_doubt is in_doubt
    (track,) = tracker.update([face(0.0, 1.0)], 5 * SECOND // 30 + round(missed_s * SECOND))
    assert not track.in_doubt


def test_who_is_seen_alone_where_two_should_be_may_be_either():
    tracker = Tracker()
    beside = 0.06
    for k in range(10):
        tracker.update([face(0.0, 1.0), face(beside + 0.2 - k * 0.02, 1.0)], k * SECOND // 30)
    tracks = tracker.update([face(0.0, 1.0)], 10 * SECOND // 30)
    assert [track.in_doubt for track in tracks if track.seen] == [True]
