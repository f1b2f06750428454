import subprocess
import sys
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "perception"


@pytest.fixture
def programs(tmp_path):
    """A folder to have as PATH, with what a shell script may expect and the Pythons that a test puts in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "dirname", "readlink", "sed"):
        (folder / name).symlink_to(
            next(path for path in (Path("/bin") / name, Path("/usr/bin") / name) if path.exists())
        )
    return folder


def pretended_python(folder, name, version):
    """A Python that names its version, and the script it is to run."""
    (folder / name).write_text(f'#!/bin/sh\ncase "$*" in *-c*) echo {version};; *) echo "{name} runs $3 $4";; esac\n')
    (folder / name).chmod(0o755)


def run(launcher, *arguments, path, **variables):
    environ = {"PATH": str(path), **variables}
    return subprocess.run([launcher, *arguments], env=environ, cwd="/", text=True, capture_output=True, check=False)


def chosen(done):
    return done.stdout.split(" runs ")[0]


def test_it_finds_its_clone_through_links(tmp_path, programs):
    pretended_python(programs, "python3", "3.11")
    (tmp_path / "one").symlink_to(LAUNCHER)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "two").symlink_to("../one")
    bootstrap = LAUNCHER.parent / "src/perception_cli/perception_cli/bootstrap/__main__.py"
    assert run(tmp_path / "folder" / "two", "demo", path=programs).stdout == f"python3 runs {bootstrap} demo\n"


def test_an_old_or_new_python3_is_passed_over(programs):
    pretended_python(programs, "python3", "3.13")
    pretended_python(programs, "python3.10", "3.10")
    assert chosen(run(LAUNCHER, "demo", path=programs)) == "python3.10"


def test_no_usable_python_is_one_line(programs):
    pretended_python(programs, "python3", "3.9")
    done = run(LAUNCHER, "demo", path=programs)
    assert done.returncode == 1
    assert done.stderr == (
        "perception: no Python 3.10, 3.11, 3.12 found (apt-get install python3 python3-venv python3-dev).\n"
    )


@pytest.mark.parametrize(("distro", "version"), [("humble", "3.10"), ("jazzy", "3.12")])
def test_a_sourced_ros_gets_the_python_it_was_built_for(programs, distro, version):
    pretended_python(programs, "python3", "3.11")
    pretended_python(programs, f"python{version}", version)
    assert chosen(run(LAUNCHER, "demo", path=programs, ROS_DISTRO=distro)) == f"python{version}"


def test_the_real_one_prints_help_without_setting_anything_up(tmp_path):
    done = run(LAUNCHER, "--help", path=f"{Path(sys.executable).parent}:/usr/bin:/bin", HOME=str(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ./perception COMMAND")
