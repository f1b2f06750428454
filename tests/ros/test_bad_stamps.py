"""Stamps that cannot be right cost the latency figures, and time that jumps back the identities; faces go on."""

import pytest
from perception_msgs.msg import Position3D

SECOND = 1_000_000_000


def ids(message):
    return {face.track_id for face in message.faces}


@pytest.mark.parametrize(
    ("restamp", "said"),
    [
        (lambda now_ns: 0, "the colour images are stamped 0: the camera's driver sets no stamps"),
        (lambda now_ns: now_ns + 3600 * SECOND, "the stamps of the images lie in the future"),
        (lambda now_ns: now_ns - 3600 * SECOND, "the stamps of the images lie more than 5 s in the past"),
        (lambda now_ns: now_ns - now_ns % (3600 * SECOND), "the stamps of the images lie more than 5 s in the past"),
        (lambda now_ns: now_ns % SECOND - 2 * SECOND, "the stamps of the images lie more than 5 s in the past"),
    ],
    ids=["zero", "future", "past", "standing still", "before 1970"],
)
def test_a_stamp_that_cannot_be_right_is_said_and_faces_go_on(sight, restamp, said):
    sight.camera.stamps.clear()
    sight.camera.restamp = restamp
    sight.faces.clear()
    sight.graph.spin_until(lambda: any(each.faces for each in sight.faces[10:]), "faces")
    sight.warns(said)
    sight.recovers()


def test_a_recording_that_is_looped_starts_everybody_anew_each_time_and_says_so_once(sight):
    """Two seconds of a recording, over and over; the first jump back is the one to its beginning."""
    before = sight.tells(lambda values: True, "diagnostics")
    seen = ids(sight.publishes(lambda message: message.faces, "faces"))
    begin_ns = sight.camera.stamps[-1] - 10 * SECOND
    sight.camera.restamp = lambda now_ns: begin_ns + now_ns % (2 * SECOND)
    for _ in range(2):
        anew = ids(sight.publishes(lambda message, seen=seen: message.faces and not ids(message) & seen, "new ids"))
        seen |= anew
    after = sight.tells(
        lambda values: int(values["time_jumps"]) >= int(before["time_jumps"]) + 2, "two more jumps counted"
    )
    assert after["state"] == "active"
    sight.recovers()
    assert sight.process.text().count("Time went back") == 1


def test_stamps_that_are_late_by_a_frame_start_nobody_anew(sight):
    """Two images that overtake each other on the way are no jump of time."""
    sight.camera.restamp = lambda now_ns: now_ns - (now_ns // 40_000_000 % 2) * 60_000_000
    seen = ids(sight.publishes(lambda message: message.faces, "faces"))
    before = len(sight.camera.stamps)
    sight.publishes(lambda message: message.faces and len(sight.camera.stamps) > before + 30, "thirty images")
    assert "Time went back" not in sight.new_lines()
    if "No frame for" not in sight.new_lines():  # a machine that stood still for a second
        assert all(ids(message) == seen for message in sight.faces)
    sight.recovers()
    sight.face_from(Position3D.DEPTH)


def test_a_stamp_beyond_ros_time_is_said_and_the_next_image_is_taken(sight):
    def beyond_time(image):
        image.header.stamp.sec, image.header.stamp.nanosec = 2**31 - 1, 2**32 - 1
        return image

    sight.camera.distort = beyond_time
    sight.says("a colour image cannot be used: its stamp")
    sight.recovers()
