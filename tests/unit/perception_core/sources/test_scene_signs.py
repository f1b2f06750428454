import math

import numpy as np
import pytest

from perception_core.sources.scene_actor import Subject
from perception_core.sources.scene_camera import INTRINSICS
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import SCENES, beckon, pair


@pytest.fixture(scope="module")
def two(scene_pictures):
    return SceneSource(pair(), scene_pictures)


@pytest.fixture(scope="module")
def beckoning(scene_pictures):
    return SceneSource(beckon(), scene_pictures)


def hand(source, k, actor_id):
    return next(each for each in source.truth(k).hands if each.actor_id == actor_id)


def test_somebody_beckons_and_later_shows_an_open_palm(beckoning):
    told = [hand(beckoning, k, 11).gesture for k in range(0, beckoning.scene.frames, 3)]
    assert [label for k, label in enumerate(told) if k == 0 or label != told[k - 1]] == [
        "None", "Beckon", "None", "Open_Palm", "None",
    ]  # fmt: skip


@pytest.mark.parametrize("k", [100, 420])
def test_depth_at_a_drawn_wrist_is_the_true_distance(beckoning, k):
    truth = hand(beckoning, k, 11)
    assert INTRINSICS.project([truth.wrist])[0] == pytest.approx(truth.pixel, abs=1e-6)
    column, row = round(truth.pixel[0]) + 2, round(truth.pixel[1])  # depth lies two pixels to the right
    metres = beckoning.frame(k).depth.metres()[row - 3 : row + 4, column - 3 : column + 4]
    assert np.nanmedian(metres) == pytest.approx(truth.wrist[2], abs=0.04)


def test_hands_are_raised_at_the_side_of_the_arm_they_belong_to(two):
    truth = two.truth(120)
    first, second = truth.faces
    assert hand(two, 120, 11).right and hand(two, 120, 11).pixel[0] < first.pixel[0]
    assert not hand(two, 120, 22).right and hand(two, 120, 22).pixel[0] > second.pixel[0]


def test_crossed_arms_end_before_the_other_person_and_belong_to_their_own(two):
    truth = two.truth(450)
    faces = {face.actor_id: face for face in truth.faces}
    for actor_id, owner, other in ((12, 1, 2), (21, 2, 1)):
        crossed = hand(two, 450, actor_id)
        assert crossed.owner == owner
        assert crossed.visible_share > 0.7  # the other arm lies over the lower one
        to_own, to_other = (math.dist(crossed.pixel, faces[who].pixel) for who in (owner, other))
        assert to_other < to_own
        assert crossed.wrist[2] < faces[other].sellion[2] - 0.15


def test_a_wrist_is_within_an_arms_reach_of_its_owner_in_every_frame(two):
    for k in range(0, two.scene.frames, 50):
        truth = two.truth(k)
        faces = {face.actor_id: face.sellion for face in truth.faces}
        for each in truth.hands:
            assert math.dist(each.wrist, faces[each.owner]) < 0.9


@pytest.mark.parametrize("make", SCENES.values(), ids=list(SCENES))
def test_every_hand_has_an_owner_who_is_in_the_scene(make):
    roles = make().roles
    people = {role.actor_id for role in roles if role.portrait is not None}
    owners = {role.owner for role in roles if role.subject in (Subject.HAND, Subject.ARM)}
    assert owners <= people
