import math

import pytest

from person_perception.body import FOREARM_M, REACH_M, UPPER_ARM_M, arm_log_odds

SHOULDER = (0.2, 0.0, 2.0)  # of a left arm: outwards is the image's right
OUTWARD = 1.0


def odds(wrist, elbow=None, *, flat=False, outward=OUTWARD):
    return arm_log_odds(wrist, SHOULDER, outward, 0.0, elbow, flat=flat)


def unit(way):
    length = math.hypot(*way)
    return tuple(value / length for value in way)


def bent_arm():
    """The upper arm hangs down, the forearm comes forward at a right angle: wrist, and direction to the elbow."""
    x, y, z = SHOULDER
    return (x, y + UPPER_ARM_M, z - FOREARM_M), (0.0, 0.0, 1.0)


def test_an_arm_is_as_long_as_its_parts():
    assert pytest.approx(0.56, abs=0.01) == REACH_M


def test_all_within_reach_is_alike_and_beyond_it_is_ever_less_likely():
    near, far, farther = (odds((SHOULDER[0], 0.0, SHOULDER[2] - way)) for way in (0.3, REACH_M + 0.1, REACH_M + 0.2))
    assert near == 0.0
    assert near > far > farther


def test_a_hand_across_the_body_is_less_likely_but_possible():
    across, own = odds((-0.2, 0.0, 1.75)), odds((0.4, 0.0, 1.75))
    assert own - 2 < across < own


@pytest.mark.parametrize("flat", [False, True])
def test_a_hand_in_line_with_its_forearm_speaks_for_the_arm_and_one_that_comes_from_elsewhere_against_it(flat):
    x, y, z = SHOULDER
    elbow = (x + 0.1, y + math.sqrt(UPPER_ARM_M**2 - 0.1**2), z)
    wrist = (elbow[0] + 0.1, elbow[1] - math.sqrt(FOREARM_M**2 - 0.1**2), z)
    right = unit([there - here for here, there in zip(wrist, elbow, strict=True)])
    wrong = (1.0, 0.0, 0.0)
    assert odds(wrist, right, flat=flat) > odds(wrist, flat=flat) > odds(wrist, wrong, flat=flat)


def test_the_best_direction_of_a_hand_is_that_of_the_forearm():
    wrist, forearm = bent_arm()
    straight = odds(wrist, forearm)
    for degrees in (-60, -30, 30, 60):
        angle = math.radians(degrees)
        bent = (0.0, math.sin(angle), math.cos(angle))
        assert odds(wrist, bent) < straight


@pytest.mark.parametrize("wrist", [SHOULDER, (0.2, 0.0, 2.0 - 1e-9), (0.2, REACH_M, 2.0), (9.0, 9.0, 9.0)])
@pytest.mark.parametrize("elbow", [None, (0.0, 0.0, 1.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)])
@pytest.mark.parametrize("flat", [False, True])
def test_extreme_arms_have_finite_odds(wrist, elbow, flat):
    assert math.isfinite(odds(wrist, elbow, flat=flat))


def test_left_and_right_arms_are_mirrored():
    mirrored = arm_log_odds((-0.3, 0.1, 1.7), (-0.2, 0.0, 2.0), -1.0, 0.0, unit((-0.2, 0.9, 0.3)), flat=False)
    assert odds((0.3, 0.1, 1.7), unit((0.2, 0.9, 0.3))) == pytest.approx(mirrored)
