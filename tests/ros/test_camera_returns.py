"""Cameras that vanish and return as something else are followed without a restart."""

import random

import pytest
from perception_msgs.msg import Position3D
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import String

from perception_core.image_messages import nanoseconds
from perception_core.topics import COLOUR_TOPIC

from .camera import Camera, halved
from .faces import with_faces_from

BEST_EFFORT = ReliabilityPolicy.BEST_EFFORT


def replace_camera(sight, frame, *arguments, **settings):
    sight.camera.close()
    sight.camera = Camera(sight.graph, frame, *arguments, **settings)


def test_whatever_a_camera_returns_as_it_is_seen(sight):
    frame = sight.camera.frame
    for changed in (
        {"form": "rgb8"},
        {"form": "jpeg", "depth_form": "png"},
        {"form": "png", "depth_form": "32FC1"},
        {"reliability": BEST_EFFORT, "rate_hz": 10},
        {"form": "jpeg", "reliability": BEST_EFFORT},
        {"rate_hz": 60},
    ):
        replace_camera(sight, frame, **changed)
        face = sight.face_from(Position3D.DEPTH)
        assert face.position.point.z == pytest.approx(1.0, abs=0.03), changed
    replace_camera(sight, halved(frame))
    small = sight.publishes(lambda message: with_faces_from([message], Position3D.DEPTH), "faces in a smaller picture")
    assert (small.image_width, small.image_height) == (320, 240)
    assert "incompatible QoS" not in sight.process.text()
    assert "Traceback" not in sight.process.text()


def test_a_camera_that_vanishes_is_named_and_seen_when_it_returns(sight):
    frame = sight.camera.frame
    sight.camera.close()
    missing = sight.warns(f"nobody publishes /{COLOUR_TOPIC}")
    assert missing["state"] == "active"
    sight.camera = Camera(sight.graph, frame)
    sight.recovers()
    sight.warns_no_more("nobody publishes")


@pytest.mark.parametrize(
    "profile",
    [
        QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL),
        QoSProfile(history=HistoryPolicy.KEEP_ALL, depth=0),
        QoSProfile(depth=1, reliability=BEST_EFFORT),
    ],
    ids=["transient local", "keep all", "best effort"],
)
def test_a_publisher_that_returns_with_another_quality_of_service_is_received(sight, profile):
    camera = sight.camera
    camera._node.destroy_publisher(camera.colour)
    camera.colour = camera._node.create_publisher(Image, COLOUR_TOPIC, profile)
    sight.recovers()


def test_a_topic_of_another_type_is_said_and_left_alone_until_it_is_one_of_images(sight):
    frame, node = sight.camera.frame, sight.graph.node
    sight.camera.close()
    other = node.create_publisher(String, COLOUR_TOPIC, 1)
    sight.warns(f"/{COLOUR_TOPIC} is published as std_msgs/msg/String, which is not read here")
    node.destroy_publisher(other)
    sight.camera = Camera(sight.graph, frame)
    sight.recovers()


def cut_here_and_there(image):
    image.data = image.data[: random.randrange(100, len(image.data) // 2)]
    return image


def emptied(image):
    image.data = b""
    return image


def no_image(image):
    image.data = b"this is no picture"
    return image


@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_a_compressed_image_that_is_cut_short_is_said_and_the_next_one_is_taken(sight, form):
    replace_camera(sight, sight.camera.frame, form=form, depth_form="png")
    sight.face_from(Position3D.DEPTH)
    for distort, said in ((cut_here_and_there, "cut short"), (no_image, "neither"), (emptied, "0 bytes")):
        sight.camera.distort = distort
        sight.warns(said)
        sight.recovers()
    sight.camera.distort_depth = cut_here_and_there
    sight.warns("the depth image cannot be used: compressed image of format 'png'")
    sight.face_from(Position3D.SIZE_PRIOR)
    sight.recovers()


def test_two_cameras_on_one_topic_are_said_and_both_seen(sight):
    replace_camera(sight, sight.camera.frame)
    second = Camera(sight.graph, sight.camera.frame)
    for camera in (sight.camera, second):
        sight.faces.clear()
        sight.graph.spin_until(
            lambda camera=camera: any(each.faces and nanoseconds(each.header) in camera.stamps for each in sight.faces),
            "faces of either camera",
        )
    sight.warns(f"/{COLOUR_TOPIC} is published by 2")
    second.close()
    sight.recovers()
    sight.warns_no_more("published by")


def test_raw_images_that_come_beside_compressed_ones_are_taken_instead(sight):
    """As image_transport publishes them: the same moments in two forms."""
    frame = sight.camera.frame
    replace_camera(sight, frame, form="jpeg", depth_form="png")
    sight.face_from(Position3D.DEPTH)
    compressed, sight.camera = sight.camera, Camera(sight.graph, frame)
    sight.recovers()
    sight.graph.spin_until(lambda: compressed.colour.get_subscription_count() == 0, "the end of the subscription")
    compressed.close()
    sight.recovers()
