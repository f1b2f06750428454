from pathlib import Path

import pytest

from perception_core import paths
from perception_core.paths import ShareError, cache_dir, data_dir, models_dir, pictures_dir, share_file


def test_the_cache_lies_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("PERCEPTION_CACHE", str(tmp_path / "here"))
    assert cache_dir() == tmp_path / "here"
    assert models_dir() == tmp_path / "here" / "models"
    assert pictures_dir() == tmp_path / "here" / "pictures"


def test_without_a_word_from_the_user_the_cache_follows_the_xdg_convention(monkeypatch, tmp_path):
    monkeypatch.delenv("PERCEPTION_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "perception-suite"


def test_what_is_learnt_lies_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("PERCEPTION_DATA", str(tmp_path / "here"))
    assert data_dir() == tmp_path / "here"


@pytest.mark.parametrize(
    ("xdg", "expected"), [("{tmp}/data", "data"), ("", "home/.local/share"), ("x", "home/.local/share")]
)
def test_without_a_word_from_the_user_what_is_learnt_follows_the_xdg_convention(monkeypatch, tmp_path, xdg, expected):
    monkeypatch.delenv("PERCEPTION_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", xdg.format(tmp=tmp_path))
    assert data_dir() == tmp_path / expected / "perception-suite"


@pytest.mark.parametrize("ignored", ["", "relative/folder"])
def test_an_xdg_path_that_is_not_absolute_is_ignored(monkeypatch, tmp_path, ignored):
    monkeypatch.delenv("PERCEPTION_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", ignored)
    assert cache_dir() == tmp_path / ".cache" / "perception-suite"


def test_the_list_of_models_is_found_in_the_repository():
    found = share_file("models/models.yaml")
    assert found.is_file()
    assert (found.parents[1] / "src" / "perception_core").is_dir()


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """The package as `colcon build` installs it: no repository around it."""
    module = tmp_path / "lib" / "perception_core" / "paths.py"
    monkeypatch.setattr(paths, "__file__", str(module))
    prefix = tmp_path / "install"
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"{tmp_path / 'other'}:{prefix}")
    return prefix


def test_an_installed_package_finds_its_files_under_the_ament_prefixes(installed):
    yaml = installed / "share" / "perception_core" / "models" / "models.yaml"
    yaml.parent.mkdir(parents=True)
    yaml.write_text("models: {}")
    assert share_file("models/models.yaml") == yaml


def test_a_file_that_is_in_neither_place_names_both(installed):
    with pytest.raises(ShareError) as caught:
        share_file("models/models.yaml")
    text = str(caught.value)
    assert "models/models.yaml" in text
    assert str(Path(paths.__file__).parent) in text
    assert str(installed) in text
