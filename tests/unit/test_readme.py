"""What the README says is what is there."""

import re
import shlex
from pathlib import Path

import pytest

from face_perception.parameters import FaceParameters
from gesture_perception.parameters import GestureParameters
from perception_cli.commands import parser
from perception_core.parameters import declarations, markdown_table
from person_perception.parameters import PersonParameters

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()
SHELL_LINES = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
COMMANDS = [line for line in SHELL_LINES if line.startswith("./perception")]
BOOTSTRAP_ONLY = {"setup", "test"}


@pytest.mark.parametrize(
    ("mark", "parameters"),
    [
        ("parameters", FaceParameters),
        ("gesture parameters", GestureParameters),
        ("person parameters", PersonParameters),
    ],
)
def test_a_table_of_parameters_is_the_declaration(mark, parameters):
    table = README.partition(f"<!-- {mark} -->\n")[2].partition(f"<!-- /{mark} -->")[0]
    assert table == markdown_table(parameters)


@pytest.mark.parametrize(
    ("node", "parameters"),
    [
        ("face_perception", FaceParameters),
        ("gesture_perception", GestureParameters),
        ("person_perception", PersonParameters),
    ],
)
def test_the_params_file_holds_defaults_that_are_declared(node, parameters):
    import yaml  # noqa: PLC0415

    shipped = yaml.safe_load((REPOSITORY / "config" / "perception.yaml").read_text())
    defaults = {declaration.name: declaration.default for declaration in declarations(parameters)}
    given = shipped[f"/**/{node}"]["ros__parameters"]
    assert given == {name: defaults[name] for name in given}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one(command):
    name, *options = shlex.split(command)[1:]
    if name not in BOOTSTRAP_ONLY:
        parser().parse_args([name, *options])


@pytest.mark.parametrize("line", [line for line in SHELL_LINES if line.startswith("ros2 launch")])
def test_every_launch_file_is_there_and_takes_the_arguments(line):
    _, _, package, name, *arguments = shlex.split(line)
    assert package == "face_perception"
    text = with_included(name)
    for argument in arguments:
        assert f'"{argument.partition(":=")[0]}"' in text


def with_included(name):
    """The text of a launch file and of those that it names."""
    text = (REPOSITORY / "launch" / name).read_text()
    return text + "".join(map(with_included, re.findall(r'included\("(\w+\.launch\.py)"', text)))


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_leads_somewhere(link):
    assert (REPOSITORY / link).exists()


@pytest.mark.parametrize("package", ["face_perception", "gesture_perception", "person_perception"])
def test_every_published_topic_is_named(package):
    node = (REPOSITORY / f"src/{package}/{package}/node.py").read_text()
    for topic in re.findall(r'_publisher\(\w+, "(?:~/)?(\w+)"', node):
        assert topic in README
