"""Every display of config/perception.rviz has a topic of its type that it can hear, from the nodes themselves."""

import math
from pathlib import Path

import pytest
import yaml
from geometry_msgs.msg import Quaternion
from perception_msgs.msg import Position3D
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
    qos_check_compatible,
)
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from .camera import FRAME_ID, Camera
from .faces import activate
from .test_person_node import face, hand, start

MANAGER = yaml.safe_load((Path(__file__).parents[2] / "config" / "perception.rviz").read_text())[
    "Visualization Manager"
]
DISPLAYS = {display["Name"]: display for display in MANAGER["Displays"]}
TYPES = {"rviz_default_plugins/Image": Image, "rviz_default_plugins/MarkerArray": MarkerArray}
BY_TOPIC = [display for display in DISPLAYS.values() if display["Class"] in TYPES]
NODES = {
    "face_perception": "face_perception.node:FaceNode",
    "gesture_perception": "gesture_perception.node:GestureNode",
    "person_perception": "person_perception.node:PersonNode",
}


def policy(kind, words):
    return kind[words.upper().replace(" ", "_")]


def asked_for(topic):
    """The quality of service that a display asks for."""
    return QoSProfile(
        depth=topic["Depth"],
        history=policy(HistoryPolicy, topic["History Policy"]),
        reliability=policy(ReliabilityPolicy, topic["Reliability Policy"]),
        durability=policy(DurabilityPolicy, topic["Durability Policy"]),
    )


def hears(graph, message_type, topic, wanted):
    """What comes to who wants it in this way; the topic has this type, and its publishers suit."""
    messages = graph.collect(message_type, topic, wanted)
    publishers = graph.spin_until(lambda: graph.node.get_publishers_info_by_topic(topic), f"a publisher of {topic}")
    (own,) = [each for each in graph.node.get_subscriptions_info_by_topic(topic) if each.node_name == "test"]
    for publisher in publishers:
        assert publisher.topic_type == own.topic_type
        compatibility, reason = qos_check_compatible(publisher.qos_profile, own.qos_profile)
        assert compatibility == QoSCompatibility.OK, reason
    return messages


@pytest.fixture
def nodes(graph, camera, tmp_path, pictures):
    """The three nodes at work, in a process, as the launch file starts them."""
    graph.start(
        "perception_ros.container", *NODES.values(),
        "--ros-args", "-r", "gesture_perception:gesture_events:=hand_events",
        "-p", f"gestures:={tmp_path / 'gestures.sqlite'}", "-p", f"gallery:={tmp_path / 'gallery.sqlite'}",
    )  # fmt: skip
    for name in NODES:
        activate(graph, name)
    return graph


def test_every_picture_and_every_marker_comes(nodes):
    came = {
        display["Name"]: hears(nodes, TYPES[display["Class"]], display["Topic"]["Value"], asked_for(display["Topic"]))
        for display in BY_TOPIC
    }
    nodes.spin_until(lambda: all(came.values()) and frames(came["People"]), "a message for every display")
    assert frames(came["People"]) == frames(came["Faces alone"]) == {MANAGER["Global Options"]["Fixed Frame"]}


def frames(arrays):
    return {marker.header.frame_id for array in arrays for marker in array.markers}


def test_heads_are_frames_for_who_shows_tf(nodes):
    tf2 = pytest.importorskip("tf2_msgs.msg", reason="tf2_msgs is not installed")
    assert DISPLAYS["TF"]["Enabled"]
    listener = QoSProfile(depth=100, reliability=ReliabilityPolicy.RELIABLE)  # tf2_ros::DynamicListenerQoS
    heard = hears(nodes, tf2.TFMessage, "/tf", listener)
    nodes.spin_until(lambda: any(message.transforms for message in heard), "heads")
    head = next(message.transforms[0] for message in heard if message.transforms)
    assert head.header.frame_id == MANAGER["Global Options"]["Fixed Frame"]


@pytest.mark.parametrize("reliability", [ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT])
def test_colour_and_depth_of_a_camera_are_heard_however_it_publishes(graph, one_metre, reliability):
    Camera(graph, one_metre[0], reliability)
    cloud = DISPLAYS["Depth"]
    assert cloud["Depth Map Transport Hint"] == cloud["Color Transport Hint"] == "raw"
    wanted = QoSProfile(depth=cloud["Queue Size"], reliability=policy(ReliabilityPolicy, cloud["Reliability Policy"]))
    colour, depth = (hears(graph, Image, cloud[f"{kind} Topic"], wanted) for kind in ("Color Image", "Depth Map"))
    graph.spin_until(lambda: colour and depth, "colour and depth")
    assert depth[0].header.frame_id == MANAGER["Global Options"]["Fixed Frame"] == FRAME_ID


def whole_face():
    message = face()
    message.head_pose_known, message.gaze.x, message.gaze.y, message.gaze.z = True, 0.0, 0.0, -1.0
    message.head_pose.position.x, message.head_pose.position.y, message.head_pose.position.z = 0.1, -0.2, 2.0
    message.head_pose.orientation = Quaternion(x=0.5, y=0.5, z=0.5, w=0.5)
    return message


def pointing_hand():
    message = hand()
    message.pointing, message.pointing_target.source = True, Position3D.NONE
    for at, (x, y, z) in ((message.pointing_origin, (-0.15, 0.2, 1.8)), (message.pointing_direction, (0.0, 0.0, -1.0))):
        at.x, at.y, at.z = x, y, z
    message.pointing_target.sigma = math.nan
    return message


def test_the_namespaces_are_those_of_the_markers(graph):
    _, perceivers = start(graph)
    shown = DISPLAYS["People"]
    arrays = graph.collect(MarkerArray, shown["Topic"]["Value"], asked_for(shown["Topic"]))

    def used():
        perceivers.image([whole_face()], [pointing_hand()])
        return max(({marker.ns for marker in array.markers} for array in arrays), key=len, default=set())

    graph.spin_until(lambda: used() >= set(shown["Namespaces"]), "markers of all namespaces")
    assert used() == set(shown["Namespaces"])
