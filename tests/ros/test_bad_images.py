"""Colour images that cannot be used are said, and the next good one gives faces again."""

from array import array
from dataclasses import replace

import pytest
from perception_msgs.msg import Position3D
from rclpy.serialization import serialize_message

from .camera import halved


def with_fields(**fields):
    def change(image):
        for name, value in fields.items():
            setattr(image, name, value)
        return image

    return change


def cut_short(image):
    image.data = image.data[:1000]
    return image


@pytest.mark.parametrize(
    ("distort", "said"),
    [
        (with_fields(width=0, height=0, step=0, data=array("B")), "there are no pixels"),
        (with_fields(step=100), "a row needs 1920 bytes; the publisher sets a wrong step or encoding"),
        (cut_short, "holds 1000 bytes, needs 921600; it is cut short"),
        (with_fields(encoding="secret"), "colour encoding 'secret' is not known; known are bgr8, rgb8"),
    ],
)
def test_an_image_that_cannot_be_used_is_said_once_and_the_next_one_is_taken(sight, distort, said):
    sight.camera.distort = distort
    sight.says(said)
    sight.recovers()


@pytest.mark.parametrize(
    ("distort", "said"),
    [
        (with_fields(height=0), "640x0, step 1920: there are no pixels"),
        (with_fields(step=4000), "holds 921600 bytes, needs 1917920"),
        (with_fields(encoding="16UC1"), "colour encoding '16UC1' is not known"),
        (with_fields(encoding=""), "colour encoding '' is not known"),
        (with_fields(width=2**32 - 1, height=2**32 - 1), "a row needs 12884901885 bytes"),
    ],
)
def test_what_is_wrong_now_stands_in_the_diagnostics_though_the_log_has_just_had_its_like(sight, distort, said):
    sight.camera.distort = distort
    sight.warns(said)
    sight.recovers()


def test_diagnostics_count_what_cannot_be_used_and_stand_by_the_reason_while_it_lasts(sight):
    before = sight.warns_no_more("a colour image cannot be used")
    sight.camera.distort = with_fields(encoding="again")
    during = sight.warns("encoding 'again' is not known")
    assert int(during["failed_frames"]) > int(before["failed_frames"])
    sight.recovers()
    sight.warns_no_more("a colour image cannot be used")


def test_bytes_that_are_no_message_end_nothing(sight):
    """The middleware drops them, with a line of its own for each."""
    sight.camera.distort = lambda image: serialize_message(image)[:100]
    sent = len(sight.camera.stamps)
    sight.graph.spin_until(lambda: len(sight.camera.stamps) > sent + 10, "ten messages sent")
    sight.camera.mend()
    sight.face_from(Position3D.DEPTH)
    sight.ignore_log()
    sight.recovers()


def test_frames_of_changing_size_give_a_message_of_their_size_each(sight):
    whole = sight.camera.frame
    half, sent = halved(whole), 0
    small = replace(half, colour=half.colour[:2, :2].copy(), depth=None, intrinsics=None)

    def next_size(now_ns):
        nonlocal sent
        sent += 1
        sight.camera.frame = (whole, half, small)[sent % 3]
        return now_ns

    sight.camera.restamp = next_size
    for frame in (whole, half, small, whole, half, small):
        message = sight.publishes(lambda each, size=frame.size: (each.image_width, each.image_height) == size)
        assert message.faces or frame is small
    sight.recovers()


def test_a_resolution_that_changes_once_keeps_the_metres(sight):
    sight.camera.frame = halved(sight.camera.frame)
    in_half = sight.publishes(
        lambda message: (
            message.image_width == 320
            and message.faces
            and all(face.position.source == Position3D.DEPTH for face in message.faces)
        ),
        "faces in the small picture",
    )
    sight.recovers()
    assert in_half.faces[0].position.point.z == pytest.approx(1.0, abs=0.03)
