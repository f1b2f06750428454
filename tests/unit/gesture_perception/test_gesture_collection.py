from contextlib import closing

import numpy as np
import pytest

from gesture_perception.gesture_collection import GestureCollection
from gesture_perception.gesture_records import POSES
from gesture_perception.hand import HandLandmarks
from perception_core.embedding_space import EmbeddingSpace
from perception_core.private_store.errors import BadEmbeddingError, BadNameError

SPACE = EmbeddingSpace("gesture_embedder", 128, "0123456789abcdef")
HAND = HandLandmarks(np.zeros((21, 3), np.float32), np.zeros((21, 3), np.float32), 1.0, 1.0)


def an_example(seed):
    rows = np.random.default_rng(seed).normal(size=(POSES, 128)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def collections(tmp_path):
    path = tmp_path / "gestures.sqlite"
    with closing(GestureCollection(path, SPACE)) as ours, closing(GestureCollection(path, SPACE)) as theirs:
        yield ours, theirs


def shown(collection, row):
    (match,) = collection.index.match([HAND], 30 * row[None])
    return None if match is None else match.name


def test_what_is_taught_is_recognised_from_then_on_and_what_is_forgotten_is_not(collections):
    ours, _ = collections
    example = an_example(0)
    before = ours.index
    ours.teach("Three", [example], 0)
    assert [shown(ours, row) for row in example] == ["Three"] * POSES
    assert before.match([HAND], example[:1]) == [None]  # an index that somebody holds never changes
    ours.forget("Three")
    assert shown(ours, example[0]) is None


def test_what_another_program_taught_is_recognised_after_refresh(collections):
    ours, theirs = collections
    theirs.teach("Three", [an_example(0)], 0)
    assert shown(ours, an_example(0)[0]) is None
    assert ours.refresh() and not ours.refresh()
    assert shown(ours, an_example(0)[0]) == "Three"


def test_a_file_that_is_removed_is_empty_and_takes_gestures_again(collections):
    ours, theirs = collections
    ours.teach("Three", [an_example(0)], 0)
    theirs.refresh()
    ours.path.unlink()
    for collection in collections:
        assert collection.refresh() and not collection.index.gestures and "was removed" in collection.lost()
        assert not collection.refresh()
    ours.teach("Four", [an_example(1)], 0)
    assert shown(ours, an_example(1)[0]) == "Four"
    assert theirs.refresh() and shown(theirs, an_example(1)[0]) == "Four" and theirs.lost() is None


def test_what_cannot_be_taught_leaves_all_as_it_was(collections):
    ours, _ = collections
    good = an_example(0)
    for example in (good[:2], good[:, :64], 2 * good, np.full_like(good, np.nan)):
        with pytest.raises(BadEmbeddingError):
            ours.teach("Three", [good, example], 0)
    with pytest.raises(BadNameError):
        ours.teach("Victory", [good], 0)
    assert ours.gestures() == [] and not ours.index.gestures
