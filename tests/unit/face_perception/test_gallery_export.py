import json
import sqlite3
import stat
from base64 import b64encode
from contextlib import closing

import numpy as np
import pytest

from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_errors import BadExportError, GalleryError, OtherModelError
from face_perception.gallery_export import export_gallery, import_gallery
from face_perception.gallery_store import GalleryStore
from perception_core.embedding_space import EmbeddingSpace

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
    assert exported(home, tmp_path / "people.json") == 2
    return tmp_path / "people.json"


def exported(gallery, file):
    with closing(GalleryStore(gallery.path, gallery.space.id)) as store:
        return export_gallery(store, gallery.space, file)


def imported(gallery, file, *, dry_run=False):
    with closing(GalleryStore(gallery.path, gallery.space.id)) as store:
        report = import_gallery(store, gallery.space, file, dry_run=dry_run)
    gallery.refresh()
    return report


def everything(gallery):
    with closing(GalleryStore(gallery.path, gallery.space.id)) as store:
        return {person: store.views_of(person.id) for person in store.people()}


def test_an_exported_gallery_comes_back_as_it_was(home, file, open_gallery):
    other = open_gallery("other")
    report = imported(other, file)
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
    exported(home, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in target.parent.iterdir()] == ["people.json"]


def test_importing_twice_changes_nothing(home, file):
    before = everything(home)
    report = imported(home, file)
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
    report = imported(home, file)
    assert report.extended == ("Zoe",)
    assert {person.name: person.views for person in home.people()} == {"Bob": 1, "Zoe": 3}


def test_a_name_that_is_somebody_elses_is_left_out_and_reported(file, open_gallery):
    other = open_gallery("other")
    stays = other.enrol("BOB", [a_view(7)], 0)
    report = imported(other, file)
    assert report.conflicts == ("Bob",)
    assert report.added == ("Zoë 🤖",)
    assert stays in other.people()


def test_a_dry_run_says_the_same_and_does_nothing(file, open_gallery):
    other = open_gallery("other")
    other.enrol("BOB", [a_view(7)], 0)
    said = imported(other, file, dry_run=True)
    assert [person.name for person in other.people()] == ["BOB"]
    assert imported(other, file) == said


def test_a_gallery_of_another_model_takes_nobody(file, open_gallery):
    other = open_gallery("other", EmbeddingSpace("mobilefacenet", 512, "ffff"))
    with pytest.raises(OtherModelError, match="exported from a gallery of another model"):
        imported(other, file)
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
        lambda content: {**content, "version": True},
        lambda content: {**content, "format": "\x1b[2J" * 10_000},
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
        imported(other, file)
    assert len(str(refused.value)) < 400
    assert other.people() == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b"{"])
def test_any_other_file_is_refused(tmp_path, open_gallery, content):
    (tmp_path / "people.json").write_bytes(content)
    with pytest.raises(BadExportError):
        imported(open_gallery("other"), tmp_path / "people.json")


def test_a_file_that_is_not_there_is_the_callers_to_tell(tmp_path, home):
    with pytest.raises(FileNotFoundError):
        imported(home, tmp_path / "nothing.json")
    with pytest.raises(FileNotFoundError):
        exported(home, tmp_path / "no" / "folder" / "people.json")


def test_what_is_wrong_is_said_with_the_persons_number(file, open_gallery):
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["people"][1]["views"][0]["embedding"]
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadExportError, match="person 2: 'embedding' is missing"):
        imported(open_gallery("other"), file)


def test_another_model_of_a_long_name_is_said_in_a_line(file, open_gallery):
    content = json.loads(file.read_text(encoding="utf-8")) | {"space": "\x1b\n" * 100_000}
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(OtherModelError) as refused:
        imported(open_gallery("other"), file)
    assert len(str(refused.value)) < 500 and str(refused.value).isprintable()


def test_a_view_that_comes_twice_is_taken_once_and_of_very_many_the_first(file, open_gallery):
    content = json.loads(file.read_text(encoding="utf-8"))
    bob, zoe = content["people"]
    bob["views"] *= 3
    many = [FaceView(numbers) for numbers in np.eye(512, dtype=np.float32)[:300]]
    zoe["views"] = [{"embedding": b64encode(view.embedding).decode(), "picture": None} for view in many]
    file.write_text(json.dumps(content), encoding="utf-8")
    other = open_gallery("other")
    imported(other, file)
    assert {person.name: person.views for person in other.people()} == {"Bob": 1, "Zoë 🤖": 200}
    assert everything(other)[other.people()[1]][-1].embedding == many[199].embedding.tobytes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [("DELETE FROM view", "has no view"), ("UPDATE view SET embedding = zeroblob(2048)", "length 0.0, not 1")],
)
def test_whom_no_import_would_take_is_not_exported(home, tmp_path, change, reason):
    with closing(sqlite3.connect(home.path)) as connection, connection:
        connection.execute(change)
    with pytest.raises(GalleryError, match=rf"'Bob' \(.*cannot be exported: .*{reason}"):
        exported(home, tmp_path / "people.json")
    assert not list(tmp_path.glob("*.json"))
