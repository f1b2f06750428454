from dataclasses import dataclass

import pytest
from rclpy.parameter import Parameter

from perception_ros.parameters import check_change, declarations, parameter, with_changes


@dataclass(frozen=True, slots=True)
class Settings:
    engine: str = parameter("auto", "What runs the networks.", one_of=("auto", "cpu"))
    threads: int = parameter(1, "Threads.", at_least=1, at_most=64)
    hold_s: float = parameter(0.2, "Seconds.", at_least=0.0, live=True)
    loop: bool = parameter(False, "Again.")


DECLARED = {declaration.name: declaration for declaration in declarations(Settings)}


def test_type_default_and_range_come_from_the_one_line():
    assert [declaration.type_name for declaration in DECLARED.values()] == ["string", "int", "float", "bool"]
    assert [declaration.range_text for declaration in DECLARED.values()] == ["auto, cpu", "1 to 64", "at least 0.0", ""]


def test_ros_is_told_the_range():
    threads = DECLARED["threads"].descriptor()
    assert (threads.integer_range[0].from_value, threads.integer_range[0].to_value) == (1, 64)
    assert DECLARED["hold_s"].descriptor().floating_point_range[0].from_value == 0.0
    assert "auto, cpu" in DECLARED["engine"].descriptor().additional_constraints


def test_ros_is_told_what_waits_for_the_next_configure():
    assert "next configure" in DECLARED["threads"].descriptor().description
    assert "next configure" not in DECLARED["hold_s"].descriptor().description


def test_a_live_parameter_may_change_while_the_node_runs():
    assert check_change(Settings, [Parameter("hold_s", value=0.5)], configured=True).successful


def test_another_is_refused_with_the_way_to_do_it():
    result = check_change(Settings, [Parameter("threads", value=2)], configured=True)
    assert not result.successful
    assert "threads takes effect at configure only" in result.reason


def test_it_is_taken_before_configure():
    assert check_change(Settings, [Parameter("threads", value=2)], configured=False).successful


def test_a_value_that_is_none_of_those_allowed_is_refused_with_them():
    result = check_change(Settings, [Parameter("engine", value="gpu")], configured=False)
    assert result.reason == "engine: 'gpu' is not one of auto, cpu"


def test_parameters_of_others_are_let_through():
    assert check_change(Settings, [Parameter("use_sim_time", value=True)], configured=True).successful


def test_changes_make_new_values_and_leave_the_old():
    old = Settings()
    new = with_changes(old, [Parameter("hold_s", value=0.5), Parameter("use_sim_time", value=True)])
    assert (old.hold_s, new.hold_s, new.threads) == (0.2, 0.5, 1)


@pytest.mark.parametrize("name", ["engine", "threads", "hold_s", "loop"])
def test_every_parameter_is_described_in_a_sentence(name):
    assert DECLARED[name].description.endswith(".")
