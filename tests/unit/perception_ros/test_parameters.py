from dataclasses import dataclass

import pytest
from rclpy.parameter import Parameter

from perception_core.parameters import ParameterError, declarations, parameter
from perception_ros.parameters import check_change, descriptor, with_changes


@dataclass(frozen=True, slots=True)
class Settings:
    engine: str = parameter("auto", "What runs the networks.", one_of=("auto", "cpu"))
    threads: int = parameter(1, "Threads.", at_least=1, at_most=64)
    hold_s: float = parameter(0.2, "Seconds.", at_least=0.0, live=True)
    keep_s: float = parameter(1.0, "Seconds.", live=True)

    def __post_init__(self):
        if self.hold_s > self.keep_s:
            raise ParameterError("hold_s is above keep_s")


DESCRIPTORS = {declaration.name: descriptor(declaration) for declaration in declarations(Settings)}


def change(name, value, present=None):
    return check_change(Settings, [Parameter(name, value=value)], present)


def test_ros_is_told_the_range():
    threads = DESCRIPTORS["threads"]
    assert (threads.integer_range[0].from_value, threads.integer_range[0].to_value) == (1, 64)
    assert DESCRIPTORS["hold_s"].floating_point_range[0].from_value == 0.0
    assert not DESCRIPTORS["keep_s"].floating_point_range
    assert "auto, cpu" in DESCRIPTORS["engine"].additional_constraints


def test_ros_is_told_what_waits_for_the_next_configure():
    assert "next configure" in DESCRIPTORS["threads"].description
    assert "next configure" not in DESCRIPTORS["hold_s"].description


def test_a_live_parameter_may_change_while_the_node_runs():
    assert change("hold_s", 0.5, Settings()).successful


def test_another_is_refused_with_the_way_to_do_it():
    result = change("threads", 2, Settings())
    assert not result.successful
    assert "threads takes effect at configure only" in result.reason


def test_it_is_taken_before_configure():
    assert change("threads", 2).successful


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("engine", "gpu", "engine: 'gpu' is not one of auto, cpu"),
        ("threads", 0, "threads: 0 is out of range: allowed is 1 to 64"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(name, value, reason):
    assert change(name, value).reason == reason


def test_a_change_that_contradicts_another_parameter_is_refused_while_the_node_runs():
    assert change("hold_s", 2.0, Settings()).reason == "hold_s is above keep_s"
    both = [Parameter("hold_s", value=2.0), Parameter("keep_s", value=3.0)]
    assert check_change(Settings, both, Settings()).successful


def test_before_configure_parameters_are_set_one_after_the_other():
    assert change("hold_s", 2.0).successful


def test_parameters_of_others_are_let_through():
    assert change("use_sim_time", True, Settings()).successful


def test_changes_make_new_values():
    new = with_changes(Settings(), [Parameter("hold_s", value=0.5), Parameter("use_sim_time", value=True)])
    assert (new.hold_s, new.threads) == (0.5, 1)
