"""What pip does for the set-up."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from perception_cli.bootstrap.commands import CommandError, Runner
from perception_cli.bootstrap.environment import Environment
from perception_cli.bootstrap.errors import SetupError
from perception_cli.bootstrap.stamps import Stamps

_NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|NewConnectionError|NameResolutionError|Network is unreachable|"
    r"Connection refused|ConnectTimeout|ReadTimeout|timed out|ProxyError|Max retries exceeded|Connection broken",
    re.IGNORECASE,
)
# empy exists as source only; setuptools and wheel are then those of build.lock.
_FORMATS = ["--only-binary", ":all:", "--no-binary", "empy", "--no-build-isolation"]


def install_lock(
    environment: Environment, lock: Path, runner: Runner, stamps: Stamps, environ: Mapping[str, str]
) -> None:
    """Install exactly what a lock names.

    All is downloaded before anything is changed: without a network the environment stays as it was.

    Raises:
        SetupError: If the packages cannot be downloaded.
        CommandError: If they cannot be installed.
    """
    pip = _pip(environment)
    chosen = ["--no-deps", "--require-hashes", *_FORMATS, "-r", str(lock)]
    archives = environment.state / "archives"
    try:
        runner.quiet(
            [*pip, "download", "--retries", "2", "--dest", str(archives), *chosen], environ, environment.repository
        )
    except CommandError as error:
        if _NO_NETWORK.search(error.output):
            raise SetupError(
                f"No network: the packages of {lock.relative_to(environment.repository)} cannot be downloaded. Connect "
                f"this machine (or point pip to a mirror) and run the command again. Details: {environment.log}"
            ) from error
        raise
    with stamps.changing():
        runner.quiet(
            [*pip, "install", "--no-index", "--find-links", str(archives), *chosen], environ, environment.repository
        )
    shutil.rmtree(archives)


def install_wheel(
    environment: Environment, wheel: Path, runner: Runner, stamps: Stamps, environ: Mapping[str, str]
) -> None:
    """Install a wheel made here, in place of an earlier one of the same name.

    Raises:
        CommandError: If it cannot be installed.
    """
    pip = _pip(environment)
    with stamps.changing():
        runner.quiet(
            [*pip, "install", "--no-index", "--no-deps", "--force-reinstall", str(wheel)],
            environ,
            environment.repository,
        )


def _pip(environment: Environment) -> list[str]:
    return [str(environment.python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
