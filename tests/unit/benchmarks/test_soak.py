import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.harness.memory_plot import draw_plot
from benchmarks.harness.soak_troubles import Kind, default_of, draw
from benchmarks.harness.soak_verdict import IN_FLIGHT, LEAK_MB_PER_HOUR, Life, accounts, growth
from benchmarks.harness.watcher import Told
from face_perception.parameters import FaceParameters
from perception_core.parameters import declarations

NODES = ["face_perception", "gesture_perception", "person_perception"]
SECOND_NS = 10**9


def life(mb_per_hour, noise_mb, seconds=1200, seed=0):
    rng = np.random.default_rng(seed)
    times = np.arange(seconds, dtype=float)
    warming = 50 * np.exp(-times / 10)
    values = 150 - warming + mb_per_hour / 3600 * times + rng.normal(0, noise_mb, seconds)
    return Life("faces", times.tolist(), values.tolist())


def test_memory_that_is_flat_after_its_beginning_is_no_leak():
    assert not growth(life(0.0, noise_mb=2.0)).leaks


@pytest.mark.parametrize("mb_per_hour", [20.0, 100.0])
def test_memory_that_grows_is(mb_per_hour):
    found = growth(life(mb_per_hour, noise_mb=0.5))
    assert found.leaks
    assert found.mb_per_hour == pytest.approx(mb_per_hour, rel=0.3)


def test_growth_below_the_limit_is_not_called_a_leak():
    assert not growth(life(LEAK_MB_PER_HOUR / 2, noise_mb=0.1)).leaks


def test_a_life_that_is_too_short_tells_nothing():
    assert growth(life(1000.0, noise_mb=0.0, seconds=70)) is None
    assert growth(Life("faces", [], [])) is None


def told(second, frames, dropped=0):
    counts = {"frames": frames, "dropped_frames": dropped, "lost_frames": 0, "failed_frames": 0}
    return Told(second * SECOND_NS, {key: str(value) for key, value in counts.items()})


def images(seconds, rate_hz=30):
    return [round(k * SECOND_NS / rate_hz) for k in range(seconds * rate_hz)]


def test_images_that_are_in_a_count_are_accounted_for():
    found = accounts([told(2, 100), told(5, 180, dropped=10)], images(8), 1 * SECOND_NS, 6 * SECOND_NS)
    assert (found.published, found.counted, found.unaccounted) == (90, 90, 0)


def test_images_that_are_in_none_are_found():
    found = accounts([told(2, 100), told(5, 170)], images(8), 1 * SECOND_NS, 6 * SECOND_NS)
    assert found.unaccounted == 20 - IN_FLIGHT


def test_images_on_their_way_through_a_machine_that_starves_are_not_missed():
    late = Told(5 * SECOND_NS, {**told(5, 160).values, "latency_p95_ms": "1000.0"})
    assert accounts([told(2, 100), late], images(8), 1 * SECOND_NS, 6 * SECOND_NS).unaccounted == 0


@pytest.mark.parametrize("statuses", [[], [told(2, 1)], [told(2, 100), told(3, 5)], [told(20, 1), told(21, 30)]])
def test_without_two_statuses_of_one_activation_nothing_is_told(statuses):
    assert accounts(statuses, images(8), 1 * SECOND_NS, 6 * SECOND_NS) is None


@given(st.integers(0, 2**32), st.booleans())
def test_a_trouble_can_be_caused(seed, kills):
    trouble = draw(random.Random(seed), NODES, kills=kills)
    assert trouble.target in [*NODES, "camera"] and trouble.wait_s <= 2.0
    assert kills or trouble.kind is not Kind.NODE_KILLED
    if trouble.kind in (Kind.PARAMETER, Kind.REFUSED):
        assert default_of(trouble.target, trouble.parameter.name).name == trouble.parameter.name
    else:
        assert trouble.parameter is None


def test_a_seed_gives_the_same_troubles():
    first, second = ([draw(rng, NODES, kills=True) for _ in range(50)] for rng in (random.Random(7), random.Random(7)))
    assert first == second
    assert {each.kind for each in first} == set(Kind)


def test_parameters_are_drawn_within_their_ranges():
    ranges = {each.name: each for each in declarations(FaceParameters)}
    rng = random.Random(0)
    drawn = [draw(rng, ["face_perception"], kills=False).parameter for _ in range(500)]
    from rclpy.parameter import parameter_value_to_python  # noqa: PLC0415 - the test's last need of ROS

    for each in filter(None, drawn):
        assert ranges[each.name].refusal(parameter_value_to_python(each.value)) is None


def test_the_plot_shows_every_line_in_its_place():
    picture = draw_plot([("faces", [0.0, 60.0], [60.0, 60.0]), ("hands", [0.0, 60.0], [0.0, 30.0])], [30.0])
    blue = (abs(picture.astype(int) - (180, 119, 31)) < 40).all(axis=2)  # OpenCV softens edges
    assert blue[50].sum() > 1000  # at the top: the largest value
    assert (picture != 255).any(axis=2).mean() < 0.1
