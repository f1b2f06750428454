"""The environment variables that a program needs to find ROS."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from perception_cli.bootstrap.environment import Environment

# The wheels start every Python a second time with their libraries on the path unless this is set; both are set or
# neither, since a program with the guard and without the path cannot load them.
_WHEELS_GUARD = "_ROS_WHEELS_BOOTSTRAP_COMPLETE"


def wheel_variables(environment: Environment, environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables with the environment activated and its ROS libraries found.

    Args:
        environment: One whose ROS comes from wheels.
        environ: The caller's variables; what their paths name already stays.
    """
    venv = environment.venv
    libraries = [venv / "lib", *sorted(environment.site_packages().glob("ros_*.libs"))]
    variables = dict(environ)
    variables.pop("PYTHONHOME", None)
    variables["VIRTUAL_ENV"] = str(venv)
    variables["PATH"] = prepended([venv / "bin"], environ.get("PATH", os.defpath))
    variables["LD_LIBRARY_PATH"] = prepended(libraries, environ.get("LD_LIBRARY_PATH"))
    variables["AMENT_PREFIX_PATH"] = prepended([venv], environ.get("AMENT_PREFIX_PATH"))
    variables["CMAKE_PREFIX_PATH"] = prepended([venv], environ.get("CMAKE_PREFIX_PATH"))
    variables[_WHEELS_GUARD] = "1"
    return variables


def prepended(paths: list[Path], before: str | None) -> str:
    """A search path with `paths` first and nothing in it twice."""
    entries = [*map(str, paths), *(entry for entry in (before or "").split(os.pathsep) if entry)]
    return os.pathsep.join(dict.fromkeys(entries))


def start_command(
    environment: Environment, module_and_arguments: list[str], environ: Mapping[str, str]
) -> tuple[list[str], dict[str, str]]:
    """How to start one of our modules in the environment: the argument vector and the variables."""
    command = [str(environment.python), "-m", *module_and_arguments]
    if environment.distro is None:
        return command, wheel_variables(environment, environ)
    overlay = environment.ros_prefix / "local_setup.sh"
    return ["/bin/sh", "-c", '. "$0" && exec "$@"', str(overlay), *command], dict(environ)


def with_test_interfaces(environment: Environment, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with the message packages of the tests found, where they had to be built."""
    prefix = environment.test_interfaces
    variables = dict(environ)
    if not prefix.exists():
        return variables
    modules = sorted({path.parent for path in prefix.glob("**/*-packages/*_msgs")})
    variables["AMENT_PREFIX_PATH"] = prepended([prefix], environ.get("AMENT_PREFIX_PATH"))
    variables["LD_LIBRARY_PATH"] = prepended([prefix / "lib"], environ.get("LD_LIBRARY_PATH"))
    variables["PYTHONPATH"] = prepended(modules, environ.get("PYTHONPATH"))
    return variables
