import math

import numpy as np
import pytest

from perception_core.sources.scene_drawn_arm import Posture, arm_sprite, elbow_of, hand_box
from perception_core.sources.scene_hand_poses import CURLED, FIST, OPEN, POINTING, RELAXED, THUMB, VICTORY
from perception_core.sources.scene_hand_shape import FINGER_BONES_M, between, joints

POSES = pytest.mark.parametrize("pose", [OPEN, FIST, POINTING, VICTORY, THUMB, CURLED, RELAXED])
SHOULDER = (0.05, 0.30, 0.30)
SLEEVE = (200.0, 60.0, 20.0)  # blue: unlike skin


def held(pose, turn=(0.0, 5.0, 0.0), shoulder=SHOULDER, *, right=True):
    return Posture(shoulder, turn, pose, right)


@POSES
def test_bones_keep_their_length_however_fingers_bend(pose):
    points = joints(pose)
    assert points.shape == (21, 3)
    for finger, lengths in enumerate(FINGER_BONES_M):
        chain = points[5 + 4 * finger : 9 + 4 * finger]
        assert np.linalg.norm(np.diff(chain, axis=0), axis=1) == pytest.approx(lengths)


def test_an_open_hand_is_as_long_as_hands_are_and_a_fist_is_not():
    assert 0.17 < hand_box(held(OPEN)).height < 0.21
    assert hand_box(held(FIST)).height < 0.13


def test_half_way_between_two_poses_fingers_are_half_bent():
    for part in (0.0, 0.5, 1.0):
        pose = between(OPEN, FIST, part)
        assert pose.bends[0] == pytest.approx(np.array(OPEN.bends[0]) * (1 - part) + np.array(FIST.bends[0]) * part)
        assert pose.thumb[2] == pytest.approx(np.array(OPEN.thumb[2]) * (1 - part) + np.array(FIST.thumb[2]) * part)


@pytest.mark.parametrize("shoulder", [SHOULDER, (0.03, -0.54, 0.04), (-0.4, 0.02, 0.34)])
def test_an_elbow_is_at_arms_length_of_both_ends_and_hangs(shoulder):
    elbow = elbow_of(held(OPEN, shoulder=shoulder))
    assert math.dist(elbow, (0, 0, 0)) == pytest.approx(0.2555, abs=0.002)
    assert math.dist(elbow, shoulder) == pytest.approx(0.3255, abs=0.002)
    assert elbow[1] > shoulder[1] / 2 - 0.02  # below the straight way


def test_a_shoulder_out_of_reach_stretches_the_arm_and_breaks_nothing():
    assert np.isfinite(elbow_of(held(OPEN, shoulder=(0.0, 1.5, 0.0)))).all()
    assert arm_sprite(held(OPEN, shoulder=(0.0, 1.5, 0.0)), SLEEVE, 100.0).levels[0].colour[..., 3].any()


@POSES
def test_the_depth_at_the_wrist_is_that_of_the_actor(pose):
    sprite = arm_sprite(held(pose), SLEEVE, 300.0)
    column, row = np.rint(sprite.anchor).astype(int)
    relief = sprite.levels[0].relief[row - 1 : row + 2, column - 1 : column + 2]
    assert np.median(relief) == pytest.approx(0, abs=0.006)


def test_an_elbow_is_drawn_where_it_is_and_as_far_behind():
    posture = held(OPEN)
    sprite, (x, y, z) = arm_sprite(posture, SLEEVE, 300.0), elbow_of(posture)
    column, row = np.rint(np.add(sprite.anchor, np.multiply((x, y), sprite.pixels_per_metre))).astype(int)
    level = sprite.levels[0]
    assert level.colour[row, column, 3] == 255
    assert level.relief[row, column] == pytest.approx(z - 0.047 + 0.0195, abs=0.01)  # its sleeve's front


def test_a_left_arm_is_the_mirror_image_of_a_right_one():
    x, y, z = SHOULDER
    right = arm_sprite(held(OPEN), SLEEVE, 200.0).levels[0]
    left = arm_sprite(held(OPEN, shoulder=(-x, y, z), right=False), SLEEVE, 200.0).levels[0]
    np.testing.assert_array_equal(left.colour, right.colour[:, ::-1])
    np.testing.assert_array_equal(left.relief, right.relief[:, ::-1])


def skin_tones(sprite):
    opaque = sprite.levels[0].colour
    return np.count_nonzero((opaque[..., 3] == 255) & (opaque[..., 2] > opaque[..., 0]))


def test_skin_is_skin_and_a_sleeve_is_cloth():
    open_hand, fist = (skin_tones(arm_sprite(held(pose), SLEEVE, 300.0)) for pose in (OPEN, FIST))
    area = open_hand / 300.0**2
    assert 0.008 < area < 0.022  # square metres: a palm with five fingers
    assert fist < open_hand


@pytest.mark.parametrize("wanted", [1.0, 150.0, 246.0, 615.0, 5000.0])
def test_a_picture_is_as_fine_as_it_is_shown_within_limits(wanted):
    per_metre = arm_sprite(held(FIST), SLEEVE, wanted).pixels_per_metre
    assert min(max(wanted, 100.0), 900.0) <= per_metre * (1 + 1e-9)
    assert per_metre <= 1100


def test_the_box_of_a_hand_holds_its_skin_and_little_else():
    posture = held(OPEN)
    sprite, box = arm_sprite(posture, SLEEVE, 300.0), hand_box(posture)
    opaque = sprite.levels[0].colour
    rows, columns = np.nonzero((opaque[..., 3] > 200) & (opaque[..., 2] > opaque[..., 0].astype(int) + 30))
    x, y = (columns - sprite.anchor[0]) / 300, (rows - sprite.anchor[1]) / 300
    scale = 300 / sprite.pixels_per_metre
    hand = y * scale < 0
    assert box.x == pytest.approx(x[hand].min() * scale, abs=0.012)
    assert box.right == pytest.approx(x[hand].max() * scale, abs=0.012)
    assert box.y == pytest.approx(y.min() * scale, abs=0.012)
