import signal
import textwrap

import pytest

from perception_cli.processes import Processes, ros_environment


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that says when it runs, and then does what it is told to on SIGINT."""

    def write(on_interrupt):
        source = f"""
            import signal, sys
            signal.signal(signal.SIGINT, {on_interrupt})
            print("running", flush=True)
            while True:
                signal.pause()
        """
        (tmp_path / "child.py").write_text(textwrap.dedent(source))
        return "child"

    monkeypatch.chdir(tmp_path)
    return write


def started(tmp_path, module):
    processes = Processes(ros_environment(tmp_path / "profile.xml"), tmp_path / "log")
    processes.start("child", module, [])
    while "running" not in processes.log.read_text():
        assert processes.exit_code("child") is None
    return processes


def test_a_process_that_ends_politely_is_let_end(tmp_path, module):
    processes = started(tmp_path, module("lambda *_: sys.exit(3)"))
    processes.end()
    assert processes.exit_code("child") == 3


def test_a_process_that_does_not_end_is_ended(tmp_path, module):
    processes = started(tmp_path, module("signal.SIG_IGN"))
    processes.end()
    assert processes.exit_code("child") == -signal.SIGKILL


def test_what_a_process_says_is_kept(tmp_path, module):
    processes = started(tmp_path, module("lambda *_: sys.exit('that was all')"))
    processes.end()
    assert "that was all" in processes.log.read_text()


def test_what_the_user_has_set_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET")
    monkeypatch.delenv("FASTRTPS_DEFAULT_PROFILES_FILE", raising=False)
    environment = ros_environment(tmp_path / "profile.xml")
    assert environment["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "SUBNET"
    assert environment["FASTRTPS_DEFAULT_PROFILES_FILE"] == str(tmp_path / "profile.xml")


def test_the_profile_is_where_the_launch_files_have_it():
    from perception_cli.graph import PROFILE  # noqa: PLC0415 - imports rclpy

    assert PROFILE.is_file()
