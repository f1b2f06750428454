"""The soak of `./perception bench soak`, shortly."""

import random

import pytest

from benchmarks.harness.soak_run import Soak
from benchmarks.harness.soak_troubles import Kind


@pytest.mark.usefixtures("environment", "weights")
def test_twelve_seconds_of_trouble_leave_nothing_behind():
    findings = []
    # Beside other tests, DDS has been seen to lose the way to all nodes at once, for a reason not known yet: a fault
    # of the graph shows twice.
    for seed in (3, 4):
        soak = Soak(12.0, random.Random(seed), "scene:static", lambda _line: None)
        soak.run()
        assert soak.troubles and soak.published_ns
        assert {trouble.kind for trouble in soak.troubles} <= set(Kind)
        if not soak.findings:
            break
        findings += soak.findings
    assert not soak.findings, "\n".join(findings)
    assert set(soak.memory.longest()) == {
        "camera",
        "face_perception",
        "gesture_perception",
        "person_perception",
        "bring_up",
    }
