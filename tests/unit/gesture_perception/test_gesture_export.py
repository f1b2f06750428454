import json
import stat
from base64 import b64encode
from contextlib import closing

import numpy as np
import pytest

from gesture_perception.gesture_errors import TooManyGesturesError
from gesture_perception.gesture_export import export_gestures, import_gestures
from gesture_perception.gesture_records import MOST_EXAMPLES, MOST_GESTURES, POSES
from gesture_perception.gesture_store import GestureStore
from gesture_perception.hand import Side
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.errors import BadExportError, OtherModelError, StoreError

SPACE = EmbeddingSpace("gesture_embedder", 128, "0123456789abcdef")


def an_example(seed):
    rows = np.random.default_rng(seed).normal(size=(POSES, 128)).astype("<f4")
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).tobytes()


@pytest.fixture
def home(tmp_path):
    with closing(GestureStore(tmp_path / "home", SPACE.id)) as store:
        store.teach("Dört 🤘", [an_example(0), an_example(1)], 123, Side.LEFT)
        store.teach("Three", [an_example(2)], 456)
        yield store


@pytest.fixture
def away(tmp_path):
    with closing(GestureStore(tmp_path / "away", SPACE.id)) as store:
        yield store


@pytest.fixture
def file(home, tmp_path):
    assert export_gestures(home, SPACE, tmp_path / "gestures.json") == 2
    return tmp_path / "gestures.json"


def test_what_is_exported_is_the_same_where_it_is_imported(home, away, file):
    report = import_gestures(away, SPACE, file)
    assert (report.added, report.extended, report.unchanged) == (("Dört 🤘", "Three"), (), ())
    assert away.read() == home.read()


def test_the_file_is_the_owners_alone(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_import_changes_nothing(away, file):
    import_gestures(away, SPACE, file)
    before = away.read()
    assert import_gestures(away, SPACE, file).unchanged == ("Dört 🤘", "Three")
    assert away.read() == before


def test_a_known_gesture_gets_the_examples_that_are_new(away, file):
    away.teach("THREE", [an_example(9)], 1, Side.RIGHT)
    report = import_gestures(away, SPACE, file)
    assert (report.added, report.extended) == (("Dört 🤘",), ("THREE",))
    assert away.examples_of("three") == [an_example(9), an_example(2)]
    assert away.gestures()[1].side is Side.RIGHT


def test_a_dry_run_changes_nothing(away, file):
    assert import_gestures(away, SPACE, file, dry_run=True).added == ("Dört 🤘", "Three")
    assert away.gestures() == []


def test_gestures_of_another_model_are_refused(away, file):
    with pytest.raises(OtherModelError, match="teach the gestures anew"):
        import_gestures(away, EmbeddingSpace("other", 128, "ff"), file)


def changed(file, change):
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content))


def first(content):
    return content["gestures"][0]


DAMAGE = {
    "another format": lambda content: content.update(format="perception-gallery"),
    "another version": lambda content: content.update(version=2),
    "no gestures": lambda content: content.pop("gestures"),
    "no name": lambda content: first(content).pop("name"),
    "a built-in name": lambda content: first(content).update(name="Victory"),
    "the same name twice": lambda content: first(content).update(name="three"),
    "a side that is none": lambda content: first(content).update(side="middle"),
    "a time that is none": lambda content: first(content).update(taught_ns="noon"),
    "no example": lambda content: first(content).update(examples=[]),
    "too many examples": lambda content: first(content).update(
        examples=[b64encode(an_example(k)).decode() for k in range(MOST_EXAMPLES + 1)]
    ),
    "a short example": lambda content: first(content).update(examples=["AAAA"]),
    "examples of length 0": lambda content: first(content).update(
        examples=[b64encode(bytes(4 * 128 * POSES)).decode()]
    ),
    "gestures of text": lambda content: content.update(gestures="five"),
}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_refused_and_nothing_is_imported(away, file, change):
    changed(file, change)
    with pytest.raises(BadExportError, match="Export it again"):
        import_gestures(away, SPACE, file)
    assert away.gestures() == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b"{", b"[" * 100_000])
def test_what_was_never_exported_is_refused(away, file, content):
    file.write_bytes(content)
    with pytest.raises(BadExportError):
        import_gestures(away, SPACE, file)


def test_examples_that_no_import_would_take_are_not_exported(home, tmp_path):
    home.teach("Bad", [bytes(4 * 128 * POSES)], 0)
    with pytest.raises(StoreError, match=r"'Bad' cannot be exported: an embedding has length 0.*teach it anew"):
        export_gestures(home, SPACE, tmp_path / "bad.json")
    assert not (tmp_path / "bad.json").exists()


def nearly(example):
    """Another picture of the same pose."""
    rows = np.frombuffer(example, "<f4").reshape(POSES, -1) + 0.01 * np.sin(np.arange(128, dtype="<f4"))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype("<f4").tobytes()


def test_a_gesture_that_cannot_be_told_from_another_is_left_out_and_the_others_are_not(away, file):
    away.teach("Trois", [nearly(an_example(2))], 0)
    for dry_run in (True, False):
        report = import_gestures(away, SPACE, file, dry_run=dry_run)
        assert (report.added, report.refused) == (("Dört 🤘",), (("Three", "Trois"),))
    assert [gesture.name for gesture in away.gestures()] == ["Dört 🤘", "Trois"]
    away.rename("Trois", "three")
    assert import_gestures(away, SPACE, file).extended == ("three",)


def test_of_two_in_the_file_that_are_one_the_second_is_left_out(away, file):
    def twin(content):
        content["gestures"].append({**content["gestures"][1], "name": "Trois"})

    changed(file, twin)
    report = import_gestures(away, SPACE, file)
    assert (report.added, report.refused) == (("Dört 🤘", "Three"), (("Trois", "Three"),))


def test_further_examples_that_are_of_another_gesture_are_left_out(away, file):
    away.teach("Three", [an_example(8)], 0)
    away.teach("Trois", [nearly(an_example(2))], 0)
    assert import_gestures(away, SPACE, file).refused == (("Three", "Trois"),)
    assert away.examples_of("Three") == [an_example(8)]


@pytest.mark.parametrize("dry_run", [True, False])
def test_more_gestures_than_can_be_told_apart_are_refused_all(away, file, dry_run):
    def many(content):
        content["gestures"] = [{**first(content), "name": f"gesture {k}"} for k in range(MOST_GESTURES)]

    away.teach("One", [an_example(5)], 0)
    changed(file, many)
    with pytest.raises(TooManyGesturesError, match="would have 201 gestures"):
        import_gestures(away, SPACE, file, dry_run=dry_run)
    assert [gesture.name for gesture in away.gestures()] == ["One"]
