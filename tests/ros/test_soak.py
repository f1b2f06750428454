"""The soak of `./perception bench soak`, shortly."""

import random

import pytest

from benchmarks.harness.soak_run import Soak
from benchmarks.harness.soak_troubles import Kind


@pytest.mark.usefixtures("environment", "weights")
def test_twelve_seconds_of_trouble_leave_nothing_behind():
    soak = Soak(12.0, random.Random(3), "scene:static", lambda _line: None)
    soak.run()
    assert soak.findings == []
    assert soak.troubles and soak.published_ns
    assert {trouble.kind for trouble in soak.troubles} <= set(Kind)
    assert set(soak.memory.longest()) == {
        "camera",
        "face_perception",
        "gesture_perception",
        "person_perception",
        "bring_up",
    }
