import pytest

from perception_core import hand_anatomy
from perception_core.hand_anatomy import HAND_SIZE_SPREAD, INDEX_TO_LITTLE, WRIST_SITE, WRIST_TO_INDEX, WRIST_TO_MIDDLE

MEN, WOMEN = (0.193, 0.010), (0.180, 0.010)


def test_the_palm_and_the_middle_finger_are_as_long_as_a_hand_and_the_wrist_above_it():
    finger = 0.544 * (MEN[0] + WOMEN[0]) / 2
    assert finger == pytest.approx(WRIST_TO_MIDDLE.metres, rel=0.03)


def test_the_spread_is_that_of_men_and_women_together():
    mean = (MEN[0] + WOMEN[0]) / 2
    within, between = MEN[1], (MEN[0] - WOMEN[0]) / 2
    assert (within**2 + between**2) ** 0.5 / mean == pytest.approx(HAND_SIZE_SPREAD, abs=0.005)


def test_lengths_of_a_palm_make_a_palm():
    assert INDEX_TO_LITTLE.metres < hand_anatomy.WRIST_TO_LITTLE.metres < WRIST_TO_INDEX.metres
    assert WRIST_SITE.patch < WRIST_SITE.width < INDEX_TO_LITTLE.metres
