from pathlib import Path

import pytest

from perception_cli.bootstrap.environment import Environment
from perception_cli.bootstrap.ros_environment import prepended, start_command, wheel_variables, with_test_interfaces


@pytest.fixture
def from_wheels(tmp_path):
    environment = Environment(tmp_path, tmp_path / ".venv", None)
    for libraries in ("ros_rcl.libs", "ros_rclpy.libs", "scipy.libs"):
        (environment.venv / "lib" / "python3.11" / "site-packages" / libraries).mkdir(parents=True)
    return environment


def test_the_guard_and_the_libraries_come_together(from_wheels):
    variables = wheel_variables(from_wheels, {"LD_LIBRARY_PATH": "/mine"})
    assert variables["_ROS_WHEELS_BOOTSTRAP_COMPLETE"] == "1"
    folders = variables["LD_LIBRARY_PATH"].split(":")
    assert [Path(folder).name for folder in folders] == ["lib", "ros_rcl.libs", "ros_rclpy.libs", "mine"]


def test_the_environment_comes_first_and_what_was_there_stays(from_wheels):
    variables = wheel_variables(from_wheels, {"PATH": "/usr/bin", "AMENT_PREFIX_PATH": "/other", "HOME": "/home/me"})
    assert variables["PATH"] == f"{from_wheels.venv}/bin:/usr/bin"
    assert variables["AMENT_PREFIX_PATH"] == f"{from_wheels.venv}:/other"
    assert variables["HOME"] == "/home/me"


def test_a_command_started_by_a_command_finds_the_same_paths(from_wheels):
    once = wheel_variables(from_wheels, {"PATH": "/usr/bin"})
    assert wheel_variables(from_wheels, once) == once


def test_a_command_beside_a_sourced_ros_starts_with_our_messages_sourced_on_top(tmp_path):
    environment = Environment(tmp_path, tmp_path / ".venv-humble", "humble")
    words, variables = start_command(environment, ["perception_cli", "demo"], {"PYTHONPATH": "/opt/ros/humble/lib"})
    assert words[0] == "/bin/sh"
    assert words[3:] == [
        str(tmp_path / ".venv-humble/ros/local_setup.sh"),
        str(tmp_path / ".venv-humble/bin/python"),
        *("-m", "perception_cli", "demo"),
    ]
    assert variables == {"PYTHONPATH": "/opt/ros/humble/lib"}


def test_the_packages_of_the_tests_are_found_where_they_were_built(from_wheels):
    assert with_test_interfaces(from_wheels, {"A": "b"}) == {"A": "b"}
    modules = from_wheels.test_interfaces / "lib" / "python3.11" / "site-packages"
    (modules / "vision_msgs").mkdir(parents=True)
    variables = with_test_interfaces(from_wheels, {"PYTHONPATH": "/mine", "AMENT_PREFIX_PATH": "/ros"})
    assert variables["PYTHONPATH"] == f"{modules}:/mine"
    assert variables["AMENT_PREFIX_PATH"] == f"{from_wheels.test_interfaces}:/ros"
    assert variables["LD_LIBRARY_PATH"] == f"{from_wheels.test_interfaces}/lib"


def test_a_search_path_has_nothing_twice_and_nothing_empty():
    assert prepended([Path("/a"), Path("/b")], "/b::/c:") == "/a:/b:/c"
