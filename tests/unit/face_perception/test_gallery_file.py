import os
import random
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from face_perception.gallery_errors import (
    GalleryCorruptError,
    GalleryError,
    GalleryReadOnlyError,
    OtherModelError,
)
from face_perception.gallery_records import StoredView
from face_perception.gallery_store import GalleryStore

SPACE = "face_identity:512:0123456789abcdef"
NOBODY = 65534


@pytest.fixture
def path(tmp_path):
    return tmp_path / "gallery.db"


@pytest.fixture
def filled(path):
    """A gallery of forty people, closed."""
    rng = random.Random(0)
    store = GalleryStore(path, SPACE)
    for k in range(40):
        store.enrol(f"person {k}", [StoredView(rng.randbytes(2048)) for _ in range(2)], 0)
    store.close()
    return path


def kept_copy(path):
    (kept,) = path.parent.glob("gallery.db.damaged-*")
    return kept


def test_a_gallery_of_another_model_is_refused_with_both_names(filled):
    before = filled.read_bytes()
    with pytest.raises(OtherModelError, match=r"face_identity \(512 numbers.*mobilefacenet \(192 numbers.*enrol"):
        GalleryStore(filled, "mobilefacenet:192:ffff")
    assert filled.read_bytes() == before


def test_who_compares_nothing_opens_a_gallery_of_any_model(filled):
    store = GalleryStore(filled, None)
    assert (store.space, len(store.people())) == (SPACE, 40)
    store.close()


def test_who_compares_nothing_makes_no_gallery(path):
    path.touch()
    with pytest.raises(GalleryError, match="no gallery yet"):
        GalleryStore(path, None)
    assert path.read_bytes() == b""


def test_the_same_name_with_other_weights_is_another_model(filled):
    with pytest.raises(OtherModelError, match=r"0123456789abcdef.*fedc"):
        GalleryStore(filled, "face_identity:512:fedc")


@pytest.mark.parametrize(
    "garbage", [b"not a database at all" * 100, b"x", b"xy", b"\x89PNG\r\n\x1a\n", b"SQLite format 3\0"]
)
def test_a_file_that_is_no_gallery_is_refused_kept_and_never_overwritten(path, garbage):
    path.write_bytes(garbage)
    with pytest.raises(GalleryCorruptError, match=r"damaged|another program") as refused:
        GalleryStore(path, SPACE)
    assert path.read_bytes() == garbage
    kept = kept_copy(path)
    assert kept.name in str(refused.value)
    assert kept.read_bytes() == garbage
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_gallery_that_was_cut_short_is_refused_and_kept(filled):
    whole = filled.read_bytes()
    filled.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GalleryCorruptError, match=r"is damaged .*not overwritten.*Move gallery\.db away"):
        GalleryStore(filled, SPACE)
    assert filled.read_bytes() == kept_copy(filled).read_bytes() == whole[: len(whole) // 2]


def test_a_damaged_page_is_found_when_the_gallery_is_opened(filled):
    damaged = bytearray(filled.read_bytes())
    for begin in range(16384, len(damaged), 16384):
        damaged[begin : begin + 64] = b"\xff" * 64
    filled.write_bytes(damaged)
    with pytest.raises(GalleryCorruptError):
        GalleryStore(filled, SPACE)
    assert kept_copy(filled).read_bytes() == bytes(damaged)


def test_the_same_damage_is_kept_once_however_often_it_is_met(path):
    path.write_bytes(b"garbage" * 1000)
    for _ in range(3):
        with pytest.raises(GalleryCorruptError):
            GalleryStore(path, SPACE)
    assert kept_copy(path).exists()


def test_a_database_of_another_program_is_left_alone(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (address TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(GalleryCorruptError, match="another program"):
        GalleryStore(path, SPACE)
    assert path.read_bytes() == before


def test_a_gallery_of_a_newer_program_is_left_alone(filled):
    connection = sqlite3.connect(filled)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(GalleryError, match="version 2"):
        GalleryStore(filled, SPACE)


def test_an_empty_file_becomes_a_gallery(path):
    path.touch()
    store = GalleryStore(path, SPACE)
    assert store.people() == []
    store.close()


def test_a_gallery_that_others_could_read_is_made_private(filled):
    filled.chmod(0o644)
    GalleryStore(filled, SPACE).close()
    assert stat.S_IMODE(filled.stat().st_mode) == 0o600


def given_away(path, folder_mode, file_mode):
    """Makes the files and the folder those of the user without rights."""
    for file in path.parent.iterdir():
        file.chmod(file_mode)
    path.parent.chmod(folder_mode)
    if os.geteuid() == 0:
        for file in [path.parent, *path.parent.iterdir()]:
            os.chown(file, NOBODY, NOBODY)


@pytest.fixture
def open_to_all(tmp_path):
    """The folders above, through which the user without rights has to pass."""
    for folder in tmp_path.parents:
        if folder.stat().st_uid == os.geteuid() and ("pytest" in folder.name or folder.name.startswith("popen-gw")):
            folder.chmod(folder.stat().st_mode | 0o111)


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o500, 0o400), (0o700, 0o400), (0o500, 0o600)])
def test_a_read_only_gallery_is_read_but_not_written(filled, unprivileged, open_to_all, folder_mode, file_mode):
    given_away(filled, folder_mode, file_mode)
    with unprivileged():
        store = GalleryStore(filled, SPACE)
        assert len(store.people()) == 40
        assert not store.writable
        assert not store.changed() or store.read()
        with pytest.raises(GalleryReadOnlyError, match="cannot be written"):
            store.enrol("Ada", [StoredView(bytes(2048))], 0)
        with pytest.raises(GalleryReadOnlyError):
            store.forget(store.people()[0].id)
        assert len(store.people()) == 40
        store.close()


def test_a_gallery_that_may_not_be_read_is_refused(filled, unprivileged, open_to_all):
    given_away(filled, 0o700, 0o000)
    with unprivileged(), pytest.raises(GalleryReadOnlyError, match=str(filled)):
        GalleryStore(filled, SPACE)


def test_a_folder_that_cannot_be_made_is_said(tmp_path, unprivileged, open_to_all):
    tmp_path.chmod(0o555)
    with unprivileged(), pytest.raises(GalleryReadOnlyError, match=r"Permission denied|cannot be made"):
        GalleryStore(tmp_path / "new" / "gallery.db", SPACE)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
@pytest.mark.parametrize("linked", [False, True], ids=["", "by a link"])
def test_what_is_no_file_is_said_and_keeps_its_rights(tmp_path, make, linked):
    make(place := tmp_path / "place")
    place.chmod(0o755)
    if linked:
        (tmp_path / "link").symlink_to(place)
    with pytest.raises(GalleryError, match=r"is a (folder|pipe), not a gallery"):
        GalleryStore(tmp_path / "link" if linked else place, SPACE)
    assert stat.S_IMODE(place.stat().st_mode) == 0o755


def test_a_device_is_said_to_be_one():
    with pytest.raises(GalleryError, match="is a device, not a gallery"):
        GalleryStore(Path("/dev/null"), SPACE)


@pytest.mark.parametrize("target", ["nothing", "gallery.db"], ids=["dead", "in a circle"])
def test_a_link_that_leads_nowhere_is_said_and_nothing_is_made(path, target):
    path.symlink_to(path.with_name(target))
    with pytest.raises(GalleryError, match="the link leads nowhere"):
        GalleryStore(path, SPACE)
    assert list(path.parent.iterdir()) == [path]


def test_a_link_to_a_gallery_is_one(filled, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(filled)
    with closing(GalleryStore(link, SPACE)) as store:
        assert len(store.people()) == 40


@pytest.mark.parametrize("content", [b"a letter to somebody", b"SQLite format 3\0" + bytes(84)])
def test_a_file_that_is_no_gallery_keeps_its_rights(path, content):
    path.write_bytes(content)
    path.chmod(0o644)
    with pytest.raises(GalleryCorruptError):
        GalleryStore(path, SPACE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


OTHER_HANDS = {
    "a short embedding": "UPDATE view SET embedding = x'0102030405'",
    "an embedding of text": "UPDATE view SET embedding = 'five'",
    "an embedding of a number": "UPDATE view SET embedding = 5",
    "a picture of text": "UPDATE view SET picture = 'five'",
    "a view of nobody": "UPDATE view SET person = 'nobody'",
    "an id that is none": "UPDATE person SET id = NULL WHERE name = 'person 1'",
    "a time of text": "UPDATE person SET enrolled_ns = 'noon'",
    "a time before all": "UPDATE person SET enrolled_ns = -1",
    "a name of bytes": "UPDATE person SET name = x'ff'",
    "a name that is no text": "UPDATE person SET name = CAST(x'ff' AS TEXT)",
    "no traces": "DELETE FROM meta WHERE key = 'traces'",
    "no space": "DELETE FROM meta WHERE key = 'space'",
    "a space without numbers": "UPDATE meta SET value = 'nocolon' WHERE key = 'space'",
    "a space of letters": "UPDATE meta SET value = 'a:b:c' WHERE key = 'space'",
    "a view of views": "ALTER TABLE view RENAME TO other; CREATE VIEW view AS SELECT * FROM other",
    "another column": "ALTER TABLE view RENAME COLUMN embedding TO other",
}


@pytest.mark.parametrize("change", OTHER_HANDS.values(), ids=OTHER_HANDS)
def test_rows_that_no_gallery_has_are_said_to_be_damage(filled, change):
    with closing(sqlite3.connect(filled)) as connection:
        connection.executescript(change)

    def used():
        with closing(GalleryStore(filled, None)) as store:
            store.read()
            for person in store.people():
                store.views_of(person.id)

    with pytest.raises(GalleryCorruptError, match=r"is damaged .*not overwritten") as refused:
        used()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["a b?c#d%20.db", "ü🤖.db", "x'; DROP TABLE view; --.db"])
def test_any_name_of_a_file_is_taken_as_it_is(tmp_path, name):
    store = GalleryStore(tmp_path / name, SPACE)
    store.enrol("Ada", [StoredView(bytes(2048))], 0)
    store.close()
    assert (tmp_path / name).stat().st_size > 0
    assert {file.name.partition("-wal")[0].partition("-shm")[0] for file in tmp_path.iterdir()} == {name}


def test_programs_that_make_the_same_gallery_at_once_all_get_it(path):
    program = (
        "import sys; from pathlib import Path; from face_perception.gallery_store import *; "
        f"GalleryStore(Path({str(path)!r}), {SPACE!r}).enrol(sys.argv[1], [StoredView(bytes(2048))], 0)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    programs = [
        subprocess.Popen([sys.executable, "-S", "-c", program, f"person {k}"], env=environment) for k in range(6)
    ]
    assert [each.wait() for each in programs] == [0] * 6
    store = GalleryStore(path, SPACE)
    assert len(store.people()) == 6
    store.close()
