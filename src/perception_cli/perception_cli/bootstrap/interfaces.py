"""Builds message packages with colcon."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from perception_cli.bootstrap import include_paths, packages, prefix_wheel
from perception_cli.bootstrap.commands import Runner
from perception_cli.bootstrap.environment import Environment
from perception_cli.bootstrap.stamps import Stamps

_HEADERS_OF = "import json, sysconfig, numpy; print(json.dumps([sysconfig.get_path('include'), numpy.get_include()]))"
_TAG_OF = (
    "import sys, sysconfig; v = 'cp%d%d' % sys.version_info[:2]; "
    "print('-'.join([v, v, sysconfig.get_platform().replace('-', '_').replace('.', '_')]))"
)


def colcon_build(
    environment: Environment, sources: list[Path], prefix: Path, runner: Runner, environ: Mapping[str, str]
) -> None:
    """Build message packages into one merged install prefix; build files stay in the environment's folder.

    Raises:
        CommandError: If colcon fails.
    """
    work = environment.venv / "build" / f"{prefix.name}-build"
    if environment.distro is None:
        colcon: str | Path = environment.venv / "bin" / "colcon"
        settings = ["-G", "Ninja", f"-DPython3_EXECUTABLE={environment.python}"]
    else:
        colcon = "colcon"
        settings = []
    command = [colcon, "--log-base", work / "log", "build", "--base-paths", *sources]
    command += ["--build-base", work, "--install-base", prefix, "--merge-install"]
    command += ["--cmake-args", *settings, "-DBUILD_TESTING=OFF"]
    runner.quiet(command, environ, environment.repository)


def mend_include_paths(environment: Environment, runner: Runner, environ: Mapping[str, str]) -> None:
    """Point the message wheels' CMake files at this environment's headers."""
    answer = runner.quiet([environment.python, "-c", _HEADERS_OF], environ, environment.repository)
    python_include, numpy_include = json.loads(answer.splitlines()[-1])
    include_paths.rewrite(environment.venv / "share", python_include, numpy_include)


def install_messages(environment: Environment, runner: Runner, stamps: Stamps, environ: Mapping[str, str]) -> None:
    """Build perception_msgs against the wheels and install it like one of them.

    Raises:
        CommandError: If a tool fails.
    """
    source = environment.repository / "src" / "perception_msgs"
    prefix = environment.venv / "build" / "messages"
    # A message that was taken out must not be packed again.
    shutil.rmtree(prefix, ignore_errors=True)
    colcon_build(environment, [source], prefix, runner, environ)
    tag = runner.quiet([environment.python, "-c", _TAG_OF], environ, environment.repository).splitlines()[-1]
    version = ElementTree.parse(source / "package.xml").findtext("version", "0.0.0")
    wheel = prefix_wheel.pack(prefix, "perception-msgs", version, tag, environment.venv / "build" / "wheels")
    packages.install_wheel(environment, wheel, runner, stamps, environ)


def absent_from(prefixes: str, sources: list[Path]) -> list[Path]:
    """Those of the source packages that no prefix of an AMENT_PREFIX_PATH has."""
    index = Path("share/ament_index/resource_index/packages")
    folders = [Path(prefix) / index for prefix in prefixes.split(":") if prefix]
    return [source for source in sources if not any((folder / source.name).exists() for folder in folders)]
