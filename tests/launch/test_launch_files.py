"""Launch files: what they name exists; where the real launch_ros is installed, they are loaded and run as well."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LAUNCH_FILES = sorted((REPOSITORY / "launch").glob("*.launch.py"))


def calls(path, name):
    """Keyword arguments of every call of a name, those that are literal."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            yield {word.arg: word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)}, node


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_every_executable_is_an_entry_point_of_its_package(path):
    for words, _ in calls(path, "Node"):
        entry_points = (REPOSITORY / "src" / words["package"] / "setup.py").read_text()
        for executable in [words["executable"]] if "executable" in words else behaviours(path):
            assert re.search(rf'"{executable} *= *{words["package"]}\.', entry_points), executable


def behaviours(path):
    """Where an argument names the executable, all that may be named."""
    (choices,) = [
        [choice.value for choice in word.value.elts]
        for words, node in calls(path, "DeclareLaunchArgument")
        for word in node.keywords
        if word.arg == "choices" and "behaviour" in {each.value for each in node.args}
    ]
    return choices


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_every_argument_has_a_default_and_a_description(path):
    for words, node in calls(path, "DeclareLaunchArgument"):
        named = {word.arg for word in node.keywords}
        assert {"default_value", "description"} <= named, words


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_images_travel_through_shared_memory(path):
    assert re.search(r"SetEnvironmentVariable\(\s*PROFILE", path.read_text())
    assert (REPOSITORY / "config" / "fastdds_shm.xml").is_file()


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name)
def test_the_real_launch_loads_it(path):
    pytest.importorskip("launch_ros", reason="launch_ros is not installed: it has no wheels")
    from launch.launch_description_sources import get_launch_description_from_python_launch_file  # noqa: PLC0415

    description = get_launch_description_from_python_launch_file(str(path))
    assert description.get_launch_arguments()
