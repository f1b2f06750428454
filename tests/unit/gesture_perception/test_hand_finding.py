"""Finding hands at little cost, on real pictures through the real networks."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from gesture_perception.hand_finding import FindingRules, FollowedHand, HandFinder
from gesture_perception.hand_sameness import same_hand
from gesture_perception.palms import PalmDetection
from perception_core.geometry import Box, RotatedRegion

WIDTH, HEIGHT = 640, 480


class Counted:
    """A detector or network that remembers how it was asked."""

    def __init__(self, inner):
        self._inner = inner
        self.asked = []

    def __call__(self, colour, what=None):
        self.asked.append(what)
        return self._inner(colour, what)

    @property
    def runs(self):
        return len(self.asked)


@pytest.fixture
def palms(find_palms):
    return Counted(find_palms)


@pytest.fixture
def finder(palms, full_hands, light_hands):
    return HandFinder(palms, full_hands, light_hands)


@pytest.fixture(scope="module")
def hand(hand_picture):
    """A hand that points up, before a wall; 330 x 420."""
    return cv2.resize(hand_picture("hand_pointing_up")[80:640, 60:500], None, fx=0.75, fy=0.75)


def on_wall(*placed, size=(WIDTH, HEIGHT)):
    """A picture with hands whose left upper corners are there."""
    picture = np.full((size[1], size[0], 3), (188, 200, 206), np.uint8)
    for small, (x, y) in placed:
        rows, columns = (
            slice(max(y, 0), min(y + small.shape[0], size[1])),
            slice(max(x, 0), min(x + small.shape[1], size[0])),
        )
        if rows.start < rows.stop and columns.start < columns.stop:
            picture[rows, columns] = small[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    return picture


def mirrored(picture):
    return np.ascontiguousarray(picture[:, ::-1])


def shrunk(picture, factor):
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def following(sightings):
    return [FollowedHand(place, each.region) for place, each in enumerate(sightings)]


@pytest.fixture(scope="module")
def one_hand(hand):
    return on_wall((hand, (150, 40)))


@pytest.fixture(scope="module")
def two_hands(hand):
    return on_wall((shrunk(hand, 0.8), (10, 100)), (shrunk(mirrored(hand), 0.8), (360, 100)))


def test_a_hand_is_followed_and_newcomers_are_looked_for_now_and_then(finder, palms, one_hand):
    sightings, ran = [], []
    for _ in range(12):
        before = palms.runs
        sightings = finder(one_hand, following(sightings))
        ran.append(palms.runs - before)
    assert ran == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    assert [each.followed for each in sightings] == [0]


def test_what_is_told_of_a_hand(finder, one_hand):
    (sighting,) = finder(one_hand)
    points = sighting.landmarks.points
    assert sighting.followed is None
    assert sighting.score == sighting.landmarks.presence > 0.9
    assert (sighting.box.x, sighting.box.bottom) == pytest.approx((points[:, 0].min(), points[:, 1].max()), abs=0.01)
    assert np.hypot(*np.subtract(sighting.region.centre, sighting.box.centre)) < 0.3 * sighting.region.side


def test_where_there_are_as_many_hands_as_wanted_the_detector_rests(palms, full_hands, one_hand):
    finder = HandFinder(palms, full_hands, None, FindingRules(max_hands=1, detect_every=1))
    sightings = finder(one_hand)
    for _ in range(4):
        sightings = finder(one_hand, following(sightings))
    assert palms.runs == 1 and len(sightings) == 1


def test_who_is_lost_is_looked_for_in_the_very_same_image(finder, palms, hand, one_hand):
    sightings = finder(one_hand)
    moved = on_wall((hand, (-20, 40)))
    (again,) = finder(moved, following(sightings))
    assert palms.runs == 2
    assert again.box.centre[0] - sightings[0].box.centre[0] == pytest.approx(-170, abs=12)


def test_a_hand_that_a_blur_hides_is_found_when_it_has_passed(finder, palms, one_hand):
    sightings = finder(one_hand)
    blurred = cv2.blur(one_hand, (161, 161))
    sightings = finder(blurred, following(sightings))
    assert sightings == []
    sightings = finder(blurred, [])
    assert len(finder(one_hand, [])) == 1
    assert palms.runs == 4


def test_where_no_hand_is_left_it_is_soon_not_sought_any_more(finder, palms, one_hand):
    sightings = finder(one_hand)
    empty = np.full_like(one_hand, 120)
    ran = []
    for _ in range(10):
        before = palms.runs
        sightings = finder(empty, following(sightings))
        ran.append(palms.runs - before)
    assert sightings == []
    assert ran == [1, 1, 1, 0, 1, 0, 0, 0, 0, 1]


def test_a_small_hand_that_is_lost_is_sought_where_it_was(finder, palms, hand):
    small = shrunk(hand, 0.12)
    sightings = finder(on_wall((small, (300, 200))), [], [Box(220, 160, 200, 140)])
    assert len(sightings) == 1
    (again,) = finder(on_wall((small, (336, 206))), following(sightings))
    assert palms.asked[-1].centre == pytest.approx(sightings[0].region.centre)
    assert again.box.centre[0] - sightings[0].box.centre[0] == pytest.approx(36, abs=6)


def test_a_far_hand_is_found_in_the_reach_of_its_owner(finder, palms, hand):
    far = on_wall((shrunk(hand, 0.12), (300, 200)))
    assert finder(far) == []
    finder.reset()
    assert len(finder(far, [], [Box(220, 160, 200, 140)])) == 1


def test_reaches_are_looked_at_in_turn_and_those_who_show_both_hands_not_at_all(finder, palms, two_hands):
    empty = [Box(x, 0, 100, 100) for x in (0, 200, 400)]
    blank = np.full_like(two_hands, 90)
    for _ in range(16):
        finder(blank, [], empty)
    assert palms.asked == [None, empty[1], None, empty[2], None, empty[0], None, empty[1]]
    palms.asked.clear()
    finder.reset()
    finder.rules = FindingRules(max_hands=8)
    finder(on_wall((shrunk(two_hands, 0.55), (0, 0))), [], [Box(0, 0, 360, 270)])
    assert len(palms.asked) == 1


def test_the_reach_of_who_is_near_is_not_looked_at(finder, palms, one_hand):
    finder(np.full_like(one_hand, 90), [], [Box(0, 0, 600, 450), Box(-50, -50, 3000, 3000)])
    assert palms.asked == [None]


def test_two_regions_that_settle_on_one_hand_are_one(finder, one_hand):
    (sighting,) = finder(one_hand)
    x, y = sighting.region.centre
    beside = RotatedRegion((x + 0.2 * sighting.region.side, y), sighting.region.side, sighting.region.angle)
    (kept,) = finder(one_hand, [FollowedHand(7, beside), FollowedHand(3, sighting.region)])
    assert kept.followed == 3


def test_the_other_of_two_that_fell_on_one_hand_is_found_again(finder, two_hands):
    sightings = finder(two_hands)
    assert len(sightings) == 2
    on_one = [FollowedHand(0, sightings[0].region), FollowedHand(1, sightings[0].region)]
    again = finder(two_hands, on_one)
    assert len(again) == 2 and not same_hand(again[0].landmarks, again[1].landmarks)


def test_both_hands_of_a_person_have_their_sides(finder, hand_clip):
    (man,) = hand_clip("hands_clip", 8)
    both = np.hstack([man[:, 150:], mirrored(man[:, 150:])])
    sightings = sorted(finder(both), key=lambda each: each.box.x)
    sure = [each.landmarks.right for each in sightings if each.box.height > 60]
    assert [round(right) for right in sure] == [0, 1]


def test_hands_that_overlap_are_two(finder, two_hands, hand):
    near = two_hands.copy()
    for gap in (300, 220, 180):
        near = on_wall((shrunk(hand, 0.8), (60, 100)))
        other = shrunk(mirrored(hand), 0.8)
        there = slice(60 + gap, 60 + gap + other.shape[1])
        near[100 : 100 + other.shape[0], there] = np.minimum(near[100 : 100 + other.shape[0], there], other)
        finder.reset()
        sightings = finder(near)
        for _ in range(3):
            sightings = finder(near, following(sightings))
        assert len(sightings) == 2, gap
        assert not same_hand(sightings[0].landmarks, sightings[1].landmarks)


def test_a_hand_before_a_face_is_followed_without_a_break(finder, hand_clip):
    sightings = []
    for picture in hand_clip("pexels", 62, 40)[::2]:
        sightings = finder(picture, following(sightings))
        assert len(sightings) == 1
    assert sightings[0].followed == 0


@pytest.mark.parametrize("x", [-120, -190, 430, 560])
def test_a_hand_that_the_border_cuts_is_finite_and_lies_where_it_is_seen(finder, hand, x):
    picture = on_wall((hand, (x, 40)))
    sightings = finder(picture)
    for _ in range(3):
        sightings = finder(picture, following(sightings))
    for each in sightings:
        assert np.isfinite(each.landmarks.points).all()
        assert each.box.clipped(WIDTH, HEIGHT).area > 0.2 * each.box.area


def test_a_hand_that_leaves_is_let_go(finder, hand):
    sightings = finder(on_wall((hand, (150, 40))))
    for x in range(170, 800, 40):
        sightings = finder(on_wall((hand, (x, 40))), following(sightings))
    assert sightings == []


def test_of_a_crowd_the_largest_are_followed(full_hands, find_palms, hand):
    sizes = [0.1 + 0.001 * (k % 17) for k in range(240)]
    places = [(60 * (k % 20), 80 * (k // 20)) for k in range(240)]
    crowd = on_wall(*((shrunk(hand, size), at) for size, at in zip(sizes, places, strict=True)), size=(1200, 960))
    (one,) = find_palms(on_wall((hand, (150, 40))))
    corner = np.array([150, 40])

    def as_small(size, at):
        box = Box(
            (one.box.x - 150) * size + at[0],
            (one.box.y - 40) * size + at[1],
            one.box.width * size,
            one.box.height * size,
        )
        return PalmDetection(box, one.score, ((one.points - corner) * size + at).astype(np.float32))

    network = Counted(full_hands)
    all_palms = [as_small(size, at) for size, at in zip(sizes, places, strict=True)]
    finder = HandFinder(lambda *_: list(all_palms), network, None, FindingRules(max_hands=4))
    sightings = finder(crowd)
    assert len(sightings) == 4
    assert sum(map(len, network.asked)) <= 8
    regions = [each.region.side for each in sightings]
    assert min(regions) > 0.85 * 2.0 * 0.116 * 165


def test_a_palm_that_is_no_hand_stands_in_nobodys_way(full_hands, find_palms, one_hand):
    (real,) = find_palms(one_hand)
    false = PalmDetection(Box(400, 20, 200, 200), 0.99, np.float32([[500, 210], *[[500, 40]] * 6]))
    finder = HandFinder(lambda *_: [false, real], full_hands, None, FindingRules(max_hands=1))
    (sighting,) = finder(one_hand)
    assert sighting.box.overlap(real.box) > 0.1


def test_the_light_network_takes_large_hands_beyond_the_first(find_palms, full_hands, light_hands, two_hands):
    full, light = Counted(full_hands), Counted(light_hands)
    finder = HandFinder(find_palms, full, light, FindingRules(full_hands=1))
    followed = following(finder(two_hands))
    full.asked.clear()
    light.asked.clear()
    found = finder(two_hands, followed)
    assert light.asked == [[followed[1].region]] and full.asked == [[followed[0].region]]
    assert [each.followed for each in found] == [0, 1]
    light.asked.clear()
    finder.rules = replace(finder.rules, light_from_px=2000.0)
    finder(two_hands, followed)
    assert light.asked == [[]]


def test_more_are_never_followed_than_wanted(finder, two_hands):
    sightings = finder(two_hands)
    finder.rules = FindingRules(max_hands=1)
    assert [each.followed for each in finder(two_hands, following(sightings))] == [0]


def test_a_sure_face_is_no_hand(finder, hand_clip):
    for picture in hand_clip("pexels", 300, 3):
        assert finder(picture) == []
        finder.reset()


def test_landmarks_that_are_no_numbers_are_a_lost_hand(palms, full_hands, one_hand):
    (good,) = HandFinder(palms, full_hands)(one_hand)

    def broken(colour, regions):
        return [replace(each, presence=float("nan")) for each in full_hands(colour, regions)]

    assert HandFinder(palms, broken)(one_hand, [FollowedHand(1, good.region)]) == []


def test_after_a_reset_the_next_image_is_looked_at(finder, palms, one_hand):
    finder(one_hand)
    finder.reset()
    finder(one_hand)
    assert palms.runs == 2


@pytest.mark.parametrize("side", [1, 2, 33])
def test_a_picture_of_next_to_nothing_holds_no_hand(finder, side):
    assert finder(np.full((side, side, 3), 90, np.uint8), [], [Box(0, 0, side, side)]) == []


def test_a_region_far_outside_the_picture_is_lost(finder, one_hand):
    outside = FollowedHand(5, RotatedRegion((9000.0, -7000.0), 200.0, 0.0))
    assert [each.followed for each in finder(one_hand, [outside])] == [None]
