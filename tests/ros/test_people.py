"""People who are enrolled, recognised, renamed and forgotten by a real node that sees them."""

import resource
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State
from perception_msgs.msg import Face, FaceArray
from perception_msgs.srv import Enroll, Forget, ListPeople, Merge, Rename

from face_perception.embedding import FaceEmbedder
from face_perception.gallery import FaceView, Gallery
from perception_core.embedding_space import EmbeddingSpace
from perception_core.engines.engine import open_engine
from perception_core.zoo.manifest import load_models
from perception_ros.lifecycle_client import LifecycleError

from .faces import PATIENCE_S, activate
from .people import Film, People, after, named, names, newest, standing

ENROLLED, FORGOTTEN, RENAMED, LISTED = Enroll.Response, Forget.Response, Rename.Response, ListPeople.Response


@pytest.fixture(scope="session")
def space(weights):
    with closing(open_engine(weights("face_identity"))) as engine:
        return FaceEmbedder(engine, load_models()["face_identity"]).space


@pytest.fixture(scope="session")
def alone(pictures):
    return standing(eileen=(0.0, 1.0))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people.sqlite"


@pytest.fixture
def node(graph, path):
    return graph.start("face_perception.node", "--ros-args", "-p", f"gallery:={path}")


@pytest.fixture
def faces(graph):
    return graph.collect(FaceArray, "faces", 100)


@pytest.fixture
def people(graph, node, alone):
    """The services of an active node that sees one person."""
    Film(graph, alone)
    activate(graph)
    return People(graph)


def somebody(seed):
    numbers = np.random.default_rng(seed).normal(size=512).astype(np.float32)
    return [FaceView(numbers / np.linalg.norm(numbers))]


def with_people(path, space, *people):
    """A gallery's file as another program leaves it; ids by name."""
    with closing(Gallery(path, space)) as gallery:
        return {name: gallery.enrol(name, somebody(seed), seed).id for seed, name in enumerate(people, 1)}


def test_who_is_enrolled_is_named_until_forgotten(graph, node, people, faces, path):
    name = "🤖 Eileen / Collins"
    answer = people.ask("enroll", name=name)
    assert (answer.result, answer.accepted) == (ENROLLED.OK, 5), answer.message
    face = named(graph, faces, name)
    assert face.identity.person_id == answer.person_id and face.identity.similarity > 0.5
    assert people.known() == {answer.person_id: name}
    assert path.stat().st_mode & 0o777 == 0o600

    again = people.ask("enroll", name="Somebody else", track_id=face.track_id)
    assert (again.result, again.person_id, again.accepted) == (ENROLLED.LOOKS_LIKE_OTHER, answer.person_id, 0)
    taken = people.ask("enroll", name=name.upper())
    assert (taken.result, taken.person_id) == (ENROLLED.NAME_TAKEN, answer.person_id)

    assert people.ask("rename", person_id=answer.person_id, name="Eileen").result == RENAMED.OK
    named(graph, faces, "Eileen")

    forgotten = people.ask("forget", person_id=answer.person_id)
    assert forgotten.result == FORGOTTEN.OK, forgotten.message
    answered_ns = graph.node.get_clock().now().nanoseconds
    graph.spin_until(lambda: len(after(faces, answered_ns)) > 10, "ten images after that")
    assert all(each.faces and names(each) == [] for each in after(faces, answered_ns))
    assert people.known() == {}
    assert people.ask("forget", person_id=answer.person_id).result == FORGOTTEN.NO_SUCH_PERSON
    assert "Traceback" not in node.text()


def test_of_two_in_view_the_one_who_is_meant_is_enrolled_though_the_other_is_nearer(graph, node, faces, pictures):
    Film(graph, standing(barack=(-0.15, 0.8), eileen=(0.35, 1.4)))
    activate(graph)
    people = People(graph)
    near, far = newest(graph, faces, lambda message: len(message.faces) == 2, "two faces").faces
    assert near.position.point.z < far.position.point.z
    answer = people.ask("enroll", name="Eileen")
    assert answer.result == ENROLLED.SEVERAL_FACES and "track_id" in answer.message
    answer = people.ask("enroll", name="Eileen", track_id=far.track_id)
    assert answer.result == ENROLLED.OK, answer.message
    message = newest(graph, faces, names, "a name")
    assert [face.track_id for face in message.faces if face.identity.name] == [far.track_id]
    assert people.ask("enroll", name="Nobody", track_id=9999).result == ENROLLED.NO_SUCH_TRACK


def test_a_photograph_is_not_enrolled(graph, node, faces, pictures):
    Film(graph, standing(eileen_photograph=(0.0, 1.0)))
    activate(graph)
    people = People(graph)
    newest(graph, faces, lambda message: any(face.liveness == Face.LIVENESS_FLAT for face in message.faces), "flat")
    answer = people.ask("enroll", name="Eileen")
    assert answer.result == ENROLLED.FLAT and "flat" in answer.message
    assert people.known() == {}


def test_it_is_said_why_views_are_refused(graph, node, pictures):
    Film(graph, standing(eileen=(0.0, 5.5)))
    activate(graph)
    answer = People(graph).ask("enroll", name="Eileen", timeout=4.0)
    assert (answer.result, answer.accepted) == (ENROLLED.TOO_FEW_VIEWS, 0), answer.message
    assert "come closer" in answer.refused[0] and "0 of 5" in answer.message


@pytest.mark.parametrize("name", ["", " ", "x" * 10_000, "a\nb"], ids=["empty", "blank", "long", "lines"])
def test_what_cannot_be_a_name_is_refused(graph, node, path, space, name):
    (ada,) = with_people(path, space, "Ada").values()
    graph.lifecycle().transition("configure", PATIENCE_S)
    people = People(graph)
    assert people.ask("enroll", name=name).result == ENROLLED.BAD_NAME
    answer = people.ask("rename", person_id=ada, name=name)
    assert answer.result == RENAMED.BAD_NAME and 0 < len(answer.message) < 300
    assert people.known() == {ada: "Ada"}


def test_while_inactive_the_gallery_is_kept_and_nobody_is_enrolled(graph, node, path, space):
    ada, bob, eve = with_people(path, space, "Ada", "Bob", "Eve").values()
    people = People(graph)
    assert "not configured" in people.ask("list_people").message
    client = graph.lifecycle()
    client.transition("configure", PATIENCE_S)
    listed = people.ask("list_people")
    assert (listed.result, list(listed.names), list(listed.views)) == (LISTED.OK, ["Ada", "Bob", "Eve"], [1, 1, 1])
    assert [each.nanosec for each in listed.enrolled] == [1, 2, 3]
    assert people.ask("rename", person_id=bob, name="ada").result == RENAMED.NAME_TAKEN
    assert people.ask("rename", person_id=bob, name="Rob").result == RENAMED.OK
    assert people.ask("merge", keep_id=ada, merge_id=ada).result == Merge.Response.SAME_PERSON
    assert people.ask("merge", keep_id=ada, merge_id="nobody").result == Merge.Response.NO_SUCH_PERSON
    assert people.ask("merge", keep_id=ada, merge_id=bob).result == Merge.Response.OK
    assert people.ask("forget", person_id=eve).result == FORGOTTEN.OK
    assert list(people.ask("list_people").views) == [2]
    assert people.known() == {ada: "Ada"}
    answer = people.ask("enroll", name="Dan")
    assert answer.result == ENROLLED.NO_SUCH_TRACK and "not active" in answer.message
    client.transition("cleanup", PATIENCE_S)
    assert people.ask("list_people").result == LISTED.STORE_FAILED


def test_without_identity_the_services_say_so(graph, alone, faces):
    graph.start("face_perception.node", "--ros-args", "-p", "identity:=''")
    Film(graph, alone)
    activate(graph)
    newest(graph, faces, lambda message: message.faces, "a face")
    answer = People(graph).ask("enroll", name="Eileen")
    assert answer.result == ENROLLED.STORE_FAILED and "identity" in answer.message


def test_the_services_are_found_under_the_nodes_own_name(graph, path):
    graph.start(
        "face_perception.node",
        *("--ros-args", "-r", "__ns:=/left", "-r", "__node:=eyes", "-r", "~/forget:=erase", "-p", f"gallery:={path}"),
    )
    graph.lifecycle("/left/eyes").transition("configure", PATIENCE_S)
    wanted = {"/left/eyes/enroll", "/left/eyes/rename", "/left/eyes/merge", "/left/eyes/list_people", "/left/erase"}
    graph.spin_until(lambda: wanted <= {name for name, _ in graph.node.get_service_names_and_types()}, "the services")


def test_enrolling_holds_nothing_up(graph, node, faces, pictures):
    Film(graph, standing())
    activate(graph)
    people = People(graph)
    told = graph.collect(DiagnosticArray, "/diagnostics")
    enrolling = people.begin("enroll", name="Godot", timeout=8.0)
    graph.spin_until(lambda: any("0 of 5" in value for value in enrolment_states(told)), "that somebody is enrolled")
    assert people.known() == {}
    assert people.ask("enroll", name="Ada").result == ENROLLED.BUSY
    faces.clear()
    told.clear()
    graph.spin_until(lambda: len(faces) > 30 and len(told) > 2, "images and diagnostics")
    assert not enrolling.done()
    graph.spin_until(enrolling.done, "the end of waiting")
    assert enrolling.result().result == ENROLLED.NO_SUCH_TRACK and "nobody was in view" in enrolling.result().message


def enrolment_states(arrays):
    values = [item for array in arrays for status in array.status for item in status.values]
    return [item.value for item in values if item.key == "enrolment"]


def test_when_the_node_is_deactivated_who_waits_is_told_at_once(graph, node, faces, pictures):
    Film(graph, standing())
    client = activate(graph)
    people = People(graph)
    newest(graph, faces, lambda message: True, "an image")
    told = graph.collect(DiagnosticArray, "/diagnostics")
    enrolling = people.begin("enroll", name="Godot", timeout=600.0)
    graph.spin_until(lambda: any("0 of 5" in value for value in enrolment_states(told)), "that somebody is enrolled")
    assert people.ask("enroll", name="Ada").result == ENROLLED.BUSY
    client.transition("deactivate", PATIENCE_S)
    graph.spin_until(enrolling.done, "the answer")
    assert enrolling.result().result == ENROLLED.TOO_FEW_VIEWS and "stopped" in enrolling.result().message


def test_the_node_ends_when_told_to_though_somebody_waits_to_be_enrolled(graph, node, faces, pictures):
    Film(graph, standing())
    activate(graph)
    people = People(graph)
    told = graph.collect(DiagnosticArray, "/diagnostics")
    people.begin("enroll", name="Godot", timeout=600.0)
    graph.spin_until(lambda: any("0 of 5" in value for value in enrolment_states(told)), "that somebody is enrolled")
    node.send(2)
    assert node.exit_code() == 0
    assert "Traceback" not in node.text()


def test_what_another_program_changes_is_seen(graph, people, faces, path, space):
    answer = people.ask("enroll", name="Eileen")
    assert answer.result == ENROLLED.OK, answer.message
    named(graph, faces, "Eileen")
    with closing(Gallery(path, space)) as other:
        assert [person.name for person in other.people()] == ["Eileen"]
        other.enrol("Ada", somebody(1), 0)
        other.rename(answer.person_id, "Commander Collins")
        named(graph, faces, "Commander Collins")
        assert sorted(people.known().values()) == ["Ada", "Commander Collins"]
        other.forget(answer.person_id)
        newest(graph, faces, lambda message: message.faces and names(message) == [], "a face without a name")


def test_a_gallery_that_another_program_keeps_locked_is_said_and_the_images_go_on(graph, people, faces, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = people.begin("enroll", name="Eileen")
        seen = len(faces)
        graph.spin_until(answer.done, "an answer")
        assert answer.result().result == ENROLLED.STORE_FAILED
        assert "being written by another program" in answer.result().message
        assert len(faces) > seen + 5  # the answer takes seconds
        other.execute("ROLLBACK")
    assert people.ask("enroll", name="Eileen").result == ENROLLED.OK


def test_on_a_full_disk_nobody_is_half_enrolled(node, people, path):
    log = path.with_name(path.name + "-wal")
    no_limit = resource.RLIM_INFINITY
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (log.stat().st_size + 20_000, no_limit))
    answer = people.ask("enroll", name="Eileen", views=20)
    assert answer.result == ENROLLED.STORE_FAILED and "disk is full" in answer.message, answer.message
    assert people.known() == {}
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (no_limit, no_limit))
    assert people.ask("enroll", name="Eileen").result == ENROLLED.OK
    assert "Traceback" not in node.text()


def refused(graph, node):
    """What the node says when it cannot be configured."""
    client = graph.lifecycle()
    with pytest.raises(LifecycleError, match="could not configure"):
        client.transition("configure", PATIENCE_S)
    assert client.state(PATIENCE_S) == State.PRIMARY_STATE_UNCONFIGURED
    assert "cannot configure: " in node.text() and "Traceback" not in node.text()
    return node.text()


def test_a_gallery_that_is_damaged_is_refused_and_kept(graph, node, path):
    damaged = b"SQLite format 3\0" + bytes(range(256)) * 64
    path.write_bytes(damaged)
    said = refused(graph, node)
    assert f"{path} is damaged" in said and "not overwritten" in said
    (copy,) = path.parent.glob(f"{path.name}.damaged-*")
    assert path.read_bytes() == copy.read_bytes() == damaged
    path.unlink()
    graph.lifecycle().transition("configure", PATIENCE_S)
    assert People(graph).known() == {}


def test_a_gallery_of_another_model_is_refused_with_the_reason(graph, node, path):
    with_people(path, EmbeddingSpace("facenet", 512, "0123456789abcdef"), "Ada")
    said = refused(graph, node)
    assert "was made with the model facenet" in said and "cannot be compared" in said


# Permissions do not bind root, who may be the only one to read the weights: they are read before.
AS_NOBODY = """
import os
from face_perception import assembly, node

def opened(*arguments, open_gallery=assembly._gallery):
    os.seteuid(65534)
    return open_gallery(*arguments)

assembly._gallery = opened
node.main()
"""


@pytest.fixture
def locked_path(space):
    """A gallery that others can read and nobody else can write; pytest's own folders are for their user only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.sqlite"
        with_people(path, space, "Ada")
        path.chmod(0o444)
        path.parent.chmod(0o555)
        yield path


def test_a_gallery_that_may_not_be_written_is_used_and_not_changed(graph, alone, locked_path):
    node = graph.start_code(AS_NOBODY, "--ros-args", "-p", f"gallery:={locked_path}")
    Film(graph, alone)
    activate(graph)
    people = People(graph)
    (ada,) = known = people.known()
    answer = people.ask("enroll", name="Eileen")
    assert answer.result == ENROLLED.STORE_FAILED and f"{locked_path} cannot be written" in answer.message
    answer = people.ask("forget", person_id=ada)
    assert answer.result == FORGOTTEN.STORE_FAILED and f"{locked_path} cannot be written" in answer.message
    assert people.known() == known == {ada: "Ada"}
    assert f"{locked_path} cannot be written: people are recognised" in node.text()
    assert "Traceback" not in node.text()
