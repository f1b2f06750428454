import cv2
import numpy as np
import pytest

from perception_core.sources.error import SourceError
from perception_core.sources.scene_arm import arm
from perception_core.sources.scene_camera import INTRINSICS
from perception_core.sources.scene_hands import FIST, HANDS, THUMB_UP, VICTORY
from perception_core.sources.scene_portraits import at_scale
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import demo, hands
from perception_core.zoo.manifest import load_pictures

GESTURES = pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.gesture)
DOT_BGR = (225, 10, 15)  # of the index finger in the clip
HELD_UP = range(60, 600, 150)  # frames of the scene `hands`


@pytest.fixture(scope="module")
def hands_source(scene_pictures):
    return SceneSource(hands(), scene_pictures)


def shown(truth):
    return [hand for hand in truth.hands if hand.visible_share > 0.99]


@GESTURES
def test_only_pictures_whose_licence_is_clear_are_shown(hand):
    assert not load_pictures()[hand.picture].test_only


@GESTURES
def test_the_wrist_lies_in_the_outline_and_marks_lie_at_the_hand(hand):
    outline = np.array(hand.outline, np.float32)
    assert cv2.pointPolygonTest(outline, hand.wrist, True) > 0.01 * hand.pixels_per_metre
    assert all(cv2.pointPolygonTest(outline, mark, True) > -6 for mark in hand.marks)


@GESTURES
def test_a_hand_is_as_large_as_hands_are(hand):
    assert 0.06 < hand.box.width / hand.pixels_per_metre < 0.13
    assert 0.09 < hand.box.height / hand.pixels_per_metre < 0.23
    assert hand.box.right > hand.wrist[0] > hand.box.x


def test_dots_drawn_into_the_clip_are_not_seen(scene_pictures):
    sprite, _, _ = arm(VICTORY, scene_pictures[VICTORY.picture], (90.0, 90.0, 90.0))
    opaque = sprite.levels[0].colour
    covered = opaque[opaque[..., 3] == 255][:, :3].astype(int)
    assert np.abs(covered - DOT_BGR).sum(axis=1).min() > 60


def test_the_knuckles_of_a_thumb_up_are_nearer_than_its_wrist_and_a_finger_is_round(scene_pictures):
    sprite, scale, origin = arm(THUMB_UP, scene_pictures[THUMB_UP.picture], (90.0, 90.0, 90.0))
    relief = sprite.levels[0].relief
    for joint in (9, 13):  # roots of middle and ring finger
        column, row = np.rint(np.subtract(at_scale(THUMB_UP.joints[joint].pixel, scale), origin)).astype(int)
        assert -0.1 < relief[row, column] < -0.05
    column, row = np.rint(np.subtract(at_scale(THUMB_UP.joints[4].pixel, scale), origin)).astype(int)
    covered = np.flatnonzero(sprite.levels[0].colour[row, :, 3] >= 128)
    across = relief[row, covered[0] : covered[-1] + 1]
    assert min(across[0], across[-1]) - across.min() > 0.003


@GESTURES
def test_an_arm_goes_back_from_its_hand_to_the_body(scene_pictures, hand):
    sprite, _, _ = arm(hand, scene_pictures[hand.picture], (90.0, 90.0, 90.0))
    relief, (x, y) = sprite.levels[0].relief, np.rint(sprite.anchor).astype(int)
    assert relief[y, x] == pytest.approx(0, abs=0.006)
    axis = np.subtract(hand.elbow, hand.wrist) / np.hypot(*np.subtract(hand.elbow, hand.wrist))
    column, row = np.rint(np.add(sprite.anchor, axis * 0.4 * sprite.pixels_per_metre)).astype(int)
    assert relief[row, column] == pytest.approx(0.2, abs=0.005)
    assert sprite.levels[0].colour[row, column, 3] == 255  # the sleeve


def test_a_clip_that_ends_too_early_is_refused(scene_pictures, tmp_path):
    cut = tmp_path / "clip.gif"
    cut.write_bytes(scene_pictures[VICTORY.picture].read_bytes()[:20000])
    with pytest.raises(SourceError, match=r"clip\.gif: .* has no picture 31"):
        arm(VICTORY, cut, (0.0, 0.0, 0.0))


def test_a_picture_that_is_missing_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"gone\.jpg"):
        arm(FIST, tmp_path / "gone.jpg", (0.0, 0.0, 0.0))


def test_every_hand_is_held_up_in_turn(hands_source):
    assert [[hand.gesture for hand in shown(hands_source.truth(k))] for k in HELD_UP] == [
        ["Pointing_Up"], ["Victory"], ["Closed_Fist"], ["Thumb_Up"],
    ]  # fmt: skip


def test_a_lowered_hand_is_not_seen_but_has_its_place(hands_source):
    truth = hands_source.truth(0)
    assert len(truth.hands) == 4 and not any(hand.visible_share for hand in truth.hands)
    assert all(hand.pixel[1] > INTRINSICS.height for hand in truth.hands)


@pytest.mark.parametrize("distance", [0.7, 1.2])
def test_depth_at_the_true_wrist_is_the_true_distance(scene_pictures, distance):
    source = SceneSource(hands(distance), scene_pictures)
    for k in HELD_UP:
        (hand,) = shown(source.truth(k))
        assert INTRINSICS.project([hand.wrist])[0] == pytest.approx(hand.pixel, abs=1e-6)
        column, row = round(hand.pixel[0]) + 2, round(hand.pixel[1])  # depth lies two pixels to the right
        metres = source.frame(k).depth.metres()[row - 4 : row + 5, column - 4 : column + 5]
        assert np.nanmedian(metres) == pytest.approx(hand.wrist[2], abs=0.01)


def test_a_true_box_surrounds_what_is_nearer_than_the_person(hands_source):
    for k in HELD_UP:
        (hand,) = shown(hands_source.truth(k))
        rows, columns = hand.box.slices()
        metres = hands_source.frame(k).depth.metres()
        on_hand = (metres > hand.wrist[2] - 0.12) & (metres < hand.wrist[2] + 0.04)
        assert 0.25 < on_hand[rows, columns].mean() < 0.9
        assert on_hand[: rows.start - 4].mean() < 0.001  # nothing of it above


def test_the_demo_holds_up_four_hands_for_several_seconds_each(scene_pictures):
    source = SceneSource(demo(), scene_pictures)
    seen = [hand.gesture for k in range(0, demo().frames, 3) for hand in shown(source.truth(k))]
    assert set(seen) == {"Victory", "Closed_Fist", "Pointing_Up", "Thumb_Up"}
    assert all(seen.count(gesture) / 10 > 2 for gesture in set(seen))
