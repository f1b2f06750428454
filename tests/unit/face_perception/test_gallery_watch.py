"""Two programs with one gallery."""

import threading
import time
from contextlib import closing

import numpy as np
import pytest

from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_watch import GalleryWatch
from perception_core.embedding_space import EmbeddingSpace

SPACE = EmbeddingSpace("face_identity", 4, "0123456789abcdef")
PATIENCE_S = 20.0


@pytest.fixture
def galleries(tmp_path):
    path = tmp_path / "people.sqlite"
    with closing(Gallery(path, SPACE)) as ours, closing(Gallery(path, SPACE)) as theirs:
        yield ours, theirs


def eventually(fact):
    end = time.monotonic() + PATIENCE_S
    while not fact() and time.monotonic() < end:
        time.sleep(0.005)
    return fact()


def test_who_is_enrolled_or_forgotten_elsewhere_is_known_and_not_known_here(galleries):
    ours, theirs = galleries
    with closing(GalleryWatch(ours, print, period_s=0.01)):
        person = theirs.enrol("Ada", [FaceView(np.eye(4, dtype=np.float32)[0])], 0)
        assert eventually(lambda: person.id in ours.index.people)
        theirs.forget(person.id)
        assert eventually(lambda: person.id not in ours.index.people)


def test_once_closed_it_looks_no_more(galleries):
    ours, theirs = galleries
    GalleryWatch(ours, print, period_s=0.01).close()
    before = ours.index
    theirs.enrol("Ada", [FaceView(np.eye(4, dtype=np.float32)[0])], 0)
    assert ours.index is before


def test_a_trouble_is_told_once(galleries):
    ours, _ = galleries
    told = []
    ours.close()
    with closing(GalleryWatch(ours, told.append, period_s=0.01)):
        assert eventually(lambda: told)
    assert len(told) == 1 and str(ours.path) in told[0]


def test_a_trouble_that_comes_again_is_told_again(galleries):
    ours, _ = galleries
    told, refreshed = [], threading.Event()

    class Troubled(Gallery):
        """Fails, recovers and fails again, each time in a way that nobody foresaw."""

        looks = 0

        def refresh(self):
            self.looks += 1
            if self.looks != 3:
                raise ZeroDivisionError("gone")
            refreshed.set()
            return super().refresh()

    with closing(Troubled(ours.path, SPACE)) as troubled, closing(GalleryWatch(troubled, told.append, period_s=0.01)):
        assert eventually(lambda: len(told) == 2)
    assert refreshed.is_set() and troubled.looks >= 4
    assert told[0] == told[1] and "ZeroDivisionError: gone" in told[0]


def test_two_who_erase_at_the_same_time_are_in_nobodys_way(galleries):
    ours, theirs = galleries
    with closing(GalleryWatch(ours, print, period_s=0.001)):
        for k in range(20):
            person = theirs.enrol(f"Ada {k}", [FaceView(np.eye(4, dtype=np.float32)[0])], 0)
            theirs.rename(person.id, f"Bob {k}")
            theirs.forget(person.id)
    assert theirs.people() == []
