import itertools
import math

import numpy as np
import pytest

from perception_core.sources.scene_gesturing import BECKON, PALM, WAVE, ArmScript, Turn

ABOVE = (0.1, -0.16, -0.3)
SCRIPT = ArmScript(right=True, turns=(Turn(2.0, 5.0, BECKON, ABOVE), Turn(10.0, 12.0, PALM, ABOVE)))
MIRRORED = ArmScript(right=False, turns=SCRIPT.turns)


def test_a_sign_is_shown_from_its_start_to_its_end_and_nothing_else():
    shown = [SCRIPT.gesture(second) for second in (0.0, 1.9, 2.0, 4.99, 5.0, 9.9, 10.0, 13.0)]
    assert shown == ["None", "None", "Beckon", "Beckon", "None", "None", "Open_Palm", "None"]


def test_an_arm_hangs_before_after_and_in_long_pauses():
    resting = SCRIPT.wrist(0.0)
    assert SCRIPT.wrist(7.5) == SCRIPT.wrist(20.0) == resting
    assert resting[1] > SCRIPT.wrist(3.0)[1] + 0.6  # below


def test_a_wrist_never_jumps():
    places = [SCRIPT.wrist(k / 30) for k in range(450)]
    assert max(math.dist(start, end) for start, end in itertools.pairwise(places)) < 2.5 / 30


def test_a_left_arm_is_the_mirror_image_of_a_right_one():
    for second in (0.0, 1.5, 3.1, 11.0):
        x, y, z = SCRIPT.wrist(second)
        assert MIRRORED.wrist(second) == (-x, y, z)
        (x, y, z), mirrored = SCRIPT.posture(second).shoulder, MIRRORED.posture(second).shoulder
        assert mirrored == (-x, y, z)


def test_the_shoulder_stays_where_it_is_whatever_the_wrist_does():
    shoulders = [np.add(SCRIPT.wrist(second), SCRIPT.posture(second).shoulder) for second in (0.0, 1.7, 3.0, 11.0)]
    assert np.ptp(shoulders, axis=0) == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("sign", [BECKON, WAVE], ids=lambda sign: sign.gesture)
def test_a_movement_comes_back_to_its_beginning_and_has_few_pictures(sign):
    postures = [sign.at(k / 30) for k in range(90)]
    assert postures[0] == postures[18] == postures[72]
    assert len(set(postures)) <= 18


def test_fingers_that_beckon_open_and_curl():
    bends = [sum(BECKON.at(k / 30)[0].bends[0]) for k in range(18)]
    assert min(bends) < 20 and max(bends) > 150


def test_a_wave_sways_to_both_sides():
    rolls = [WAVE.at(k / 30)[1][2] for k in range(18)]
    assert min(rolls) == pytest.approx(-24, abs=1) and max(rolls) == pytest.approx(24, abs=1)
