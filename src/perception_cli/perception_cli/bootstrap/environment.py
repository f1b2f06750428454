"""Which Python environment this machine gets: ROS 2 from wheels, or the ROS 2 that is sourced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perception_cli.bootstrap.errors import SetupError

_BUILDABLE = re.compile(r"[A-Za-z0-9._+/ -]+")
SUPPORTED_DISTROS = ("humble", "jazzy")
WHEEL_MACHINES = ("x86_64", "AMD64")


@dataclass(frozen=True)
class Environment:
    """Where things are set up.

    Attributes:
        repository: The clone.
        venv: The virtual environment inside it.
        distro: The sourced ROS distribution, None where ROS comes from wheels.
    """

    repository: Path
    venv: Path
    distro: str | None

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.venv / "bin" / "python"

    @property
    def libraries_lock(self) -> Path:
        """The pinned requirements of the demo."""
        return self.repository / "requirements" / ("runtime.lock" if self.distro is None else "sourced.lock")

    @property
    def state(self) -> Path:
        """The folder that remembers what is set up; the one thing that outlives the environment being made anew."""
        return self.venv / ".setup"

    @property
    def log(self) -> Path:
        """What the tools said while setting up."""
        return self.venv / "setup.log"

    @property
    def ros_prefix(self) -> Path:
        """The install prefix of perception_msgs beside a sourced ROS."""
        return self.venv / "ros"

    @property
    def test_interfaces(self) -> Path:
        """The install prefix of the message packages that only tests need."""
        return self.venv / "test-interfaces"

    def site_packages(self) -> Path:
        """The environment's own package folder.

        Raises:
            SetupError: If the environment has none.
        """
        for folder in sorted(self.venv.glob("lib/python3.*/site-packages")):
            return folder
        raise SetupError(f"{self.venv} is damaged: it has no site-packages. Remove it and run the command again.")


def choose(repository: Path, environ: Mapping[str, str], machine: str) -> Environment:
    """The environment for this machine.

    Args:
        repository: The clone.
        environ: Environment variables of the caller; ROS_DISTRO and AMENT_PREFIX_PATH tell of a sourced ROS.
        machine: Processor architecture as `platform.machine()` names it.

    Raises:
        SetupError: If the sourced ROS is not supported, is named but not sourced, or no ROS can be had here; or if
            the clone's folder is one in which ROS's build tools cannot work.
    """
    if not _BUILDABLE.fullmatch(str(repository)):
        raise SetupError(
            f"ROS's build tools cannot work in {repository}: move the clone to a folder whose path consists of plain "
            "letters, digits, spaces and . _ + - / only."
        )
    distro = environ.get("ROS_DISTRO")
    if not distro:
        if machine not in WHEEL_MACHINES:
            raise SetupError(
                f"ROS 2 comes as wheels for x86_64 only, and this machine is {machine}: install ROS 2 Jazzy or Humble, "
                "source it (source /opt/ros/jazzy/setup.bash), and run the command again."
            )
        return Environment(repository, repository / ".venv", None)
    if distro not in SUPPORTED_DISTROS:
        raise SetupError(
            f"ROS_DISTRO is {distro}; supported are humble and jazzy. In a shell where no ROS is sourced, ROS 2 Jazzy "
            "is set up from wheels."
        )
    if not environ.get("AMENT_PREFIX_PATH"):
        raise SetupError(
            f"ROS_DISTRO is {distro}, but that ROS is not sourced: source /opt/ros/{distro}/setup.bash, or unset "
            "ROS_DISTRO to use ROS 2 Jazzy from wheels."
        )
    return Environment(repository, repository / f".venv-{distro}", distro)
