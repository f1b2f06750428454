import argparse
import os
import signal

import pytest

from perception_cli import models, models_build
from perception_core.engines.engine import EngineError
from perception_core.engines.trt_module import find_tensorrt


@pytest.fixture
def cache(monkeypatch, tmp_path, weights):
    """A cache folder of the test's own that has two models."""
    found = [weights(name).parent for name in ("gesture_classifier", "gesture_embedder")]
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "models").symlink_to(found[0])
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def rtx():
    try:
        if find_tensorrt().is_rtx:
            return
    except EngineError as error:
        pytest.skip(str(error))
    pytest.skip("the TensorRT that is here builds with a GPU only")


def command(*words):
    """Runs `./perception models ...`; gives its exit code."""
    parser = argparse.ArgumentParser()
    models.add_arguments(parser.add_subparsers())
    args = parser.parse_args(["models", *words])
    return args.func(args)


def listed(capsys):
    capsys.readouterr()
    assert command("list") == 0
    return {row[0]: row[-1] for row in (line.split("\t") for line in capsys.readouterr().out.splitlines())}


def test_what_is_built_is_listed(rtx, cache, capsys):
    assert set(listed(capsys).values()) == {"-"}
    assert command("build", "gesture_classifier", "face_geometry", "--precision", "fp32") == 0
    told = capsys.readouterr().out
    assert "[1/1] building gesture_classifier for TensorRT for RTX" in told
    assert "face_geometry is no network" in told
    assert "1 of 1 plans are ready" in told
    plans = listed(capsys)
    assert plans.pop("gesture_classifier").startswith("fp32 for TensorRT for RTX")
    assert set(plans.values()) == {"-"}


def test_what_is_of_another_version_of_a_model_is_not_listed(rtx, cache, capsys):
    assert command("build", "gesture_classifier") == 0
    (plan,) = (cache / "plans").iterdir()
    content = plan.read_bytes()
    plan.write_bytes(content.replace(b'"model": "', b'"model": "other'))
    assert set(listed(capsys).values()) == {"-"}


def test_ctrl_c_ends_a_build_and_keeps_what_was_built_before(rtx, cache, capsys, monkeypatch):
    described = models_build.described

    def pressed(plan):  # asked once a plan is there
        os.kill(os.getpid(), signal.SIGINT)
        return described(plan)

    monkeypatch.setattr(models_build, "described", pressed)
    before = signal.getsignal(signal.SIGINT)
    assert command("build", "gesture_classifier", "gesture_embedder") == 130
    assert "what was built before is kept" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.undo()
    monkeypatch.setenv("PERCEPTION_CACHE", str(cache))
    plans = listed(capsys)
    assert plans["gesture_classifier"] != "-"
    assert plans["gesture_embedder"] == "-"


def test_one_that_cannot_be_built_is_said_and_the_others_are_built(rtx, cache, capsys, monkeypatch, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(
        "models:\n  mine: {task: t, description: d, licence: {spdx: own}, sources: [{file: mine.onnx}],"
        " conversion: onnx,"
        " decoder: class_scores, inputs: [{name: x, shape: [N, W], meaning: m}],"
        " outputs: [{name: y, shape: [N], meaning: m}]}\n"
    )
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(own))
    assert command("build", "mine", "gesture_classifier") == 1
    told = capsys.readouterr()
    assert "leaves W open" in told.err
    assert "1 of 2 plans are ready" in told.out


def test_a_model_that_is_not_here_is_said_with_what_fetches_it(rtx, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path))
    assert command("build", "yunet") == 1
    assert "models fetch yunet" in capsys.readouterr().err


def test_without_a_tensorrt_it_is_said_once_what_to_do(monkeypatch, capsys):
    def missing():
        raise EngineError("TensorRT is not installed.")

    monkeypatch.setattr(models_build, "find_tensorrt", missing)
    assert command("build") == 1
    assert capsys.readouterr().err == "TensorRT is not installed.\n"


def test_an_unknown_name_gets_the_nearest_one(capsys):
    assert command("build", "yunett") == 1
    assert "Did you mean yunet?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--precision", "auto"), ("--engine", "onnxruntime")])
def test_what_cannot_be_built_is_refused(words):
    with pytest.raises(SystemExit) as ended:
        command("build", *words)
    assert ended.value.code == 2
