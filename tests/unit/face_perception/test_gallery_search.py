import numpy as np
import pytest

from face_perception import gallery_search
from face_perception.gallery_records import Person
from face_perception.gallery_search import GalleryIndex


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def a_crowd(views, dimension=64, seed=0, alike=0.0):
    """People with so many views each; alike 0: all directions, near 1: all in almost the same."""
    rng = np.random.default_rng(seed)
    rows = unit(rng.normal(size=(sum(views), dimension)) * (1 - alike) + alike * 5)
    people = [Person(f"{k:016x}", f"person {k}", 0, count) for k, count in enumerate(views)]
    owners = [person.id for person in people for _ in range(person.views)]
    return people, owners, rows


def by_hand(people, owners, rows, query, most):
    best = {person.id: -2.0 for person in people}
    for owner, similarity in zip(owners, rows.astype(np.float64) @ query, strict=True):
        best[owner] = max(best[owner], similarity)
    return sorted(best.items(), key=lambda item: -item[1])[:most]


@pytest.fixture(params=["plain", "coarse"])
def way(request, monkeypatch):
    """Either way of searching, also for few people."""
    monkeypatch.setattr(gallery_search, "_COARSE_FROM", 0 if request.param == "coarse" else 10**9)


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("dimension", [128, 192, 512])
def test_the_most_similar_people_are_found_exactly(way, alike, dimension):
    rng = np.random.default_rng(1)
    people, owners, rows = a_crowd(rng.integers(1, 6, 400).tolist(), dimension, alike=alike)
    index = GalleryIndex(people, owners, rows)
    queries = unit(rng.normal(size=(20, dimension)) * (1 - alike) + alike * 5)
    for query, found in zip(queries, index.search(queries, most=3), strict=True):
        expected = by_hand(people, owners, rows, query, 3)
        assert [match.similarity for match in found] == pytest.approx([each for _, each in expected], abs=1e-5)
        if expected[0][1] - expected[1][1] > 1e-5:
            assert found[0].person.id == expected[0][0]


def test_somebody_enrolled_is_found_with_similarity_one(way):
    people, owners, rows = a_crowd([3] * 50)
    index = GalleryIndex(people, owners, rows)
    for row, owner in zip(rows, owners, strict=True):
        ((best, _),) = index.search(row[None])
        assert best.person.id == owner
        assert best.similarity == pytest.approx(1, abs=1e-5)


def test_the_same_face_enrolled_thousands_of_times_is_found(way):
    _, _, (row,) = a_crowd([1])
    people, owners, _ = a_crowd([1] * 3000)
    ((best, second),) = GalleryIndex(people, owners, np.repeat(row[None], 3000, 0)).search(row[None])
    assert best.similarity == second.similarity == pytest.approx(1, abs=1e-5)
    assert best.person.id != second.person.id


def test_a_shorter_query_finds_the_same_people_less_alike(way):
    people, owners, rows = a_crowd([2] * 100)
    index = GalleryIndex(people, owners, rows)
    ((whole, _),), ((half, _),) = index.search(rows[:1]), index.search(rows[:1] / 2)
    assert half.person == whole.person
    assert half.similarity == pytest.approx(whole.similarity / 2, abs=1e-5)


def test_an_empty_gallery_finds_nobody():
    index = GalleryIndex([], [], np.empty((0, 512), np.float32))
    assert index.search(np.ones((2, 512), np.float32)) == [(), ()]
    assert np.isnan(index.similarity(np.ones(512, np.float32), "nobody"))


def test_one_person_has_no_second(way):
    people, owners, rows = a_crowd([4])
    (found,) = GalleryIndex(people, owners, rows).search(rows[:1], most=5)
    assert [match.person for match in found] == people


def test_similarity_to_one_person_is_that_of_their_nearest_view():
    people, owners, rows = a_crowd([3, 3])
    index = GalleryIndex(people, owners, rows)
    query = unit(np.random.default_rng(5).normal(size=64))
    assert index.similarity(query, people[1].id) == pytest.approx(float((rows[3:] @ query).max()), abs=1e-6)
    assert np.isnan(index.similarity(query, "nobody"))
