import pytest
from hypothesis import given
from hypothesis import strategies as st

from face_perception.identity_threshold import (
    UNMEASURED,
    ThresholdTableError,
    identity_threshold,
    table_of,
)
from perception_core.zoo.manifest import load_models

FACE_IDENTITY = table_of(load_models()["face_identity"])
MOBILEFACENET = table_of(load_models()["mobilefacenet"])
SHARES = st.floats(1e-6, 1.0)


@pytest.mark.parametrize(("people", "cosine"), [(5, 0.31), (20, 0.36), (50, 0.39), (200, 0.43)])
def test_what_was_measured_is_given(people, cosine):
    found = identity_threshold(people, 0.01, FACE_IDENTITY)
    assert found.cosine == pytest.approx(cosine)
    assert not found.extrapolated


# Measured on Labeled Faces in the Wild with one picture each.
@pytest.mark.parametrize(
    ("people", "share", "measured"),
    [
        (5, 0.05, 0.243),
        (20, 0.05, 0.297),
        (200, 0.05, 0.383),
        (5, 0.001, 0.388),
        (20, 0.001, 0.432),
        (1000, 0.01, 0.475),
    ],
)
def test_other_shares_and_more_people_are_close_to_what_was_measured(people, share, measured):
    assert identity_threshold(people, share, FACE_IDENTITY).cosine == pytest.approx(measured, abs=0.012)


@pytest.mark.parametrize(("people", "measured"), [(5, 0.317), (20, 0.368), (50, 0.401), (200, 0.441)])
def test_with_three_views_of_everybody_it_is_as_high_as_was_measured(people, measured):
    found = identity_threshold(people, 0.01, FACE_IDENTITY, views=3).cosine
    assert measured <= found == pytest.approx(measured, abs=0.015)


@pytest.mark.parametrize(("people", "share"), [(201, 0.01), (10_000, 0.01), (30, 0.001)])
def test_beyond_what_was_measured_it_says_so(people, share):
    assert identity_threshold(people, share, FACE_IDENTITY).extrapolated


def test_an_empty_gallery_has_the_threshold_of_one_person():
    assert identity_threshold(0, 0.01, FACE_IDENTITY) == identity_threshold(1, 0.01, FACE_IDENTITY)


@given(st.integers(0, 10**7), st.integers(0, 10**7), SHARES)
def test_more_people_never_lower_it(some, more, share):
    some, more = sorted((some, more))
    few, many = (identity_threshold(people, share, FACE_IDENTITY) for people in (some, more))
    assert few.cosine <= many.cosine + 1e-12
    assert 0.2 < few.cosine <= 1.0
    assert few.extrapolated <= many.extrapolated


@given(st.integers(1, 10**6), SHARES, SHARES)
def test_fewer_strangers_never_lower_it(people, one, other):
    strict, lax = sorted((one, other))
    table = FACE_IDENTITY
    assert identity_threshold(people, strict, table).cosine >= identity_threshold(people, lax, table).cosine - 1e-12


def test_ours_were_measured_and_differ():
    assert FACE_IDENTITY[1] < MOBILEFACENET[1]


OWN = """
models:
  face_identity:
    task: face identity
    description: In the place of ours.
    licence: {spdx: LicenseRef-own}
    sources: [{file: own.onnx}]
    conversion: none
    decoder: embedding
    inputs: [{name: image, shape: [N, 3, 160, 160], image: {layout: NCHW, colour: RGB, crop: the face}}]
    outputs: [{name: embedding, shape: [N, 128], meaning: compared by cosine}]
"""


@pytest.mark.parametrize(
    ("stated", "table"), [("", UNMEASURED), ("    thresholds: {10: 0.5, 1: 0.4}\n", {1: 0.4, 10: 0.5})]
)
def test_an_embedder_in_the_place_of_ours_does_not_inherit_our_thresholds(tmp_path, monkeypatch, stated, table):
    (tmp_path / "models.yaml").write_text(OWN + stated)
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(tmp_path / "models.yaml"))
    assert table_of(load_models()["face_identity"]) == table


def test_an_embedder_that_was_not_measured_is_judged_cautiously():
    assert all(UNMEASURED[people] > max(FACE_IDENTITY[people], MOBILEFACENET[people]) for people in UNMEASURED)


@pytest.mark.parametrize("table", [{}, {5: 0.3}, {5: 0.4, 20: 0.3}, {0: 0.1, 5: 0.3}, {5: 0.4, 20: 1.4}])
def test_a_table_that_cannot_be_is_refused(table):
    with pytest.raises(ThresholdTableError, match="rise with the number"):
        identity_threshold(5, 0.01, table)
