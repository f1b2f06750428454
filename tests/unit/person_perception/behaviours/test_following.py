import math

import pytest

from face_perception.identity import IdentityState
from person_perception.behaviours.authority import AuthorityRule, Who
from person_perception.behaviours.following import FollowPerson, FollowRules
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.limits import Limits
from person_perception.behaviours.sight import PersonSeen

from .sights import ENDED, HELD, STARTED, UNKNOWN, Moments, known, person


def follower(who=Who.ANYONE, people=frozenset(), **rules):
    return FollowPerson(FollowRules(**rules), AuthorityRule(who, frozenset(people)), Limits(), FreshnessRules())


def following(who=Who.ANYONE, people=frozenset(), seen=None, **rules):
    """Moments in which person 1 has beckoned and is being followed."""
    moments = Moments(follower(who, people, **rules), people=seen or [person()])
    moments.go(0.3)
    moments.tell("Beckon")
    assert moments.go(1.0).linear > 0.2
    return moments


def stood(moments, since_s):
    return not any(answer.moves for _, answer in moments.since(since_s))


def rest_s(moments, since_s):
    """Seconds from a moment until the robot is at rest for good."""
    return max((at_s for at_s, answer in moments.since(since_s) if answer.moves), default=since_s) - since_s


def test_nobody_is_followed_who_has_not_beckoned():
    moments = Moments(follower())
    moments.go(2.0)
    assert stood(moments, 0)
    assert not moments.ask().active


def test_who_beckons_is_driven_to_and_turned_to():
    moments = Moments(follower(), people=[person(ahead=3.0, left=1.0)])
    moments.go(0.3)
    moments.tell("Beckon")
    answer = moments.go(0.5)
    assert answer.linear > 0.1 and answer.angular > 0.1


def test_somebody_at_the_side_is_turned_to_before_anything_is_driven():
    moments = Moments(follower(), people=[person(ahead=0.5, left=-2.0)])
    moments.go(0.3)
    moments.tell("Beckon")
    answer = moments.go(0.5)
    assert answer.linear == 0 and answer.angular < -0.1


@pytest.mark.parametrize("label", ["Open_Palm", "Closed_Fist"])
@pytest.mark.parametrize("author", [1, 2, None])
def test_a_stop_gesture_from_anyone_always_stops(label, author):
    moments = following(Who.ENROLLED, seen=[person(identity=known("Ann"))])
    at_s = moments.now_s
    moments.tell(label, hand=77, author=author)
    moments.go(2.0)
    assert rest_s(moments, at_s) <= 0.12


def test_two_images_of_a_palm_of_a_hand_that_is_nobodys_stop_at_once():
    moments = following()
    at_s = moments.now_s
    moments.hands[77] = "Open_Palm"
    moments.go(1.0)
    assert rest_s(moments, at_s) <= 0.25


def test_one_image_of_a_palm_is_no_stop():
    moments = following()
    moments.hands[77] = "Open_Palm"
    moments.go(1 / 30, period_s=1 / 60)
    del moments.hands[77]
    assert moments.go(0.5).linear > 0.2


def test_a_fist_is_part_of_beckoning_but_not_of_a_hand_that_does_not():
    moments = following()
    moments.hands[10] = ("Closed_Fist", "Beckon")
    assert moments.go(0.5).linear > 0.2
    moments.hands[10] = ("Closed_Fist", "None")
    assert not moments.go(0.3).moves


def test_a_palm_of_a_hand_that_beckons_stops():
    moments = following()
    moments.hands[10] = ("Open_Palm", "Beckon")
    assert not moments.go(0.3).moves


def test_after_a_stop_a_beckoning_that_goes_on_counts_no_more_and_a_new_one_does():
    moments = following()
    moments.tell("Open_Palm", hand=20, author=2)
    moments.go(1.0)
    moments.tell("Beckon", HELD, event_id=1, held_s=2.0)
    moments.go(1.0)
    at_s = moments.now_s
    assert stood(moments, at_s - 0.5)
    moments.tell("Beckon", ENDED, event_id=1)
    moments.tell("Beckon")
    assert moments.go(1.0).linear > 0.2


def test_a_beckoning_during_a_stop_counts_neither_then_nor_later():
    moments = Moments(follower(), hands={10: "None", 20: "Open_Palm"})
    moments.go(0.5)
    beckoning = moments.tell("Beckon")
    moments.go(0.5)
    moments.hands[20] = "None"
    moments.go(1.0)
    moments.tell("Beckon", HELD, event_id=beckoning, held_s=1.7)
    moments.go(0.5)
    assert stood(moments, 0)


def test_a_beckoning_that_began_before_anybody_looked_does_not_count():
    moments = Moments(follower())
    moments.go(0.3)
    moments.tell("Beckon", HELD, held_s=3.0)
    moments.go(0.5)
    assert stood(moments, 0)


def test_beckoning_has_to_be_held_as_long_as_the_rules_say():
    moments = Moments(follower(hold_s=0.6))
    moments.go(0.3)
    beckoning = moments.tell("Beckon", held_s=0.2)
    moments.go(0.5)
    assert stood(moments, 0)
    moments.tell("Beckon", HELD, event_id=beckoning, held_s=0.7)
    assert moments.go(0.5).linear > 0.1


@pytest.mark.parametrize("author", [None, 5])
def test_a_gesture_whose_author_is_unknown_or_out_of_view_has_no_authority(author):
    moments = Moments(follower())
    moments.go(0.3)
    moments.tell("Beckon", author=author)
    moments.go(1.0)
    assert stood(moments, 0)


def test_only_the_nearest_is_heard_where_the_nearest_counts():
    people = [person(1, ahead=3.5), person(2, ahead=2.0, left=1.0)]
    moments = Moments(follower(Who.NEAREST), people=people)
    moments.go(0.3)
    moments.tell("Beckon", author=1)
    moments.go(0.5)
    assert stood(moments, 0)
    moments.tell("Beckon", author=2)
    assert moments.go(0.5).moves


def test_nobody_is_the_nearest_while_somebody_has_no_place():
    moments = Moments(follower(Who.NEAREST), people=[person(1), PersonSeen(2, None)])
    moments.go(0.3)
    moments.tell("Beckon", author=1)
    moments.people = [person(1)]
    moments.go(0.5)
    assert stood(moments, 1000.35)


@pytest.mark.parametrize(
    "identity",
    [UNKNOWN, known("Bob"), known("Ann", state=IdentityState.TENTATIVE)],
    ids=["stranger", "bob", "tentative"],
)
def test_only_who_is_listed_and_confirmed_is_heard_where_the_enrolled_count(identity):
    moments = Moments(follower(Who.ENROLLED, {"Ann"}), people=[person(identity=identity)])
    moments.go(0.3)
    moments.tell("Beckon")
    moments.go(0.5)
    assert stood(moments, 0)


@pytest.mark.parametrize("listed", ["Ann", "id-Ann"])
def test_who_is_listed_by_name_or_id_is_heard(listed):
    following(Who.ENROLLED, {listed}, seen=[person(identity=known("Ann"))])


@pytest.mark.parametrize("now", [UNKNOWN, known("Eve")], ids=["forgotten", "merged"])
def test_who_is_forgotten_or_merged_in_the_gallery_is_left_where_the_enrolled_count(now):
    moments = following(Who.ENROLLED, seen=[person(identity=known("Ann"))])
    at_s = moments.now_s
    moments.people = [person(identity=now)]
    moments.go(1.0)
    assert rest_s(moments, at_s) <= 0.15


@pytest.mark.parametrize("who", [Who.ANYONE, Who.NEAREST, Who.FIRST])
def test_who_is_forgotten_is_followed_on_where_names_do_not_matter(who):
    moments = following(who, seen=[person(identity=known("Ann"))])
    moments.people = [person(identity=UNKNOWN)]
    assert moments.go(0.5).linear > 0.2


def test_who_was_first_keeps_it_from_others_also_after_they_stopped_the_robot():
    moments = following(Who.FIRST, seen=[person(1), person(2, left=1.5)])
    moments.tell("Open_Palm", hand=20, author=2)
    moments.go(1.0)
    moments.tell("Beckon", hand=20, author=2)
    moments.go(0.5)
    assert stood(moments, moments.now_s - 0.5)
    moments.tell("Beckon", author=1)
    assert moments.go(0.5).moves


def test_who_was_first_gives_it_up_by_stopping_the_robot_or_by_leaving():
    for leaves in (True, False):
        moments = following(Who.FIRST, seen=[person(1), person(2, left=1.5)])
        if leaves:
            moments.people = [person(2, left=1.5)]
        else:
            moments.tell("Open_Palm", author=1)
        moments.go(1.0)
        moments.tell("Beckon", hand=20, author=2)
        assert moments.go(0.5).moves


def test_a_person_who_leaves_is_waited_for_ever_slower_and_then_lost():
    moments = following()
    at_s = moments.now_s
    moments.people = []
    moments.go(1.0)
    assert rest_s(moments, at_s) < 0.75
    speeds = [answer.linear for _, answer in moments.since(at_s + 0.1)]
    assert speeds == sorted(speeds, reverse=True)
    moments.people = [person()]
    moments.go(1.0)
    assert stood(moments, at_s + 0.9)


def test_a_person_who_is_missing_for_a_moment_is_followed_on():
    moments = following()
    moments.people = []
    moments.go(0.2)
    moments.people = [person()]
    assert moments.go(0.5).linear > 0.2


def test_who_is_suddenly_elsewhere_on_the_same_track_is_taken_for_another():
    moments = following()
    at_s = moments.now_s
    moments.people = [person(ahead=1.8, left=2.0)]
    moments.go(1.0)
    assert rest_s(moments, at_s) <= 0.15


def test_a_place_that_is_not_known_stops_the_robot():
    for people in ([PersonSeen(1, None)], [person(1), PersonSeen(2, None)]):
        moments = following()
        at_s = moments.now_s
        moments.people = people
        moments.go(1.0)
        assert rest_s(moments, at_s) <= 0.15


def test_the_robot_rests_within_a_quarter_of_a_second_of_the_last_image():
    moments = following()
    at_s = moments.now_s
    moments.blind = True
    moments.go(2.0)
    assert 0.1 < rest_s(moments, at_s) <= 0.25


@pytest.mark.parametrize("off_s", [-3600.0, -0.5, 0.2, 30.0])
def test_stamps_of_another_time_stop_the_robot(off_s):
    moments = following()
    at_s = moments.now_s
    moments.off_s = off_s
    moments.go(2.0)
    assert rest_s(moments, at_s) <= 0.25


def test_after_a_jump_back_somebody_has_to_beckon_anew():
    moments = following()
    moments.off_s = -0.15
    moments.go(1.0)
    at_s = moments.now_s
    moments.off_s = 0.0
    moments.go(1.0)
    assert stood(moments, at_s)


def test_a_perception_that_was_gone_for_a_second_is_not_driven_by_until_somebody_beckons():
    moments = following()
    moments.blind = True
    moments.go(1.0)
    at_s = moments.now_s
    moments.blind = False
    moments.go(1.0)
    assert stood(moments, at_s)
    moments.tell("Beckon", event_id=1)  # ids begin anew
    assert moments.go(1.0).linear > 0.2


def test_without_hands_nothing_moves_for_nobody_could_stop_it():
    moments = following()
    at_s = moments.now_s
    moments.show = lambda: moments.sightings.take_people(moments.clocks(), moments.stamp_ns(), moments.people)
    moments.go(1.0)
    assert rest_s(moments, at_s) <= 0.25


def test_somebody_who_stands_in_the_way_is_kept_the_distance_to():
    moments = following()
    moments.people = [person(1), person(2, ahead=1.1, left=0.1)]
    moments.go(1.0)
    assert moments.ask().linear == 0


@pytest.mark.parametrize("back_away", [False, True])
def test_the_robot_backs_away_only_where_that_is_wanted(back_away):
    moments = following(back_away=back_away)
    for ahead in (2.6, 2.2, 1.8, 1.4, 1.0, 0.8):
        moments.people = [person(ahead=ahead)]
        moments.go(0.2)
    answer = moments.go(1.0)
    assert answer.linear == 0 if not back_away else -0.2 < answer.linear < 0


@pytest.mark.parametrize(("distance", "bearing"), [(1.25, 0.0), (1.6, -0.6), (2.0, 0.3), (3.5, 0.6)])
def test_a_robot_comes_close_and_never_closer(distance, bearing):
    x, y, keep = distance * math.cos(bearing), distance * math.sin(bearing), 1.2
    moments = Moments(follower(distance_m=keep))
    robot = [0.0, 0.0, 0.0]
    nearest = math.inf

    def look():
        ahead, left = x - robot[0], y - robot[1]
        cosine, sine = math.cos(robot[2]), math.sin(robot[2])
        moments.people = [person(ahead=cosine * ahead + sine * left, left=cosine * left - sine * ahead)]

    look()
    moments.go(0.3)
    moments.tell("Beckon")
    for _ in range(800):
        answer = moments.go(0.02)
        robot[2] += answer.angular * 0.02
        robot[0] += answer.linear * math.cos(robot[2]) * 0.02
        robot[1] += answer.linear * math.sin(robot[2]) * 0.02
        nearest = min(nearest, math.hypot(x - robot[0], y - robot[1]))
        look()
    assert keep <= nearest
    assert nearest < keep + 0.2 or nearest == pytest.approx(distance, abs=0.2)
    assert not answer.moves


def test_the_state_tells_what_it_does():
    moments = following()
    assert moments.ask().state == "follows person 1"
    moments.tell("Open_Palm", author=None)
    moments.go(0.2)
    assert moments.ask().state == "stopped by Open_Palm; waits for Beckon"
    moments.blind = True
    moments.go(0.5)
    assert "nothing new on people" in moments.ask().state


def test_the_same_event_from_two_publishers_counts_once_and_with_the_author_it_has():
    moments = Moments(follower())
    moments.go(0.3)
    beckoning = moments.tell("Beckon", author=None)
    moments.tell("Beckon", STARTED, event_id=beckoning, author=1)
    assert moments.go(0.5).moves


@pytest.mark.parametrize("off_s", [-0.5, 0.5])
def test_an_event_of_another_time_sets_nothing_in_motion_while_images_are_fresh(off_s):
    moments = Moments(follower())
    moments.go(0.3)
    moments.off_s = off_s
    beckoning = moments.tell("Beckon")
    moments.off_s = 0.0
    moments.go(0.5)
    moments.tell("Beckon", HELD, event_id=beckoning, held_s=0.7)
    moments.go(0.5)
    assert stood(moments, 0)
