"""The camera that is not there."""

import cv2
import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import FaceArray, Position3D
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header, String

from perception_core.image_messages import decode_camera_info, decode_depth
from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC

from .conftest import Graph

RELIABLE = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)
BEST_EFFORT = QoSProfile(depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)
FRAMES = 12


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "video.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (64, 48))
    for shade in range(FRAMES):
        writer.write(np.full((48, 64, 3), 20 * shade, np.uint8))
    writer.release()
    return path


def replay(graph, *parameters):
    assignments = [part for parameter in parameters for part in ("-p", parameter)]
    return graph.start("perception_ros.replay_node", "--ros-args", *assignments)


def stamps(messages):
    return [Time.from_msg(message.header.stamp).nanoseconds for message in messages]


def test_the_virtual_camera_speaks_as_a_realsense_does(graph):
    colour = graph.collect(Image, COLOUR_TOPIC, RELIABLE)
    depth = graph.collect(Image, DEPTH_TOPIC, RELIABLE)
    info = graph.collect(CameraInfo, CAMERA_INFO_TOPIC, RELIABLE)
    replay(graph, "source:=demo")
    graph.spin_until(lambda: min(map(len, (colour, depth, info))) > 10, "ten frames")
    assert (colour[0].encoding, depth[0].encoding) == ("bgr8", "16UC1")
    assert {message.header.frame_id for message in (*colour, *depth, *info)} == {"camera_color_optical_frame"}
    assert set(stamps(colour)) & set(stamps(depth)) & set(stamps(info))
    assert decode_depth(depth[0]).size == (colour[0].width, colour[0].height) == (640, 480)
    assert decode_camera_info(info[0]).fx == 615.0


def test_a_video_is_played_once_from_its_first_frame_to_its_last(graph, video):
    node = replay(graph, f"source:={video}")
    received = graph.collect(Image, COLOUR_TOPIC, RELIABLE)
    graph.spin_until(lambda: not node.running(), "the end of the video")
    graph.spin_until(lambda: len(received) == FRAMES, "the last frame")
    assert node.exit_code() == 0
    assert stamps(received) == sorted(set(stamps(received)))


def test_looped_it_begins_again_and_time_goes_on(graph, video):
    received = graph.collect(Image, COLOUR_TOPIC, RELIABLE)
    replay(graph, f"source:={video}", "loop:=true")
    graph.spin_until(lambda: len(received) > 2 * FRAMES, "a second round")
    assert stamps(received) == sorted(stamps(received))


def test_it_is_as_unreliable_as_asked_for(graph):
    replay(graph, "source:=scene:empty", "reliability:=best_effort", "wait_for_subscriber:=false")
    topic = graph.node.resolve_topic_name(COLOUR_TOPIC)
    offered = graph.spin_until(lambda: graph.node.get_publishers_info_by_topic(topic), "the publisher")
    assert offered[0].qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT


@pytest.mark.parametrize(
    ("parameter", "said"),
    [("source:=nothing.mp4", "nothing.mp4"), ("source:=dmeo", "demo"), ("reliability:=perhaps", "perhaps")],
)
def test_what_cannot_be_played_is_said_in_a_line(graph, parameter, said):
    node = replay(graph, parameter)
    assert node.exit_code() == 1
    assert said in node.text() and "Traceback" not in node.text()


def perceive(graph):
    """A face node whose time is the player's, and the bytes of all that it publishes."""
    graph.start("face_perception.node", "--ros-args", "-p", "use_sim_time:=true")
    published = graph.collect(FaceArray, "faces", QoSProfile(depth=1000))
    client = graph.lifecycle()
    client.transition("configure", 30.0)
    client.transition("activate", 30.0)
    return published


def played_to_the_end(graph, recording):
    published = perceive(graph)
    player = replay(graph, f"source:={recording.folder}", "stamps:=recorded", "answered_on:=faces")
    graph.spin_until(lambda: not player.running(), "the end of the recording")
    graph.spin_until(lambda: len(published) >= len(recording.stamps), "the last message")
    assert "no answer" not in player.text()
    return published


def test_every_frame_is_worked_on_once_and_two_runs_give_the_same_messages(environment, tmp_path, recording):
    runs = []
    for _ in range(2):
        graph = Graph(environment, tmp_path)
        # In every bit of every number; serialised, the padding between them would differ, and as messages NaN from NaN.
        runs.append([repr(message) for message in played_to_the_end(graph, recording)])
        graph.close()
    assert len(runs[0]) == len(recording.stamps)
    assert runs[0] == runs[1]


def test_the_first_frame_waits_for_all_who_shall_answer(graph, recording):
    graph.node.create_publisher(Header, "answers", 10)
    graph.collect(CameraInfo, CAMERA_INFO_TOPIC, RELIABLE)
    graph.collect(Image, DEPTH_TOPIC, RELIABLE)
    first = graph.collect(Image, COLOUR_TOPIC, RELIABLE)
    player = replay(graph, f"source:={recording.folder}", "stamps:=recorded", "answered_on:=answers", "subscribers:=2")
    topic = graph.node.resolve_topic_name(COLOUR_TOPIC)
    graph.spin_until(lambda: graph.node.count_publishers(topic), "the camera")
    second = graph.collect(Image, COLOUR_TOPIC, RELIABLE)
    graph.spin_until(lambda: first and second, "the first frame")
    assert stamps(first) == stamps(second) == recording.stamps[:1]
    assert player.running()


def test_recorded_stamps_are_kept_and_every_frame_has_its_depth(graph, recording):
    published = played_to_the_end(graph, recording)
    assert stamps(published) == recording.stamps
    assert all(face.position.source == Position3D.DEPTH for message in published for face in message.faces)
    assert sum(bool(message.faces) for message in published) > len(recording.stamps) // 2


def test_a_recording_that_is_looped_makes_time_jump_and_faces_come_again(graph, recording):
    told = graph.collect(DiagnosticArray, "/diagnostics")
    published = perceive(graph)
    replay(graph, f"source:={recording.folder}", "stamps:=recorded", "answered_on:=faces", "loop:=true")
    graph.spin_until(lambda: len(published) > 3 * len(recording.stamps), "a third round")

    def jumps():
        values = [
            item.value
            for array in told
            for status in array.status
            for item in status.values
            if item.key == "time_jumps"
        ]
        return int(values[-1]) if values else 0

    graph.spin_until(lambda: jumps() >= 2, "the jumps in the diagnostics")
    count = len(recording.stamps)
    second, third = published[count : 2 * count], published[2 * count : 3 * count]
    assert stamps(second) == stamps(third) == recording.stamps
    assert all(any(message.faces for message in messages) for messages in (second, third))


@pytest.mark.parametrize(("topic", "said"), [("bad topic!", "cannot be the name of a topic"), ("/words", "no stamp")])
def test_what_cannot_answer_is_said_in_a_line(graph, recording, topic, said):
    graph.node.create_publisher(String, "/words", 10)
    graph.collect(Image, COLOUR_TOPIC, RELIABLE)
    graph.collect(Image, DEPTH_TOPIC, RELIABLE)
    graph.collect(CameraInfo, CAMERA_INFO_TOPIC, RELIABLE)
    node = replay(graph, f"source:={recording.folder}", f"answered_on:='{topic}'")
    assert node.exit_code() == 1
    assert said in node.text() and "Traceback" not in node.text()


def test_a_camera_cannot_be_made_to_wait(graph):
    node = replay(graph, "source:=0", "answered_on:=faces")
    assert node.exit_code() == 1
    assert "Traceback" not in node.text()
