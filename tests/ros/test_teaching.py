"""Teaching gestures to a node at work, by its service and by the command line."""

import signal
import sqlite3
from contextlib import closing
from dataclasses import replace

import cv2
import numpy as np
import pytest
from perception_msgs.msg import HandArray
from perception_msgs.srv import TeachGesture

from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static

from .faces import activate
from .people import Film

NODE = "gesture_perception"
_FRAMES = 6  # of one moment, which differ in the camera's noise
OK = TeachGesture.Response.OK


@pytest.fixture(autouse=True)
def data(environment, tmp_path):
    """Where node and command line keep the gestures, each of its own accord."""
    environment["PERCEPTION_DATA"] = str(tmp_path / "data")
    return tmp_path / "data" / "gestures.sqlite"


@pytest.fixture
def gesture_node(graph):
    return graph.start("gesture_perception.node")


@pytest.fixture
def hands(graph):
    return graph.collect(HandArray, "hands", 100)


@pytest.fixture(scope="module")
def room(pictures):
    """A frame whose depth and intrinsics do for any picture of its size."""
    return SceneSource(static(1.0)).frame(0)


@pytest.fixture(scope="module")
def pointing(picture):
    """A hand that points to the side with its thumb up, which is nothing that the node knows; 480 pixels high."""
    return cv2.rotate(cv2.imread(str(picture("hand_pointing_up"))), cv2.ROTATE_90_CLOCKWISE)


@pytest.fixture
def film(graph, room):
    """A camera that sees a picture, trembling a little."""

    def show(colour):
        chance = np.random.default_rng(0)
        frames = []
        for _ in range(_FRAMES):
            shift = np.array([[1, 0, chance.normal()], [0, 1, chance.normal()]])
            size = colour.shape[1], colour.shape[0]
            moved = cv2.warpAffine(colour, shift, size, borderMode=cv2.BORDER_REPLICATE).astype(float)
            seen = np.clip(moved + chance.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)
            frames.append(replace(room, colour=seen))
        return Film(graph, frames)

    return show


@pytest.fixture
def active(graph, gesture_node, film, pointing):
    """A node that sees the hand."""
    film(pointing)
    activate(graph, NODE)


class Teacher:
    """The service of a gesture node."""

    def __init__(self, graph):
        self._graph = graph
        self._client = graph.node.create_client(TeachGesture, f"{NODE}/teach_gesture")
        graph.spin_until(self._client.service_is_ready, "the service")

    def begin(self, name, **request):
        return self._client.call_async(TeachGesture.Request(name=name, **request))

    def ask(self, name, **request):
        answer = self.begin(name, **request)
        self._graph.spin_until(answer.done, f"the answer about {name}")
        return answer.result()


@pytest.fixture
def gestures(graph):
    """Runs the command while the camera goes on; gives its exit code and what it said."""

    def run(*words):
        process = graph.start("perception_cli", "gestures", *map(str, words))
        graph.spin_until(lambda: not process.running(), f"the end of gestures {words[0]}")
        return process.exit_code(), process.text()

    return run


def shown(graph, hands, label):
    """A hand that shows a gesture, in an image from now on."""
    hands.clear()
    found = graph.spin_until(
        lambda: next((hand for each in hands for hand in each.hands if hand.gesture.label == label), None), label
    )
    hands.clear()
    return found


def test_what_is_taught_is_shown_from_then_on_until_it_is_forgotten(graph, active, hands, gestures):
    graph.spin_until(lambda: any(each.hands for each in hands), "a hand")
    answer = Teacher(graph).ask("Over there")
    assert answer.result == OK, answer.message
    assert (answer.accepted, answer.rival) == (5, "")
    hand = shown(graph, hands, "Over there")
    assert hand.gesture.origin == "taught" and 0.5 <= hand.gesture.score <= 1

    code, said = gestures("list")
    assert code == 0 and said.startswith("Over there\t5\tboth\t")
    assert gestures("rename", "over there", "That way")[0] == 0
    shown(graph, hands, "That way")
    assert gestures("forget", "That way")[0] == 0
    graph.spin_until(
        lambda: hands and hands[-1].hands and hands[-1].hands[0].gesture.label != "That way", "a hand without it"
    )


def test_a_gesture_is_taught_by_the_command_line(graph, active, hands, gestures):
    code, said = gestures("teach", "Over there", "--views", 3)
    assert code == 0, said
    assert "asking /gesture_perception to learn Over there" in said and "taught with 3 new examples" in said
    shown(graph, hands, "Over there")
    code, said = gestures("teach", "There", "--views", 3)
    assert code == 1 and "cannot be told from Over there" in said and "Traceback" not in said


@pytest.mark.usefixtures("active")
def test_what_was_taught_from_a_folder_is_shown_by_a_node_that_runs(graph, hands, gestures, pointing, tmp_path):
    cv2.imwrite(str(tmp_path / "pointing.png"), pointing)
    code, said = gestures("teach", "Over there", "--from", tmp_path / "pointing.png")
    assert code == 0, said
    shown(graph, hands, "Over there")


def test_two_requests_at_once_do_not_get_into_each_others_way(graph, active):
    teacher = Teacher(graph)
    first = teacher.begin("Over there", views=20, timeout=20.0)
    second = teacher.begin("That way", views=20, timeout=20.0)
    graph.spin_until(lambda: first.done() and second.done(), "both answers")
    answers = sorted((answer.result() for answer in (first, second)), key=lambda answer: answer.result)
    assert [answer.result for answer in answers] == [OK, TeachGesture.Response.BUSY], answers


def test_what_cannot_be_taught_is_said_and_the_node_goes_on(graph, active, hands):
    teacher = Teacher(graph)
    assert teacher.ask("").result == TeachGesture.Response.BAD_NAME
    assert teacher.ask("Thumb_Up").result == TeachGesture.Response.BAD_NAME
    answer = teacher.ask("Over there", track_id=9999, timeout=5.0)
    assert answer.result == TeachGesture.Response.NO_SUCH_HAND and "9999" in answer.message
    hands.clear()
    graph.spin_until(lambda: any(each.hands for each in hands), "a hand")


def test_without_a_hand_or_a_camera_it_says_so(graph, gesture_node, film):
    teacher = Teacher(graph)
    answer = teacher.ask("Over there")
    assert answer.result == TeachGesture.Response.STORE_FAILED and "not configured" in answer.message
    graph.lifecycle(NODE).transition("configure", 30.0)
    answer = teacher.ask("Over there")
    assert answer.result == TeachGesture.Response.NO_SUCH_HAND and "not active" in answer.message
    film(np.full((480, 640, 3), 120, np.uint8))
    graph.lifecycle(NODE).transition("activate", 30.0)
    answer = teacher.ask("Over there", timeout=1.0)
    assert answer.result in (TeachGesture.Response.NO_SUCH_HAND, TeachGesture.Response.TOO_FEW_VIEWS)


def test_a_camera_that_is_stopped_ends_the_waiting(graph, active):
    answer = Teacher(graph).begin("Over there", views=50, timeout=600.0)
    node = graph.lifecycle(NODE)
    node.transition("deactivate", 30.0)
    graph.spin_until(answer.done, "the answer")
    assert answer.result().result != OK


def test_a_file_that_another_program_keeps_locked_is_said_and_the_images_go_on(graph, active, hands, data):
    teacher = Teacher(graph)
    with closing(sqlite3.connect(data, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = teacher.begin("Over there", views=2)
        hands.clear()
        graph.spin_until(answer.done, "the answer")
        assert answer.result().result == TeachGesture.Response.STORE_FAILED and hands
        other.execute("ROLLBACK")
    assert teacher.ask("Over there", views=2).result == OK


def test_a_damaged_file_keeps_the_node_from_being_configured_and_is_kept(graph, gesture_node, data):
    data.parent.mkdir()
    data.write_bytes(b"garbage" * 100)
    with pytest.raises(Exception, match="configure"):
        graph.lifecycle(NODE).transition("configure", 30.0)
    graph.spin_until(lambda: "is damaged" in gesture_node.text(), "the reason")
    assert data.read_bytes() == b"garbage" * 100


def test_ctrl_c_ends_the_waiting(graph, gesture_node, film, gestures):
    film(np.full((480, 640, 3), 120, np.uint8))
    activate(graph, NODE)
    process = graph.start("perception_cli", "gestures", "teach", "Over there", "--timeout", "600")
    graph.spin_until(lambda: "asking /gesture_perception" in process.text(), "the request")
    process.send(signal.SIGINT)
    graph.spin_until(lambda: not process.running(), "the end")
    assert process.exit_code() == 130
    assert "interrupted" in process.text() and "Traceback" not in process.text()
