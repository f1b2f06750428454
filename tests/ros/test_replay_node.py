"""The camera that is not there."""

import cv2
import numpy as np
import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.time import Time
from sensor_msgs.msg import CameraInfo, Image

from perception_core.topics import CAMERA_INFO_TOPIC, COLOUR_TOPIC, DEPTH_TOPIC
from perception_ros.image_codec import decode_camera_info, decode_depth

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
