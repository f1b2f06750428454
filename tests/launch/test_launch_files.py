"""Launch files: what they name exists; where the real launch_ros is installed, they are loaded and run as well.

They are run where the packages are installed, too: after `colcon build`, with its install/setup.bash sourced.
"""

import ast
import importlib
import os
import re
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from perception_ros import suite

REPOSITORY = Path(__file__).parents[2]
LAUNCH_FILES = sorted((REPOSITORY / "launch").glob("*.launch.py"))
RUN = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
path, *words = sys.argv[1:]
arguments = [tuple(word.split(":=", 1)) for word in words]
service = LaunchService()
source = PythonLaunchDescriptionSource(path)
service.include_launch_description(IncludeLaunchDescription(source, launch_arguments=arguments))
sys.exit(service.run())
"""
needs_launch = pytest.mark.skipif(find_spec("launch_ros") is None, reason="launch_ros is not installed: no wheels")


def is_installed(package, executable):
    prefixes = os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep)
    return any((Path(prefix) / "lib" / package / executable).exists() for prefix in prefixes)


needs_packages = pytest.mark.skipif(
    not is_installed("perception_ros", "container"), reason="the packages are not installed: colcon build, source"
)


def calls(path, name):
    """Keyword arguments of every call of a name, those that are literal."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            yield {word.arg: word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)}, node


def has_entry_point(package, executable):
    text = (REPOSITORY / "src" / package / "setup.py").read_text()
    return re.search(rf'"{executable} *= *{package}\.', text)


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_every_executable_is_an_entry_point_of_its_package(path):
    for words, _ in calls(path, "Node"):
        if "executable" in words and words["package"] != "rviz2":
            assert has_entry_point(words["package"], words["executable"]), words


@pytest.mark.parametrize(
    "node", [suite.FACES, suite.HANDS, suite.PEOPLE, *suite.BEHAVIOURS], ids=lambda node: node.name
)
def test_every_node_of_the_suite_is_where_it_is_said_to_be(node):
    assert has_entry_point(node.package, node.executable)
    for where in (node.component, node.parameters):
        module, _, name = where.partition(":")
        assert hasattr(importlib.import_module(module), name)
    assert node.component.startswith(f"{node.module}:")
    assert f'super().__init__("{node.name}"' in Path(importlib.import_module(node.module).__file__).read_text()


def test_the_behaviours_can_be_chosen():
    path = REPOSITORY / "launch" / "behaviours.launch.py"
    assert all(f'"{node.name}"' in path.read_text() for node in suite.BEHAVIOURS)


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_every_argument_has_a_default_and_a_description(path):
    for words, node in calls(path, "DeclareLaunchArgument"):
        named = {word.arg for word in node.keywords}
        assert {"default_value", "description"} <= named, words


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_who_can_only_be_true_or_false_says_so(path):
    for words, node in calls(path, "DeclareLaunchArgument"):
        if words.get("default_value") in ("true", "false"):
            assert "choices" in {word.arg for word in node.keywords}, words


@pytest.mark.parametrize(
    "path", [path for path in LAUNCH_FILES if path.name != "camera.launch.py"], ids=lambda path: path.name
)
def test_images_travel_through_shared_memory(path):
    assert re.search(r"SetEnvironmentVariable\(\s*PROFILE", path.read_text())
    assert (REPOSITORY / "config" / "fastdds_shm.xml").is_file()


@needs_launch
@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_the_real_launch_loads_it(path):
    from launch.launch_description_sources import get_launch_description_from_python_launch_file  # noqa: PLC0415

    description = get_launch_description_from_python_launch_file(str(path))
    assert description.get_launch_arguments()


def launched(name, *arguments):
    return [sys.executable, "-c", RUN, str(REPOSITORY / "launch" / f"{name}.launch.py"), *arguments]


MISTAKES = {
    "a camera": ("jetson", ["camera:=webcam"], "Valid options are: ['realsense', 'none']"),
    "an engine": ("jetson", ["camera:=none", "engine:=gpu"], "Valid options are: ['', 'auto',"),
    "yes for true": ("replay", ["composed:=yes"], "Valid options are: ['true', 'false']"),
    "a behaviour": ("replay", ["behaviours:=greter"], "behaviours: there is no greter; there are follow_person,"),
    "names that are one": ("two_cameras", ["names:=front,front", "camera:=none"], "none of them twice"),
    "a source too few": ("two_cameras", ["camera:=replay", "sources:=demo"], "one for each of front, rear"),
}


@needs_launch
@needs_packages
@pytest.mark.parametrize("kind", MISTAKES)
def test_a_wrong_value_is_refused_with_those_that_are_right_before_anything_starts(kind):
    name, arguments, told = MISTAKES[kind]
    ended = subprocess.run(launched(name, *arguments), capture_output=True, text=True, timeout=60, check=False)
    said = ended.stdout + ended.stderr
    assert told in said and ended.returncode == 1
    assert "process started" not in said


@needs_launch
@needs_packages
def test_a_typo_in_the_params_file_is_named_before_anything_starts(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text("/**/face_perception:\n  ros__parameters: {max_distnce: 1.0}\n")
    command = launched("jetson", "camera:=none", f"params_file:={path}")
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = ended.stdout + ended.stderr
    assert "face_perception has no parameter max_distnce; did you mean max_distance?" in said
    assert "process started" not in said


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a launch file until the test ends, and waits for what it says."""
    monkeypatch.setenv("ROS_DOMAIN_ID", str(os.getpid() % 100 + 1))
    monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    running = []

    def begin(name, *arguments):
        process = subprocess.Popen(
            launched(name, *arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        running.append(process)

        def wait_for(*texts):
            said, left = "", set(texts)
            for line in process.stdout:
                said += line
                left = {text for text in left if text not in said}
                if not left:
                    return said
            raise AssertionError(f"{left} was not said:\n{said}")

        return process, wait_for

    yield begin
    for process in running:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@needs_launch
@needs_packages
def test_a_node_in_a_process_of_its_own_that_is_killed_comes_back_active(run):
    process, wait_for = run("jetson", "camera:=none", "composed:=false", "engine:=onnxruntime")
    wait_for("face_perception is active", "gesture_perception is active", "person_perception is active")
    (faces,) = [each for each in psutil.Process(process.pid).children() if "face_node" in " ".join(each.cmdline())]
    faces.kill()
    said = wait_for("face_perception is active")
    assert "gesture_perception is active" not in said


@needs_launch
@needs_packages
def test_two_cameras_are_two_of_everything(run):
    _, wait_for = run("two_cameras", "camera:=replay", "sources:=scene:static,scene:static", "gestures:=false")
    wait_for("[front.perception_bring_up]: face_perception is active", "[rear.perception_bring_up]: face_perception is")
