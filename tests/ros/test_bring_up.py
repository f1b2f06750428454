"""Bring-up and container, as launch files use them."""

import signal

import pytest
from lifecycle_msgs.msg import State

PATIENCE_S = 30.0
FACES = "face_perception.node:FaceNode"


def test_a_node_in_a_container_is_brought_up_and_bring_up_ends(graph):
    graph.start("perception_ros.container", FACES)
    bring_up = graph.start("perception_ros.bring_up", "face_perception")
    assert bring_up.exit_code() == 0
    assert "face_perception is active" in bring_up.text()
    assert graph.lifecycle().state(PATIENCE_S) == State.PRIMARY_STATE_ACTIVE


def test_in_a_namespace_names_stay_relative(graph):
    namespace = ("--ros-args", "-r", "__ns:=/robot")
    graph.start("perception_ros.container", FACES, *namespace)
    assert graph.start("perception_ros.bring_up", "face_perception", *namespace).exit_code() == 0
    assert graph.lifecycle("/robot/face_perception").state(PATIENCE_S) == State.PRIMARY_STATE_ACTIVE


def test_a_node_that_is_not_there_is_named(graph):
    bring_up = graph.start("perception_ros.bring_up", "nobody", "--timeout", "1")
    assert bring_up.exit_code() == 1
    assert "nobody cannot tell its state" in bring_up.text() or "nobody cannot configure" in bring_up.text()
    assert "Traceback" not in bring_up.text()


def test_a_node_that_refuses_is_named(graph):
    graph.start("perception_ros.container", FACES, "--ros-args", "-p", "detector:=nothing")
    bring_up = graph.start("perception_ros.bring_up", "face_perception")
    assert bring_up.exit_code() == 1
    assert "face_perception could not configure; its log says why" in bring_up.text()


@pytest.mark.parametrize("component", ["nowhere.node:Node", "face_perception.node:Nothing", "face_perception"])
def test_a_component_that_is_none_is_said_in_a_line(graph, component):
    container = graph.start("perception_ros.container", component)
    assert container.exit_code() == 1
    assert f"'{component}' is not a node" in container.text() and "Traceback" not in container.text()


@pytest.mark.parametrize("module", ["perception_ros.container", "perception_ros.bring_up"])
def test_without_arguments_the_usage_is_told(graph, module):
    process = graph.start(module)
    assert process.exit_code() == 2
    assert "usage:" in process.text()


def test_a_node_that_was_killed_is_brought_up_again_and_one_that_was_deactivated_stays_so(graph):
    people, greeter = "person_perception", "greeter"
    graph.start("person_perception.node")
    first = graph.start("person_perception.behaviours.greeter")
    keeper = graph.start("perception_ros.bring_up", people, greeter, "--keep")
    graph.spin_until(lambda: "greeter is active" in keeper.text(), "the bring-up")
    graph.lifecycle(people).transition("deactivate", PATIENCE_S)
    first.send(signal.SIGKILL)
    graph.start("person_perception.behaviours.greeter")
    graph.spin_until(lambda: keeper.text().count("greeter is active") == 2, "the second bring-up")
    assert graph.lifecycle(greeter).state(PATIENCE_S) == State.PRIMARY_STATE_ACTIVE
    assert graph.lifecycle(people).state(PATIENCE_S) == State.PRIMARY_STATE_INACTIVE
    keeper.send(signal.SIGINT)
    assert keeper.exit_code() == 0
    assert "Traceback" not in keeper.text()
