import os
import signal
from pathlib import Path

import pytest

STEPS = ["Python environment .venv-humble", "Installer", "Download and install the libraries", "Build perception_msgs"]


def titles(done):
    return [line.split("] ")[1] for line in done.stderr.splitlines() if line.startswith("[")]


def test_a_command_sets_up_what_is_missing_once_and_starts(clone):
    first = clone.run("demo", "--headless")
    assert first.returncode == 0, first.stderr
    assert titles(first) == [*STEPS, "Packages of this repository", "Models and pictures"]
    assert first.stdout == "started demo --headless with messages: yes\n"
    second = clone.run("demo")
    assert (second.stdout, second.stderr) == ("started demo with messages: yes\n", "")


def test_beside_a_sourced_ros_its_own_colcon_builds_the_messages_and_its_packages_are_seen(clone):
    assert clone.run("setup").returncode == 0
    venv = clone.path / ".venv-humble"
    (call,) = clone.calls.read_text().splitlines()
    assert call.startswith("colcon ")
    assert f"--base-paths {clone.path}/src/perception_msgs" in call
    assert f"--install-base {venv}/ros --merge-install" in call
    assert "include-system-site-packages = true" in (venv / "pyvenv.cfg").read_text()
    assert f"-r {clone.path}/requirements/sourced.lock" in (venv / "setup.log").read_text()
    assert "runtime.lock" not in (venv / "setup.log").read_text()
    assert not (clone.path / ".venv").exists()
    assert {path.name for path in clone.path.iterdir()} == {"src", "requirements", "models", "tests", ".venv-humble"}


def test_a_damaged_stamp_is_as_good_as_none(clone):
    clone.run("setup")
    (clone.path / ".venv-humble" / ".setup" / "messages").write_bytes(b"\xff\x00")
    again = clone.run("setup")
    assert again.returncode == 0, again.stderr
    assert titles(again) == ["Build perception_msgs"]


def test_a_picture_or_model_that_has_gone_is_fetched_again(clone, tmp_path):
    picture = tmp_path / "cache" / "pictures" / "astronaut.png"
    picture.touch()
    clone.run("setup")
    assert titles(clone.run("setup")) == []
    picture.unlink()
    assert titles(clone.run("setup")) == ["Models and pictures"]


def test_a_relative_cache_is_the_one_where_the_user_stands(clone):
    done = clone.run("setup", PERCEPTION_CACHE="relative")
    assert "relative" not in {path.name for path in clone.path.iterdir()}
    assert str(Path.cwd() / "relative") in done.stderr


def test_only_what_changed_is_done_again(clone):
    clone.run("setup")
    (clone.path / "src" / "perception_msgs" / "Face.msg").write_text("float32 score\n")
    assert titles(clone.run("setup")) == ["Build perception_msgs"]


def test_an_environment_whose_change_was_broken_off_is_made_anew(clone):
    clone.run("setup")
    venv = clone.path / ".venv-humble"
    (venv / "left-over").touch()
    (venv / ".setup" / "in-doubt").touch()
    assert titles(clone.run("setup"))[:4] == STEPS
    assert not (venv / "left-over").exists()


def test_a_killed_set_up_is_carried_on_once_its_last_tool_has_ended(clone):
    os.mkfifo(clone.gate)
    killed = clone.start("setup")
    with clone.gate.open("w"):
        # The open gate says that colcon has begun.
        killed.kill()
        killed.communicate()
        following = clone.start("setup")
        assert following.stderr.readline() == "Another ./perception is setting up; waiting for it.\n"
        clone.gate.unlink()
    _, said = following.communicate()
    assert following.returncode == 0, said
    assert said.splitlines()[0] == "[1/3] Build perception_msgs"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_set_up_with_one_line_and_the_next_run_carries_on(clone, number):
    os.mkfifo(clone.gate)
    interrupted = clone.start("setup")
    with clone.gate.open("w"):
        interrupted.send_signal(number)
        _, said = interrupted.communicate()
    clone.gate.unlink()
    assert interrupted.returncode == 130
    assert said.splitlines()[-1] == "perception: interrupted; the next run carries on from here."
    assert "Traceback" not in said
    assert titles(clone.run("setup")) == ["Build perception_msgs", "Packages of this repository", "Models and pictures"]


def test_without_a_network_one_line_says_so_and_the_environment_stays_as_it_was(clone):
    clone.run("setup")
    (clone.path / "requirements" / "sourced.lock").write_text(f"numpy==1.26.4 --hash=sha256:{'0' * 64}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull}
    offline = clone.run("setup", **nowhere)
    assert offline.returncode == 1
    last = offline.stderr.splitlines()[-1]
    assert last.startswith("perception: No network: the packages of requirements/sourced.lock cannot be downloaded.")
    assert last.endswith(str(clone.path / ".venv-humble" / "setup.log"))
    (clone.path / "requirements" / "sourced.lock").write_text("")
    assert clone.run("demo", **nowhere).stdout == "started demo with messages: yes\n"


def test_all_that_is_missing_is_said_before_anything_is_done(clone):
    empty = clone.run("demo", PATH="/nowhere")
    assert empty.returncode == 1
    assert [line for line in empty.stderr.splitlines() if line.startswith("Missing: ")] == [
        "Missing: a C++ compiler (apt-get install g++)",
        "Missing: colcon (apt-get install python3-colcon-common-extensions)",
        "Missing: npm (apt-get install npm)",
    ]
    assert titles(empty) == []


def test_a_step_that_fails_names_its_last_words_and_the_log(clone):
    (clone.path / "src" / "perception_cli" / "perception_cli" / "provision.py").write_text("raise SystemExit('no')")
    assert clone.run("setup").stderr.splitlines()[-2:] == [
        "no",
        "perception: the step 'Models and pictures' failed; see above.",
    ]


def test_an_environment_of_somebody_else_is_not_touched(clone):
    venv = clone.path / ".venv-humble"
    venv.mkdir()
    (venv / "precious").touch()
    refused = clone.run("demo")
    assert refused.returncode == 1
    assert "was not made by ./perception" in refused.stderr
    assert [path.name for path in venv.iterdir()] == ["precious"]


def test_what_the_file_system_refuses_is_one_line(clone):
    in_the_way = clone.path / ".venv-humble"
    in_the_way.touch()
    refused = clone.run("demo")
    assert refused.returncode == 1
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"perception: {in_the_way}")
    assert line.endswith(": Not a directory.")


def test_help_and_mistakes_need_no_environment(clone):
    assert "usage: ./perception COMMAND" in clone.run("--help").stdout
    assert "shown once ./perception setup has run" in clone.run("demo", "--help").stdout
    mistake = clone.run("dmeo")
    assert mistake.returncode == 2
    known = "demo, up, record, annotate, people, gestures, test, models, doctor, eval, bench, setup"
    assert mistake.stderr == f"perception: there is no command dmeo; there are {known}.\n"
    assert not (clone.path / ".venv-humble").exists()
