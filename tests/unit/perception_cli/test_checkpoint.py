import argparse
import os

import numpy as np
import pytest

from face_perception.expression_labels import AFFECTNET8
from face_perception.expression_network import ExpressionNetwork
from perception_cli import models
from perception_core.engines.engine import open_engine
from perception_core.zoo.fetch import fetch_models
from perception_core.zoo.manifest import load_models
from perception_core.zoo.store import model_path


def command(*words):
    """Runs `./perception models ...`; gives its exit code."""
    parser = argparse.ArgumentParser()
    models.add_arguments(parser.add_subparsers())
    args = parser.parse_args(["models", *map(str, words)])
    return args.func(args)


def thin_resnet18(classes):
    """Weights with a sixteenth of the channels."""
    rng, weights = np.random.default_rng(0), {}

    def layer(convolution, normalisation, *shape):
        weights[f"{convolution}.weight"] = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        for part in ("weight", "bias", "running_mean", "running_var"):
            weights[f"{normalisation}.{part}"] = rng.uniform(0.5, 1.5, shape[0])

    layer("conv1", "bn1", 4, 3, 7, 7)
    channels = 4
    for number, width in enumerate((4, 8, 16, 32), start=1):
        for index in range(2):
            block, into = f"layer{number}.{index}", channels if index == 0 else width
            layer(f"{block}.conv1", f"{block}.bn1", width, into, 3, 3)
            layer(f"{block}.conv2", f"{block}.bn2", width, width, 3, 3)
            if into != width:
                layer(f"{block}.downsample.0", f"{block}.downsample.1", width, into, 1, 1)
        channels = width
    weights |= {"fc.weight": rng.normal(0, 0.1, (classes, channels)), "fc.bias": rng.normal(0, 0.1, classes)}
    return {name: value.astype("<f4") for name, value in weights.items()}


@pytest.fixture
def checkpoint(tmp_path, torch_save):
    def write(classes=8):
        path = tmp_path / "best.pth"
        state = {f"module.{name}": value for name, value in thin_resnet18(classes).items()}
        path.write_bytes(torch_save({"state_dict": state, "epoch": 12}))
        return path

    return write


def test_what_is_printed_makes_the_network_usable(checkpoint, tmp_path, capsys, monkeypatch):
    output = tmp_path / "my faces.onnx"
    assert command("convert", "resnet18", checkpoint(), output, "--classes", 8) == 0
    own = tmp_path / "models.yaml"
    own.write_text(capsys.readouterr().out)
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(own))
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    spec = load_models()["my_faces"]
    fetch_models([spec], lambda _: None)
    network = ExpressionNetwork(open_engine(model_path("my_faces")), spec)
    assert network.label_set is AFFECTNET8
    assert network.size == 224
    scores = network([np.full((224, 224, 3), grey, np.uint8) for grey in (0, 128, 255)])
    assert scores.shape == (3, 8)
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert np.ptp(scores, axis=0).max() > 1e-3


def test_labels_that_are_not_known_are_left_to_the_user(checkpoint, tmp_path, capsys):
    assert command("convert", "resnet18", checkpoint(3), tmp_path / "out.onnx") == 0
    assert "labels: [class_0, class_1, class_2]  # put in their names" in capsys.readouterr().out


def test_another_number_of_classes_is_refused_and_nothing_written(checkpoint, tmp_path, capsys):
    output = tmp_path / "out.onnx"
    assert command("convert", "resnet18", checkpoint(7), output, "--classes", 8) == 1
    assert "best.pth cannot be converted: its last layer tells apart 7 classes, not 8" in capsys.readouterr().err
    assert not output.exists()


def test_another_network_is_refused_by_name(checkpoint, tmp_path, capsys):
    assert command("convert", "resnet50", checkpoint(), tmp_path / "out.onnx") == 1
    assert "layer1.0.conv1.weight is 4x4x3x3, in a resnet50" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["missing", "folder", "text"])
def test_a_checkpoint_that_cannot_be_read_is_named(tmp_path, capsys, kind):
    path = tmp_path / "weights.pth"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("no weights")
    assert command("convert", "resnet18", path, tmp_path / "out.onnx") == 1
    assert "weights.pth cannot be" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_named_and_leaves_nothing(checkpoint, tmp_path, capsys):
    assert command("convert", "resnet18", checkpoint(), tmp_path / "missing" / "out.onnx") == 1
    assert "out.onnx cannot be written: No such file or directory" in capsys.readouterr().err
    folder = tmp_path / "folder.onnx"
    folder.mkdir()
    assert command("convert", "resnet18", checkpoint(), folder) == 1
    assert "folder.onnx cannot be written" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.pth", "folder.onnx"]


def test_a_kind_that_is_not_known_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command("convert", "resnet101", tmp_path / "a.pth", tmp_path / "b.onnx")
    assert "resnet18" in capsys.readouterr().err


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_weights_that_are_no_file_are_refused_and_not_waited_for(tmp_path, capsys, kind):
    os.mkfifo(tmp_path / "weights.pth")
    path = tmp_path / "weights.pth" if kind == "pipe" else "/dev/zero"
    assert command("convert", "resnet18", path, tmp_path / "out.onnx") == 1
    assert "cannot be read: it is a pipe or a device and no file" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["same", "link", "while it is written"])
def test_the_weights_are_not_written_over(checkpoint, tmp_path, capsys, way):
    weights, output = checkpoint(), tmp_path / "out.onnx"
    if way == "same":
        output = weights
    elif way == "link":
        output.symlink_to(weights)
    else:
        weights = weights.rename(tmp_path / "out.onnx.partial")
    before = weights.read_bytes()
    assert command("convert", "resnet18", weights, output) == 1
    assert "would be written over the weights: name another file" in capsys.readouterr().err
    assert weights.read_bytes() == before


def test_an_output_that_is_a_pipe_is_left_alone(checkpoint, tmp_path, capsys):
    pipe = tmp_path / "out.onnx"
    os.mkfifo(pipe)
    assert command("convert", "resnet18", checkpoint(), pipe) == 1
    assert "out.onnx cannot be written: it is there and is no file" in capsys.readouterr().err
    assert pipe.is_fifo()
