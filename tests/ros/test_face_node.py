"""The face node as a robot meets it: started, configured, activated, fed, and looked at from outside."""

import math

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from perception_msgs.msg import FaceArray, Position3D
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
from rclpy.qos import ReliabilityPolicy
from rclpy.time import Time
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from perception_core.image_messages import decode_colour
from perception_core.topics import COLOUR_TOPIC
from perception_ros.lifecycle_client import LifecycleError

from .camera import Camera
from .faces import PATIENCE_S, activate, with_faces, with_faces_from


def test_a_face_is_published_in_metres_where_it_really_is(graph, face_node, camera, one_metre):
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    message = graph.spin_until(lambda: with_faces_from(published, Position3D.DEPTH), "a face")
    _, truth = one_metre
    visible = [face for face in truth.faces if face.visible_share > 0.9]
    assert len(message.faces) == len(visible)
    for face in message.faces:
        found = np.array([face.position.point.x, face.position.point.y, face.position.point.z])
        error = min(np.linalg.norm(found - np.array(true.sellion)) for true in visible)
        assert error < 0.03
        assert 0 < face.position.sigma < 0.03
        assert 0.5 < face.position.valid_share <= 1


def test_a_message_bears_the_stamp_the_frame_and_the_size_of_its_image(graph, face_node, camera):
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    graph.spin_until(lambda: len(published) >= 5, "five messages")
    stamps = [Time.from_msg(message.header.stamp).nanoseconds for message in published]
    assert set(stamps) <= set(camera.stamps)
    assert stamps == sorted(stamps)
    assert {message.header.frame_id for message in published} == {"camera_color_optical_frame"}
    assert {(message.image_width, message.image_height) for message in published} == {(640, 480)}


def test_a_face_keeps_its_id(graph, face_node, camera):
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    graph.spin_until(lambda: len(published) >= 20, "twenty messages")
    ids = [sorted(face.track_id for face in message.faces) for message in published if message.faces]
    assert all(each == ids[-1] for each in ids[5:])


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT])
def test_whatever_the_camera_offers_is_received(graph, face_node, one_metre, reliability):
    Camera(graph, one_metre[0], reliability)
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    graph.spin_until(lambda: with_faces(published), "a face")


def test_a_camera_that_comes_after_activation_is_received(graph, face_node, one_metre):
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    Camera(graph, one_metre[0], ReliabilityPolicy.BEST_EFFORT)
    graph.spin_until(lambda: with_faces(published), "a face")


def test_without_depth_the_distance_is_estimated_and_said_to_be(graph, face_node, camera):
    camera.with_depth = False
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    face = graph.spin_until(lambda: with_faces_from(published, Position3D.SIZE_PRIOR), "an estimate").faces[0]
    assert abs(face.position.point.z - 1.0) < 3 * face.position.sigma
    graph.spin_until(lambda: "align_depth.enable:=true" in face_node.text(), "the remedy")
    seen = len(published)
    graph.spin_until(lambda: len(published) > seen + 10, "ten more messages")
    assert face_node.text().count("align_depth.enable:=true") == 1


def test_without_camera_info_there_are_faces_but_no_metres(graph, face_node, camera):
    camera.with_info = False
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    face = graph.spin_until(lambda: with_faces(published), "a face").faces[0]
    graph.spin_until(lambda: "no camera_info has come" in face_node.text(), "the reason")
    seen = len(published)
    graph.spin_until(lambda: len(published) > seen + 10, "ten more messages")
    assert face.position.source == Position3D.NONE
    assert math.isnan(face.position.point.z) and math.isnan(face.position.sigma)
    assert face_node.text().count("no camera_info has come") == 1


def faces_of(messages):
    return [face for message in messages for face in message.faces]


OFF = ("landmarks:=none", "expression:=''", "identity:=''")


def test_what_is_not_looked_at_is_said_to_be_unknown(graph, camera):
    graph.start("face_perception.node", "--ros-args", *(word for each in OFF for word in ("-p", each)))
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    face = graph.spin_until(lambda: with_faces(published), "a face").faces[0]
    assert (face.expression.state, face.identity.state, face.liveness, face.attention) == (0, 0, 0, 0)
    assert math.isnan(face.expression.valence) and math.isnan(face.identity.similarity)
    assert not face.head_pose_known and len(face.landmarks) == 0 and face.landmark_scheme == ""


@pytest.mark.parametrize(("scheme", "points"), [("WFLW98", 98), ("DLIB68", 68)])
def test_landmarks_are_published_in_the_scheme_that_is_asked_for(graph, camera, scheme, points):
    graph.start("face_perception.node", "--ros-args", "-p", f"landmark_scheme:={scheme}")
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    face = graph.spin_until(lambda: next((face for face in faces_of(published) if face.landmarks), None), "landmarks")
    found = np.reshape(face.landmarks, (-1, 3))
    assert (face.landmark_scheme, len(found)) == (scheme, points)
    assert not found[:, 2].any()


def test_heads_are_no_frames_of_tf_where_that_is_not_wanted(graph, camera):
    tf2_msgs = pytest.importorskip("tf2_msgs.msg", reason="tf2_msgs is not installed")
    graph.start("face_perception.node", "--ros-args", "-p", "publish_tf:=false")
    transforms = graph.collect(tf2_msgs.TFMessage, "/tf")
    published = graph.collect(FaceArray, "faces")
    activate(graph)
    graph.spin_until(lambda: sum(face.head_pose_known for face in faces_of(published)) > 10, "ten poses")
    assert transforms == [] and graph.node.count_publishers("/tf") == 0


def set_parameter(graph, name, value):
    client = graph.node.create_client(SetParameters, "face_perception/set_parameters")
    graph.spin_until(client.service_is_ready, "the parameter service")
    kind = ParameterType.PARAMETER_DOUBLE if isinstance(value, float) else ParameterType.PARAMETER_INTEGER
    field = "double_value" if isinstance(value, float) else "integer_value"
    request = SetParameters.Request(
        parameters=[Parameter(name=name, value=ParameterValue(type=kind, **{field: value}))]
    )
    future = client.call_async(request)
    graph.spin_until(future.done, "an answer")
    return future.result().results[0]


def test_parameters_change_at_run_time_or_are_refused_with_the_reason(graph, face_node):
    graph.lifecycle().transition("configure", PATIENCE_S)
    assert set_parameter(graph, "bridge_s", 0.5).successful
    refused = set_parameter(graph, "threads", 2)
    assert not refused.successful and "takes effect at configure only" in refused.reason
    out_of_range = set_parameter(graph, "bridge_s", -1.0)
    assert not out_of_range.successful and "range" in out_of_range.reason
    contradicting = set_parameter(graph, "bridge_s", 5.0)
    assert not contradicting.successful and "keep_lost_s (1.25)" in contradicting.reason


@pytest.mark.parametrize("override", ["threads:=0", "engine:=gpu", "bridge_s:=many", "keep_lost_s:=0.1"])
def test_a_start_with_an_impossible_parameter_says_which(graph, override):
    node = graph.start("face_perception.node", "--ros-args", "-p", override)
    if override.startswith(("engine", "keep_lost_s")):
        with pytest.raises(LifecycleError):
            graph.lifecycle().transition("configure", PATIENCE_S)
    else:
        assert node.exit_code() == 1
    assert override.split(":")[0] in node.text()
    assert "Traceback" not in node.text()


def test_two_nodes_in_two_namespaces_do_not_meet(graph, one_metre):
    for name in ("left", "right"):
        graph.start("face_perception.node", "--ros-args", "-r", f"__ns:=/{name}")
    Camera(graph, one_metre[0], namespace="left/")
    left, right = graph.collect(FaceArray, "/left/faces"), graph.collect(FaceArray, "/right/faces")
    activate(graph, "/left/face_perception")
    activate(graph, "/right/face_perception")
    graph.spin_until(lambda: with_faces(left), "a face on the left")
    assert right == []


def test_pictures_and_markers_are_made_for_who_asks(graph, face_node, camera):
    pictures = graph.collect(Image, "face_perception/image_annotated")
    markers = graph.collect(MarkerArray, "face_perception/markers")
    activate(graph)
    picture = graph.spin_until(lambda: pictures[-1] if pictures else None, "a picture")
    marked = graph.spin_until(lambda: next((each for each in markers if each.markers), None), "markers")
    assert np.abs(decode_colour(picture).astype(int) - camera.frame.colour).max() > 50
    assert {"faces", "face_texts"} <= {marker.ns for marker in marked.markers}
    assert all(marker.header.frame_id == "camera_color_optical_frame" for marker in marked.markers)


def test_detections_are_published_where_vision_msgs_is_installed(graph, face_node, camera):
    vision = pytest.importorskip("vision_msgs.msg")
    flat = graph.collect(vision.Detection2DArray, "face_perception/detections_2d")
    solid = graph.collect(vision.Detection3DArray, "face_perception/detections_3d")
    activate(graph)
    in_image = graph.spin_until(lambda: next((each for each in flat if each.detections), None), "detections")
    in_space = graph.spin_until(lambda: solid[-1] if len(solid) > 5 else None, "detections in 3D")
    assert in_image.detections[0].results[0].hypothesis.class_id == "face"
    assert in_space.detections[0].bbox.center.position.z == pytest.approx(1.0, abs=0.05)
    assert 0.1 < in_space.detections[0].bbox.size.x < 0.3


def stages_of(arrays):
    keys = {item.key for array in arrays for status in array.status for item in status.values}
    return {key.split("/")[1] for key in keys if key.endswith("/mean_ms")}


def test_nothing_is_made_for_topics_without_subscribers(graph, face_node, camera):
    arrays = graph.collect(DiagnosticArray, "/diagnostics")
    activate(graph)
    graph.spin_until(lambda: "publish" in stages_of(arrays), "diagnostics of a working node")
    optional = {"annotate", "markers", "transforms", "detections_2d", "detections_3d"}
    assert not stages_of(arrays) & optional
    graph.collect(Image, "face_perception/image_annotated")
    graph.collect(MarkerArray, "face_perception/markers")
    graph.spin_until(lambda: {"annotate", "markers"} <= stages_of(arrays), "what was asked for")


def test_diagnostics_tell_rate_latency_drops_stages_and_models(graph, face_node, camera):
    arrays = graph.collect(DiagnosticArray, "/diagnostics")
    activate(graph)

    def working():
        statuses = [status for array in arrays for status in array.status]
        told = [{item.key: item.value for item in status.values} for status in statuses]
        return next((values for values in told if int(values.get("frames", 0)) > 5), None)

    values = graph.spin_until(working, "diagnostics of a working node")
    assert values["state"] == "active"
    assert values["detector"] == "yunet" and "ONNX Runtime" in values["engine"]
    assert float(values["frame_rate_hz"]) > 0 and float(values["latency_median_ms"]) > 0
    assert int(values["dropped_frames"]) >= 0
    assert float(values["stage/detect/mean_ms"]) > 0


def test_diagnostics_name_the_topics_nobody_publishes(graph, face_node):
    arrays = graph.collect(DiagnosticArray, "/diagnostics")
    activate(graph)
    warned = graph.spin_until(
        lambda: next((each.status[0] for each in arrays if each.status[0].level == DiagnosticStatus.WARN), None),
        "a warning",
    )
    assert f"nobody publishes /{COLOUR_TOPIC}" in warned.message
