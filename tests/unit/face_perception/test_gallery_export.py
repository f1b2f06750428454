import json
import stat

import numpy as np
import pytest

from face_perception.embedding_space import EmbeddingSpace
from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_errors import BadExportError, OtherModelError

SPACE = EmbeddingSpace("face_identity", 512, "0123456789abcdef")


def a_view(seed):
    numbers = np.random.default_rng(seed).normal(size=512).astype(np.float32)
    return FaceView(numbers / np.linalg.norm(numbers), np.full((112, 112, 3), seed, np.uint8))


@pytest.fixture
def open_gallery(tmp_path):
    opened = []

    def make(name, space=SPACE):
        opened.append(Gallery(tmp_path / f"{name}.db", space, keep_pictures=True))
        return opened[-1]

    yield make
    for gallery in opened:
        gallery.close()


@pytest.fixture
def home(open_gallery):
    gallery = open_gallery("home")
    gallery.enrol("Zoë 🤖", [a_view(0), a_view(1)], 123)
    gallery.enrol("Bob", [a_view(2)], 456)
    return gallery


@pytest.fixture
def file(home, tmp_path):
    assert home.export_to(tmp_path / "people.json") == 2
    return tmp_path / "people.json"


def everything(gallery):
    return {person: gallery._store.views_of(person.id) for person in gallery.people()}


def test_an_exported_gallery_comes_back_as_it_was(home, file, open_gallery):
    other = open_gallery("other")
    report = other.import_from(file)
    assert set(report.added) == {"Zoë 🤖", "Bob"}
    assert everything(other) == everything(home)
    assert other.index.search(a_view(1).embedding[None])[0][0].person.name == "Zoë 🤖"


def test_the_exported_file_is_the_owners_alone_and_says_what_it_is(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = json.loads(file.read_text(encoding="utf-8"))
    assert (content["format"], content["version"], content["space"]) == ("perception-gallery", 1, SPACE.id)


def test_exporting_replaces_a_file_wholly_and_leaves_no_other(home, tmp_path):
    target = tmp_path / "out" / "people.json"
    target.parent.mkdir()
    target.write_text("something else")
    target.chmod(0o644)
    home.export_to(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in target.parent.iterdir()] == ["people.json"]


def test_importing_twice_changes_nothing(home, file):
    before = everything(home)
    report = home.import_from(file)
    assert set(report.unchanged) == {"Zoë 🤖", "Bob"}
    assert report.added == report.extended == report.conflicts == ()
    assert everything(home) == before


def test_a_known_person_keeps_the_name_and_gets_the_views_that_are_new(home, file):
    zoe = next(person for person in home.people() if person.name.startswith("Zoë"))
    content = json.loads(file.read_text(encoding="utf-8"))
    home.rename(zoe.id, "Zoe")
    bob_view = content["people"][0]["views"][0]
    entry = next(entry for entry in content["people"] if entry["id"] == zoe.id)
    entry["views"].append(bob_view)
    file.write_text(json.dumps(content), encoding="utf-8")
    report = home.import_from(file)
    assert report.extended == ("Zoe",)
    assert {person.name: person.views for person in home.people()} == {"Bob": 1, "Zoe": 3}


def test_a_name_that_is_somebody_elses_is_left_out_and_reported(file, open_gallery):
    other = open_gallery("other")
    stays = other.enrol("BOB", [a_view(7)], 0)
    report = other.import_from(file)
    assert report.conflicts == ("Bob",)
    assert report.added == ("Zoë 🤖",)
    assert stays in other.people()


def test_a_dry_run_says_the_same_and_does_nothing(file, open_gallery):
    other = open_gallery("other")
    other.enrol("BOB", [a_view(7)], 0)
    said = other.import_from(file, dry_run=True)
    assert [person.name for person in other.people()] == ["BOB"]
    assert other.import_from(file) == said


def test_a_gallery_of_another_model_takes_nobody(file, open_gallery):
    other = open_gallery("other", EmbeddingSpace("mobilefacenet", 512, "ffff"))
    with pytest.raises(OtherModelError, match="exported from a gallery of another model"):
        other.import_from(file)
    assert other.people() == []


def damaged(change):
    def apply(content):
        change(content["people"][0])
        return content

    return apply


@pytest.mark.parametrize(
    "change",
    [
        lambda content: [],
        lambda content: {},
        lambda content: {**content, "version": 2},
        lambda content: {**content, "people": 3},
        lambda content: {**content, "people": content["people"] * 2},
        damaged(lambda entry: entry.pop("id")),
        damaged(lambda entry: entry.update(id="../../etc")),
        damaged(lambda entry: entry.update(name="")),
        damaged(lambda entry: entry.update(name="x" * 10_000)),
        damaged(lambda entry: entry.update(name=7)),
        damaged(lambda entry: entry.update(enrolled_ns="yesterday")),
        damaged(lambda entry: entry.update(enrolled_ns=10**30)),
        damaged(lambda entry: entry.update(views=[])),
        damaged(lambda entry: entry["views"][0].update(embedding="AAAA")),
        damaged(lambda entry: entry["views"][0].update(embedding="%%%")),
        damaged(lambda entry: entry["views"][0].update(embedding="A" * 2730 + "A=")),
        damaged(lambda entry: entry["views"][0].update(picture=5)),
    ],
)
def test_a_file_that_is_no_export_is_refused_and_nobody_is_added(file, open_gallery, change):
    content = change(json.loads(file.read_text(encoding="utf-8")))
    file.write_text(json.dumps(content), encoding="utf-8")
    other = open_gallery("other")
    with pytest.raises(BadExportError, match=r"people\.json is (not an exported gallery|damaged)") as refused:
        other.import_from(file)
    assert len(str(refused.value)) < 400
    assert other.people() == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"{"])
def test_any_other_file_is_refused(tmp_path, open_gallery, content):
    (tmp_path / "people.json").write_bytes(content)
    with pytest.raises(BadExportError):
        open_gallery("other").import_from(tmp_path / "people.json")


def test_a_file_that_is_not_there_is_the_callers_to_tell(tmp_path, home):
    with pytest.raises(FileNotFoundError):
        home.import_from(tmp_path / "nothing.json")
    with pytest.raises(FileNotFoundError):
        home.export_to(tmp_path / "no" / "folder" / "people.json")
