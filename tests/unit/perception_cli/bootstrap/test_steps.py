from pathlib import Path

import pytest

from perception_cli.bootstrap.environment import Environment
from perception_cli.bootstrap.main import wants_tensorrt
from perception_cli.bootstrap.stamps import Stamps
from perception_cli.bootstrap.steps import Work, steps_for


class Recorder:
    """In place of the commands of a set-up; answers whether there is a TensorRT."""

    def __init__(self, answer):
        self.answer, self.commands = answer, []

    def quiet(self, command, *_):
        self.commands.append([str(word) for word in command])
        return self.answer


def tensorrt_step(tmp_path, answer):
    """The step that brings TensorRT, and what it runs where there is one or none."""
    environment = Environment(tmp_path, tmp_path / ".venv", None)
    for folder in (environment.state / "archives", environment.venv / "lib" / "python3.10" / "site-packages"):
        folder.mkdir(parents=True)
    *_, step = steps_for(environment, weights=False, tests=False, tensorrt=True)
    recorder = Recorder(answer)
    step.run(Work(environment, recorder, Stamps(environment.state), {}))
    return step, [command for command in recorder.commands if "pip" in command]


def test_where_there_is_no_tensorrt_the_locked_one_is_installed(tmp_path):
    step, installs = tensorrt_step(tmp_path, "False\n")
    lock = str(tmp_path / "requirements" / "tensorrt-rtx.lock")
    assert step.title == "TensorRT for RTX"
    assert [command[-1] for command in installs] == [lock, lock]
    assert all("--require-hashes" in command for command in installs)


def test_where_there_is_one_it_is_left_alone(tmp_path):
    assert tensorrt_step(tmp_path, "True\n")[1] == []


@pytest.mark.parametrize(
    ("words", "tests", "machine", "wanted"),
    [
        (["models", "build", "yunet"], False, "x86_64", True),
        (["models", "list"], False, "x86_64", False),
        (["models"], False, "x86_64", False),
        (["demo", "build"], False, "x86_64", False),
        (["test"], True, "x86_64", True),
        (["models", "build"], False, "aarch64", False),
    ],
)
def test_only_who_builds_gets_it_and_only_where_it_exists(words, tests, machine, wanted):
    assert wants_tensorrt(words[0], words[1:], tests=tests, machine=machine) == wanted


def test_a_demo_has_none(tmp_path):
    names = [step.name for step in steps_for(Environment(tmp_path, Path("v"), None), weights=False, tests=True)]
    assert "tensorrt" not in names
