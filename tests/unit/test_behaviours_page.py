"""What docs/behaviours.md says is what is there; its table is read by the real parser, its example is short."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from gesture_perception.gesture_names import MOTIONS, POSES
from perception_cli.commands import parser
from perception_core.parameters import declarations, markdown_table
from person_perception.behaviours.action_table import BUILT_IN, read_action_table
from person_perception.behaviours.authority import Who
from person_perception.behaviours.limits import Limits
from person_perception.behaviours.parameters import (
    ActionParameters,
    FollowParameters,
    GateParameters,
    GreeterParameters,
    check_stop,
)

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "behaviours.md").read_text()
SHELL_LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
(TABLE,) = re.findall(r"```yaml\n(taught:.*?)```", PAGE, re.DOTALL)
(CPP,) = re.findall(r"```cpp\n(.*?)```", PAGE, re.DOTALL)
EXAMPLE = REPOSITORY / "examples" / "look_at_who_waved.py"
PARAMETERS = {
    "follow_person": FollowParameters,
    "gesture_actions": ActionParameters,
    "greeter": GreeterParameters,
    "stop_on_palm": GateParameters,
}


def test_the_first_lines_say_that_this_is_no_safety_function():
    first = " ".join(PAGE.split("##")[0].split())
    assert "not a safety-rated stop and does not replace one" in first[:200]


@pytest.mark.parametrize("behaviour", PARAMETERS)
def test_a_table_of_parameters_is_the_declaration(behaviour):
    table = PAGE.partition(f"<!-- {behaviour} parameters -->\n")[2].partition(f"<!-- /{behaviour} parameters -->")[0]
    assert table == markdown_table(PARAMETERS[behaviour])


@pytest.mark.parametrize("behaviour", PARAMETERS)
def test_the_params_file_holds_defaults_that_are_declared(behaviour):
    shipped = yaml.safe_load((REPOSITORY / "config" / "perception.yaml").read_text())
    defaults = {declaration.name: declaration.default for declaration in declarations(PARAMETERS[behaviour])}
    given = shipped[f"/**/{behaviour}"]["ros__parameters"]
    assert given == {name: defaults[name] for name in given}


@pytest.mark.parametrize("given", [TABLE, (REPOSITORY / "config" / "gesture_actions.yaml").read_text()])
def test_a_table_is_one_that_the_node_takes(given, tmp_path):
    path = tmp_path / "table.yaml"
    path.write_text(given)
    table = read_action_table(path)
    assert table.drives
    check_stop(table.limits)


def test_every_limit_of_a_table_and_everybody_who_may_is_named():
    assert set(re.findall(r"`(\w+)`", PAGE)) >= set(Limits.__slots__) | {who.value for who in Who}


def test_the_gestures_of_a_table_are_those_of_the_readme():
    readme = (REPOSITORY / "README.md").read_text()
    assert set(re.findall(r"`(\w+)`", readme)) >= set(BUILT_IN)
    assert set(BUILT_IN) <= set(POSES) | set(MOTIONS)


@pytest.mark.parametrize("line", [line for line in SHELL_LINES if line.startswith("./perception")])
def test_every_command_is_one(line):
    parser().parse_args(shlex.split(line)[1:])


@pytest.mark.parametrize("line", [line for line in SHELL_LINES if line.startswith("ros2 launch")])
def test_every_launch_file_is_there_and_takes_the_arguments(line):
    _, _, package, name, *arguments = shlex.split(line)
    assert package == "face_perception"
    text = (REPOSITORY / "launch" / name).read_text()
    for argument in arguments:
        key, _, value = argument.partition(":=")
        assert f'"{key}"' in text
        assert key != "behaviour" or value in PARAMETERS


@pytest.mark.parametrize("line", [line for line in SHELL_LINES if line.startswith("ros2 run person_perception")])
def test_every_executable_is_an_entry_point_and_every_parameter_is_declared(line):
    _, _, _, executable, *arguments = shlex.split(line)
    assert f'"{executable} = ' in (REPOSITORY / "src" / "person_perception" / "setup.py").read_text()
    declared = {declaration.name for declaration in declarations(PARAMETERS[executable])}
    given = [arguments[k + 1] for k, argument in enumerate(arguments) if argument == "-p"]
    assert {each.partition(":=")[0] for each in given} <= declared


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#:]+)\)", PAGE.replace(CPP, "")))))
def test_every_link_leads_somewhere(link):
    assert (REPOSITORY / "docs" / link).exists()


def test_the_example_is_short():
    assert len(EXAMPLE.read_text().splitlines()) < 60


def test_the_example_in_c_plus_plus_hears_and_says_the_same():
    python = EXAMPLE.read_text()
    heard = re.findall(r'create_subscription\((\w+), "(\w+)"', python)
    assert heard and heard == re.findall(r'create_subscription<perception_msgs::msg::(\w+)>\(\s*"(\w+)"', CPP)
    assert re.findall(r'create_publisher\((\w+), "(\w+)"', python) == re.findall(
        r'create_publisher<geometry_msgs::msg::(\w+)>\(\s*"(\w+)"', CPP
    )


@pytest.mark.parametrize(
    ("variable", "message"), [("event", "GestureEvent"), ("person", "Person"), ("people", "PersonArray")]
)
def test_fields_in_c_plus_plus_are_those_of_the_messages(variable, message):
    definition = (REPOSITORY / "src" / "perception_msgs" / "msg" / f"{message}.msg").read_text()
    declared = set(re.findall(r"^[\w/]+(?:\[[^]]*\])?\s+(\w+)", definition, re.MULTILINE))
    used = set(re.findall(rf"\b{variable}(?:->|\.)(\w+)", CPP))
    assert used and used <= declared
