"""The gesture node as a robot meets it: started, configured, activated, fed, and looked at from outside."""

import math
from dataclasses import replace

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from perception_msgs.msg import GestureEvent, Hand, HandArray, Position3D
from rclpy.time import Time
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray

from perception_core.image_messages import decode_colour
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import hands
from perception_ros.lifecycle_client import LifecycleError

from .camera import Camera
from .faces import PATIENCE_S, activate

NODE = "gesture_perception"


@pytest.fixture(scope="session")
def raised_hands(pictures):
    """Frames of the virtual scene in which hands are held up one metre away, and where they really are."""
    source = SceneSource(hands(1.0))
    shown = [k for k in range(source.scene.frames) if any(hand.visible_share == 1 for hand in source.truth(k).hands)]
    middle = shown[len(shown) // 4]
    return source.frame(middle), source.truth(middle)


@pytest.fixture
def hand_camera(graph, raised_hands):
    return Camera(graph, raised_hands[0])


@pytest.fixture
def gesture_node(graph, tmp_path):
    return graph.start("gesture_perception.node", "--ros-args", "-p", f"gestures:={tmp_path / 'gestures.sqlite'}")


def visible(truth):
    return [hand for hand in truth.hands if hand.visible_share == 1]


def place_of(hand):
    return np.array([hand.position.point.x, hand.position.point.y, hand.position.point.z])


def measured(messages):
    """The first message whose hands all have their place from depth."""
    whole = (each for each in messages if each.hands and all(_is_measured(hand) for hand in each.hands))
    return next(whole, None)


def _is_measured(hand):
    return hand.position.source == Position3D.DEPTH


def test_a_hand_is_published_in_metres_where_it_really_is(graph, gesture_node, hand_camera, raised_hands):
    published = graph.collect(HandArray, "hands")
    activate(graph, NODE)
    (there,) = visible(raised_hands[1])  # he who holds it up has another one, before his body
    where = np.array(there.wrist)

    def near():
        hands = published[-1].hands if len(published) > 5 else []
        return next((hand for hand in hands if np.linalg.norm(place_of(hand) - where) < 0.03), None)

    hand = graph.spin_until(near, "the hand in its place")
    assert hand.position.source == Position3D.DEPTH
    assert hand.gesture.label == there.gesture
    assert hand.side in (Hand.LEFT, Hand.RIGHT) and 0.5 <= hand.side_score <= 1
    points = np.reshape(hand.landmarks, (21, 3))
    assert (hand.landmark_scheme, points.shape) == ("HAND21", (21, 3))
    assert np.reshape(hand.landmarks_metric, (21, 3))[0] == pytest.approx(place_of(hand), abs=0.03)
    assert np.abs(np.reshape(hand.landmarks_hand, (21, 3))).max() < 0.2


def test_a_message_bears_the_stamp_the_frame_and_the_size_of_its_image(graph, gesture_node, hand_camera):
    published = graph.collect(HandArray, "hands")
    activate(graph, NODE)
    graph.spin_until(lambda: len(published) >= 5, "five messages")
    stamps = [Time.from_msg(message.header.stamp).nanoseconds for message in published]
    assert set(stamps) <= set(hand_camera.stamps)
    assert stamps == sorted(stamps)
    assert {(each.header.frame_id, each.image_width, each.image_height) for each in published} == {
        ("camera_color_optical_frame", 640, 480)
    }


def test_a_gesture_begins_goes_on_and_ends_with_the_camera(graph, gesture_node, hand_camera):
    events = graph.collect(GestureEvent, "gesture_events", 100)
    client = activate(graph, NODE)
    graph.spin_until(lambda: any(event.event == GestureEvent.HELD for event in events), "a gesture that is held")
    client.transition("deactivate", PATIENCE_S)
    begun = {event.event_id for event in events if event.event == GestureEvent.STARTED}
    graph.spin_until(
        lambda: begun <= {event.event_id for event in events if event.event == GestureEvent.ENDED}, "their ends"
    )
    for event in events:
        assert event.gesture.label not in ("", "None") and event.hand_track_id > 0
        assert not event.author_known and math.isnan(event.author.similarity)
    held = [event.duration.sec + event.duration.nanosec / 1e9 for event in events if event.event == GestureEvent.HELD]
    assert min(held) > 0.2


def test_without_depth_the_distance_is_estimated_and_said_to_be(graph, gesture_node, hand_camera):
    hand_camera.with_depth = False
    published = graph.collect(HandArray, "hands")
    activate(graph, NODE)

    def estimated():
        hands = [hand for message in published for hand in message.hands]
        return next((hand for hand in hands if hand.position.source == Position3D.SIZE_PRIOR), None)

    hand = graph.spin_until(estimated, "an estimate")
    assert abs(hand.position.point.z - 1.0) < 3 * hand.position.sigma
    assert len(hand.landmarks_metric) == 0 and not hand.pointing
    assert hand.pointing_target.source == Position3D.NONE


def test_markers_and_the_annotated_picture_are_made_for_who_asks(graph, gesture_node, hand_camera):
    published = graph.collect(HandArray, "hands")
    activate(graph, NODE)
    graph.spin_until(lambda: measured(published), "a hand")
    markers = graph.collect(MarkerArray, f"{NODE}/markers")
    pictures = graph.collect(Image, f"{NODE}/image_annotated")
    graph.spin_until(lambda: any(each.markers for each in markers) and pictures, "markers and a picture")
    drawn = decode_colour(pictures[-1]).astype(int)
    assert np.abs(drawn - hand_camera.frame.colour).max() > 50


def test_diagnostics_name_the_models_and_what_was_taught(graph, gesture_node, hand_camera, tmp_path):
    diagnostics = graph.collect(DiagnosticArray, "/diagnostics")
    activate(graph, NODE)

    def active():
        for status in (each for array in diagnostics for each in array.status):
            values = {item.key: item.value for item in status.values}
            if status.name == f"/{NODE}" and "frames" in values:
                return values
        return None

    values = graph.spin_until(active, "diagnostics")
    assert (values["palms"], values["hands"], values["classifier"]) == (
        "palm_detection",
        "hand_landmarks",
        "gesture_classifier",
    )
    assert (values["taught"], values["taught_file"]) == ("0", str(tmp_path / "gestures.sqlite"))


def test_nothing_is_looked_at_before_activation_and_the_lifecycle_can_be_repeated(graph, gesture_node, hand_camera):
    published = graph.collect(HandArray, "hands")
    client = graph.lifecycle(NODE)
    for _ in range(2):
        client.transition("configure", PATIENCE_S)
        assert hand_camera.colour.get_subscription_count() == 0
        published.clear()
        client.transition("activate", PATIENCE_S)
        graph.spin_until(lambda: any(each.hands for each in published), "a hand")
        client.transition("deactivate", PATIENCE_S)
        client.transition("cleanup", PATIENCE_S)
        graph.spin_until(lambda: hand_camera.colour.get_subscription_count() == 0, "the end of the subscription")


def test_a_file_of_gestures_that_is_none_is_refused_with_the_reason(graph, tmp_path):
    broken = tmp_path / "gestures.sqlite"
    broken.write_bytes(b"no database at all" * 100)
    node = graph.start("gesture_perception.node", "--ros-args", "-p", f"gestures:={broken}")
    client = graph.lifecycle(NODE)
    with pytest.raises(LifecycleError):
        client.transition("configure", PATIENCE_S)
    graph.spin_until(lambda: "cannot configure" in node.text() and str(broken) in node.text(), "the reason")
    assert broken.read_bytes() == b"no database at all" * 100 or not broken.exists()


def test_pictures_without_hands_are_answered_too(graph, gesture_node, raised_hands):
    frame = raised_hands[0]
    Camera(graph, replace(frame, colour=np.zeros_like(frame.colour)))
    published = graph.collect(HandArray, "hands")
    activate(graph, NODE)
    graph.spin_until(lambda: len(published) > 5, "messages")
    assert all(len(each.hands) == 0 for each in published)
