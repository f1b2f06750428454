import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.pairing import StampPairing

FRAME = 33_333_333
MS = 1_000_000


def colour_and_depth(colours, depths):
    """Feeds (arrival, stamp) of two streams in order of arrival; a payload is its stream's letter and stamp."""
    pairing = StampPairing(slop_s=0.015)
    arrivals = [(arrival, "c", stamp) for arrival, stamp in colours] + [
        (arrival, "d", stamp) for arrival, stamp in depths
    ]
    finished = []
    for _, stream, stamp in sorted(arrivals):
        add = pairing.add_colour if stream == "c" else pairing.add_depth
        finished += add(stamp, stamp)
    return pairing, finished


def frames(count, delay=0, every=1, first=0):
    return [(index * FRAME + delay, index * FRAME) for index in range(first, first + count, every)]


@pytest.mark.parametrize("delay", [0, -2 * MS, 5 * MS, FRAME + MS])
def test_equal_stamps_pair_whichever_comes_first_and_even_a_frame_late(delay):
    _, finished = colour_and_depth(frames(100), frames(100, delay))
    assert [colour for colour, _ in finished] == [stamp for _, stamp in frames(100)]
    alone = [colour for colour, depth in finished if depth is None]
    assert all(colour == depth for colour, depth in finished if depth is not None)
    assert len(alone) <= 2  # until the first depth has come nobody knows that there will be any


def test_stamps_that_jitter_pair_within_the_slop():
    rng = np.random.default_rng(0)
    depths = [(arrival + MS, stamp + int(rng.uniform(-14, 14) * MS)) for arrival, stamp in frames(200)]
    _, finished = colour_and_depth(frames(200), depths)
    paired = [(colour, depth) for colour, depth in finished if depth is not None]
    assert len(paired) >= 198
    assert all(abs(colour - depth) <= 15 * MS for colour, depth in paired)


def test_the_exact_stamp_wins_over_a_near_one():
    pairing = StampPairing(slop_s=0.02)
    pairing.add_depth(100 * MS, "near")
    pairing.add_depth(110 * MS, "exact")
    assert pairing.add_colour(110 * MS, "colour") == [("colour", "exact")]


def test_beyond_the_slop_nothing_pairs():
    pairing, finished = colour_and_depth(frames(20), [(arrival, stamp + 16 * MS) for arrival, stamp in frames(20)])
    assert all(depth is None for _, depth in finished)
    assert pairing.unpaired_colour == len(finished)


def test_depth_at_half_the_rate_delays_colour_by_at_most_a_frame():
    pairing = StampPairing()
    handed_on = {}
    for index in range(100):
        if index % 2 == 0:
            handed_on |= {colour: (index, depth) for colour, depth in pairing.add_depth(index * FRAME, index)}
        handed_on |= {colour: (index, depth) for colour, depth in pairing.add_colour(index * FRAME, index)}
    assert all(when - colour <= 1 for colour, (when, _) in handed_on.items())
    assert [colour for colour, (_, depth) in handed_on.items() if depth is not None] == list(range(0, 100, 2))


def test_when_depth_stops_colour_goes_on_at_once_after_half_a_second():
    pairing = StampPairing()
    last_depth = 30
    immediate = []
    for index in range(100):
        if index <= last_depth:
            pairing.add_depth(index * FRAME, index)
        immediate.append((index, None) in pairing.add_colour(index * FRAME, index))
    assert all(immediate[last_depth + 16 :])


def test_without_depth_colour_never_waits():
    pairing = StampPairing()
    assert [pairing.add_colour(index * FRAME, index) for index in range(5)] == [[(index, None)] for index in range(5)]
    assert pairing.unpaired_colour == 5


def test_a_colour_image_waits_for_at_most_two_newer_ones():
    pairing = StampPairing()
    pairing.add_depth(0, "early")
    pairing.add_colour(0, "first")
    assert pairing.add_colour(1 * FRAME, 1) == []
    assert pairing.add_colour(2 * FRAME, 2) == []
    assert pairing.add_colour(3 * FRAME, 3) == [(1, None)]
    assert pairing.add_depth(3 * FRAME, "d") == [(2, None), (3, "d")]


def test_depth_alone_is_counted_and_not_kept():
    pairing = StampPairing()
    for index in range(1000):
        assert pairing.add_depth(index * FRAME, index) == []
    assert pairing.unpaired_depth >= 990


@pytest.mark.parametrize("colour_first", [True, False])
def test_a_recording_that_starts_again_goes_on_pairing(colour_first):
    pairing = StampPairing()
    finished = []
    for index in [*range(100), *range(100)]:
        adds = [pairing.add_colour, pairing.add_depth] if colour_first else [pairing.add_depth, pairing.add_colour]
        for add in adds:
            finished += add(index * FRAME, index)
    assert len(finished) == 200
    assert sum(colour == depth for colour, depth in finished) >= 198
    assert 1 <= pairing.jumps <= 2


def test_depth_with_a_clock_of_its_own_does_not_delay_colour():
    pairing = StampPairing()
    hour = 3_600_000_000_000
    for index in range(10):
        pairing.add_depth(index * FRAME + hour, index)
        assert pairing.add_colour(index * FRAME, index) == [(index, None)]


def test_stamps_that_are_all_zero_still_pair():
    pairing = StampPairing()
    for index in range(10):
        pairing.add_depth(0, index)
        assert pairing.add_colour(0, index) == [(index, index)]


def test_payloads_are_not_compared():
    pairing = StampPairing()
    image = np.zeros((4, 4))
    pairing.add_depth(0, image)
    pairing.add_depth(1, image.copy())
    ((colour, depth),) = pairing.add_colour(1, image)
    assert colour is image and depth is not None


@pytest.mark.parametrize(("slop", "alive"), [(-0.1, 0.5), (0.6, 0.5)])
def test_a_slop_that_makes_no_sense_is_refused(slop, alive):
    with pytest.raises(ValueError, match="slop_s"):
        StampPairing(slop, alive)


@given(st.lists(st.tuples(st.booleans(), st.integers(-(10**12), 10**12) | st.integers(0, 10**8)), max_size=300))
def test_whatever_comes_each_image_goes_on_at_most_once_and_colour_in_order(arrivals):
    pairing, finished = StampPairing(), []
    for index, (is_colour, stamp) in enumerate(arrivals):
        finished += (pairing.add_colour if is_colour else pairing.add_depth)(stamp, index)
    colours = [colour for colour, _ in finished]
    depths = [depth for _, depth in finished if depth is not None]
    assert colours == [index for index, (is_colour, _) in enumerate(arrivals) if is_colour][: len(colours)]
    assert len(set(depths)) == len(depths)
    assert len(colours) >= sum(is_colour for is_colour, _ in arrivals) - 2
    assert all(
        abs(arrivals[colour][1] - arrivals[depth][1]) <= 15 * MS for colour, depth in finished if depth is not None
    )
    assert pairing.unpaired_colour == len(colours) - len(depths)
    depth_count = sum(not is_colour for is_colour, _ in arrivals)
    assert 0 <= depth_count - len(depths) - pairing.unpaired_depth <= 4


def test_a_hundred_thousand_random_arrivals_leave_nothing_behind():
    rng = np.random.default_rng(0)
    pairing = StampPairing()
    came, handed_on = {True: 0, False: 0}, 0
    for is_colour, stamp in zip(rng.random(100_000) < 0.5, rng.integers(0, 10**10, 100_000), strict=True):
        finished = (pairing.add_colour if is_colour else pairing.add_depth)(int(stamp), None)
        came[bool(is_colour)] += 1
        handed_on += len(finished)
    paired = handed_on - pairing.unpaired_colour
    assert came[True] - handed_on <= 2
    assert came[False] - paired - pairing.unpaired_depth <= 4


def test_a_short_recording_that_begins_anew_pairs_as_in_its_first_round():
    pairing = StampPairing(expect_depth=True)
    for _ in range(5):
        for _, stamp in frames(12):  # 0.4 s
            assert pairing.add_colour(stamp, stamp) == []
            assert pairing.add_depth(stamp, stamp) == [(stamp, stamp)]
    assert (pairing.jumps, pairing.unpaired_colour) == (4, 0)


def test_expected_depth_is_waited_for_from_the_first_image_on():
    pairing = StampPairing(expect_depth=True)
    assert pairing.add_colour(0, "colour") == []
    assert pairing.add_depth(0, "depth") == [("colour", "depth")]


def test_expected_depth_that_never_comes_delays_colour_by_two_frames():
    pairing = StampPairing(expect_depth=True)
    finished = [pairing.add_colour(stamp, stamp) for _, stamp in frames(4)]
    assert finished == [[], [], [(0, None)], [(FRAME, None)]]


def test_what_still_waits_at_the_end_can_be_had():
    pairing = StampPairing(expect_depth=True)
    pairing.add_colour(0, "colour")
    assert pairing.release() == [("colour", None)]
    assert pairing.unpaired_colour == 1
