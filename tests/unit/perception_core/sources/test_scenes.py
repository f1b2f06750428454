import itertools

import numpy as np
import pytest

from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import SCENES, crossing, demo, one_second_miss

_HALF_BODY_M = 0.45  # the widest cut-out reaches this far from its sellion
_HALF_VIEW = 321 / 615  # of the image's width, per metre of distance


@pytest.mark.parametrize("scene", [make() for make in SCENES.values()], ids=list(SCENES))
def test_a_scene_is_a_whole_number_of_frames_with_distinct_actors(scene):
    assert scene.frames == pytest.approx(scene.seconds * 30)
    assert len({role.actor_id for role in scene.roles}) == len(scene.roles)
    assert all(role.walk.period == scene.seconds for role in scene.roles)


@pytest.mark.parametrize("scene", [make() for make in SCENES.values()], ids=list(SCENES))
def test_nobody_appears_or_vanishes_in_view(scene):
    for role in scene.roles:
        waypoints = role.walk.waypoints
        for before, after in zip(waypoints, (*waypoints[1:], waypoints[0]), strict=True):
            if after.cut:
                for place in (before, after):
                    assert abs(place.x) - _HALF_BODY_M > _HALF_VIEW * place.z


@pytest.mark.parametrize("scene", [make() for make in SCENES.values()], ids=list(SCENES))
def test_movement_is_smooth_also_where_the_scene_loops(scene):
    for role in scene.roles:
        cuts = {waypoint.second for waypoint in role.walk.waypoints if waypoint.cut}
        poses = [role.walk.at(k / 30) for k in range(scene.frames + 30)]
        for k, (before, after) in enumerate(itertools.pairwise(poses)):
            if (k + 1) / 30 % scene.seconds not in cuts:
                step = np.hypot(after.x - before.x, after.z - before.z)
                assert step < 1.8 / 30, f"actor {role.actor_id} runs at {k / 30:.2f} s"


def shares(scene, pictures, step=1):
    source = SceneSource(scene, pictures)
    return np.array([[face.visible_share for face in source.truth(k).faces] for k in range(0, scene.frames, step)])


def longest_run(flags):
    return max((len(list(run)) for value, run in itertools.groupby(flags) if value), default=0)


def test_the_demo_shows_two_or_three_faces_most_of_the_time_and_never_none(scene_pictures):
    # Every sixth frame: nobody walks farther than 36 cm in between, less than the width of a body.
    seen = (shares(demo(), scene_pictures, step=6) > 0.8).sum(axis=1)
    assert np.mean(seen >= 2) > 0.6
    assert seen.min() >= 1


def test_the_demo_reaches_from_arm_length_to_three_metres():
    distances = [role.walk.at(k / 30).z for role in demo().roles for k in range(demo().frames)]
    assert min(distances) < 0.75
    assert max(distances) > 2.9


@pytest.mark.parametrize("scene", [crossing(), SCENES["close_crossing"]()], ids=["far apart", "close"])
def test_when_two_cross_the_far_one_is_hidden_for_less_than_a_second(scene_pictures, scene):
    far, near = shares(scene, scene_pictures).T
    assert far.min() < 0.05
    assert 0.4 * 30 < longest_run(far < 0.5) < 30
    assert longest_run(far < 0.9) < 1.6 * 30
    assert near.min() == 1.0


def test_a_face_behind_the_pillar_is_missed_for_just_under_a_second_while_another_stays(scene_pictures):
    walker, waiting = shares(one_second_miss(), scene_pictures).T
    assert 0.6 * 30 < longest_run(walker < 0.5) < 30
    assert longest_run(walker < 0.9) < 30
    assert waiting.min() > 0.99
