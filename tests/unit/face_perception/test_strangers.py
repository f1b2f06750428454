import numpy as np
import pytest

from face_perception.strangers import Strangers
from perception_core.zoo.manifest import load_models

FACE_IDENTITY = load_models()["face_identity"].thresholds

S = 1_000_000_000


def a_face(person, look=0, spread=0.04):
    """An embedding: looks of one person have a cosine of some 0.5, those of two people of some 0."""
    numbers = np.random.default_rng(person).normal(size=512)
    numbers /= np.linalg.norm(numbers)
    numbers += np.random.default_rng(1000 * person + look).normal(0, spread, 512)
    return (numbers / np.linalg.norm(numbers)).astype(np.float32)


@pytest.fixture
def strangers():
    return Strangers(FACE_IDENTITY, share=0.01, keep_s=600, most=20)


def test_a_stranger_who_comes_back_has_the_same_id(strangers):
    first = strangers.recognise(a_face(1), 0)
    strangers.recognise(a_face(2), 5 * S)
    assert strangers.recognise(a_face(1, look=1), 300 * S) == first


def test_different_strangers_have_different_ids(strangers):
    assert len({strangers.recognise(a_face(person), person * S) for person in range(15)}) == 15


def test_a_stranger_is_known_by_any_of_several_looks(strangers):
    rng = np.random.default_rng(0)
    front = a_face(1)
    side = front * 0.5 + 0.8 * a_face(50)
    side = (side / np.linalg.norm(side)).astype(np.float32)
    stranger = strangers.recognise(front, 0)
    assert strangers.seen(stranger, side, S)
    near_side = side + rng.normal(0, 0.03, 512).astype(np.float32)
    assert strangers.recognise((near_side / np.linalg.norm(near_side)).astype(np.float32), 2 * S) == stranger


def test_who_was_not_seen_for_long_is_forgotten_and_the_id_not_used_again(strangers):
    first = strangers.recognise(a_face(1), 0)
    assert strangers.recognise(a_face(1, 1), 599 * S) == first
    assert strangers.recognise(a_face(1, 2), 1199 * S) == first
    later = strangers.recognise(a_face(1, 3), 1800 * S)
    assert later != first
    assert not strangers.seen(first, a_face(1), 1801 * S)


def test_the_one_not_seen_for_longest_makes_room(strangers):
    ids = [strangers.recognise(a_face(person), person * S) for person in range(20)]
    strangers.seen(ids[0], a_face(0), 30 * S)
    strangers.recognise(a_face(99), 31 * S)
    assert len(strangers) == 20
    assert strangers.seen(ids[0], a_face(0), 32 * S)
    assert not strangers.seen(ids[1], a_face(1), 33 * S)


def test_two_who_are_in_view_at_once_are_never_one(strangers):
    first = strangers.recognise(a_face(1), 0)
    assert strangers.recognise(a_face(1, 1), S, taken={first}) != first


def test_one_who_is_enrolled_is_a_stranger_no_more(strangers):
    first = strangers.recognise(a_face(1), 0)
    strangers.forget(first)
    strangers.forget("nobody")
    assert len(strangers) == 0
    assert strangers.recognise(a_face(1), S) != first


def test_stamps_that_jump_back_forget_everybody(strangers):
    first = strangers.recognise(a_face(1), 100 * S)
    assert strangers.recognise(a_face(1), 50 * S) != first


def test_memory_is_bounded_however_many_come(strangers):
    for k in range(500):
        strangers.recognise(a_face(k % 130, look=k), k * S)
    assert len(strangers) <= 20
    assert all(len(stranger.looks) <= 4 for stranger in strangers._known.values())
