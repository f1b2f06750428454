from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from perception_core.engines import networks as networks_module
from perception_core.engines.engine import CancelledError, EngineError, Precision, Progress
from perception_core.engines.networks import Networks
from perception_core.zoo.errors import ZooError
from perception_core.zoo.files import sha256_of


def test_what_is_opened_is_named_with_its_hash_and_closed_with_the_rest(weights):
    path = weights("face_expression")
    with ExitStack() as opened:
        networks = Networks("onnxruntime", 1, opened)
        engine, spec = networks.described("expression", "face_expression")
        assert networks.engines == {"expression": engine}
        assert networks.models == {"expression": "face_expression", "expression_sha256": sha256_of(path)}
        assert [label for label in spec.labels if label == "happy"]
    with pytest.raises(EngineError, match="closed"):
        engine.run({})


def test_a_model_that_nobody_knows_is_refused():
    with ExitStack() as opened, pytest.raises(ZooError, match="no_such_model"):
        Networks("auto", 1, opened).described("expression", "no_such_model")


def test_who_follows_the_loading_is_told_which_network_of_how_many(weights, monkeypatch):
    weights("gesture_embedder"), weights("gesture_classifier")
    asked = []

    def open_engine(path, kind, options, progress):
        asked.append(options.precision)
        progress.report(f"building {path.stem}")
        return SimpleNamespace(close=lambda: None)

    monkeypatch.setattr(networks_module, "open_engine", open_engine)
    lines = []
    with ExitStack() as opened:
        networks = Networks("auto", 1, opened, precision="fp16", progress=Progress(report=lines.append), total=2)
        networks.engine("embedder", "gesture_embedder")
        networks.engine("classifier", "gesture_classifier")
    assert lines == ["building gesture_embedder (1 of 2)", "building gesture_classifier (2 of 2)"]
    assert asked == [Precision.FP16] * 2


def test_nothing_more_is_loaded_once_it_is_not_wanted(weights):
    with ExitStack() as opened, pytest.raises(CancelledError, match="before face_expression"):
        Networks("auto", 1, opened, progress=Progress(cancelled=lambda: True)).engine("expression", "face_expression")
