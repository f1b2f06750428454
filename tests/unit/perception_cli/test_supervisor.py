import os
import queue
import signal
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_cli.supervisor import FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S, Restarts, Supervisor
from perception_cli.up_plan import Planned

PATIENCE_S = 60.0


def test_the_pause_doubles_while_a_process_cannot_hold_itself():
    restarts = Restarts()
    assert [restarts.after(0.1) for _ in range(8)] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert restarts.after(STEADY_S) == FIRST_PAUSE_S


@given(st.lists(st.floats(0, 1e6), max_size=20))
def test_a_pause_is_never_longer_than_it_may_be(lives):
    restarts = Restarts()
    assert all(FIRST_PAUSE_S <= restarts.after(each) <= LONGEST_PAUSE_S for each in lives)


@pytest.fixture
def supervised(tmp_path, monkeypatch):
    """A process that says its id and waits, and what it has said."""
    (tmp_path / "waits.py").write_text(
        textwrap.dedent("""
            import os, signal
            print(os.getpid(), flush=True)
            signal.pause()
        """)
    )
    monkeypatch.chdir(tmp_path)
    said = queue.Queue()
    supervisors = []

    def make(*, respawn):
        planned = Planned("waits", ("waits",), Path("profile.xml"), respawn)
        supervisor = Supervisor([planned], lambda _: dict(os.environ), lambda *words: said.put(words))
        supervisors.append(supervisor)
        return supervisor, lambda: said.get(timeout=PATIENCE_S)

    yield make
    for each in supervisors:
        each.end()


def ended(supervisor, now_s):
    while not (found := supervisor.look(now_s)):
        os.sched_yield()
    return found


def test_who_is_killed_is_started_again_after_its_pause(supervised):
    supervisor, said = supervised(respawn=True)
    assert supervisor.look(0.0) == []
    name, line = said()
    assert name == "waits"
    os.kill(int(line), signal.SIGKILL)
    (told,) = ended(supervisor, 10.0)
    assert (told.planned.name, told.code, told.pause_s) == ("waits", -signal.SIGKILL, 1.0)
    assert supervisor.look(10.9) == [] and not supervisor.process_ids()
    assert supervisor.look(11.0) == [] and supervisor.process_ids()
    assert said()[1] != line


def test_who_is_not_to_be_started_again_is_not(supervised):
    supervisor, said = supervised(respawn=False)
    supervisor.look(0.0)
    os.kill(int(said()[1]), signal.SIGKILL)
    (told,) = ended(supervisor, 10.0)
    assert told.pause_s is None
    assert supervisor.look(1e9) == [] and not supervisor.process_ids()


def test_in_the_end_nobody_is_left(supervised):
    supervisor, said = supervised(respawn=True)
    supervisor.look(0.0)
    pid = int(said()[1])
    supervisor.end()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
