"""`./perception test`: every check of the repository, all of them even if one fails; the tests come last."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perception_cli.bootstrap.environment import Environment, choose
from perception_cli.bootstrap.ros_environment import with_test_interfaces

_CHECKED = ["src", "tests", "launch", "benchmarks", "examples"]
_MESSAGES = "perception_msgs"
# On two cores, for a third of the time is spent waiting; the tests of a file stay together, for they share networks.
_IN_PARALLEL = ["-n", "3", "--dist", "loadfile"]


@dataclass(frozen=True, slots=True)
class Check:
    """One command that must succeed.

    Attributes:
        heading: What it checks.
        command: Its argument vector, run in the repository.
        quiet: Whether its output matters only if it fails.
    """

    heading: str
    command: list[str]
    quiet: bool = False

    def passes(self, repository: Path, environ: Mapping[str, str]) -> bool:
        """Run it under its heading."""
        print(f"\n=== {self.heading}", flush=True)
        output = subprocess.PIPE if self.quiet else None
        errors = subprocess.STDOUT if self.quiet else None
        completed = subprocess.run(
            self.command, cwd=repository, env=environ, stdout=output, stderr=errors, text=True, check=False
        )
        if self.quiet:
            print(completed.stdout if completed.returncode else "passed", flush=True)
        return completed.returncode == 0


def code_checks(repository: Path) -> list[Check]:
    """Style and types."""
    python = [sys.executable, "-m"]
    folders = [folder for folder in _CHECKED if (repository / folder).is_dir()]
    typed = [str(marker.parent.relative_to(repository)) for marker in sorted(repository.glob("src/*/*/py.typed"))]
    return [
        Check("ruff check", [*python, "ruff", "check", *folders]),
        Check("ruff format", [*python, "ruff", "format", "--check", *folders]),
        Check("mypy", [*python, "mypy", "--strict", *typed]),
    ]


def build_checks(environment: Environment, scratch: Path) -> list[Check]:
    """Every package as colcon builds it in a workspace; the messages, which cannot be linked, only once."""

    def build(folder: str, *options: str) -> list[str]:
        base = scratch / folder
        return [
            *(["colcon"] if environment.distro else [sys.executable, str(environment.venv / "bin" / "colcon")]),
            *("--log-base", str(base / "log"), "build", "--base-paths", str(environment.repository)),
            *("--build-base", str(base / "build"), "--install-base", str(base / "install"), *options),
        ]

    cmake = ["--cmake-args", "-DBUILD_TESTING=OFF", *([] if environment.distro else ["-G", "Ninja"])]
    return [
        Check("colcon build", build("copied", *cmake), quiet=True),
        Check(
            "colcon build --symlink-install", build("linked", "--symlink-install", "--packages-ignore", _MESSAGES), True
        ),
    ]


def test_check(environment: Environment, arguments: list[str]) -> Check:
    """The tests, or those that pytest's arguments choose."""
    # The launch_testing of an installed ROS hooks into pytest in a way that this pytest refuses.
    foreign = ["-p", "no:launch_testing", "-p", "no:launch_testing_ros"] if environment.distro else []
    return Check("pytest", [sys.executable, "-m", "pytest", *foreign, *(arguments or _IN_PARALLEL)])


def main(arguments: list[str]) -> int:
    """Run all checks, or only pytest with `arguments`; returns the exit status."""
    environment = choose(Path(__file__).resolve().parents[3], os.environ, platform.machine())
    repository = environment.repository
    failed = []
    if not arguments:
        with tempfile.TemporaryDirectory(prefix="perception-build-") as scratch:
            checks = [*code_checks(repository), *build_checks(environment, Path(scratch))]
            failed = [check.heading for check in checks if not check.passes(repository, os.environ)]
        if failed:
            print(f"\nFailed before the tests: {', '.join(failed)}", flush=True)
    tests_pass = test_check(environment, arguments).passes(repository, with_test_interfaces(environment, os.environ))
    return 0 if tests_pass and not failed else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
