"""More images than can be handled: each is worked on, dropped, or counted as lost."""

import json

import pytest
from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import FaceArray

from benchmarks.flood import accounts, counts_between
from benchmarks.harness.watcher import told_in
from perception_core.image_messages import nanoseconds

from .conftest import Camera

PATIENCE_S = 30.0
BURST = 300


def activate(graph):
    client = graph.lifecycle()
    client.transition("configure", PATIENCE_S)
    client.transition("activate", PATIENCE_S)
    return client


def told_by(diagnostics):
    return [told for message in diagnostics for told in told_in(message)]


def wait_until_quiet(graph, camera, faces, diagnostics):
    """The camera stops; its last image is answered, and told of."""
    camera.silent = True
    graph.spin_until(lambda: faces and nanoseconds(faces[-1].header) == camera.stamps[-1], "the last image's faces")
    answered_ns = graph.node.get_clock().now().nanoseconds
    graph.spin_until(lambda: told_by(diagnostics)[-1:] and told_by(diagnostics)[-1].stamp_ns > answered_ns, "figures")
    return told_by(diagnostics)[-1].counts


def test_every_image_of_a_burst_without_a_pause_is_accounted_for(graph, face_node, one_metre):
    faces = graph.collect(FaceArray, "faces", 1000)
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    camera = Camera(graph, one_metre[0])
    activate(graph)
    graph.spin_until(lambda: len(faces) > 10, "faces")
    before, published_before = wait_until_quiet(graph, camera, faces, diagnostics), len(camera.stamps)

    camera.silent = False
    for _ in range(BURST):
        camera.publish()
    burst_ended_ns = camera.stamps[-1]
    # What is lost at the end of a burst is known when the next image comes.
    graph.spin_until(lambda: nanoseconds(faces[-1].header) > burst_ended_ns, "faces after the burst")
    after = wait_until_quiet(graph, camera, faces, diagnostics)

    became = {name: after[name] - before[name] for name in after}
    assert accounts(len(camera.stamps) - published_before, became)["unaccounted"] == 0
    assert became["failed"] == 0
    assert 0 < became["worked_on"] < BURST
    assert became["dropped"] + became["lost"] > 0


def effort(diagnostics):
    """The last word on it."""
    told = [
        item.value for array in diagnostics for status in array.status for item in status.values if item.key == "effort"
    ]
    return float(told[-1]) if told else None


@pytest.mark.parametrize("parameters", [[], ["-p", "keep_up:=false"]], ids=["keeps up", "does not"])
def test_under_more_images_than_can_be_handled_less_is_done_about_each(graph, one_metre, parameters):
    graph.start("face_perception.node", *(["--ros-args", *parameters] if parameters else []))
    faces = graph.collect(FaceArray, "faces", 1000)
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    camera = Camera(graph, one_metre[0])
    activate(graph)

    def flooded():
        for _ in range(10):
            camera.publish()
        return effort(diagnostics) is not None and (effort(diagnostics) < 1 if not parameters else len(faces) > 30)

    graph.spin_until(flooded, "what comes of too many images")
    assert effort(diagnostics) == (1 if parameters else pytest.approx(0.5, abs=0.2))


def test_the_benchmarks_camera_and_face_node_tell_of_every_frame(graph, tmp_path):
    stamps_file, times_file = tmp_path / "stamps.json", tmp_path / "frames.jsonl"
    node = graph.start("benchmarks.harness.timed_face_node", str(times_file), name="node")
    graph.start("benchmarks.harness.burst_camera", str(stamps_file), "30:0.5", "120:1", "30:0.5", name="camera")
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    client = activate(graph)
    graph.spin_until(stamps_file.exists, "the end of the last stretch")
    stretches = json.loads(stamps_file.read_text())
    told = len(told_by(diagnostics))
    graph.spin_until(lambda: len(told_by(diagnostics)) > told + 1, "figures of a quiet node")
    client.transition("deactivate", PATIENCE_S)
    node.end()

    assert [len(stretch) for stretch in stretches] == [15, 120, 15]
    counts = counts_between(told_by(diagnostics), stretches[0][0])
    assert accounts(150, counts)["unaccounted"] == 0

    frames = [json.loads(line) for line in times_file.read_text().splitlines()]
    published = {stamp for stretch in stretches for stamp in stretch}
    timed = [frame for frame in frames if frame["stamp_ns"] in published]
    assert len(timed) == counts["worked_on"]
    parts = {"hand_on", "convert", "network", "detect", "locate", "track", "publish", "frame"}
    assert all(parts <= set(frame) for frame in timed)
    assert all(frame["overhead_cpu"] > 0 for frame in timed)
