import pytest

from face_perception.identity import IdentityState
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.greeting import Greeter, GreetRules
from person_perception.behaviours.sightings import Sightings

from .sights import UNKNOWN, Moments, known, person


def moments_of(people, **rules):
    sightings = Sightings(FreshnessRules(), needs_hands=False)
    return Moments(Greeter(GreetRules(**rules)), people=people, sightings=sightings)


def said(moments):
    return [text for _, texts in moments.answers for text in texts]


def test_who_is_known_is_greeted_at_once_by_name_and_once():
    moments = moments_of([person(identity=known("Ann"))])
    moments.go(5.0)
    assert said(moments) == ["Hello, Ann!"]


def test_a_stranger_is_greeted_after_a_moment_in_which_a_name_may_come():
    moments = moments_of([person()])
    moments.go(1.5)
    assert said(moments) == []
    moments.go(1.0)
    assert said(moments) == ["Hello!"]


def test_a_name_that_comes_in_time_is_used_and_one_that_comes_late_is_no_second_greeting():
    for wait_s, expected in ((1.0, ["Hello, Ann!"]), (3.0, ["Hello!"])):
        moments = moments_of([person(identity=known("Ann", state=IdentityState.TENTATIVE))])
        moments.go(wait_s)
        moments.people = [person(identity=known("Ann"))]
        moments.go(3.0)
        assert said(moments) == expected


@pytest.mark.parametrize(("gone_s", "times"), [(5.0, 1), (12.0, 2)])
def test_a_visit_ends_when_somebody_was_gone_for_long_enough(gone_s, times):
    moments = moments_of([person(identity=known("Ann"))], visit_over_s=10.0)
    moments.go(1.0)
    moments.people = []
    moments.go(gone_s)
    moments.people = [person(7, identity=known("Ann"))]
    moments.go(1.0)
    assert said(moments) == ["Hello, Ann!"] * times


def test_a_stranger_with_a_new_track_whose_face_is_known_to_be_anns_was_greeted():
    moments = moments_of([person(1, identity=known("Ann"))])
    moments.go(1.0)
    moments.people = [person(2, identity=UNKNOWN)]
    moments.go(1.0)
    moments.people = [person(2, identity=known("Ann"))]
    moments.go(3.0)
    assert said(moments) == ["Hello, Ann!"]


def test_who_is_renamed_or_merged_on_the_way_is_not_greeted_again():
    moments = moments_of([person(1, identity=known("Ann"))])
    moments.go(1.0)
    moments.people = [person(1, identity=known("Eve"))]
    moments.go(3.0)
    assert said(moments) == ["Hello, Ann!"]


def test_two_people_are_greeted_each():
    moments = moments_of([person(1, identity=known("Ann")), person(2, identity=known("Bob"))])
    moments.go(1.0)
    assert sorted(said(moments)) == ["Hello, Ann!", "Hello, Bob!"]


def test_nobody_is_greeted_by_old_news_and_nobody_counts_as_gone_meanwhile():
    moments = moments_of([person(identity=known("Ann"))], visit_over_s=10.0)
    moments.go(1.0)
    moments.blind = True
    moments.go(30.0)
    moments.blind = False
    moments.go(1.0)
    assert said(moments) == ["Hello, Ann!"]


def test_only_who_looks_or_is_near_is_greeted_where_that_is_wanted():
    moments = moments_of([person(identity=known("Ann"), looking=False)], when_looking=True, within_m=2.0)
    moments.go(1.0)
    moments.people = [person(identity=known("Ann"), looking=True)]
    moments.go(1.0)
    assert said(moments) == []
    moments.people = [person(ahead=1.5, identity=known("Ann"), looking=True)]
    moments.go(1.0)
    assert said(moments) == ["Hello, Ann!"]


def test_a_name_with_braces_is_a_name():
    moments = moments_of([person(identity=known("{name.__class__}"))])
    moments.go(1.0)
    assert said(moments) == ["Hello, {name.__class__}!"]
