import pytest

from person_perception.behaviours.acting import GestureActions
from person_perception.behaviours.action_table import Action, ActionTable, Drive, Publish
from person_perception.behaviours.authority import AuthorityRule, Who
from person_perception.behaviours.freshness import FreshnessRules
from person_perception.behaviours.limits import Limits

from .sights import ENDED, HELD, Moments, known, person

LAMP, BELL = Publish("lamp", True), Publish("bell", None)
UP = "Pointing_Up"


def acting(*rows, people=None):
    actions = tuple(Action(gesture, AuthorityRule(who), hold_s, does) for gesture, who, hold_s, does in rows)
    moments = Moments(GestureActions(ActionTable(actions, Limits()), FreshnessRules()), people=people or [person()])
    moments.go(0.3)
    return moments


def driving(**facts):
    """Moments in which person 1 drives the robot with a finger."""
    moments = acting((UP, Who.ANYONE, 0.0, Drive(0.3, 0.0)), **facts)
    moments.hands[10] = UP
    moments.go(0.2)
    moments.tell(UP)
    assert moments.go(0.8).command.linear == pytest.approx(0.3)
    return moments


def done(moments):
    return [does for _, acts in moments.answers for does in acts.due]


def rest_s(moments, since_s):
    return max((at_s for at_s, acts in moments.since(since_s) if acts.command.moves), default=since_s) - since_s


def test_a_gesture_acts_once_however_long_it_is_held():
    moments = acting(("Victory", Who.ANYONE, 0.0, LAMP))
    victory = moments.tell("Victory")
    moments.go(0.5)
    for held_s in (0.7, 1.2):
        moments.tell("Victory", HELD, event_id=victory, held_s=held_s)
        moments.go(0.5)
    moments.tell("Victory", ENDED, event_id=victory)
    moments.go(0.5)
    assert done(moments) == [LAMP]
    moments.tell("Victory")
    moments.go(0.1)
    assert done(moments) == [LAMP, LAMP]


def test_a_gesture_acts_when_it_was_held_as_long_as_its_row_says():
    moments = acting(("Victory", Who.ANYONE, 1.0, LAMP), ("Victory", Who.ANYONE, 0.0, BELL))
    victory = moments.tell("Victory")
    moments.go(0.5)
    assert done(moments) == [BELL]
    moments.tell("Victory", HELD, event_id=victory, held_s=1.2)
    moments.go(0.5)
    assert done(moments) == [BELL, LAMP]


@pytest.mark.parametrize(
    ("who", "author", "acts"),
    [(Who.ANYONE, None, 0), (Who.ENROLLED, 2, 0), (Who.ENROLLED, 1, 1), (Who.NEAREST, 1, 0), (Who.NEAREST, 2, 1)],
)
def test_a_row_heeds_whom_it_says(who, author, acts):
    people = [person(1, ahead=3.0, identity=known("Ann")), person(2, ahead=2.0)]
    moments = acting(("Victory", who, 0.0, LAMP), people=people)
    moments.tell("Victory", author=author)
    moments.go(0.3)
    assert len(done(moments)) == acts


def test_who_claimed_one_row_has_claimed_all_that_heed_the_first():
    rows = (("Victory", Who.FIRST, 0.0, LAMP), ("OK", Who.FIRST, 0.0, BELL))
    moments = acting(*rows, people=[person(1), person(2, left=1.0)])
    moments.tell("Victory", author=1)
    moments.go(0.2)
    moments.tell("OK", author=2)
    moments.go(0.2)
    assert done(moments) == [LAMP]


def test_old_news_do_nothing():
    moments = acting(("Victory", Who.ANYONE, 0.0, LAMP))
    moments.blind = True
    moments.go(0.5)
    moments.tell("Victory")
    moments.go(0.5)
    assert done(moments) == []


def test_the_robot_is_driven_for_as_long_as_the_hand_shows_it():
    moments = driving()
    at_s = moments.now_s
    moments.hands[10] = "None"
    moments.go(1.0)
    assert rest_s(moments, at_s) <= 0.3
    moments.hands[10] = UP
    moments.go(0.5)
    assert rest_s(moments, at_s) <= 0.3  # a new gesture is needed


@pytest.mark.parametrize("how", ["end", "palm", "lost", "blind", "jump"])
def test_what_drives_is_stopped_at_once(how):
    moments = driving()
    at_s = moments.now_s
    if how == "end":
        moments.tell(UP, ENDED, event_id=1)
    elif how == "palm":
        moments.hands[99] = "Open_Palm"
    elif how == "lost":
        moments.people = []
    elif how == "blind":
        moments.blind = True
    else:
        moments.off_s = -0.2
    moments.go(1.5)
    assert rest_s(moments, at_s) <= 0.26


def test_a_gesture_that_drove_before_a_stop_drives_no_more_after_it():
    moments = driving()
    moments.hands[99] = "Open_Palm"
    moments.go(0.3)
    del moments.hands[99]
    at_s = moments.now_s
    moments.tell(UP, HELD, event_id=1, held_s=3.0)
    moments.go(1.0)
    assert rest_s(moments, at_s) == 0
