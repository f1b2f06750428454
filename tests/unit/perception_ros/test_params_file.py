import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.parameters import FaceParameters
from gesture_perception.parameters import GestureParameters
from perception_core.parameters import declarations
from perception_ros.params_file import Given, ParamsFileError, in_file, mistakes, on_command_line, suspicions
from person_perception.behaviours import parameters as behaviours
from person_perception.parameters import PersonParameters

KNOWN = {"faces": ["max_distance", "max_faces", "engine"], "hands": ["max_hands", "engine"]}
SHIPPED = Path(__file__).parents[3] / "config" / "perception.yaml"


def written(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    return path


def test_a_typo_is_named_with_its_line_and_the_nearest_right_name(tmp_path):
    path = written(tmp_path, "/**/faces:\n  ros__parameters:\n    engine: auto\n    max_distnce: 2.0\n")
    assert mistakes(in_file(path), KNOWN) == [
        f"{path}:4: faces has no parameter max_distnce; did you mean max_distance?"
    ]


def test_what_is_like_nothing_is_named_too(tmp_path):
    path = written(tmp_path, "faces:\n  ros__parameters:\n    colour_of_the_sky: blue\n")
    assert mistakes(in_file(path), KNOWN) == [f"{path}:3: faces has no parameter colour_of_the_sky"]


@pytest.mark.parametrize("section", ["faces", "/faces", "/robot/faces", "/**/faces", "/*/faces"])
def test_a_node_is_known_in_every_namespace(tmp_path, section):
    path = written(tmp_path, f"{section}:\n  ros__parameters: {{max_hands: 1}}\n")
    assert len(mistakes(in_file(path), KNOWN)) == 1


def test_namespaces_may_be_nested_and_so_may_names(tmp_path):
    path = written(tmp_path, "robot:\n  faces:\n    ros__parameters:\n      depth:\n        scale: 1\n")
    assert in_file(path) == [Given("faces", "depth.scale", f"{path}:5")]


def test_a_mistyped_node_is_named(tmp_path):
    path = written(tmp_path, "/**/facs:\n  ros__parameters: {engine: auto}\n")
    assert mistakes(in_file(path), KNOWN) == [f"{path}:2: there is no node facs; did you mean faces?"]


def test_other_nodes_have_their_own_parameters(tmp_path):
    path = written(tmp_path, "realsense2_camera:\n  ros__parameters: {max_distnce: 1}\n")
    assert not mistakes(in_file(path), KNOWN) and not suspicions(in_file(path), KNOWN)


def test_what_every_node_has_is_known(tmp_path):
    text = "faces:\n  ros__parameters:\n    use_sim_time: true\n    qos_overrides: {/tf: {publisher: {depth: 1}}}\n"
    assert not mistakes(in_file(written(tmp_path, text)), KNOWN)


def test_what_is_given_to_every_node_is_doubted_only_where_it_is_like_a_name(tmp_path):
    text = "/**:\n  ros__parameters: {robot_name: anna, max_hands: 1}\n"
    assert not suspicions(in_file(written(tmp_path, text)), KNOWN)
    (doubt,) = suspicions(in_file(written(tmp_path, "/**:\n  ros__parameters: {max_hnds: 1}\n")), KNOWN)
    assert "did you mean max_hands?" in doubt


def test_the_command_line_is_read_as_ros_does(tmp_path):
    path = written(tmp_path, "faces:\n  ros__parameters: {a: 1}\n")
    words = ["node", "-p", "no:=ros", "--ros-args", "-p", "faces:b:=1", "-p", "c:=2", "--params-file", str(path)]
    words += ["-r", "__ns:=/x", "--", "-p", "no:=ros"]
    assert [(each.node, each.name) for each in on_command_line(words)] == [("faces", "b"), ("", "c"), ("faces", "a")]


@pytest.mark.parametrize("text", ["a: [", "\t", "a: &a [*a]\n: :", "!!python/object:os.system {}", "\0"])
def test_what_is_no_yaml_is_said(tmp_path, text):
    try:
        in_file(written(tmp_path, text))
    except ParamsFileError as error:
        assert str(tmp_path) in str(error)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParamsFileError, match=r"nothing\.yaml: No such file"):
        in_file(tmp_path / "nothing.yaml")


@given(st.text())
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, errors="replace")
    with contextlib.suppress(ParamsFileError):
        mistakes(in_file(path), KNOWN)


def test_the_file_that_is_shipped_has_no_mistake():
    known = {
        "face_perception": FaceParameters,
        "gesture_perception": GestureParameters,
        "person_perception": PersonParameters,
        "follow_person": behaviours.FollowParameters,
        "stop_on_palm": behaviours.GateParameters,
        "greeter": behaviours.GreeterParameters,
        "gesture_actions": behaviours.ActionParameters,
    }
    names = {node: [each.name for each in declarations(kind)] for node, kind in known.items()}
    given_there = in_file(SHIPPED)
    assert {each.node for each in given_there} == set(names)
    assert mistakes(given_there, names) == []
