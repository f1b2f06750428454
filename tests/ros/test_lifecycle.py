"""The face node's lifecycle: what each state allows, refuses, and does when it is told to end."""

import re
import signal
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State, Transition, TransitionEvent
from lifecycle_msgs.srv import ChangeState, GetState
from perception_msgs.msg import FaceArray

from .faces import PATIENCE_S, activate, with_faces

UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED = (
    State.PRIMARY_STATE_UNCONFIGURED,
    State.PRIMARY_STATE_INACTIVE,
    State.PRIMARY_STATE_ACTIVE,
    State.PRIMARY_STATE_FINALIZED,
)
# As the design article "Managed nodes" of ROS 2 draws it.
ALLOWED = {
    UNCONFIGURED: {Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_UNCONFIGURED_SHUTDOWN},
    INACTIVE: {
        Transition.TRANSITION_CLEANUP,
        Transition.TRANSITION_ACTIVATE,
        Transition.TRANSITION_INACTIVE_SHUTDOWN,
    },
    ACTIVE: {Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_ACTIVE_SHUTDOWN},
    FINALIZED: set(),
}
ANY_TRANSITION = (*range(9), 99)
WAY = {
    "unconfigured": [],
    "inactive": [Transition.TRANSITION_CONFIGURE],
    "active": [Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE],
    "finalized": [Transition.TRANSITION_UNCONFIGURED_SHUTDOWN],
}


class Lifecycle:
    """Asks for any transition, allowed or not."""

    def __init__(self, graph):
        self._graph = graph
        self._change = graph.node.create_client(ChangeState, "face_perception/change_state")
        self._get = graph.node.create_client(GetState, "face_perception/get_state")
        graph.spin_until(lambda: self._change.service_is_ready() and self._get.service_is_ready(), "the services")

    def change(self, transition):
        return self._ask(self._change, ChangeState.Request(transition=Transition(id=transition))).success

    def state(self):
        return self._ask(self._get, GetState.Request()).current_state.id

    def begin(self, transition):
        self._change.call_async(ChangeState.Request(transition=Transition(id=transition)))

    def _ask(self, client, request):
        future = client.call_async(request)
        self._graph.spin_until(future.done, "an answer")
        return future.result()


def test_an_inactive_node_does_not_listen(graph, face_node, camera):
    client = activate(graph)
    graph.spin_until(lambda: camera.colour.get_subscription_count() == 1, "the subscription")
    client.transition("deactivate", PATIENCE_S)
    graph.spin_until(lambda: camera.colour.get_subscription_count() == 0, "the end of the subscription")


def test_the_lifecycle_can_be_gone_through_again_and_again(graph, face_node, camera):
    published = graph.collect(FaceArray, "faces")
    client = graph.lifecycle()
    for _ in range(3):
        published.clear()
        client.transition("configure", PATIENCE_S)
        client.transition("activate", PATIENCE_S)
        graph.spin_until(lambda: with_faces(published), "a face")
        client.transition("deactivate", PATIENCE_S)
        client.transition("cleanup", PATIENCE_S)
    assert client.state(PATIENCE_S) == UNCONFIGURED


def test_a_transition_in_the_wrong_state_is_refused_and_changes_nothing(graph, face_node, camera):
    lifecycle = Lifecycle(graph)
    published = graph.collect(FaceArray, "faces")
    for state, onwards in (
        (UNCONFIGURED, Transition.TRANSITION_CONFIGURE),
        (INACTIVE, Transition.TRANSITION_ACTIVATE),
        (ACTIVE, Transition.TRANSITION_ACTIVE_SHUTDOWN),
        (FINALIZED, None),
    ):
        for transition in ANY_TRANSITION:
            if transition not in ALLOWED[state]:
                assert not lifecycle.change(transition), (state, transition)
                assert lifecycle.state() == state, (state, transition)
        if state == ACTIVE:
            published.clear()
            graph.spin_until(lambda: with_faces(published), "a face after what was refused")
        if onwards is not None:
            assert lifecycle.change(onwards)
    assert face_node.running()
    assert re.search(r"transition '\d+' is not possible in the present state: refused", face_node.text())
    assert "Traceback" not in face_node.text()


def test_a_node_that_was_shut_down_does_not_listen_and_says_its_state(graph, face_node, camera):
    lifecycle = Lifecycle(graph)
    for transition in (*WAY["active"], Transition.TRANSITION_ACTIVE_SHUTDOWN):
        assert lifecycle.change(transition)
    graph.spin_until(lambda: camera.colour.get_subscription_count() == 0, "the end of the subscription")
    assert lifecycle.state() == FINALIZED
    arrays = graph.collect(DiagnosticArray, "/diagnostics")
    graph.spin_until(lambda: any(array.status[0].message == "finalized" for array in arrays), "the state in words")


def own_megabytes(pid):
    """What a process has allocated."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous: +(\d+) kB", text, re.MULTILINE)[1]) / 1000


def test_a_node_that_was_cleaned_up_has_given_its_memory_back(graph, face_node, camera):
    client = graph.lifecycle()
    client.state(PATIENCE_S)
    before = own_megabytes(face_node.pid)
    published = graph.collect(FaceArray, "faces")
    client.transition("configure", PATIENCE_S)
    client.transition("activate", PATIENCE_S)
    graph.spin_until(lambda: with_faces(published), "a face")
    working = own_megabytes(face_node.pid)
    client.transition("deactivate", PATIENCE_S)
    client.transition("cleanup", PATIENCE_S)
    assert own_megabytes(face_node.pid) - before < 0.4 * (working - before)


def assert_ended_in_peace(process):
    assert process.exit_code() == 0, process.text()
    assert not re.search(r"Traceback|ERROR|FATAL|Error|[Ee]xception|terminate", process.text()), process.text()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("state", WAY)
def test_the_node_ends_when_told_to(graph, face_node, camera, sent, state):
    lifecycle = Lifecycle(graph)
    for transition in WAY[state]:
        assert lifecycle.change(transition)
    face_node.send(sent)
    assert_ended_in_peace(face_node)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_node_ends_when_told_to_while_it_configures(graph, face_node, sent):
    lifecycle = Lifecycle(graph)
    events = graph.collect(TransitionEvent, "face_perception/transition_event")
    graph.spin_until(lambda: graph.node.count_publishers("face_perception/transition_event"), "the events")
    lifecycle.begin(Transition.TRANSITION_CONFIGURE)
    graph.spin_until(lambda: any(event.goal_state.label == "configuring" for event in events), "the transition")
    face_node.send(sent)
    assert_ended_in_peace(face_node)
