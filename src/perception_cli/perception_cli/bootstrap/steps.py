"""What a complete environment consists of, step by step."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from perception_cli.bootstrap import interfaces, packages, prerequisites
from perception_cli.bootstrap.commands import Runner
from perception_cli.bootstrap.environment import Environment
from perception_cli.bootstrap.prerequisites import Prerequisite
from perception_cli.bootstrap.ros_environment import start_command, wheel_variables
from perception_cli.bootstrap.stamps import Stamps, fingerprint

VENV_STEP = "venv"
# Bindings of our own are no reason to leave them as they are: the lock may name others.
_OTHER_TENSORRT = (
    "from importlib.util import find_spec\n"
    "print(any(find_spec(name) is not None for name in ('tensorrt', 'tensorrt_rtx')))"
)
_CACHE_VARIABLES = ("PERCEPTION_CACHE", "XDG_CACHE_HOME", "HOME")
_CACHE_CONTENT = (
    "from perception_core.paths import models_dir, pictures_dir\n"
    "for folder in (models_dir(), pictures_dir()): print(folder, *folder.iterdir(), sep='\\n')"
)


@dataclass(frozen=True)
class Work:
    """What every step works with.

    Attributes:
        environment: The environment being set up.
        runner: Runs its commands.
        stamps: Remembers its steps.
        environ: The caller's environment variables.
    """

    environment: Environment
    runner: Runner
    stamps: Stamps
    environ: Mapping[str, str]

    def variables(self) -> Mapping[str, str]:
        """The variables for a tool: the environment activated, or the sourced ROS as it is."""
        if self.environment.distro is not None:
            return self.environ
        return wheel_variables(self.environment, self.environ)


@dataclass(frozen=True)
class Step:
    """One step of the set-up.

    Attributes:
        name: Name of its stamp.
        title: What the user reads while it runs.
        inputs: Fingerprint of what its result depends on.
        run: Does it, and names the files that its result rests on.
        needs: What must be on the machine for it.
    """

    name: str
    title: str
    inputs: str
    run: Callable[[Work], list[Path]]
    needs: tuple[Prerequisite, ...] = ()


def steps_for(environment: Environment, *, weights: bool, tests: bool, tensorrt: bool = False) -> list[Step]:
    """The steps of a complete environment, in order.

    Args:
        environment: The environment.
        weights: Whether models and pictures are part of it.
        tests: Whether the tests' tools and message packages are part of it.
        tensorrt: Whether a TensorRT is part of it; where there is none, TensorRT for RTX is installed.
    """
    repository = environment.repository
    requirements = repository / "requirements"
    libraries = [requirements / "build.lock", environment.libraries_lock]
    from_wheels = environment.distro is None
    build_tools = (prerequisites.COMPILER, prerequisites.HEADERS, *(() if from_wheels else (prerequisites.COLCON,)))

    def lock_step(name: str, title: str, lock: str) -> Step:
        path = requirements / lock

        def install(work: Work) -> list[Path]:
            packages.install_lock(environment, path, work.runner, work.stamps, work.variables())
            return []

        return Step(name, title, fingerprint(files=[path]), install)

    what = "ROS 2 Jazzy and the libraries" if from_wheels else "the libraries"
    steps = [
        Step(
            VENV_STEP,
            f"Python environment {environment.venv.name}",
            fingerprint([str(environment.venv)]),
            _make_venv,
            (prerequisites.VENV,),
        ),
        lock_step("installer", "Installer", "build.lock"),
        lock_step("libraries", f"Download and install {what}", environment.libraries_lock.name),
        Step(
            "messages",
            "Build perception_msgs",
            fingerprint(files=[repository / "src" / "perception_msgs", *libraries]),
            _make_messages,
            build_tools,
        ),
        Step("paths", "Packages of this repository", fingerprint(map(str, _source_folders(repository))), _make_paths),
    ]
    if tests:
        steps += [
            lock_step("test-tools", "Test tools", "test.lock"),
            Step(
                "test-interfaces",
                "Build the message packages of the tests",
                fingerprint(files=[repository / "tests" / "interfaces", *libraries]),
                _make_test_interfaces,
                build_tools,
            ),
        ]
    if tensorrt:
        lock = requirements / "tensorrt-rtx.lock"

        def install_tensorrt(work: Work) -> list[Path]:
            asking = [str(environment.python), "-c", _OTHER_TENSORRT]
            if work.runner.quiet(asking, work.variables(), repository).strip() != "True":
                packages.install_lock(environment, lock, work.runner, work.stamps, work.variables())
            return []

        steps.append(Step("tensorrt", "TensorRT for RTX", fingerprint(files=[lock]), install_tensorrt))
    if weights:
        converters = repository / "src" / "perception_core" / "perception_core" / "zoo"
        steps.append(
            Step(
                "weights",
                "Models and pictures",
                fingerprint(
                    [os.environ.get(name, "") for name in _CACHE_VARIABLES], [repository / "models", converters]
                ),
                _fetch_weights,
                (prerequisites.NPM,),
            )
        )
    return steps


def base_python() -> Path:
    """The interpreter to make environments with: never one that is itself inside an environment."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / "bin" / version
    return base if base.exists() else Path(sys.executable)


def _make_venv(work: Work) -> list[Path]:
    venv = work.environment.venv
    work.stamps.forget_all()
    for path in venv.iterdir():
        if path in (work.environment.state, work.environment.log):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    options = [] if work.environment.distro is None else ["--system-site-packages"]
    work.runner.quiet([base_python(), "-m", "venv", *options, venv], work.environ, work.environment.repository)
    return [work.environment.python, work.environment.python.resolve()]


def _make_messages(work: Work) -> list[Path]:
    environment = work.environment
    if environment.distro is None:
        interfaces.mend_include_paths(environment, work.runner, work.variables())
        interfaces.install_messages(environment, work.runner, work.stamps, work.variables())
        return [environment.site_packages() / "perception_msgs"]
    source = environment.repository / "src" / "perception_msgs"
    interfaces.colcon_build(environment, [source], environment.ros_prefix, work.runner, work.variables())
    return [environment.ros_prefix / "local_setup.sh"]


def _source_folders(repository: Path) -> list[Path]:
    return sorted(path.parent for path in (repository / "src").glob("*/setup.py"))


def _make_paths(work: Work) -> list[Path]:
    listing = work.environment.site_packages() / "perception_suite.pth"
    being_written = listing.with_suffix(".part")
    being_written.write_text("".join(f"{folder}\n" for folder in _source_folders(work.environment.repository)))
    being_written.replace(listing)
    return [listing]


def _fetch_weights(work: Work) -> list[Path]:
    command, variables = start_command(work.environment, ["perception_cli.provision"], work.environ)
    work.runner.shown(command, variables, work.environment.repository)
    asking = [str(work.environment.python), "-c", _CACHE_CONTENT]
    content = work.runner.quiet(asking, work.variables(), work.environment.repository)
    return [Path(line) for line in content.splitlines()]


def _make_test_interfaces(work: Work) -> list[Path]:
    environment = work.environment
    variables = work.variables()
    sources = sorted(path.parent for path in (environment.repository / "tests" / "interfaces").glob("*/package.xml"))
    absent = interfaces.absent_from(variables["AMENT_PREFIX_PATH"], sources)
    if absent:
        interfaces.colcon_build(environment, absent, environment.test_interfaces, work.runner, variables)
    return [environment.test_interfaces / "local_setup.sh"] if absent else []
