"""`./perception up`: the perception nodes on a robot, brought up in order and kept up, without launch_ros."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from perception_cli.processes import Interruption, ignore_further_signals, ros_environment
from perception_cli.supervisor import Ended, Supervisor
from perception_cli.up_plan import BRING_UP, Planned, check_params_file, plan
from perception_cli.up_settings import SettingsError, UpSettings, settings_from
from perception_core.parameters import Declaration, declarations
from perception_core.shared_memory import StaleSegment, remove_stale_segments

_LOOK_S = 0.1
_TIDY_AFTER_S = 15.0  # the shared memory of who has just been killed is too young to be told from a living one's
_MEGABYTE = 1e6
_WRONG_USE = 2


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "up",
        help="run the nodes on a robot: brought up in order, started again when they die, until Ctrl-C",
        description="The settings come from FILE, those given here go before it. Discovery stays on this machine "
        "unless ROS_AUTOMATIC_DISCOVERY_RANGE says otherwise.",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="YAML, such as config/up.yaml")
    for each in declarations(UpSettings):
        parser.add_argument(
            f"--{each.name.replace('_', '-')}", dest=each.name, metavar=_metavar(each), help=_help(each)
        )
    parser.set_defaults(func=run)


def run(options: argparse.Namespace) -> int:
    """Runs until it is told to end."""
    interruption = Interruption()
    given = {each.name: getattr(options, each.name) for each in declarations(UpSettings)}
    try:
        settings = settings_from(options.config, {name: text for name, text in given.items() if text is not None})
        doubts = check_params_file(settings)
    except SettingsError as error:
        print(f"perception up: {error}", file=sys.stderr)
        return _WRONG_USE
    for doubt in doubts:
        _say("up", doubt)
    _tell_of(remove_stale_segments())
    supervisor = Supervisor(plan(settings), _environment, _say)
    try:
        return _supervise(supervisor, interruption)
    finally:
        ignore_further_signals()
        supervisor.end()


def _supervise(supervisor: Supervisor, interruption: Interruption) -> int:
    """Looks after the processes until the end; returns the exit code."""
    tidy_at_s = float("inf")
    while not interruption.asked:
        now_s = time.monotonic()
        for ended in supervisor.look(now_s):
            tidy_at_s = now_s + _TIDY_AFTER_S
            _say("up", _words(ended))
            if ended.pause_s is None and not _is_done(ended):
                return 1
        if now_s >= tidy_at_s:
            tidy_at_s = float("inf")
            _tell_of(remove_stale_segments())
        time.sleep(_LOOK_S)
    return 0


def _is_done(ended: Ended) -> bool:
    """Whether the others go on without it."""
    return not ended.planned.needed or (ended.planned.name == BRING_UP and ended.code == 0)


def _words(ended: Ended) -> str:
    name, code = ended.planned.name, ended.code
    if ended.pause_s is not None:
        return f"{name} has ended with {code}; it is started again in {ended.pause_s:g} s"
    if not ended.planned.needed:
        return f"{name} has ended with {code}, and stays so: end `./perception up` and start it again for another one"
    return "all are active" if _is_done(ended) else f"{name} has ended with {code}: ending the others"


def _environment(planned: Planned) -> Mapping[str, str]:
    return {**ros_environment(planned.profile), "PYTHONUNBUFFERED": "1"}


def _tell_of(removed: list[StaleSegment]) -> None:
    if removed:
        megabytes = sum(each.size for each in removed) / _MEGABYTE
        _say("up", f"removed {megabytes:.0f} MB of shared memory that killed processes had left behind")


def _say(name: str, line: str) -> None:
    print(f"[{name}] {line}", flush=True)


def _metavar(declaration: Declaration) -> str:
    if isinstance(declaration.default, bool):
        return "true|false"
    return "|".join(declaration.one_of) if declaration.one_of else declaration.type_name.upper()


def _help(declaration: Declaration) -> str:
    default = str(declaration.default).lower() if isinstance(declaration.default, bool) else str(declaration.default)
    return declaration.description.replace("%", "%%") + (f" Default: {default}" if default else "")
