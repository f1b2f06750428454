import numpy as np
import pytest

from perception_core.sources.scene_camera import INTRINSICS
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import SCENES, crossing, demo


@pytest.mark.parametrize("make", SCENES.values(), ids=list(SCENES))
def test_the_true_sellion_is_projected_onto_the_true_pixel(scene_pictures, make):
    source = SceneSource(make(), scene_pictures)
    for k in range(0, source.scene.frames, 97):
        for face in source.truth(k).faces:
            assert INTRINSICS.project([face.sellion])[0] == pytest.approx(face.pixel, abs=1e-6)


def test_a_face_outside_the_image_is_not_visible_but_still_has_its_place(scene_pictures):
    source = SceneSource(demo(), scene_pictures)
    outside = [face for k in range(0, 1200, 50) for face in source.truth(k).faces if not 0 <= face.pixel[0] < 640]
    assert outside
    assert all(face.visible_share < 0.6 for face in outside)
    assert any(face.visible_share == 0 for face in outside)


def test_who_stands_behind_another_is_hidden_and_the_other_is_not(scene_pictures):
    source = SceneSource(crossing(), scene_pictures)
    truths = [source.truth(k) for k in range(0, source.scene.frames, 5)]
    covered = min(truths, key=lambda truth: truth.faces[0].visible_share)
    far, near = covered.faces
    assert far.sellion[2] > near.sellion[2]
    assert far.visible_share == pytest.approx(0.0, abs=0.05)
    assert near.visible_share == 1.0


def test_the_true_size_of_a_face_follows_its_distance(scene_pictures):
    source = SceneSource(demo(), scene_pictures)
    products = {}
    for k in range(0, 1200, 25):
        for face in source.truth(k).faces:
            products.setdefault(face.actor_id, []).append(face.box.width * face.sellion[2])
    for widths in products.values():
        assert np.ptp(widths) < 0.01 * np.mean(widths)


def test_actors_keep_their_ids(scene_pictures):
    source = SceneSource(demo(), scene_pictures)
    assert {tuple(face.actor_id for face in source.truth(k).faces) for k in range(0, 2400, 100)} == {(1, 2, 3, 4)}
