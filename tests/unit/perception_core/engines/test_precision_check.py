import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.engines.build_options import build_options
from perception_core.engines.precision_check import deviation, expected_outputs, sample_inputs
from perception_core.zoo.manifest import load_models

NETWORKS = [spec for spec in load_models().values() if spec.inputs]


@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_samples_have_the_usual_shape_and_the_range_that_the_list_names(spec):
    options = build_options(spec)
    samples, again = sample_inputs(options), sample_inputs(options)
    for value in spec.inputs:
        sample = samples[value.name]
        assert (sample.shape, sample.dtype) == (options.shapes[value.name].usual, np.float32)
        assert np.array_equal(sample, again[value.name])
        low, high = value.sample
        if value.image is not None:
            low = (0 - max(value.image.subtract)) / min(value.image.divide)
            high = (255 - min(value.image.subtract)) / min(value.image.divide)
        assert low <= sample.min() < sample.max() <= high


def test_what_is_expected_is_what_onnx_runtime_computes(weights):
    options = build_options(load_models()["gesture_classifier"])
    outputs = expected_outputs(weights("gesture_classifier"), sample_inputs(options))
    assert outputs["scores"].sum(axis=1) == pytest.approx(np.ones(10), abs=1e-5)


@given(st.floats(1, 1e6), st.floats(-1, 1))
def test_the_difference_counts_in_the_largest_value(scale, share):
    expected = np.array([scale, -scale / 2, 0.0])
    found = expected + np.array([0.0, 0.0, share * scale])
    assert deviation({"y": found}, {"y": expected}) == pytest.approx(abs(share))


def test_of_small_numbers_the_difference_itself_counts():
    assert deviation({"y": np.array([1e-6])}, {"y": np.array([2e-6])}) == pytest.approx(1e-6)


def test_the_worst_output_counts():
    expected = {"a": np.ones(3), "b": np.ones(3)}
    assert deviation({"a": np.ones(3), "b": np.array([1, 1, 0.5])}, expected) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "found",
    [{}, {"y": np.ones(2)}, {"z": np.ones(3)}, {"y": np.array([1, 1, np.nan])}, {"y": np.array([1, 1, np.inf])}],
    ids=["nothing", "other shape", "other name", "not a number", "overflow"],
)
def test_what_cannot_be_compared_is_infinitely_far(found):
    assert deviation(found, {"y": np.ones(3)}) == np.inf


def test_outputs_without_numbers_are_alike():
    assert deviation({"y": np.empty((0, 3))}, {"y": np.empty((0, 3))}) == 0
