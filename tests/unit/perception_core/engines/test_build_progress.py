from types import SimpleNamespace

import pytest

from perception_core.engines.build_progress import Phases, progress_monitor
from perception_core.engines.engine import Progress


class NoMonitor:
    """In place of tensorrt.IProgressMonitor, which only TensorRT calls."""


def monitor(report=lambda _line: None, cancelled=lambda: False):
    return progress_monitor(SimpleNamespace(IProgressMonitor=NoMonitor), "x", Progress(report, cancelled))


def test_inner_phases_count_as_their_share_of_the_step_they_belong_to():
    phases = Phases()
    assert phases.share == 0
    phases.begin("whole", None, 4)
    phases.step("whole", 0)
    assert phases.share == pytest.approx(1 / 4)
    phases.begin("inner", "whole", 2)
    phases.step("inner", 0)
    assert phases.share == pytest.approx(1 / 4 + 1 / 8)
    phases.end("inner")
    phases.step("whole", 3)
    assert phases.share == 1


def test_a_step_of_a_phase_that_nobody_began_counts_nothing():
    phases = Phases()
    phases.step("unknown", 3)
    phases.end("unknown")
    assert phases.share == 0


def test_a_phase_of_no_steps_is_one_step():
    phases = Phases()
    phases.begin("whole", None, 0)
    phases.step("whole", 0)
    assert phases.share == 1


def test_a_line_is_told_for_every_quarter_and_none_twice():
    lines = []
    watched = monitor(lines.append)
    watched.phase_start("whole", None, 40)
    assert all(watched.step_complete("whole", step) for step in range(40))
    assert lines == [f"building x: {percent} %" for percent in (25, 50, 75)]


def test_who_cancels_is_obeyed_at_the_next_step():
    watched = monitor(cancelled=lambda: True)
    watched.phase_start("whole", None, 40)
    assert not watched.step_complete("whole", 0)


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError("full")])
def test_what_is_raised_meanwhile_stops_the_build_and_is_kept_for_afterwards(raised):
    def cancelled():
        raise raised

    watched = monitor(cancelled=cancelled)
    watched.phase_start("whole", None, 2)
    assert not watched.step_complete("whole", 0)
    assert isinstance(watched.failure, type(raised) if isinstance(raised, Exception) else raised)


def test_a_version_without_monitors_gets_none():
    assert progress_monitor(SimpleNamespace(), "x", Progress()) is None
