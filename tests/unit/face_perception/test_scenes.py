"""The whole pipeline on the virtual camera's scenes, whose truth is known; `./perception bench scene` in short."""

import pytest

from benchmarks.scene import accuracy, identity_switches
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import RATE_HZ, SCENES, static


@pytest.fixture(autouse=True)
def ready(pictures, weights):
    """What the scenes show and the detector needs."""
    weights("yunet")


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
