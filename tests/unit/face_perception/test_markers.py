import math
from dataclasses import replace

import pytest
from visualization_msgs.msg import Marker

from face_perception.gaze import Gaze
from face_perception.identity import Identity, IdentityState
from face_perception.markers import markers
from perception_core.depth import PositionSource
from perception_ros.space_messages import header

from .whole_faces import FRAME, SELLION, plain_face, turned, whole_face


def shown(*faces):
    return {(marker.ns, marker.id): marker for marker in markers(header(FRAME), faces).markers}


def xyz(point):
    return point.x, point.y, point.z


def test_who_has_a_position_is_shown():
    known, unknown = plain_face(track_id=1), plain_face(PositionSource.NONE, track_id=2)
    made = shown(known, unknown)
    assert set(made) == {("faces", 1), ("face_texts", 1)}
    assert xyz(made["faces", 1].pose.position) == SELLION
    assert made["face_texts", 1].text == f"1: {math.hypot(*SELLION):.2f} m"


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (Identity(IdentityState.CONFIRMED, "a", "Ada", 0.7), "Ada"),
        (Identity(IdentityState.TENTATIVE, "a", "Ada", 0.4), "Ada?"),
        (Identity(IdentityState.UNKNOWN, "stranger-2", "", 0.1), "stranger-2"),
    ],
)
def test_a_name_is_written_instead_of_the_id(identity, words):
    text = shown(replace(plain_face(track_id=1), identity=identity))["face_texts", 1].text
    assert text == f"{words}: {math.hypot(*SELLION):.2f} m"


def test_the_axes_of_a_head_show_where_it_points():
    axes = shown(whole_face(pose=turned()))["face_axes", 3]
    assert axes.type == Marker.LINE_LIST and len(axes.points) == len(axes.colors) == 6
    start, forward, _, left, _, up = map(xyz, axes.points)
    assert start == SELLION
    x, y, z = SELLION
    # A head that faces the camera: ahead is nearer, its own left is at the right of the image, up is up.
    assert forward == pytest.approx((x, y, z - math.dist(start, forward)))
    assert left == pytest.approx((x + math.dist(start, left), y, z))
    assert up == pytest.approx((x, y - math.dist(start, up), z))
    assert math.dist(start, forward) == pytest.approx(0.15)
    assert len({(each.r, each.g, each.b) for each in axes.colors}) == 3


def test_an_arrow_points_where_somebody_looks():
    face = replace(plain_face(track_id=1), gaze=Gaze((0.6, 0.0, -0.8), True))
    arrow = shown(face)["face_gazes", 1]
    start, end = map(xyz, arrow.points)
    assert start == SELLION
    assert [(b - a) / math.dist(start, end) for a, b in zip(start, end, strict=True)] == pytest.approx([0.6, 0.0, -0.8])


def test_a_head_that_is_nowhere_is_not_shown():
    assert shown(whole_face(source=PositionSource.NONE)) == {}


def test_everything_vanishes_by_itself_within_a_second():
    for marker in markers(header(FRAME), [whole_face()]).markers:
        assert marker.action == Marker.ADD
        assert 0 < marker.lifetime.sec + marker.lifetime.nanosec / 1e9 < 1
        assert marker.header.frame_id == "camera" and marker.header.stamp.nanosec == 7
