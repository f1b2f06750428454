"""Depth that is missing, wrong or of no use costs the metres, never the face, and its return brings them back."""

from dataclasses import replace

import numpy as np
import pytest
from perception_msgs.msg import Position3D

from perception_core.frame import DepthImage
from perception_core.topics import DEPTH_TOPIC
from perception_ros.image_codec import encode_image

from .camera import DEPTH_FORMS


def with_depth(frame, raw):
    return replace(frame, depth=DepthImage(raw, frame.depth.metres_per_unit))


def as_32fc1(values):
    return lambda image: encode_image(values, "32FC1", image.header)


def test_depth_of_another_size_than_colour_is_not_used(sight):
    frame = sight.camera.frame
    sight.camera.frame = with_depth(frame, np.ascontiguousarray(frame.depth.raw[::2, ::2]))
    sight.says("depth is 320x240, colour is 640x480: the depth image is not aligned")
    sight.says("align_depth.enable:=true")
    face = sight.face_from(Position3D.SIZE_PRIOR)
    assert abs(face.position.point.z - 1.0) < 3 * face.position.sigma
    sight.recovers()


def test_millimetres_and_metres_give_the_same_position(sight):
    in_millimetres = sight.face_from(Position3D.DEPTH).position.point
    sight.camera.distort_depth = lambda image: DEPTH_FORMS["32FC1"].encode(sight.camera.frame.depth.raw, image.header)
    in_metres = sight.face_from(Position3D.DEPTH).position.point
    assert [in_metres.x, in_metres.y, in_metres.z] == pytest.approx(
        [in_millimetres.x, in_millimetres.y, in_millimetres.z], abs=0.001
    )
    assert sight.new_lines() == ""
    sight.recovers()


@pytest.mark.parametrize(
    ("distort", "said"),
    [
        (as_32fc1(np.full((480, 640), 1000, np.float32)), "these are millimetres"),
        (lambda image: encode_image(np.ones((480, 640), np.uint16), "16UC1", image.header), "these are metres"),
    ],
)
def test_depth_in_the_wrong_unit_is_not_believed(sight, distort, said):
    sight.camera.distort_depth = distort
    sight.says(said)
    sight.face_from(Position3D.SIZE_PRIOR)
    sight.recovers()


@pytest.mark.parametrize(
    "empty",
    [
        lambda image: encode_image(np.zeros((480, 640), np.uint16), "16UC1", image.header),
        as_32fc1(np.full((480, 640), np.nan, np.float32)),
        as_32fc1(np.full((480, 640), np.inf, np.float32)),
        as_32fc1(np.full((480, 640), -1, np.float32)),
    ],
    ids=["zero", "NaN", "infinite", "negative"],
)
def test_depth_without_any_distance_leaves_an_estimate(sight, empty):
    sight.camera.distort_depth = empty
    face = sight.face_from(Position3D.SIZE_PRIOR)
    assert abs(face.position.point.z - 1.0) < 3 * face.position.sigma
    sight.warns("the depth image holds no distance at all")
    sight.recovers()


def unknown_encoding(image):
    image.encoding = "8UC3"
    return image


def cut_short(image):
    image.data = image.data[:-1]
    return image


@pytest.mark.parametrize(
    ("distort", "said"),
    [(unknown_encoding, "depth encoding '8UC3' is not known"), (cut_short, "holds 614399 bytes, needs 614400")],
)
def test_a_depth_image_that_cannot_be_used_is_said_and_the_faces_stay(sight, distort, said):
    sight.camera.distort_depth = distort
    sight.says(said)
    sight.face_from(Position3D.SIZE_PRIOR)
    sight.recovers()


def test_colour_without_depth_for_ten_seconds_gives_faces_all_the_time(sight):
    """Five times as fast as in life."""
    begin_ns, real_ns = None, None

    def hasten(now_ns):
        nonlocal begin_ns, real_ns
        if begin_ns is None:
            begin_ns = real_ns = now_ns
        return begin_ns + 5 * (now_ns - real_ns)

    sight.camera.with_depth = False
    sight.camera.restamp = hasten
    sent = len(sight.camera.stamps)
    sight.publishes(
        lambda message: message.faces and sight.camera.stamps[-1] - sight.camera.stamps[sent] > 10e9, "ten seconds"
    )
    sight.says("no depth image belongs to the colour image. Start the camera with align_depth.enable:=true")
    assert len(sight.faces) > 3  # how many a busy machine works on is up to it
    assert all(message.faces for message in sight.faces[3:])
    sight.recovers()


def test_depth_alone_gives_nothing_and_is_said(sight):
    sight.camera.with_colour = False
    sight.faces.clear()
    sight.warns("no colour image for")
    assert len(sight.faces) <= 3  # on their way, waiting, and in work
    sight.recovers()


def test_depth_whose_stamps_are_far_from_those_of_colour_is_said(sight):
    def ten_seconds_before(image):
        image.header.stamp.sec -= 10
        return image

    sight.camera.distort_depth = ten_seconds_before
    reason = "depth images come, but their stamps are too far from those of the colour images"
    sight.warns(reason)
    sight.face_from(Position3D.SIZE_PRIOR)
    sight.recovers()


def test_a_depth_publisher_that_vanishes_and_returns_takes_the_metres_along(sight):
    camera = sight.camera
    publisher, topic = camera.depth, camera.depth.topic_name
    camera.with_depth = False
    camera._node.destroy_publisher(publisher)
    sight.face_from(Position3D.SIZE_PRIOR)
    sight.warns(f"nobody publishes /{DEPTH_TOPIC}")
    camera.depth = camera._node.create_publisher(DEPTH_FORMS["16UC1"].message_type, topic, 4)
    sight.recovers()
