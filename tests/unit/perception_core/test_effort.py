import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.effort import Effort

INTERVAL_S = 1 / 30
COST_MS = (45.0, 35.0, 25.0)  # of an image at each level


class Clock:
    seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def effort(clock):
    return Effort(2, clock)


def watch(effort, clock, seconds, waited):
    """The levels of the images of so many seconds."""
    levels = []
    for _ in range(round(seconds / INTERVAL_S)):
        clock.seconds += INTERVAL_S
        levels.append(effort.image_taken(waited=waited))
        effort.image_done()
    return levels


class Machine:
    """A camera of 30 Hz and a worker with room for one image that waits, as the nodes have."""

    def __init__(self, effort, clock, costs_ms):
        self._effort, self._clock, self.costs_ms = effort, clock, costs_ms
        self.free_s = clock.seconds
        self.dropped = 0
        self._image = 0

    def run(self, seconds):
        self.dropped = 0
        end_s = self._clock.seconds + seconds
        while self._clock.seconds < end_s:
            due_s = 100 + self._image * INTERVAL_S
            newest = int((self.free_s - 100) / INTERVAL_S)
            waited = self.free_s > due_s
            if newest > self._image:
                self.dropped += newest - self._image
                self._image = newest
            self._clock.seconds = max(self.free_s, 100 + self._image * INTERVAL_S)
            level = self._effort.image_taken(waited=waited)
            self._clock.seconds += self.costs_ms[level] / 1e3
            self._effort.image_done()
            self.free_s = self._clock.seconds
            self._image += 1
        return self._effort.level


def test_a_machine_that_keeps_up_does_everything(effort, clock):
    assert set(watch(effort, clock, 60, waited=False)) == {0}


def test_an_image_that_waits_now_and_then_changes_nothing(effort, clock):
    for _ in range(100):
        assert set(watch(effort, clock, 0.15, waited=True) + watch(effort, clock, 0.3, waited=False)) == {0}


def test_where_every_image_waits_less_is_done_step_by_step(effort, clock):
    assert set(watch(effort, clock, 5, waited=True)) == {0, 1, 2}


def test_a_slow_machine_ends_where_it_keeps_up_and_drops_no_more(effort, clock):
    machine = Machine(effort, clock, COST_MS)
    assert machine.run(4) == 2
    machine.run(60)
    assert machine.dropped == 0


def test_what_proves_too_much_is_tried_less_and_less(effort, clock):
    machine = Machine(effort, clock, (45.0, 35.0, 20.0))  # at the last level it seems to have time for the one before
    machine.run(30)
    early = machine.dropped
    machine.run(300)
    machine.run(30)
    assert machine.dropped < early


def test_when_there_is_less_to_do_everything_is_done_again(effort, clock):
    machine = Machine(effort, clock, COST_MS)
    machine.run(20)
    machine.costs_ms = (20.0, 15.0, 10.0)
    assert machine.run(40) == 0


@given(st.lists(st.booleans(), max_size=300), st.integers(0, 3))
def test_the_level_stays_within_its_bounds(waits, most):
    clock = Clock()
    effort = Effort(most, clock)
    for waited in waits:
        clock.seconds += 0.3
        assert 0 <= effort.image_taken(waited=waited) <= most
