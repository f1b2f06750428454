import math

import pytest

from person_perception.behaviours.freshness import Arrival, Feed, FreshnessRules
from person_perception.behaviours.sight import PersonSeen
from person_perception.behaviours.sightings import Now, Sightings

RULES = FreshnessRules()
CLOCK_NS = 1_600_000_000_000_000_000


def feed_with(*arrivals):
    """A feed after messages, each (arrives, stamp) in seconds."""
    feed = Feed("people", RULES)
    last = [
        feed.took(at_s, CLOCK_NS + round(stamp_s * 1e9), CLOCK_NS + round(at_s * 1e9)) for at_s, stamp_s in arrivals
    ]
    return feed, last[-1]


def test_the_age_is_that_of_the_image_and_not_of_its_message():
    feed, arrival = feed_with((10.1, 10.0))
    assert arrival is Arrival.FRESH
    assert feed.age_s(10.15) == pytest.approx(0.15)
    assert not feed.trouble(10.2)
    assert feed.trouble(10.26)


@pytest.mark.parametrize(
    ("stamp_s", "expected"),
    [
        (11.0, Arrival.FRESH),
        (11.04, Arrival.FRESH),
        (11.2, Arrival.FUTURE),
        (10.9, Arrival.FRESH),
        (10.8, Arrival.REPEATED),
        (10.75, Arrival.REPEATED),
        (10.6, Arrival.JUMPED_BACK),
        (-3000.0, Arrival.JUMPED_BACK),
    ],
)
def test_what_a_stamp_says_after_one_of_10_8(stamp_s, expected):
    assert feed_with((10.81, 10.8), (11.0, stamp_s))[1] is expected


def test_an_image_that_is_published_again_and_again_grows_old():
    feed, _ = feed_with((10.0, 10.0), (10.1, 10.0), (10.2, 10.0))
    assert feed.age_s(10.2) == pytest.approx(0.2)


@pytest.mark.parametrize("stamp_s", [5.0, 12.0])
def test_what_cannot_be_trusted_ends_the_trust_in_what_came_before(stamp_s):
    feed, _ = feed_with((10.0, 10.0), (10.05, stamp_s))
    assert feed.age_s(10.06) == math.inf
    assert feed.trouble(10.06)


def test_a_slow_perception_is_named_with_its_age():
    feed, arrival = feed_with((10.4, 10.0))
    assert arrival is Arrival.OLD
    assert "people is 0.4 s old when it arrives" in feed.trouble(10.4)


def test_the_allowed_speed_falls_so_that_the_robot_rests_in_time():
    assert RULES.speed_at_age(0.0, 5.0) == pytest.approx(1.15)
    assert RULES.speed_at_age(0.23, 5.0) == 0
    assert RULES.speed_at_age(math.inf, 5.0) == 0


def test_what_is_seen_is_as_old_as_the_older_of_people_and_hands():
    sightings = Sightings(RULES)
    sightings.take_people(Now(10.0, CLOCK_NS), CLOCK_NS, [PersonSeen(1, None)])
    assert sightings.look(10.0).age_s == math.inf
    assert "hands" in sightings.look(10.0).trouble
    sightings.take_hands(Now(10.1, CLOCK_NS + 100_000_000), CLOCK_NS + 100_000_000, [])
    assert sightings.look(10.1).age_s == pytest.approx(0.1)
    assert sightings.look(10.1).people


def test_a_flood_of_hands_does_not_fill_the_memory():
    sightings = Sightings(RULES)
    for step in range(1000):
        sightings.take_hands(Now(10.0, CLOCK_NS + step), CLOCK_NS + step, [])
    assert len(sightings.look(10.0).images) == 100
    assert not sightings.look(10.0).images
