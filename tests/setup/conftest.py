"""A clone with the real set-up in it and nothing that takes long: empty locks, and a colcon that builds nothing."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

_COLCON = """#!/bin/sh
echo "colcon $*" >>"$FAKE_ROS/calls"
[ ! -p "$FAKE_ROS/gate" ] || cat "$FAKE_ROS/gate" >>"$FAKE_ROS/calls"
while [ "$1" != --install-base ]; do shift; done
mkdir -p "$2"
echo 'export PERCEPTION_MSGS_SOURCED=yes' >"$2/local_setup.sh"
"""
_COMMAND_LINE = """import os, sys
print("started", *sys.argv[1:], "with messages:", os.environ.get("PERCEPTION_MSGS_SOURCED"))
"""


@dataclass(frozen=True)
class Clone:
    """A small clone beside a pretended ROS."""

    path: Path
    environ: dict[str, str]
    calls: Path
    gate: Path

    def command(self, *arguments):
        bootstrap = self.path / "src" / "perception_cli" / "perception_cli" / "bootstrap" / "__main__.py"
        return [sys.executable, "-S", "-E", str(bootstrap), *arguments]

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), env=self.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *arguments, **variables):
        command, environ = self.command(*arguments), self.environ | variables
        return subprocess.run(command, env=environ, text=True, capture_output=True, check=False)


@pytest.fixture
def clone(tmp_path):
    path = tmp_path / "clone"
    package = path / "src" / "perception_cli" / "perception_cli"
    shutil.copytree(REPOSITORY / "src" / "perception_cli" / "perception_cli" / "bootstrap", package / "bootstrap")
    for folder in ("src/perception_msgs", "requirements", "models", "tests/interfaces"):
        (path / folder).mkdir(parents=True)
    for lock in ("build", "runtime", "sourced", "test"):
        (path / "requirements" / f"{lock}.lock").touch()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(_COMMAND_LINE)
    (package / "provision.py").write_text("print('provisioned')\n")
    (package.parent / "setup.py").touch()
    core = path / "src" / "perception_core"
    (core / "perception_core").mkdir(parents=True)
    shutil.copy(REPOSITORY / "src" / "perception_core" / "perception_core" / "paths.py", core / "perception_core")
    (core / "setup.py").touch()

    ros = tmp_path / "ros"
    (ros / "bin").mkdir(parents=True)
    for name, text in (("colcon", _COLCON), ("npm", "#!/bin/sh\n")):
        (ros / "bin" / name).write_text(text)
        (ros / "bin" / name).chmod(0o755)
    (tmp_path / "cache" / "models").mkdir(parents=True)
    (tmp_path / "cache" / "pictures").mkdir()
    # Nothing of the environment that the tests themselves run in reaches the clone.
    environ = {
        "PATH": f"{ros / 'bin'}{os.pathsep}{os.defpath}",
        "HOME": str(tmp_path),
        "ROS_DISTRO": "humble",
        "AMENT_PREFIX_PATH": str(ros),
        "FAKE_ROS": str(ros),
        "PERCEPTION_CACHE": str(tmp_path / "cache"),
    }
    return Clone(path, environ, ros / "calls", ros / "gate")
