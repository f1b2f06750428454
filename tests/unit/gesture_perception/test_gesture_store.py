import sqlite3
import stat
from contextlib import closing

import numpy as np
import pytest

from gesture_perception.gesture_errors import (
    GestureNameTakenError,
    NoSuchGestureError,
    TooManyExamplesError,
    TooManyGesturesError,
)
from gesture_perception.gesture_records import MOST_EXAMPLES, MOST_GESTURES, POSES, Taught
from gesture_perception.gesture_store import GestureStore
from gesture_perception.hand import Side
from perception_core.private_store.errors import (
    BadEmbeddingError,
    BadNameError,
    OtherModelError,
    StoreCorruptError,
    StoreError,
    StoreReadOnlyError,
)

SPACE = "gesture_embedder:128:0123456789abcdef"


def an_example(seed):
    return np.random.default_rng(seed).bytes(POSES * 128 * 4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "gestures.sqlite"


@pytest.fixture
def store(path):
    with closing(GestureStore(path, SPACE)) as store:
        yield store


def bytes_on_disk(path):
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_file_log_and_index_are_the_owners_alone(path, store):
    store.teach("Three", [an_example(0)], 0)
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_was_taught_is_there_after_opening_anew(path, store):
    examples = [an_example(k) for k in range(3)]
    store.teach("Three", examples, 1234, Side.LEFT)
    with closing(GestureStore(path, SPACE)) as again:
        (gesture,) = again.gestures()
        assert (gesture.name, gesture.side, gesture.taught_ns, gesture.examples) == ("Three", Side.LEFT, 1234, 3)
        assert again.examples_of("three") == examples
        assert again.read() == ([gesture], [("Three", example) for example in examples])


def test_gestures_and_their_examples_come_in_the_order_of_their_names(store):
    for name in ("six", "Four", "Three"):
        store.teach(name, [an_example(0), an_example(1)], 0)
    gestures, examples = store.read()
    assert [gesture.name for gesture in gestures] == ["Four", "six", "Three"]
    assert [name for name, _ in examples] == ["Four", "Four", "six", "six", "Three", "Three"]


def test_teaching_a_known_gesture_adds_examples_and_leaves_the_rest(store):
    store.teach("Three", [an_example(0)], 1, Side.RIGHT)
    assert store.teach("THREE", [an_example(1)], 2) == Taught("Three", 1)
    (gesture,) = store.gestures()
    assert (gesture.name, gesture.side, gesture.taught_ns, gesture.examples) == ("Three", Side.RIGHT, 1, 2)
    store.teach("Three", [an_example(2)], 3, Side.UNKNOWN)
    assert store.gestures()[0].side is Side.UNKNOWN


def test_an_empty_set_teaches_nothing(store):
    with pytest.raises(BadEmbeddingError, match="at least one example"):
        store.teach("Three", [], 0)
    assert store.gestures() == []


@pytest.mark.parametrize("name", ["", "x" * 65, "thumb up", "OK"])
def test_a_bad_name_changes_nothing(store, name):
    store.teach("Three", [an_example(0)], 0)
    with pytest.raises(BadNameError):
        store.teach(name, [an_example(1)], 0)
    with pytest.raises(BadNameError):
        store.rename("Three", name)
    assert [gesture.name for gesture in store.gestures()] == ["Three"]


def test_more_examples_than_make_sense_are_refused_all(store):
    store.teach("Three", [an_example(k) for k in range(1, MOST_EXAMPLES + 1)], 0)
    with pytest.raises(TooManyExamplesError, match="forget it and teach it anew"):
        store.teach("Three", [an_example(0)], 0)
    assert store.gestures()[0].examples == MOST_EXAMPLES
    assert store.teach("Three", [an_example(1)], 0).added == 0
    with pytest.raises(TooManyExamplesError, match="with fewer"):
        store.teach("Four", [an_example(k) for k in range(MOST_EXAMPLES + 1)], 0)


def test_examples_that_are_there_are_not_stored_again(store):
    rows = np.random.default_rng(0).normal(size=(2, 640)).astype("<f4") / 25
    first, second = (row.tobytes() for row in rows)
    nearly = (rows[0] + 1e-6).tobytes()
    assert store.teach("Three", [first, first, nearly], 0) == Taught("Three", 1)
    assert store.teach("three", [nearly, second, first], 0) == Taught("Three", 1)
    assert store.examples_of("Three") == [first, second]
    assert store.teach("Four", [first], 0) == Taught("Four", 1)


def test_the_side_of_a_gesture_may_be_changed_by_showing_the_same_again(store):
    store.teach("Three", [an_example(0)], 0)
    assert store.teach("Three", [an_example(0)], 0, Side.LEFT).added == 0
    assert store.gestures()[0].side is Side.LEFT


def test_more_gestures_than_can_be_told_apart_are_refused(store):
    with store.writing():
        for k in range(MOST_GESTURES):
            store.teach(f"gesture {k}", [an_example(k)], 0)
    with pytest.raises(TooManyGesturesError, match=r"would have 201 gestures.*forget some"):
        store.teach("One more", [an_example(0)], 0)
    assert store.teach("gesture 3", [an_example(0)], 0).added == 1
    assert len(store.gestures()) == MOST_GESTURES


def test_of_a_forgotten_gesture_no_byte_is_left(path, store):
    example, other = an_example(0), an_example(1)
    store.teach("Karamba", [example], 0)
    store.teach("Three", [other], 0)
    assert example[:64] in bytes_on_disk(path)
    store.forget("karamba")
    left = bytes_on_disk(path)
    assert example[:64] not in left and example[-64:] not in left and b"aramba" not in left
    assert store.examples_of("Three") == [other]


def test_a_renamed_gesture_keeps_its_examples_and_the_former_name_is_gone(path, store):
    store.teach("Karamba", [an_example(0)], 7)
    assert store.rename("KARAMBA", "Three") == "Three"
    assert [gesture.name for gesture in store.gestures()] == ["Three"]
    assert store.examples_of("Three") == [an_example(0)]
    assert b"aramba" not in bytes_on_disk(path)


def test_a_gesture_may_be_renamed_to_other_capital_letters_and_not_to_anothers_name(store):
    store.teach("three", [an_example(0)], 0)
    store.teach("Four", [an_example(1)], 0)
    assert store.rename("three", "Three") == "Three"
    with pytest.raises(GestureNameTakenError, match="Four"):
        store.rename("Three", "four")
    assert [gesture.name for gesture in store.gestures()] == ["Four", "Three"]


def test_what_was_never_taught_can_be_neither_forgotten_nor_renamed(store):
    for attempt in (lambda: store.forget("Three"), lambda: store.rename("Three", "Four")):
        with pytest.raises(NoSuchGestureError, match="'Three' was taught"):
            attempt()


def test_two_programs_see_each_others_changes(path, store):
    with closing(GestureStore(path, SPACE)) as other:
        other.read()
        assert not other.changed()
        store.teach("Three", [an_example(0)], 0)
        assert other.changed()
        assert [gesture.name for gesture in other.read()[0]] == ["Three"]
        assert not other.changed()


@pytest.fixture
def filled(path):
    with closing(GestureStore(path, SPACE)) as store:
        for k in range(20):
            store.teach(f"gesture {k}", [an_example(k)], 0)
    return path


def test_gestures_of_another_model_are_refused_with_both_names(filled):
    before = filled.read_bytes()
    with pytest.raises(OtherModelError, match=r"gesture_embedder \(128 numbers.*other \(64 numbers.*gestures anew"):
        GestureStore(filled, "other:64:ffff")
    assert filled.read_bytes() == before


def test_who_compares_nothing_opens_gestures_of_any_model_and_makes_none(filled, tmp_path):
    with closing(GestureStore(filled, None)) as store:
        assert (store.space, len(store.gestures())) == (SPACE, 20)
    with pytest.raises(StoreError, match="no gesture file yet: nothing has been taught"):
        GestureStore(tmp_path / "other", None)


def test_a_gallery_of_faces_is_no_gesture_file(path):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 1717660517")  # "face"
        connection.execute("CREATE TABLE person (id)")
    before = path.read_bytes()
    with pytest.raises(StoreCorruptError, match="another program, not a gesture file"):
        GestureStore(path, SPACE)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [b"garbage" * 1000, b"x"])
def test_a_damaged_file_is_refused_kept_and_never_overwritten(path, damage):
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(StoreCorruptError, match=r"is damaged .*not overwritten.*empty gesture file"):
        GestureStore(path, SPACE)
    assert path.read_bytes() == damage
    (kept,) = path.parent.glob("gestures.sqlite.damaged-*")
    assert kept.read_bytes() == damage
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


OTHER_HANDS = {
    "a short example": "UPDATE example SET poses = x'0102'",
    "an example of text": "UPDATE example SET poses = 'five'",
    "an example of nothing": "UPDATE example SET gesture = 'nothing'",
    "a name of bytes": "UPDATE gesture SET name = x'ff'",
    "a side that is none": "UPDATE gesture SET side = 'middle'",
    "a time of text": "UPDATE gesture SET taught_ns = 'noon'",
    "a time before all": "UPDATE gesture SET taught_ns = -1",
    "no space": "DELETE FROM meta WHERE key = 'space'",
    "no table": "DROP TABLE example",
}


@pytest.mark.parametrize("change", OTHER_HANDS.values(), ids=OTHER_HANDS)
def test_rows_that_no_gesture_file_has_are_said_to_be_damage(filled, change):
    with closing(sqlite3.connect(filled)) as connection:
        connection.executescript(change)

    def used():
        with closing(GestureStore(filled, None)) as store:
            store.read()

    with pytest.raises(StoreCorruptError, match=r"is damaged .*not overwritten"):
        used()


def test_a_read_only_file_is_read_but_not_written(filled, unprivileged, tmp_path):
    for folder in (*tmp_path.parents[:2], tmp_path):
        folder.chmod(folder.stat().st_mode | 0o111)
    filled.chmod(0o444)
    filled.parent.chmod(0o555)
    with unprivileged(), closing(GestureStore(filled, SPACE)) as store:
        assert len(store.gestures()) == 20
        assert not store.writable
        for attempt in (lambda: store.teach("Three", [an_example(0)], 0), lambda: store.forget("gesture 1")):
            with pytest.raises(StoreReadOnlyError, match="cannot be written"):
                attempt()
