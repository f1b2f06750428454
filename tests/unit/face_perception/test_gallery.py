import random

import cv2
import numpy as np
import pytest

from face_perception.gallery import FaceView, Gallery
from face_perception.gallery_errors import BadEmbeddingError, NameTakenError, OtherModelError, TracesLeftError
from perception_core.embedding_space import EmbeddingSpace

SPACE = EmbeddingSpace("face_identity", 512, "0123456789abcdef")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people" / "gallery.db"


@pytest.fixture
def open_gallery(path):
    opened = []

    def make(space=SPACE, **options):
        opened.append(Gallery(path, space, **options))
        return opened[-1]

    yield make
    for gallery in opened:
        gallery.close()


@pytest.fixture
def gallery(open_gallery):
    return open_gallery()


def a_view(seed, *, crop=False):
    numbers = np.random.default_rng(seed).normal(size=512).astype(np.float32)
    picture = np.random.default_rng(seed).integers(0, 256, (112, 112, 3), np.uint8) if crop else None
    return FaceView(numbers / np.linalg.norm(numbers), picture)


def best(gallery, view):
    return gallery.index.search(view.embedding[None])[0][0]


def test_who_is_enrolled_is_recognised_by_every_view(gallery):
    views = [a_view(seed) for seed in range(3)]
    gallery.enrol("Bob", [a_view(9)], 0)
    ada = gallery.enrol("Ada", views, 1234)
    assert (ada.name, ada.views, ada.enrolled_ns) == ("Ada", 3, 1234)
    assert [best(gallery, view).person for view in views] == [ada] * 3


def test_views_that_are_added_count(gallery):
    ada = gallery.enrol("Ada", [a_view(0)], 0)
    assert best(gallery, a_view(1)).similarity < 0.5
    gallery.add_views(ada.id, [a_view(1)])
    assert best(gallery, a_view(1)).similarity == pytest.approx(1, abs=1e-5)
    assert gallery.people()[0].views == 2


def test_who_is_forgotten_is_found_no_more(gallery):
    ada = gallery.enrol("Ada", [a_view(0)], 0)
    gallery.forget(ada.id)
    assert gallery.index.search(a_view(0).embedding[None]) == [()]
    assert gallery.index.people == {}


def test_a_new_name_and_a_merged_person_are_known_at_once(gallery):
    ada, countess = gallery.enrol("Ada", [a_view(0)], 0), gallery.enrol("Countess", [a_view(1)], 0)
    gallery.rename(ada.id, "Augusta")
    assert best(gallery, a_view(0)).person.name == "Augusta"
    gallery.merge(ada.id, countess.id)
    assert best(gallery, a_view(1)).person.name == "Augusta"
    assert best(gallery, a_view(1)).person.views == 2


def test_what_another_program_changed_is_noticed_and_taken_over(open_gallery):
    node, command_line = open_gallery(), open_gallery()
    assert not node.changed()
    ada = command_line.enrol("Ada", [a_view(0)], 0)
    assert node.changed()
    assert node.refresh()
    assert not node.changed()
    assert not node.refresh()
    assert best(node, a_view(0)).person == ada
    node.forget(ada.id)
    assert command_line.refresh()
    assert command_line.index.people == {}


def test_an_index_in_use_does_not_change_under_its_user(gallery):
    gallery.enrol("Ada", [a_view(0)], 0)
    index = gallery.index
    gallery.enrol("Bob", [a_view(1)], 0)
    assert len(index.people) == 1
    assert len(gallery.index.people) == 2


def test_a_gallery_of_another_model_is_never_opened(open_gallery):
    open_gallery().enrol("Ada", [a_view(0)], 0)
    with pytest.raises(OtherModelError, match=r"my_facenet \(128 numbers"):
        open_gallery(EmbeddingSpace("my_facenet", 128, "ff"))


@pytest.mark.parametrize(
    "embedding",
    [np.ones(128, np.float32), np.ones((1, 512), np.float32), np.zeros(512), np.full(512, np.nan), np.ones(512)],
    ids=["short", "matrix", "zero", "nan", "long"],
)
def test_what_is_no_embedding_is_refused(gallery, embedding):
    with pytest.raises(BadEmbeddingError):
        gallery.enrol("Ada", [a_view(0), FaceView(embedding)], 0)
    assert gallery.people() == []


def test_a_person_without_views_is_refused(gallery):
    with pytest.raises(BadEmbeddingError, match="at least one"):
        gallery.enrol("Ada", [], 0)


def test_no_picture_is_stored_unless_asked_for(path, gallery):
    gallery.enrol("Ada", [a_view(0, crop=True)], 0)
    assert b"JFIF" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_pictures_that_are_asked_for_are_kept_and_erased_with_the_person(path, open_gallery, tmp_path):
    gallery = open_gallery(keep_pictures=True)
    view = a_view(0, crop=True)
    ada = gallery.enrol("Ada", [view], 0)
    gallery.enrol("Bob", [a_view(1, crop=True)], 0)
    jpeg = cv2.imencode(".jpg", view.crop, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    on_disk = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert jpeg in on_disk
    gallery.forget(ada.id)
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not any(jpeg[begin : begin + 32] in left for begin in range(700, len(jpeg) - 32, 32))
    assert b"JFIF" in left


def test_who_is_forgotten_while_a_reader_holds_on_is_unknown_at_once(path, open_gallery):
    other = open_gallery()
    gallery = open_gallery(wait_s=0.05)
    ada = gallery.enrol("Ada", [a_view(0)], 0)
    reader = other._store._connection
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM view").fetchone()
    with pytest.raises(TracesLeftError):
        gallery.forget(ada.id)
    assert gallery.index.people == {}
    reader.execute("ROLLBACK")
    gallery.refresh()
    assert a_view(0).embedding.tobytes()[:32] not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_many_people_come_and_go_and_the_index_is_always_that_of_the_file(open_gallery):
    gallery, other = open_gallery(), open_gallery()
    rng = random.Random(0)
    there = {}
    for k in range(60):
        name = f"person {rng.randrange(25)}"
        try:
            person = gallery.enrol(name, [a_view(k)], 0)
            there[person.id] = k
        except NameTakenError as taken:
            gallery.forget(taken.person_id)
            del there[taken.person_id]
    other.refresh()
    assert set(gallery.index.people) == set(other.index.people) == set(there)
    assert all(best(other, a_view(seed)).person.id == person_id for person_id, seed in there.items())
