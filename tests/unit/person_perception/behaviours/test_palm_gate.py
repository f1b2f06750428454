import pytest

from person_perception.behaviours.authority import AuthorityRule, Who
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.palm_gate import GateRules, PalmGate

from .sights import HELD, Moments, known, person


def gate(who=Who.ANYONE, **rules):
    return PalmGate(GateRules(**rules), AuthorityRule(who), FreshnessRules())


def opened(who=Who.ANYONE, people=None, **rules):
    moments = Moments(gate(who, **rules), people=people or [person()])
    assert moments.go(1.5).share == 1
    return moments


def closed(moments, hand=20, seconds=0.3):
    """A palm is shown and taken away."""
    moments.hands[hand] = "Open_Palm"
    moments.go(seconds)
    del moments.hands[hand]
    moments.go(1.0)
    return moments


def thumb_up(moments, author=1, held_s=0.7):
    thumb = moments.tell("Thumb_Up", author=author)
    moments.go(0.1)
    moments.tell("Thumb_Up", HELD, event_id=thumb, author=author, held_s=held_s)
    return moments.go(0.1)


def test_nothing_passes_until_something_is_seen():
    moments = Moments(gate(), blind=True)
    assert moments.go(1.0).locked


def test_two_images_of_anybodys_palm_close_it_at_once_and_it_stays_closed():
    moments = opened(Who.ENROLLED)
    at_s = moments.now_s
    moments.hands[99] = "Open_Palm"
    moments.go(0.1)
    del moments.hands[99]
    moments.go(5.0)
    assert max(at for at, answer in moments.since(at_s) if not answer.locked) - at_s < 0.08
    assert moments.ask().latched


def test_a_fist_is_no_palm():
    moments = opened()
    moments.hands[20] = "Closed_Fist"
    assert moments.go(0.5).share == 1


def test_a_thumb_up_that_is_held_releases_and_full_speed_comes_back_slowly():
    moments = closed(opened())
    assert thumb_up(moments, held_s=0.4).locked
    assert 0 < thumb_up(moments).share < 0.3
    assert moments.go(1.0).share == 1


@pytest.mark.parametrize("author", [None, 2])
def test_a_thumb_of_who_has_no_authority_releases_nothing(author):
    moments = closed(opened(Who.NEAREST, people=[person(1), person(2, ahead=4.0)]))
    assert thumb_up(moments, author=author).locked


def test_a_thumb_up_that_was_there_before_the_palm_releases_nothing():
    moments = opened()
    thumb = moments.tell("Thumb_Up")
    closed(moments)
    moments.tell("Thumb_Up", HELD, event_id=thumb, held_s=2.0)
    assert moments.go(0.5).locked


def test_while_a_palm_is_shown_nothing_releases():
    moments = opened()
    moments.hands[20] = "Open_Palm"
    moments.go(0.3)
    assert thumb_up(moments).locked
    assert moments.policy.release()
    assert moments.go(0.1).locked


def test_the_service_releases():
    moments = closed(opened())
    assert moments.policy.release()
    assert not moments.policy.release()
    assert not moments.go(0.1).locked


def test_it_releases_by_itself_only_where_that_is_wanted():
    assert closed(opened(release_after_s=3.0)).go(4.0).share == 1
    assert closed(opened()).go(60.0, period_s=0.1).locked


def test_a_blind_robot_is_stopped_but_not_latched():
    moments = opened()
    at_s = moments.now_s
    moments.blind = True
    moments.go(1.0)
    assert max(at for at, answer in moments.since(at_s) if not answer.locked) - at_s < 0.25
    moments.blind = False
    assert 0 < moments.go(0.5).share < 1
    assert moments.go(1.0).share == 1


def test_with_the_enrolled_a_known_face_releases():
    moments = closed(opened(Who.ENROLLED, people=[person(identity=known("Ann"))]))
    assert not thumb_up(moments).locked
