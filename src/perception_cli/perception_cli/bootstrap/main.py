"""`./perception COMMAND`: sets up what the command needs, then becomes it."""

from __future__ import annotations

import errno
import os
import platform
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from perception_cli.bootstrap import prerequisites
from perception_cli.bootstrap.commands import CommandError, Runner
from perception_cli.bootstrap.environment import WHEEL_MACHINES, Environment, choose
from perception_cli.bootstrap.errors import SetupError
from perception_cli.bootstrap.ros_environment import start_command
from perception_cli.bootstrap.stamps import Stamps, exclusive
from perception_cli.bootstrap.steps import VENV_STEP, Step, Work, steps_for

_INTERRUPTED = 130
_USAGE_ERROR = 2


@dataclass(frozen=True)
class Command:
    """A command of the command line.

    Attributes:
        help: What it does, for the list of commands.
        module: The module that does it; empty if setting up is all there is to it.
        weights: Whether it needs the models and pictures.
        tests: Whether it needs what tests need.
    """

    help: str
    module: str = "perception_cli"
    weights: bool = True
    tests: bool = False


COMMANDS = {
    "demo": Command("show who is in view and where, on a live ROS 2 graph"),
    "up": Command("run the nodes on a robot and keep them up, without launch files"),
    "record": Command("record what a camera sees, as rosbag2; without ROS"),
    "annotate": Command("draw faces into a video or pictures, and write them down; without ROS"),
    "people": Command("list, enrol, rename and forget the people whom the robot knows"),
    "gestures": Command("teach, list, rename and forget gestures"),
    "test": Command("run every check; with arguments, pytest with them", module="perception_cli.testing", tests=True),
    "models": Command("list, fetch, verify or show the models, and their licences", weights=False),
    "doctor": Command("find what is wrong with this machine, the camera and the nodes", weights=False),
    "eval": Command("measure accuracy on pictures of which the answer is known"),
    "bench": Command("measure speed and accuracy"),
    "setup": Command("only set up what the others need; with --tests, what test needs too", module=""),
}


def help_text() -> str:
    """What `./perception --help` says."""
    lines = [f"  {name:10}{command.help}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            "usage: ./perception COMMAND [OPTIONS]",
            "",
            "Who is in front of a robot, what their face expresses and what their hands say, where in metres.",
            "Each command first sets up what is missing, which takes some minutes the first time.",
            "",
            *lines,
            "",
            "./perception COMMAND --help shows the options of a command.",
        ]
    )


def main(arguments: Sequence[str], repository: Path) -> int:
    """Sets up what is missing and runs the command in this process's place.

    Args:
        arguments: The command and its options.
        repository: The clone.

    Returns:
        An exit status, where no command was started.
    """
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(help_text())
        return 0
    name, *options = arguments
    if name not in COMMANDS:
        print(f"perception: there is no command {name}; there are {', '.join(COMMANDS)}.", file=sys.stderr)
        return _USAGE_ERROR
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return _run(name, options, repository, _with_absolute_cache(os.environ))
    except SetupError as error:
        print(f"perception: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        remedy = " Make room (2 GB) and run the command again." if error.errno == errno.ENOSPC else ""
        print(f"perception: {error.filename or repository}: {error.strerror}.{remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nperception: interrupted; the next run carries on from here.", file=sys.stderr)
        return _INTERRUPTED


def _with_absolute_cache(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The set-up runs in the repository, the command where the user stands: both must mean the same folder."""
    cache = environ.get("PERCEPTION_CACHE")
    return {**environ, "PERCEPTION_CACHE": str(Path(cache).expanduser().absolute())} if cache else environ


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _run(name: str, options: list[str], repository: Path, environ: Mapping[str, str]) -> int:
    """Set up and start; returns only where nothing is started."""
    command = COMMANDS[name]
    environment = choose(repository, environ, platform.machine())
    tests = command.tests or (not command.module and "--tests" in options)
    steps = steps_for(
        environment,
        weights=command.weights,
        tests=tests,
        tensorrt=wants_tensorrt(name, options, tests=tests, machine=platform.machine()),
    )
    ready = not _pending(steps, Stamps(environment.state))
    if not ready and not {"-h", "--help"}.isdisjoint(options):
        print(f"{name}: {command.help}\n\nIts options are shown once ./perception setup has run.")
        return 0
    if not ready:
        set_up(environment, steps, environ)
    if not command.module:
        print(f"Ready: {environment.venv}", file=sys.stderr)
        return 0
    passed_on = options if command.module == "perception_cli.testing" else [name, *options]
    words, variables = start_command(environment, [command.module, *passed_on], environ)
    if command.module == "perception_cli":
        # Until the new process has handlers of its own, a signal would print a traceback; it takes them up then.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    return os.execve(words[0], words, variables)


def wants_tensorrt(name: str, options: Sequence[str], *, tests: bool, machine: str) -> bool:
    """Whether a command builds plans, where TensorRT for RTX exists."""
    builds = tests or (name == "models" and list(options[:1]) == ["build"])
    return builds and machine in WHEEL_MACHINES


def _pending(steps: list[Step], stamps: Stamps) -> list[Step]:
    """The steps still to do; all of them if the environment itself is to be made anew."""
    pending = [step for step in steps if not stamps.current(step.name, step.inputs)]
    anew = stamps.in_doubt or any(step.name == VENV_STEP for step in pending)
    return steps if anew else pending


def set_up(environment: Environment, steps: list[Step], environ: Mapping[str, str]) -> None:
    """Do the steps that are not done yet, one run at a time.

    Raises:
        SetupError: If a step cannot be done; what was done before it stays done.
    """
    if environment.venv.exists() and not environment.state.exists() and any(environment.venv.iterdir()):
        raise SetupError(f"{environment.venv} was not made by ./perception: move it away and run the command again.")
    stamps = Stamps(environment.state)
    with exclusive(environment.state) as lock:
        pending = _pending(steps, stamps)
        lines = prerequisites.missing(need for step in pending for need in step.needs)
        if lines:
            raise SetupError("\n".join(["this machine lacks something that must be installed first.", *lines]))
        work = Work(environment, Runner(environment.log, lock), stamps, environ)
        started = time.monotonic()
        for number, step in enumerate(pending, start=1):
            print(f"[{number}/{len(pending)}] {step.title}", file=sys.stderr, flush=True)
            _do(step, work)
        if pending:
            print(f"Set up in {time.monotonic() - started:.0f} s.", file=sys.stderr, flush=True)


def _do(step: Step, work: Work) -> None:
    log = work.environment.log
    try:
        rests_on = step.run(work)
    except CommandError as error:
        said = [line.strip() for line in error.output.splitlines() if line.strip()]
        cause = next((line for line in said if "No space left" in line), said[-1] if said else "")
        told = f": {cause} (all of it: {log})" if cause else "; see above."
        raise SetupError(f"the step '{step.title}' failed{told}") from error
    work.stamps.finish(step.name, step.inputs, rests_on)
