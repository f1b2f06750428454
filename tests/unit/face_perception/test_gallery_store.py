import random
import sqlite3
import stat
import threading

import pytest

from face_perception.gallery_errors import (
    BadNameError,
    GalleryError,
    GalleryFullError,
    GalleryLockedError,
    NameTakenError,
    NoSuchPersonError,
    SamePersonError,
    TracesLeftError,
)
from face_perception.gallery_records import StoredView
from face_perception.gallery_store import GalleryStore

SPACE = "face_identity:512:0123456789abcdef"


def some_views(count=3, *, pictures=False, seed=None):
    rng = random.Random(seed)
    return [StoredView(rng.randbytes(2048), rng.randbytes(5000) if pictures else None) for _ in range(count)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people" / "gallery.db"


@pytest.fixture
def open_store(path):
    opened = []

    def make(**options):
        opened.append(GalleryStore(path, SPACE, **options))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()


def bytes_on_disk(path):
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def pieces(view):
    """Parts of a view so short that a remainder of it would hold one, so long that none occurs by chance."""
    whole = view.embedding + (view.picture or b"")
    return [whole[begin : begin + 32] for begin in range(0, len(whole) - 32, 32)]


def test_file_log_and_index_are_the_owners_alone(path, store):
    store.enrol("Ada", some_views(), 0)
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert files == {"gallery.db": 0o600, "gallery.db-wal": 0o600, "gallery.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_who_is_enrolled_is_there_with_all_views_also_after_opening_anew(open_store):
    views = some_views(pictures=True)
    first = open_store()
    person_id = first.enrol("Ada", views, 1234)
    first.close()
    again = open_store()
    (person,) = again.people()
    assert (person.id, person.name, person.enrolled_ns, person.views) == (person_id, "Ada", 1234, 3)
    assert again.views_of(person_id) == views


def test_ids_say_nothing_and_stay(store):
    ids = [store.enrol(name, some_views(1), 0) for name in ("Ada", "Bob")]
    store.rename(ids[0], "Countess")
    assert {person.id: person.name for person in store.people()} == {ids[0]: "Countess", ids[1]: "Bob"}
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in ids)


def test_people_come_in_the_order_of_their_names(store):
    for name in ("bob", "Carol", "Ada"):
        store.enrol(name, some_views(1), 0)
    assert [person.name for person in store.people()] == ["Ada", "bob", "Carol"]


@pytest.mark.parametrize("name", ["Ada", "ada", " ADA "])
def test_a_name_that_is_taken_is_refused_and_says_by_whom(store, name):
    person_id = store.enrol("Ada", some_views(), 0)
    with pytest.raises(NameTakenError, match="Ada is already") as refused:
        store.enrol(name, some_views(), 0)
    assert refused.value.person_id == person_id
    assert len(store.people()) == 1


def test_a_person_may_be_renamed_to_other_capital_letters_of_the_own_name(store):
    person_id = store.enrol("ada", some_views(), 0)
    store.rename(person_id, "Ada")
    assert store.people()[0].name == "Ada"


def test_a_bad_name_changes_nothing(store):
    person_id = store.enrol("Ada", some_views(), 0)
    with pytest.raises(BadNameError):
        store.enrol("", some_views(), 0)
    with pytest.raises(BadNameError):
        store.rename(person_id, "x" * 65)
    with pytest.raises(NameTakenError):
        store.rename(store.enrol("Bob", some_views(), 0), "Ada")
    assert [person.name for person in store.people()] == ["Ada", "Bob"]


def test_merging_gives_the_views_to_the_one_who_stays(store):
    ada, countess = some_views(2), some_views(3)
    keep, end = store.enrol("Ada", ada, 1), store.enrol("Countess", countess, 2)
    store.merge(keep, end)
    assert store.views_of(keep) == ada + countess
    assert [(person.id, person.name) for person in store.people()] == [(keep, "Ada")]


@pytest.mark.parametrize(
    "change",
    [
        lambda store, ada: store.forget("0" * 16),
        lambda store, ada: store.rename("0" * 16, "Bob"),
        lambda store, ada: store.add_views("0" * 16, some_views()),
        lambda store, ada: store.merge(ada, "0" * 16),
        lambda store, ada: store.merge("0" * 16, ada),
        lambda store, ada: store.forget("' OR 1=1 --" * 1000),
    ],
)
def test_nobody_of_that_id_changes_nothing(store, change):
    views = some_views()
    ada = store.enrol("Ada", views, 0)
    with pytest.raises(NoSuchPersonError, match="nobody in") as refused:
        change(store, ada)
    assert len(str(refused.value)) < 300
    assert store.views_of(ada) == views


def test_a_person_cannot_be_merged_with_themselves(store):
    ada = store.enrol("Ada", some_views(), 0)
    with pytest.raises(SamePersonError):
        store.merge(ada, ada)
    assert store.people()[0].views == 3


def test_an_enrolment_that_fails_in_the_middle_leaves_nothing(store):
    def views():
        yield from some_views(2)
        raise RuntimeError("the camera was unplugged")

    with pytest.raises(RuntimeError, match="unplugged"):
        store.enrol("Ada", views(), 0)
    assert store.people() == []
    store.enrol("Ada", some_views(1), 0)


@pytest.mark.parametrize("pictures", [False, True])
def test_forgetting_leaves_no_byte_of_embedding_picture_id_or_name(path, store, pictures):
    rng = random.Random(7)
    for k in range(60):
        store.enrol(f"Somebody {k} {rng.random()}", some_views(rng.randint(1, 5), seed=k), 0)
    views = some_views(5, pictures=pictures)
    person_id = store.enrol("Augusta Ada King", views, 0)
    store.add_views(person_id, more := some_views(2))
    assert all(view.embedding[:32] in bytes_on_disk(path) for view in views + more)
    store.forget(person_id)
    left = bytes_on_disk(path)
    for view in views + more:
        assert not any(piece in left for piece in pieces(view))
    assert b"Augusta" not in left
    assert b"augusta" not in left
    assert person_id.encode() not in left
    assert len(store.people()) == 60


def test_nothing_is_left_of_rows_that_moved_between_pages_before_they_were_deleted(path, store):
    """Long names make the index's pages split and merge; with SQLite's secure_delete alone a name and an id remain."""
    rng = random.Random(0)
    there, gone = {}, {}
    for _ in range(250):
        name = "".join(chr(0x20000 + rng.randrange(40_000)) for _ in range(64))
        person_id = f"{rng.getrandbits(64):016x}"
        there[store.enrol(name, [StoredView(b"x")], 0, person_id)] = name
        if rng.random() < 0.3:
            leaves = rng.choice(sorted(there))
            store.forget(leaves)
            gone[leaves] = there.pop(leaves)
    left = bytes_on_disk(path)
    assert len(gone) > 50
    assert not any(person_id.encode() in left or name.encode() in left for person_id, name in gone.items())


def test_a_former_name_and_a_merged_name_are_erased_too(path, store):
    ada, other = store.enrol("Augusta", some_views(), 0), store.enrol("Enchantress", some_views(), 0)
    store.rename(ada, "Ada")
    store.merge(ada, other)
    left = bytes_on_disk(path).lower()
    assert b"augusta" not in left
    assert b"enchantress" not in left


def test_a_reader_who_holds_on_delays_the_erasing_but_not_the_forgetting(path, open_store):
    store = open_store(wait_s=0.05)
    views = some_views()
    person_id = store.enrol("Augusta", views, 0)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM view").fetchone()
    with pytest.raises(TracesLeftError, match=r"gone from the gallery.*Another program holds"):
        store.forget(person_id)
    assert store.people() == []
    assert not store.erase_traces()
    reader.close()
    assert store.erase_traces()
    left = bytes_on_disk(path)
    assert b"Augusta" not in left
    assert not any(piece in left for view in views for piece in pieces(view))


def test_what_a_killed_program_had_not_erased_is_erased_when_the_gallery_is_opened(path, open_store):
    store = open_store(wait_s=0.05)
    views = some_views()
    person_id = store.enrol("Augusta", views, 0)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM view").fetchone()
    with pytest.raises(TracesLeftError):
        store.forget(person_id)
    reader.close()
    store.close()
    assert open_store().people() == []
    left = bytes_on_disk(path)
    assert b"Augusta" not in left
    assert not any(piece in left for view in views for piece in pieces(view))


def test_each_program_sees_what_the_other_changed(open_store):
    one, two = open_store(), open_store()
    one.read()
    two.read()
    assert not one.changed()
    ada = one.enrol("Ada", some_views(), 0)
    assert two.changed()
    assert [person.name for person in two.read()[0]] == ["Ada"]
    assert not two.changed()
    two.rename(ada, "Countess")
    assert one.changed()
    assert [person.name for person in one.read()[0]] == ["Countess"]
    one.forget(ada)
    assert two.read() == ([], [])


def test_a_program_that_writes_for_too_long_is_named_as_the_reason(path, open_store):
    store = open_store(wait_s=0.05)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(GalleryLockedError, match="being written by another program"):
        store.enrol("Ada", some_views(), 0)
    writer.execute("ROLLBACK")
    writer.close()
    store.enrol("Ada", some_views(), 0)
    assert len(store.people()) == 1


def test_two_programs_that_write_at_once_wait_for_each_other(open_store):
    stores = [open_store() for _ in range(3)]

    def write(store, mark):
        for k in range(15):
            store.enrol(f"{mark} {k}", some_views(1), 0)

    threads = [threading.Thread(target=write, args=(store, mark)) for mark, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {len(store.people()) for store in stores} == {45}


def test_a_full_disk_is_said_and_leaves_the_gallery_as_it_was(store):
    ada = store.enrol("Ada", some_views(), 0)
    # SQLite's own limit on the file answers as a full disk does.
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(GalleryFullError, match=r"full.*Nothing half written is kept"):
        for k in range(100):
            store.enrol(f"Bob {k}", some_views(5), 0)
    assert ada in {person.id for person in store.people()}
    assert all(person.views in {3, 5} for person in store.people())
    assert store.read()[0] == store.people()


def test_an_error_has_the_file_in_its_text(path, store):
    store.close()
    with pytest.raises(GalleryError, match=str(path)):
        store.people()
