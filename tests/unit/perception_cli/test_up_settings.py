from pathlib import Path

import pytest
import yaml

from perception_cli.commands import parser
from perception_cli.up_settings import SettingsError, UpSettings, settings_from
from perception_core.parameters import declarations

SHIPPED = Path(__file__).parents[3] / "config" / "up.yaml"


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "up.yaml"
        path.write_text(text)
        return path

    return write


def test_the_file_that_is_shipped_has_every_setting_with_its_default():
    assert settings_from(SHIPPED, {}) == UpSettings()
    assert list(yaml.safe_load(SHIPPED.read_text())) == [each.name for each in declarations(UpSettings)]


def test_an_option_goes_before_the_file(written):
    path = written("camera: replay\nsource: a.mp4\ngestures: false\n")
    settings = settings_from(path, {"source": "b.mp4", "composed": "false", "timeout_s": "5"})
    assert (settings.camera, settings.source, settings.gestures) == ("replay", "b.mp4", False)
    assert (settings.composed, settings.timeout_s) == (False, 5.0)


def test_numbers_mean_what_they_look_like(written):
    settings = settings_from(written("camera: replay\nsource: 0\ntimeout_s: 30\n"), {})
    assert (settings.source, settings.timeout_s) == ("0", 30.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("camra: none", "there is no setting 'camra'; did you mean camera?"),
        ("camera: relsense", "'relsense' is not one of none, realsense, replay"),
        ("composed: 1", "composed: 1 is not of type bool"),
        ("behaviours: greeter, folow_person", "no 'folow_person'; did you mean follow_person?"),
        ("- camera", "holds no settings"),
        ("camera: [", "is no YAML"),
        ("1: 2", "there is no setting 1"),
    ],
)
def test_a_mistake_is_named_with_the_file(written, text, told):
    with pytest.raises(SettingsError) as caught:
        settings_from(written(text), {})
    assert told in str(caught.value) and "up.yaml" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nothing\.yaml: No such file"):
        settings_from(tmp_path / "nothing.yaml", {})


def test_an_option_that_is_neither_true_nor_false_is_refused():
    with pytest.raises(SettingsError, match="composed: 'maybe' is neither true nor false"):
        settings_from(None, {"composed": "maybe"})


def test_an_empty_file_changes_nothing(written):
    assert settings_from(written("# nothing\n"), {}) == UpSettings()


def test_every_setting_is_an_option():
    options = parser(["up"]).parse_args(["up", "--camera", "replay", "--timeout-s", "5"])
    assert (options.camera, options.timeout_s, options.namespace) == ("replay", "5", None)
