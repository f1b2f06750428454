from dataclasses import replace
from pathlib import Path

import pytest

from gesture_perception.parameters import GestureParameters
from perception_core.parameters import ParameterError, declarations, with_changes


def test_a_hand_is_not_reported_for_longer_than_it_is_kept():
    with pytest.raises(ParameterError, match=r"bridge_s \(0\.5\) is above keep_lost_s \(0\.3\)"):
        GestureParameters(keep_lost_s=0.3, bridge_s=0.5)
    with pytest.raises(ParameterError, match=r"bridge_s .* keep_lost_s"):
        with_changes(GestureParameters(), {"bridge_s": 2.0})
    assert GestureParameters(keep_lost_s=0.5, bridge_s=0.5).bridge_s == 0.5


def test_the_networks_of_a_pose_are_named_both_or_none():
    with pytest.raises(ParameterError, match=r"gesture_classifier \(own\) needs gesture_embedder.*leave both empty"):
        GestureParameters(gesture_embedder="", gesture_classifier="own")
    with pytest.raises(
        ParameterError, match=r"gesture_embedder \(gesture_embedder\) needs gesture_classifier.*leave both empty"
    ):
        GestureParameters(gesture_classifier="")
    assert not GestureParameters(gesture_embedder="", gesture_classifier="").gesture_classifier


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", 0),
        ("max_hands", 0),
        ("max_hands", 33),
        ("detect_every", 0),
        ("palm_score", 1.0),
        ("hand_presence", float("nan")),
        ("max_distance", -1.0),
        ("teach_views", 0),
        ("teach_timeout_s", 0.0),
        ("transport", "pigeon"),
        ("gestures", 5),
    ],
)
def test_values_are_checked_without_ros_too(name, value):
    with pytest.raises(ParameterError, match=f"{name}: "):
        GestureParameters(**{name: value})


def test_the_gestures_lie_in_the_folder_of_what_is_learnt(monkeypatch, tmp_path):
    monkeypatch.setenv("PERCEPTION_DATA", str(tmp_path))
    assert GestureParameters().gestures_path == tmp_path / "gestures.sqlite"


def test_the_gestures_lie_where_the_user_says(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert GestureParameters(gestures="~/signs.sqlite").gestures_path == Path("/home/ada/signs.sqlite")


@pytest.mark.parametrize("value", ["~nosuchuser/g.sqlite", "signs\0.sqlite", "~\0"])
def test_what_can_be_no_file_is_refused_with_the_parameter_and_its_value(value):
    with pytest.raises(ParameterError) as refused:
        _ = GestureParameters(gestures=value).gestures_path
    assert str(refused.value).startswith(f"gestures: {value!r} ") and str(refused.value).isprintable()


def test_what_needs_no_other_network_may_be_changed_while_it_runs():
    live = {declaration.name for declaration in declarations(GestureParameters) if declaration.live}
    assert {"bridge_s", "max_distance", "max_hands", "smoothing_beta", "teach_views", "motions"} <= live
    assert not live & {"engine", "palm_model", "hand_model", "gesture_embedder", "gesture_classifier", "gestures"}


@pytest.mark.parametrize("declaration", declarations(GestureParameters), ids=lambda declaration: declaration.name)
def test_every_parameter_is_described_in_a_sentence(declaration):
    assert declaration.description.endswith(".")


def test_with_less_effort_what_takes_long_is_done_less_often():
    assert GestureParameters().at_effort(0) == GestureParameters()
    less = GestureParameters().at_effort(2)
    assert less == replace(GestureParameters(), detect_every=15)


def test_the_least_is_never_out_of_range():
    assert GestureParameters(detect_every=300).at_effort(2).detect_every == 300
