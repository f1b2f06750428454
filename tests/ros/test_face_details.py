"""All that a robot learns of a face, from a real node that sees real pictures in the virtual room."""

import re

import numpy as np
import pytest
from perception_msgs.msg import Expression, Face, Identity
from rclpy.qos import QoSProfile
from visualization_msgs.msg import MarkerArray

from .whole_face import assert_consistent, is_whole, rotation_of, xyz


def all_whole(messages, count=2):
    return next((each for each in messages if len(each.faces) == count and all(map(is_whole, each.faces))), None)


def of_liveness(message, liveness):
    (face,) = [face for face in message.faces if face.liveness == liveness]
    return face


@pytest.fixture
def whole(sight):
    """A message in which everything is known of a head and of a photograph."""
    return sight.graph.spin_until(lambda: all_whole(sight.faces), "all that can be known of two faces")


def test_every_field_of_a_face_is_filled_and_fits_the_others(whole):
    for face in whole.faces:
        assert_consistent(face)


def test_a_head_is_real_and_a_photograph_is_flat(whole, one_metre):
    _, truth = one_metre
    by_column = sorted(whole.faces, key=lambda face: face.box[0])
    assert [face.liveness for face in by_column] == [Face.LIVENESS_REAL, Face.LIVENESS_FLAT]
    assert len(truth.faces) == 2


def test_who_smiles_into_the_camera_is_said_to(sight, whole):
    def smiling():
        shown = (each for message in sight.faces for each in message.faces if each.liveness == Face.LIVENESS_FLAT)
        return next((face for face in shown if face.expression.state == Expression.STABLE), None)

    astronaut = sight.graph.spin_until(smiling, "a photograph's expression")
    assert astronaut.expression.label == "happy"
    assert astronaut.expression.valence > 0.4
    assert astronaut.attention == Face.ATTENTION_CAMERA
    assert astronaut.eye_closed_right < 0.5 and astronaut.eye_closed_left < 0.5


def test_strangers_are_unknown_and_have_ids_of_their_own(sight):
    def strangers():
        identities = [face.identity for face in sight.faces[-1].faces] if sight.faces else []
        return identities if len(identities) == 2 and all(each.person_id for each in identities) else None

    identities = sight.graph.spin_until(strangers, "two strangers")
    assert {each.state for each in identities} == {Identity.UNKNOWN}
    assert len({each.person_id for each in identities}) == 2 and {each.name for each in identities} == {""}


def test_heads_are_frames_of_tf_at_their_sellions(sight):
    tf2_msgs = pytest.importorskip("tf2_msgs.msg", reason="tf2_msgs is not installed")
    transforms = sight.graph.collect(tf2_msgs.TFMessage, "/tf", QoSProfile(depth=100))
    found = sight.graph.spin_until(
        lambda: next((each.transforms for each in transforms if each.transforms), None), "TF"
    )
    stamp = found[0].header.stamp
    message = sight.graph.spin_until(
        lambda: next((each for each in sight.faces if each.header.stamp == stamp), None), "the faces of that image"
    )
    faces = {f"face_{face.track_id}": face for face in message.faces if face.head_pose_known}
    assert {each.child_frame_id for each in found} == set(faces)
    for each in found:
        face = faces[each.child_frame_id]
        assert each.header.frame_id == message.header.frame_id
        assert np.array_equal(xyz(each.transform.translation), xyz(face.head_pose.position))
        assert each.transform.rotation == face.head_pose.orientation
        assert rotation_of(each.transform.rotation)[2, 0] < -0.7  # out of the face, towards the camera


def test_markers_show_axes_gazes_and_who_it_is(sight):
    markers = sight.graph.collect(MarkerArray, "face_perception/markers")
    kinds = {"faces", "face_texts", "face_axes", "face_gazes"}
    made = sight.graph.spin_until(
        lambda: next((each for each in markers if {one.ns for one in each.markers} == kinds), None), "all markers"
    )
    texts = [marker.text for marker in made.markers if marker.ns == "face_texts"]
    assert len(texts) == 2 and all(re.fullmatch(r"(stranger-\d+|unknown|\d+): 1\.\d\d m", text) for text in texts), (
        texts
    )


def test_diagnostics_tell_of_gallery_threshold_and_networks(sight):
    told = sight.tells(lambda values: "people" in values, "the gallery")
    assert told["people"] == "0" and told["gallery"].endswith("gallery.sqlite")
    assert float(told["identity_threshold"]) == pytest.approx(0.25, abs=0.02)
    assert told["enrolment"] == "idle"
    for purpose in ("detector", "landmarks", "light_landmarks", "blendshapes", "expression", "identity"):
        assert told[purpose] and len(told[f"{purpose}_sha256"]) == 64
