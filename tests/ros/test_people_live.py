"""`./perception people` beside a face node that runs: each sees what the other does to the gallery."""

import signal

import pytest
from perception_msgs.msg import FaceArray
from perception_msgs.srv import Forget

from .faces import PATIENCE_S, activate
from .people import Film, People, named, names, newest, standing


@pytest.fixture(autouse=True)
def data(environment, tmp_path):
    """Where node and command line keep the gallery, each of its own accord."""
    environment["PERCEPTION_DATA"] = str(tmp_path / "data")


@pytest.fixture
def faces(graph):
    return graph.collect(FaceArray, "faces", 100)


@pytest.fixture
def eileen(graph, face_node, pictures):
    """Stands before the camera of an active node."""
    Film(graph, standing(eileen=(0.0, 1.0)))
    activate(graph)


@pytest.fixture
def nobody(graph, face_node, pictures):
    Film(graph, standing())
    activate(graph)


@pytest.fixture
def album(picture, tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    (folder / "Eileen.png").symlink_to(picture("astronaut"))
    return folder


@pytest.fixture
def people(graph):
    """Runs the command while the camera goes on; gives its exit code and what it said."""

    def run(*words):
        process = graph.start("perception_cli", "people", *map(str, words))
        graph.spin_until(lambda: not process.running(), f"the end of people {words[0]}")
        return process.exit_code(), process.text()

    return run


def test_who_is_enrolled_live_is_listed_renamed_and_forgotten_by_the_command_line(graph, eileen, faces, people):
    code, said = people("enroll", "Eileen 🚀", "--live", "--views", 3)
    assert code == 0, said
    assert "asking /face_perception to enrol Eileen 🚀" in said and "is enrolled with 3 views" in said
    face = named(graph, faces, "Eileen 🚀")
    code, said = people("list")
    assert code == 0 and said.startswith(f"Eileen 🚀\t{face.identity.person_id}\t3\t")

    code, said = people("rename", "Eileen 🚀", "Collins")
    assert code == 0, said
    named(graph, faces, "Collins")
    code, said = people("enroll", "COLLINS", "--live")
    assert code == 1 and "already in the gallery" in said and "Traceback" not in said

    assert people("forget", "Collins")[0] == 0
    newest(graph, faces, lambda message: message.faces and not names(message), "a face without a name")
    assert People(graph).known() == {}


def test_who_is_enrolled_from_a_folder_is_named_by_a_node_that_runs(graph, eileen, faces, people, album):
    newest(graph, faces, lambda message: message.faces, "a face")
    code, said = people("enroll", album)
    assert code == 0, said
    face = named(graph, faces, "Eileen")
    assert People(graph).ask("forget", person_id=face.identity.person_id).result == Forget.Response.OK
    assert "nobody is enrolled" in people("list")[1]


def test_what_the_face_node_refuses_is_said_with_its_words(graph, face_node, people, pictures):
    Film(graph, standing(eileen=(0.0, 5.5)))
    activate(graph)
    code, said = people("enroll", "Eileen", "--live", "--timeout", "3")
    assert code == 1
    assert "0 of 5 good views were seen within 3 s" in said and "come closer" in said
    code, said = people("enroll", "Eileen", "--live", "--track", "9999", "--timeout", "3")
    assert code == 1 and "9999" in said


def test_a_face_node_that_has_no_camera_says_so(graph, face_node, people):
    graph.lifecycle().transition("configure", PATIENCE_S)
    code, said = people("enroll", "Eileen", "--live")
    assert code == 1 and "the camera is not active" in said


def test_a_face_node_that_is_being_started_is_waited_for(graph, face_node, pictures):
    Film(graph, standing(eileen=(0.0, 1.0)))
    graph.lifecycle().transition("configure", PATIENCE_S)
    process = graph.start("perception_cli", "people", "enroll", "Eileen", "--live", "--views", "1")
    seen = "perception_asking_"
    graph.spin_until(lambda: any(name.startswith(seen) for name in graph.node.get_node_names()), "the command's node")
    graph.lifecycle().transition("activate", PATIENCE_S)
    graph.spin_until(lambda: not process.running(), "the end")
    assert process.exit_code() == 0, process.text()


def test_a_twin_is_enrolled_live_with_force(graph, eileen, people):
    assert people("enroll", "Eileen", "--live", "--views", 1)[0] == 0
    code, said = people("enroll", "Aileen", "--live", "--views", 1)
    assert code == 1 and "looks like Eileen" in said and "--force" in said
    code, said = people("enroll", "Aileen", "--live", "--views", 1, "--force")
    assert code == 0, said
    assert set(People(graph).known().values()) == {"Eileen", "Aileen"}


@pytest.mark.parametrize(
    ("node_name", "reason"),
    [("/robot/face_perception", "no face node /robot/face_perception is there"), ("/a b", "cannot be")],
)
def test_a_face_node_that_is_not_there_is_said_in_a_line(people, node_name, reason):
    code, said = people("enroll", "Eileen", "--live", "--node", node_name)
    assert code == 1 and reason in said and said.count("\n") == 1


def test_ctrl_c_ends_the_waiting(graph, nobody):
    process = graph.start("perception_cli", "people", "enroll", "Eileen", "--live", "--timeout", "600")
    graph.spin_until(lambda: "asking /face_perception" in process.text(), "the request")
    process.send(signal.SIGINT)
    graph.spin_until(lambda: not process.running(), "the end")
    assert process.exit_code() == 130
    assert "interrupted" in process.text() and "Traceback" not in process.text()


def test_ctrl_c_ends_the_search_for_a_face_node(graph):
    process = graph.start("perception_cli", "people", "enroll", "Eileen", "--live")
    seen = "perception_asking_"
    graph.spin_until(lambda: any(name.startswith(seen) for name in graph.node.get_node_names()), "the command's node")
    process.send(signal.SIGINT)
    assert process.exit_code() == 130
    assert "interrupted" in process.text() and "Traceback" not in process.text()


def test_a_face_node_that_ends_meanwhile_is_said(graph, face_node, nobody):
    process = graph.start("perception_cli", "people", "enroll", "Eileen", "--live", "--timeout", "600")
    graph.spin_until(lambda: "asking /face_perception" in process.text(), "the request")
    face_node.send(signal.SIGKILL)
    graph.spin_until(lambda: not process.running(), "the end")
    assert process.exit_code() == 1
    assert "has ended before it answered" in process.text() and "Traceback" not in process.text()
