"""Bring-up and container, as launch files use them."""

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
