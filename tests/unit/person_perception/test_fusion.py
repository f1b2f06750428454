import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from face_perception.identity import NOT_EXAMINED, Identity, IdentityState
from gesture_perception.hand import Side
from perception_core.depth import PositionSource
from perception_core.geometry import Box
from person_perception.fusion import FusionRules, PeopleFusion
from person_perception.person import SeenFace, SeenHand

from .seen import FRAME_NS, NOWHERE, confirmed, face, hand, place

START_NS = 5_000_000_000


class Frames:
    """Calls a fusion at 30 Hz."""

    def __init__(self):
        self.fuse = PeopleFusion()
        self.stamp_ns = START_NS

    def __call__(self, faces=(), hands=(), count=1):
        for _ in range(count):
            self.stamp_ns += FRAME_NS
            people = self.fuse(self.stamp_ns, faces, hands)
        return people

    def wait(self, seconds):
        self.stamp_ns += round(seconds * 1e9)


@pytest.fixture
def frames():
    return Frames()


def hands_of(people):
    return {person.track_id: {one.track_id for one in person.hands} for person in people}


@pytest.mark.parametrize("source", list(PositionSource))
@pytest.mark.parametrize("side", [Side.RIGHT, Side.LEFT])
def test_a_hand_before_its_shoulder_is_of_that_person_from_the_first_frame(frames, source, side):
    (person,) = frames([face(source=source)], [hand(side=side, source=source)])
    assert [one.track_id for one in person.hands] == [1]
    assert frames.fuse.author_of(1) == person


@pytest.mark.parametrize("source", list(PositionSource))
def test_two_who_stand_side_by_side_have_their_own_hands(frames, source):
    faces = [face(1, x=-0.35, source=source), face(2, x=0.35, source=source)]
    hands = [
        hand(number, x, side=side, source=source)
        for number, (x, side) in enumerate(itertools.product((-0.35, 0.35), (Side.RIGHT, Side.LEFT)), 1)
    ]
    assert sorted(hands_of(frames(faces, hands, 3)).values(), key=min) == [{1, 2}, {3, 4}]


@pytest.mark.parametrize("source", [PositionSource.DEPTH, PositionSource.SIZE_PRIOR, PositionSource.NONE])
def test_a_hand_before_the_neighbour_belongs_to_whom_its_arm_comes_from(frames, source):
    left, right = face(1, x=-0.35, source=source), face(2, x=0.35, source=source)
    # The left one's left hand, 0.3 m from that shoulder and before the neighbour's right one; its arm comes from there.
    across = hand(7, -0.35, side=Side.LEFT, out=0.3, ahead=0.3, elbow=(-0.7, 0.6, 0.39), source=source)
    people = frames([left, right], [across], 3)
    assert {person.face.track_id: len(person.hands) for person in people} == {1: 1, 2: 0}


def test_a_hand_out_of_everybodys_reach_is_nobodys(frames):
    far = hand(x=1.2)
    assert all(not person.hands for person in frames([face()], [far], 30))
    assert frames.fuse.author_of(1) is None


def test_a_hand_alone_is_no_person(frames):
    assert frames([], [hand()], 30) == []
    assert frames.fuse.author_of(1) is None


def test_nobody_has_two_right_hands(frames):
    hands = [hand(1, out=0.1), hand(2, out=0.2), hand(3, side=Side.LEFT)]
    (person,) = frames([face()], hands, 30)
    assert len(person.hands) == 2
    assert {one.side for one in person.hands} == {Side.RIGHT, Side.LEFT}


def test_one_bad_frame_changes_nothing(frames):
    faces = [face(1, x=-0.35), face(2, x=0.35)]
    (before, _) = frames(faces, [hand(1, -0.35)], 15)
    strayed = replace(hand(1, 0.35), side=Side.LEFT)
    assert hands_of(frames(faces, [strayed])) == {1: {1}, 2: set()}
    assert hands_of(frames(faces, [hand(1, -0.35)])) == {1: {1}, 2: set()}
    assert before.track_id == 1


def test_a_wrong_first_guess_is_mended(frames):
    faces = [face(1, x=-0.35), face(2, x=0.35)]
    assert hands_of(frames(faces, [hand(1, -0.35)], 6)) == {1: {1}, 2: set()}
    assert hands_of(frames(faces, [hand(1, 0.35)], 45)) == {1: set(), 2: {1}}


def test_a_person_goes_on_while_a_hand_is_seen(frames):
    (seen,) = frames([face(identity=confirmed("p1"))], [hand()], 15)
    (away,) = frames([], [hand()], 150)
    assert (away.track_id, away.face, away.identity) == (seen.track_id, None, confirmed("p1"))
    assert away.position == hand().position
    assert away.looking_at_camera is None
    assert frames.fuse.author_of(1).track_id == seen.track_id


def test_a_hand_that_comes_after_the_face_was_lost_is_nobodys(frames):
    frames([face()], [], 15)
    frames([], [], 20)
    assert frames([], [hand()], 30) == []


def test_who_is_lost_altogether_is_not_in_view(frames):
    frames([face()], [hand()], 15)
    assert frames() == []


def test_the_author_is_known_after_the_hand_and_the_face_went(frames):
    (person,) = frames([face(identity=confirmed("p1"))], [hand()], 15)
    frames([], [], 30)
    assert frames.fuse.author_of(1) == person
    frames([], [], 60)
    assert frames.fuse.author_of(1) is None


def test_of_a_hand_that_went_the_author_is_as_the_hand_was_last_seen(frames):
    frames([face()], [hand()], 15)
    frames([face()], [], 5)
    assert [one.track_id for one in frames.fuse.author_of(1).hands] == [1]


def test_a_face_that_returns_at_once_at_its_place_is_the_same_person(frames):
    (before,) = frames([face(1)], [], 10)
    frames([], [], 20)
    (after,) = frames([face(2, x=0.15)])
    assert after.track_id == before.track_id


@pytest.mark.parametrize(("x", "waiting_s"), [(1.0, 0.3), (0.0, 1.8)])
def test_a_face_elsewhere_or_too_late_is_somebody_else(frames, x, waiting_s):
    (before,) = frames([face(1)], [], 10)
    frames.wait(waiting_s)
    (after,) = frames([face(2, x=x)])
    assert after.track_id != before.track_id


def test_a_face_that_may_be_either_of_two_who_were_lost_is_somebody_new(frames):
    known = {person.track_id for person in frames([face(1, x=-0.2), face(2, x=0.2)], [], 10)}
    frames([], [], 10)
    (after,) = frames([face(3, x=0.0)])
    assert after.track_id not in known


def test_a_confirmed_identity_is_the_same_person_wherever_it_returns(frames):
    (before,) = frames([face(1, x=-0.6, identity=confirmed("p1"))], [], 10)
    frames([], [], 50)
    (after,) = frames([face(2, x=0.6, identity=confirmed("p1"))])
    assert after.track_id == before.track_id


def test_who_is_confirmed_only_after_returning_becomes_the_same_person_with_the_hands(frames):
    (before,) = frames([face(1, x=-0.6, identity=confirmed("p1"))], [], 10)
    frames([], [], 30)
    (stranger,) = frames([face(2, x=0.6)], [hand(5, 0.6)], 10)
    assert stranger.track_id != before.track_id
    (after,) = frames([face(2, x=0.6, identity=confirmed("p1"))], [hand(5, 0.6)])
    assert after.track_id == before.track_id
    assert [one.track_id for one in after.hands] == [5]
    assert frames.fuse.author_of(5) == after


def test_two_faces_with_one_identity_are_two_people(frames):
    twins = [face(1, x=-0.4, identity=confirmed("p1")), face(2, x=0.4, identity=confirmed("p1"))]
    assert len({person.track_id for person in frames(twins, [], 10)}) == 2
    (left,) = frames(twins[1:], [], 10)
    assert left.track_id == 2


def test_who_was_seen_beside_the_other_does_not_become_the_other_when_that_one_is_lost(frames):
    frames([face(1, x=-0.4, identity=confirmed("p1")), face(2, x=0.4)], [], 10)
    (left,) = frames([face(2, x=0.4, identity=confirmed("p1"))], [], 10)
    assert left.track_id == 2


def test_who_takes_somebodys_place_is_somebody_else_once_the_identity_says_so(frames):
    (before,) = frames([face(1, identity=confirmed("p1"))], [], 10)
    frames([], [], 10)
    (guessed,) = frames([face(2)], [hand()], 10)
    assert guessed.track_id == before.track_id
    assert guessed.identity == NOT_EXAMINED
    (after,) = frames([face(2, identity=confirmed("p2", "Bob"))], [hand()], 5)
    assert after.track_id != before.track_id
    assert [one.track_id for one in after.hands] == [1]


def test_an_identity_that_is_merged_or_forgotten_is_followed(frames):
    (before,) = frames([face(identity=confirmed("p1"))])
    (merged,) = frames([face(identity=confirmed("p2"))])
    (forgotten,) = frames([face(identity=Identity(IdentityState.UNKNOWN))])
    assert before.track_id == merged.track_id == forgotten.track_id
    assert (merged.identity.person_id, forgotten.identity.state) == ("p2", IdentityState.UNKNOWN)


def test_a_bridged_face_is_still_the_persons_position(frames):
    (person,) = frames([face(bridged=True, source=PositionSource.PREDICTED)], [hand()])
    assert person.position == person.face.position
    assert person.distance == pytest.approx(math.hypot(0.0, -0.3, 1.6))


def test_people_are_told_nearest_first_and_those_at_unknown_distance_last(frames):
    faces = [
        face(1, x=-0.8, z=1.5, source=PositionSource.NONE), face(2, x=0.0, z=2.5), face(3, x=0.6, z=1.2),
        face(4, x=0.9, z=1.0, source=PositionSource.NONE),
    ]  # fmt: skip
    people = frames(faces)
    assert [person.face.track_id for person in people] == [3, 2, 4, 1]
    assert [math.isnan(person.distance) for person in people] == [False, False, True, True]


def test_a_jump_back_ends_everybody_and_no_id_is_used_again(frames):
    (before,) = frames([face()], [hand()], 10)
    frames.stamp_ns -= 3_000_000_000
    assert frames() == []
    assert frames.fuse.author_of(1) is None
    (after,) = frames([face()], [hand()])
    assert after.track_id > before.track_id


def test_a_late_image_and_equal_stamps_change_nobodys_id(frames):
    (before,) = frames([face()], [hand()], 10)
    for back_ns in (0, FRAME_NS, 2 * FRAME_NS):
        (same,) = frames.fuse(frames.stamp_ns - back_ns, [face()], [hand()])
        assert (same.track_id, len(same.hands)) == (before.track_id, 1)


def test_after_a_long_gap_everybody_is_new(frames):
    (before,) = frames([face()], [], 10)
    frames.wait(60)
    (after,) = frames([face(2)])
    assert after.track_id != before.track_id


def test_people_are_remembered_for_as_long_as_the_rules_say():
    fuse = PeopleFusion(FusionRules(keep_lost_s=30.0))
    (before,) = fuse(START_NS, [face(1, identity=confirmed("p1"))], [])
    assert fuse(START_NS + 10**9, [], []) == []
    (after,) = fuse(START_NS + 25 * 10**9, [face(2, x=0.8, identity=confirmed("p1"))], [])
    assert after.track_id == before.track_id


def test_ids_may_come_from_somewhere_else():
    (person,) = PeopleFusion(ids=itertools.count(40))(START_NS, [face()], [])
    assert person.track_id == 40


def test_hundreds_of_hands_have_owners_all_the_same(frames):
    hands = [hand(number, out=0.001 * number) for number in range(300)]
    (person,) = frames([face()], hands, 3)
    assert 1 <= len(person.hands) <= 2


def test_one_face_told_twice_is_one_person(frames):
    assert len(frames([face(1), face(1)], [hand(1), hand(1)])) == 1


NUMBERS = st.one_of(st.floats(-5, 5), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e300, -1e300]))
POSITIONS = st.builds(
    lambda xyz, sigma, source: replace(place(*xyz), sigma=sigma, source=source),
    st.tuples(NUMBERS, NUMBERS, NUMBERS), NUMBERS, st.sampled_from(list(PositionSource)),
)  # fmt: skip
BOXES = st.builds(Box, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
FACES = st.builds(
    SeenFace, st.integers(1, 4), BOXES, POSITIONS, st.booleans(),
    st.sampled_from([NOT_EXAMINED, confirmed("p1"), confirmed("p2")]), st.sampled_from([None, True, False]),
)  # fmt: skip
HANDS = st.builds(
    SeenHand, st.integers(1, 6), BOXES, POSITIONS, st.booleans(), st.sampled_from(list(Side)), NUMBERS,
    st.none() | st.tuples(NUMBERS, NUMBERS), st.none() | st.tuples(NUMBERS, NUMBERS),
    st.none() | st.tuples(NUMBERS, NUMBERS, NUMBERS),
)  # fmt: skip
FILM = st.lists(
    st.tuples(st.integers(-200_000_000, 2_000_000_000), st.lists(FACES, max_size=3), st.lists(HANDS, max_size=4)),
    max_size=5,
)


@settings(max_examples=30)
@given(FILM)
def test_whatever_is_seen_no_hand_has_two_owners_no_face_two_people_and_no_id_two_people_at_once(film):
    fuse, stamp_ns = PeopleFusion(), START_NS
    for passed_ns, faces, hands in film:
        stamp_ns += passed_ns
        people = fuse(stamp_ns, faces, hands)
        given_away = [one.track_id for person in people for one in person.hands]
        assert len(given_away) == len(set(given_away))
        assert set(given_away) <= {one.track_id for one in hands}
        assert sorted(one.face.track_id for one in people if one.face is not None) == sorted(
            {one.track_id for one in faces}
        )
        assert len({person.track_id for person in people}) == len(people)
        assert all(len(person.hands) <= 2 for person in people)


def test_positions_that_are_no_numbers_leave_the_image_to_decide(frames):
    seen = replace(face(), position=replace(NOWHERE, source=PositionSource.DEPTH))
    (person,) = frames([seen], [hand()], 5)
    assert len(person.hands) == 1
    assert math.isnan(person.distance)
