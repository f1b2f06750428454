"""The whole pipeline on the virtual camera's scenes, whose truth is known; `./perception bench scene` in short."""

import math
from collections import Counter, defaultdict
from contextlib import closing

import pytest

from benchmarks.scene import accuracy, identity_switches
from face_perception.assembly import open_face_pipeline
from face_perception.liveness import Liveness
from face_perception.parameters import FaceParameters
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import RATE_HZ, SCENES, static
from perception_core.stages import StageTimes
from perception_core.zoo.manifest import load_models

_HEADS, _SCREEN = (1, 2, 4), 3  # actors of the demo


@pytest.fixture(autouse=True)
def ready(pictures, weights):
    """What the scenes show and the networks that look at them."""
    for spec in load_models().values():
        if spec.default:
            weights(spec.name)


@pytest.mark.parametrize(("distance", "allowed_mm", "bias_mm"), [(1.0, 10, 3), (2.0, 20, 6), (3.0, 30, 12)])
def test_faces_are_where_they_are(distance, allowed_mm, bias_mm):
    found = accuracy(static(distance), range(40))
    assert found.measured_share == 1
    assert found.median_error_mm <= allowed_mm
    assert abs(found.median_bias_mm) <= bias_mm
    assert 0.3 < found.rms_error_over_sigma < 1.5


def around_the_hiding(name):
    """The frames from two seconds before somebody is hidden to two seconds after, the first time."""
    source = SceneSource(SCENES[name]())
    hidden = [
        k
        for k in range(0, source.scene.frames, 3)
        if any(0 <= face.visible_share < 0.5 and abs(face.sellion[0]) < 0.4 for face in source.truth(k).faces)
    ]
    margin = round(2 * RATE_HZ)
    return range(max(0, hidden[0] - margin), min(source.scene.frames, hidden[0] + 2 * margin))


@pytest.mark.parametrize("name", ["crossing", "close_crossing", "one_second_miss"])
def test_nobody_is_taken_for_another_nor_for_a_newcomer(name):
    assert identity_switches(SCENES[name](), around_the_hiding(name)) == 0


def told_of(scene, frames):
    """What was told of whom: the frame, the actor and the face."""
    source = SceneSource(scene)
    with closing(open_face_pipeline(FaceParameters(expression=""), print)) as assembly:
        for k in frames:
            faces = assembly.pipeline(source.frame(k), StageTimes())
            for true in source.truth(k).faces:
                near = [face for face in faces if math.dist(true.pixel, face.box.centre) < face.box.width / 2]
                if near and true.visible_share > 0.9:
                    yield k, true.actor_id, near[0]


def test_heads_are_never_called_flat_nor_a_screen_real():
    told = Counter((actor_id, face.liveness) for _, actor_id, face in told_of(SCENES["demo"](), range(0, 240, 2)))
    assert all(told[head, Liveness.FLAT] == 0 for head in _HEADS)
    assert told[1, Liveness.REAL] > 80
    assert told[_SCREEN, Liveness.REAL] == 0
    assert told[_SCREEN, Liveness.FLAT] > 20


def test_who_leaves_and_returns_is_the_same_stranger():
    """In the demo the first two actors leave to the right and to the left, and return seconds later."""
    strangers, tracks = defaultdict(set), defaultdict(set)
    for k, actor_id, face in told_of(SCENES["demo"](), [*range(615, 735), *range(1080, 1200)]):
        returned = k >= 1080
        tracks[actor_id, returned].add(face.track_id)
        if face.identity.person_id:
            strangers[actor_id, returned].add(face.identity.person_id)
    assert len(strangers[1, False]) == 1 and strangers[1, False] == strangers[1, True]
    assert strangers[1, False].isdisjoint(strangers[2, False])
    assert tracks[1, False].isdisjoint(tracks[1, True])
