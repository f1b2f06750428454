"""Who may be enrolled under which name: embeddings whose likeness is known, in a real gallery."""

import numpy as np
import pytest

from face_perception.gallery import Gallery
from perception_cli.people_judge import Judge, PictureView
from perception_core.embedding_space import EmbeddingSpace
from perception_core.zoo.manifest import load_models

SPACE = EmbeddingSpace("face_identity", 512, "0123456789abcdef")
TABLE = load_models()["face_identity"].thresholds
ADA, BOB, EVA = range(3)


@pytest.fixture
def gallery(tmp_path):
    gallery = Gallery(tmp_path / "gallery.sqlite", SPACE)
    yield gallery
    gallery.close()


@pytest.fixture
def judge(gallery):
    return Judge(gallery, TABLE)


def picture_of(person, number=0, *, likeness=0.7):
    """A picture whose cosine with the person's others is `likeness`, and about 0 with everybody else's."""
    embedding = np.zeros(512)
    embedding[person] = np.sqrt(likeness)
    noise = np.random.default_rng([person, number]).normal(size=512)
    noise[:3] = 0
    embedding += np.sqrt(1 - likeness) * noise / np.linalg.norm(noise)
    return PictureView(f"{person}-{number}.jpg", embedding.astype(np.float32))


def between(one, other, share):
    """A face that has a share of one and the rest of another."""
    embedding = np.sqrt(share) * picture_of(one).embedding + np.sqrt(1 - share) * picture_of(other).embedding
    return PictureView("between.jpg", (embedding / np.linalg.norm(embedding)).astype(np.float32))


def views_by_name(gallery):
    return {person.name: person.views for person in gallery.people()}


def test_somebody_new_is_enrolled_with_all_views(gallery, judge):
    outcome = judge("Ada", [picture_of(ADA, k) for k in range(3)], 5)
    assert (outcome.name, outcome.result, outcome.failed, outcome.views) == ("Ada", "enrolled", False, 3)
    assert gallery.people()[0].enrolled_ns == 5
    assert views_by_name(gallery) == {"Ada": 3}


def test_a_picture_of_somebody_else_among_three_is_left_out(gallery, judge):
    outcome = judge("Ada", [picture_of(ADA), picture_of(BOB), picture_of(ADA, 1)], 0)
    assert outcome.views == 2
    assert outcome.left_out == (("1-0.jpg", "shows somebody else than the others"),)


def test_of_two_who_differ_nobody_can_say_who_is_meant(gallery, judge):
    outcome = judge("Ada", [picture_of(ADA), picture_of(BOB)], 0)
    assert outcome.failed and outcome.result == "the pictures show different people"
    assert gallery.people() == []


def test_the_same_picture_twice_is_taken_once(gallery, judge):
    outcome = judge("Ada", [picture_of(ADA), picture_of(ADA), picture_of(ADA, 1)], 0)
    assert outcome.views == 2
    assert outcome.left_out == (("0-0.jpg", "is the same as another"),)


def test_new_views_of_somebody_known_are_added_and_known_ones_are_not(gallery, judge):
    judge("Ada", [picture_of(ADA)], 0)
    outcome = judge("ADA", [picture_of(ADA), picture_of(ADA, 1)], 0)
    assert (outcome.name, outcome.views, outcome.failed) == ("Ada", 1, False) and "views added" in outcome.result
    again = judge("Ada", [picture_of(ADA), picture_of(ADA, 1)], 0)
    assert (again.views, again.failed) == (0, False) and "nothing new" in again.result
    assert views_by_name(gallery) == {"Ada": 2}


def test_another_face_does_not_get_a_known_persons_name(gallery, judge):
    judge("Ada", [picture_of(ADA)], 0)
    outcome = judge("Ada", [picture_of(BOB)], 0)
    assert outcome.failed and "does not resemble the Ada who is enrolled" in outcome.result
    assert views_by_name(gallery) == {"Ada": 1}


def test_a_known_face_does_not_get_a_second_name(gallery, judge):
    judge("Ada", [picture_of(ADA, k) for k in range(2)], 0)
    outcome = judge("Countess", [picture_of(ADA, k) for k in range(2, 4)], 0)
    assert outcome.failed and "looks like Ada" in outcome.result and "--force" in outcome.result
    assert views_by_name(gallery) == {"Ada": 2}


def test_a_twin_is_enrolled_where_the_user_insists(gallery, judge):
    judge("Ada", [picture_of(ADA)], 0)
    assert not Judge(gallery, TABLE, force=True)("Twin", [picture_of(ADA, 1)], 0).failed
    assert views_by_name(gallery) == {"Ada": 1, "Twin": 1}


def test_a_known_person_gets_views_although_a_twin_is_there(gallery, judge):
    judge("Ada", [picture_of(ADA)], 0)
    Judge(gallery, TABLE, force=True)("Twin", [between(ADA, EVA, 0.6)], 0)
    outcome = judge("Ada", [picture_of(ADA, 1)], 0)
    assert not outcome.failed and outcome.views == 1


def test_views_that_are_more_like_another_person_are_not_added(gallery, judge):
    judge("Ada", [picture_of(ADA)], 0)
    judge("Bob", [picture_of(BOB)], 0)
    outcome = judge("Ada", [between(ADA, BOB, 0.3)], 0)
    assert outcome.failed and "looks like Bob" in outcome.result


def test_who_another_program_has_enrolled_meanwhile_counts(gallery, judge):
    other = Gallery(gallery.path, SPACE)
    Judge(other, TABLE)("Ada", [picture_of(ADA)], 0)
    other.close()
    assert "looks like Ada" in judge("Countess", [picture_of(ADA, 1)], 0).result


@pytest.mark.parametrize(("name", "reason"), [("  ", "empty"), ("x" * 10_000, "at most 64"), ("a\udcff", "printable")])
def test_what_cannot_be_a_name_is_refused(gallery, judge, name, reason):
    outcome = judge(name, [picture_of(ADA)], 0)
    assert outcome.failed and reason in outcome.result
    assert gallery.people() == []


def test_hundreds_of_different_people_are_all_enrolled(gallery, judge):
    rng = np.random.default_rng(0)
    for number in range(300):
        face = rng.normal(size=512)
        view = PictureView("a.jpg", (face / np.linalg.norm(face)).astype(np.float32))
        assert not judge(f"person {number}", [view], 0).failed
    assert len(gallery.people()) == 300
