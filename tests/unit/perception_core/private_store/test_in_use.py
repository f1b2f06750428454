"""A private file that others remove, replace or overwrite while it is in use."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing

import numpy as np
import pytest

from face_perception.gallery import FaceView, Gallery
from gesture_perception.gesture_store import GestureStore
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.errors import (
    OtherModelError,
    StoreCorruptError,
    StoreError,
    StoreGoneError,
)
from perception_core.private_store.watch import StoreWatch

SPACE = "gesture_embedder:128:0123456789abcdef"
FACES = EmbeddingSpace("face_identity", 4, "0123456789abcdef")
A_FACE = FaceView(np.eye(4, dtype=np.float32)[0])


def an_example(seed):
    return np.random.default_rng(seed).bytes(5 * 128 * 4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "gestures.sqlite"


@pytest.fixture
def store(path):
    with closing(GestureStore(path, SPACE)) as store:
        store.teach("Before", [an_example(0)], 0)
        store.read()
        yield store


def names_in(path):
    with closing(GestureStore(path, SPACE)) as store:
        return [gesture.name for gesture in store.gestures()]


def another(path, name, space=SPACE):
    """A file of gestures beside, closed."""
    place = path.with_name("another.sqlite")
    with closing(GestureStore(place, space)) as other:
        other.teach(name, [an_example(1)], 0)
    return place


def remove(path):
    path.unlink()


def remove_with_log(path):
    for file in path.parent.iterdir():
        file.unlink()


def remove_folder(path):
    shutil.rmtree(path.parent)


def move_away(path):
    path.rename(path.with_name("moved"))


@pytest.mark.parametrize("away", [remove, remove_with_log, remove_folder, move_away])
def test_what_is_written_after_the_file_was_removed_is_in_a_new_one(path, store, away):
    away(path)
    store.teach("After", [an_example(2)], 0)
    assert names_in(path) == ["After"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store.teach("Later", [an_example(3)], 0)
    assert [gesture.name for gesture in store.gestures()] == names_in(path) == ["After", "Later"]


def test_a_file_that_is_moved_away_takes_along_what_was_in_its_log(path, store):
    move_away(path)
    store.teach("After", [an_example(2)], 0)
    assert names_in(path.with_name("moved")) == ["Before"]


def test_for_who_reads_a_file_that_was_removed_is_said_to_be_and_is_not_made(path, store):
    assert store.lost() is None
    remove(path)
    for reading in (store.changed, store.read, store.gestures, store.erase_traces):
        with pytest.raises(StoreGoneError, match="was removed"):
            reading()
    assert "was removed" in store.lost()
    assert not any(path.parent.iterdir())


@pytest.mark.parametrize("bring", [shutil.copyfile, os.replace])
def test_a_copy_that_is_put_back_is_what_it_was_and_goes_on(path, store, bring):
    copy = another(path, "Copy")
    remove(path)
    with pytest.raises(StoreGoneError):
        store.read()
    bring(copy, path)
    assert store.lost() is None and store.changed()
    assert [gesture.name for gesture in store.read()[0]] == ["Copy"]
    store.teach("After", [an_example(2)], 0)
    assert names_in(path) == ["After", "Copy"]


def test_what_is_written_after_the_file_was_replaced_is_in_the_one_that_is_there(path, store):
    another(path, "Other").replace(path)
    store.teach("After", [an_example(2)], 0)
    assert names_in(path) == ["After", "Other"]


def test_another_file_that_cannot_be_used_is_refused_and_kept_until_it_can_be(path, store):
    another(path, "Other", "other:128:ff").replace(path)
    before = path.read_bytes()
    for use in (store.changed, lambda: store.teach("After", [an_example(2)], 0), store.read):
        with pytest.raises(OtherModelError):
            use()
    assert path.read_bytes() == before
    another(path, "Ours").replace(path)
    store.teach("After", [an_example(2)], 0)
    assert names_in(path) == ["After", "Ours"]


def test_a_folder_in_its_place_is_said(path, store):
    remove(path)
    path.mkdir()
    with pytest.raises(StoreError, match="is a folder"):
        store.teach("After", [an_example(2)], 0)


@pytest.mark.parametrize("content", [b"", b"x", b"garbage" * 10_000, bytes(100)])
def test_nothing_is_acknowledged_in_a_file_that_was_overwritten(path, store, content):
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError, match="overwritten while it was in use"):
        store.teach("After", [an_example(2)], 0)
    with pytest.raises(StoreCorruptError):
        store.changed()
    assert path.read_bytes() == content


def test_a_header_that_is_overwritten_is_seen(path, store):
    with path.open("rb+") as file:
        file.write(bytes(16))
    with pytest.raises(StoreCorruptError):
        store.teach("After", [an_example(2)], 0)


@pytest.mark.parametrize("harm", [remove, lambda path: path.write_bytes(b"garbage" * 1000)])
def test_harm_while_it_is_being_written_is_no_success(path, store, harm):
    with pytest.raises(StoreError), store.writing() as run:
        run("INSERT INTO gesture VALUES ('after', 'After', 'unknown', 0)", ())
        harm(path)


def test_who_leaves_a_removed_file_leaves_the_new_ones_log_alone(path, store):
    remove_with_log(path)
    with closing(GestureStore(path, SPACE)) as theirs:
        theirs.teach("Theirs", [an_example(1)], 0)
        store.teach("Ours", [an_example(2)], 0)
        assert [gesture.name for gesture in theirs.gestures()] == ["Ours", "Theirs"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_gallery_that_is_removed_is_empty_and_takes_people_again(tmp_path):
    path = tmp_path / "gallery.sqlite"
    with closing(Gallery(path, FACES)) as gallery:
        gallery.enrol("Ada", [A_FACE], 0)
        path.unlink()
        assert gallery.refresh() and not gallery.index.people
        assert not gallery.refresh() and "was removed" in gallery.lost()
        ada = gallery.enrol("Ada", [A_FACE], 0)
        assert list(gallery.index.people) == [ada.id] and gallery.lost() is None
        with closing(Gallery(path, FACES)) as theirs:
            assert [person.id for person in theirs.people()] == [ada.id]


def test_who_watches_says_once_that_the_file_is_gone(tmp_path):
    path = tmp_path / "gallery.sqlite"
    told = []

    class Seen(Gallery):
        looks = 0

        def refresh(self):
            self.looks += 1
            return super().refresh()

    with closing(Seen(path, FACES)) as gallery:
        path.unlink()
        with closing(StoreWatch(gallery, "gallery", told.append, period_s=0.001)):
            while gallery.looks < 5:
                pass
    assert len(told) == 1 and "was removed" in told[0]
