"""A model file that is not what it should be leaves the node unconfigured, with the remedy, until it is mended."""

import re

import pytest
from lifecycle_msgs.msg import State
from perception_msgs.msg import FaceArray, Position3D

from perception_core.paths import cache_dir
from perception_ros.lifecycle_client import LifecycleError

from .faces import PATIENCE_S, activate, with_faces_from


@pytest.fixture
def cache(graph, tmp_path, weights):
    """A cache of which every file may be replaced; the weights are links to the user's own."""
    weights("yunet")
    for folder in ("models", "pictures"):
        (tmp_path / folder).mkdir()
        for path in (cache_dir() / folder).iterdir():
            (tmp_path / folder / path.name).symlink_to(path)
    graph._environment["PERCEPTION_CACHE"] = str(tmp_path)
    return tmp_path


def replaced(path, content):
    """Puts other bytes in the place of a file; gives the way back."""
    target = path.readlink()
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    def mend():
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return mend


def test_a_model_that_is_damaged_is_refused_with_the_remedy_and_loaded_once_it_is_mended(graph, cache, camera, weights):
    whole = weights("yunet").read_bytes()
    node = graph.start("face_perception.node")
    client = graph.lifecycle()
    fetch = "Run `./perception models fetch yunet`"
    for name, content, said in (
        ("yunet.onnx", whole[: len(whole) // 2], "expected"),
        ("yunet.onnx", b"", "expected"),
        ("yunet.onnx", weights("hand_landmarks").read_bytes(), "the file is damaged or another version"),
        ("yunet.onnx", None, "yunet.onnx is missing"),
        ("yunet.receipt.json", b"{", "yunet.receipt.json is damaged"),
        ("yunet.receipt.json", None, "yunet is not there yet"),
    ):
        mend = replaced(cache / "models" / name, content)
        told_before = len(node.text())
        with pytest.raises(LifecycleError, match="could not configure"):
            client.transition("configure", PATIENCE_S)
        assert client.state(PATIENCE_S) == State.PRIMARY_STATE_UNCONFIGURED
        told = node.text()[told_before:]
        assert "cannot configure: " in told and said in told and fetch in told
        mend()
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    graph.spin_until(lambda: with_faces_from(published, Position3D.DEPTH), "a face")
    assert "Traceback" not in node.text()


def test_a_model_that_is_not_there_leaves_the_node_unconfigured_with_the_reason(graph):
    node = graph.start("face_perception.node", "--ros-args", "-p", "detector:=yunnet")
    client = graph.lifecycle()
    with pytest.raises(LifecycleError, match="could not configure"):
        client.transition("configure", PATIENCE_S)
    assert client.state(PATIENCE_S) == State.PRIMARY_STATE_UNCONFIGURED
    assert re.search(r"cannot configure: .*yunnet.*yunet", node.text())
    assert "Traceback" not in node.text()


def test_a_model_of_another_kind_is_refused_with_the_reason(graph, weights):
    weights("hand_landmarks")
    node = graph.start("face_perception.node", "--ros-args", "-p", "detector:=hand_landmarks")
    with pytest.raises(LifecycleError, match="could not configure"):
        graph.lifecycle().transition("configure", PATIENCE_S)
    assert "has to be a YuNet" in node.text()
