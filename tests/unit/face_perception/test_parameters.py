from pathlib import Path

import pytest

from face_perception.parameters import FaceParameters
from perception_core.parameters import ParameterError, declarations, with_changes


def test_a_face_is_not_reported_for_longer_than_it_is_kept():
    with pytest.raises(ParameterError, match=r"bridge_s \(0\.5\) is above keep_lost_s \(0\.3\)"):
        FaceParameters(keep_lost_s=0.3, bridge_s=0.5)
    with pytest.raises(ParameterError, match=r"bridge_s .* keep_lost_s"):
        with_changes(FaceParameters(), {"bridge_s": 2.0})
    assert FaceParameters(keep_lost_s=0.5, bridge_s=0.5).bridge_s == 0.5


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mask_beyond": True}, "mask_beyond needs a max_distance above 0"),
        ({"expression_second": "face_expression"}, "is expression itself"),
        ({"expression": "", "expression_second": "face_expression"}, "has no first network beside it"),
        ({"identity_interval_s": 5.0}, r"identity_recheck_s \(3\.0\) is below identity_interval_s \(5\.0\)"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_reason(values, words):
    with pytest.raises(ParameterError, match=words):
        FaceParameters(**values)


def test_what_belongs_together_is_taken():
    assert FaceParameters(mask_beyond=True, max_distance=2.0).mask_beyond
    assert FaceParameters(expression_second="face_expression_densenet").expression == "face_expression"
    assert FaceParameters(identity_interval_s=5.0, identity_recheck_s=5.0).identity_recheck_s == 5.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", 0),
        ("detect_every", 0),
        ("landmarks", "some"),
        ("landmark_scheme", "wflw98"),
        ("landmark_presence", 1.0),
        ("refresh_faces", 65),
        ("follow_faces", 0),
        ("smoothing_beta", float("nan")),
        ("expression_rate_hz", 0.0),
        ("strangers_accepted", 0.0),
        ("max_distance", -1.0),
        ("max_faces", -1),
        ("prefer", "tallest"),
        ("enroll_views", 0),
    ],
)
def test_values_are_checked_without_ros_too(name, value):
    with pytest.raises(ParameterError, match=f"{name}: "):
        FaceParameters(**{name: value})


def test_the_gallery_lies_in_the_folder_of_what_is_learnt(monkeypatch, tmp_path):
    monkeypatch.setenv("PERCEPTION_DATA", str(tmp_path))
    assert FaceParameters().gallery_path == tmp_path / "gallery.sqlite"


def test_the_gallery_lies_where_the_user_says(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert FaceParameters(gallery="~/people.sqlite").gallery_path == Path("/home/ada/people.sqlite")


@pytest.mark.parametrize("value", ["~nosuchuser/g.sqlite", "people\0.sqlite"])
def test_what_can_be_no_file_is_refused_with_the_parameter_and_its_value(value):
    with pytest.raises(ParameterError) as refused:
        _ = FaceParameters(gallery=value).gallery_path
    assert str(refused.value).startswith(f"gallery: {value!r} ") and str(refused.value).isprintable()


def test_what_needs_no_other_network_may_be_changed_while_it_runs():
    live = {declaration.name for declaration in declarations(FaceParameters) if declaration.live}
    assert {"bridge_s", "max_distance", "max_faces", "smoothing_beta", "refresh_every", "attention_eyes_deg"} <= live
    assert not live & {"engine", "detector", "landmarks", "expression", "identity", "gallery", "keep_lost_s"}


@pytest.mark.parametrize("declaration", declarations(FaceParameters), ids=lambda declaration: declaration.name)
def test_every_parameter_is_described_in_a_sentence(declaration):
    assert declaration.description.endswith(".")


def test_with_less_effort_what_takes_long_is_done_less_often():
    assert FaceParameters().at_effort(0) == FaceParameters()
    less = FaceParameters().at_effort(2)
    assert (less.detect_every, less.refresh_every, less.expression_rate_hz) == (15, 9, pytest.approx(10 / 3))
    assert less.identity_interval_s == pytest.approx(1.02) and less.identity_recheck_s == 9.0


def test_the_least_is_never_out_of_range():
    assert FaceParameters(detect_every=300).at_effort(2).detect_every == 300
