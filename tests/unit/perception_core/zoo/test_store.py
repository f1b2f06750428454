import json

import pytest

from perception_core.paths import models_dir, pictures_dir
from perception_core.zoo.errors import ModelError, UnknownNameError
from perception_core.zoo.fetch import fetch_models, fetch_pictures
from perception_core.zoo.manifest import load_models, load_pictures
from perception_core.zoo.store import check_model, model_path, picture_path


@pytest.fixture
def yunet(cache):
    """YuNet in a cache of the test's own."""
    fetch_models([load_models()["yunet"]], lambda _: None)
    return model_path("yunet")


def test_a_model_that_was_not_fetched_says_how_to_get_it(cache):
    with pytest.raises(ModelError, match=r"yunet is not there yet.*\./perception models fetch yunet"):
        model_path("yunet")


def test_a_name_that_nobody_knows_gets_the_nearest_one(cache):
    with pytest.raises(UnknownNameError, match="Did you mean yunet"):
        model_path("yunnet")
    with pytest.raises(UnknownNameError, match="Did you mean astronaut"):
        picture_path("astronaout")


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + b"?", lambda data: b""])
def test_a_model_that_was_cut_or_altered_is_not_used(yunet, damage):
    yunet.write_bytes(damage(yunet.read_bytes()))
    with pytest.raises(ModelError, match=r"yunet\.onnx: sha256 is .*damaged or another version.*models fetch yunet"):
        model_path("yunet")


def test_a_damaged_model_is_repaired_by_fetching(yunet):
    whole = yunet.read_bytes()
    yunet.write_bytes(whole[:1000])
    fetch_models([load_models()["yunet"]], lambda _: None)
    assert yunet.read_bytes() == whole


def test_a_model_without_its_file_is_missing(yunet):
    yunet.unlink()
    with pytest.raises(ModelError, match=r"yunet\.onnx is missing"):
        model_path("yunet")


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", '{"sources": {}}', '"text"', "9" * 5000),
        *('{"sources": [], "recipe": "", "files": {}}', '{"sources": {}, "recipe": "", "files": 1}'),
        '{"sources": {}, "recipe": "", "files": {"yunet.onnx": 1}}',
        pytest.param('{"sources": {}, "recipe": "", "files": {"yunet.onnx": "' + "a" * 9000 + '"}}', id="long"),
        pytest.param("[" * 100_000, id="nested"),
    ],
)
def test_a_damaged_receipt_is_said(yunet, content):
    (models_dir() / "yunet.receipt.json").write_text(content)
    with pytest.raises(ModelError, match=r"receipt\.json is damaged"):
        model_path("yunet")


def test_a_receipt_that_may_not_be_read_is_named(yunet, unprivileged):
    spec = load_models()["yunet"]
    with unprivileged(), pytest.raises(ModelError, match=r"receipt\.json cannot be read: Permission denied"):
        check_model(spec)


def test_a_folder_in_the_place_of_a_receipt_is_said(yunet):
    receipt = models_dir() / "yunet.receipt.json"
    receipt.unlink()
    receipt.mkdir()
    with pytest.raises(ModelError, match=r"receipt\.json cannot be read: Is a directory"):
        model_path("yunet")


@pytest.mark.parametrize("key", ["sources", "recipe"])
def test_a_model_of_another_version_of_its_entry_is_not_used(yunet, key):
    receipt = models_dir() / "yunet.receipt.json"
    content = json.loads(receipt.read_text())
    content[key] = {"file": "a0" * 32} if key == "sources" else "a0" * 32
    receipt.write_text(json.dumps(content))
    with pytest.raises(ModelError, match="another version of its entry"):
        model_path("yunet")


def test_a_picture_that_was_not_fetched_or_was_cut_is_not_used(cache):
    with pytest.raises(ModelError, match=r"six_faces\.jpg is missing"):
        picture_path("six_faces")
    fetch_pictures([load_pictures()["six_faces"]], lambda _: None)
    file = picture_path("six_faces")
    assert file == pictures_dir() / "six_faces.jpg"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ModelError, match="damaged"):
        picture_path("six_faces")
