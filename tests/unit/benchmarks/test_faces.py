import numpy as np

from benchmarks.harness.faces import KnownFrame, found_and_false, found_and_false_hands

BLACK = np.zeros((480, 640, 3), np.uint8)


def judged(boxes, faces, doubtful=()):
    return found_and_false(np.array(boxes, float).reshape(-1, 4), KnownFrame("group", BLACK, faces, doubtful))


def test_a_box_around_a_face_has_found_it():
    assert judged([[80, 80, 40, 40]], ((100, 100),)) == (1, 0)


def test_a_face_without_a_box_is_not_found_and_a_box_elsewhere_is_false():
    assert judged([[300, 300, 40, 40]], ((100, 100),)) == (0, 1)
    assert judged([], ((100, 100), (200, 200))) == (0, 0)


def test_one_box_around_two_faces_has_found_one():
    assert judged([[0, 0, 400, 400]], ((100, 100), (200, 200))) == (1, 0)


def test_two_boxes_around_one_face_are_one_too_many():
    assert judged([[80, 80, 40, 40], [70, 70, 60, 60]], ((100, 100),)) == (1, 1)


def test_a_face_that_is_hardly_seen_is_neither_found_nor_false():
    assert judged([[80, 80, 40, 40]], (), doubtful=((100, 100),)) == (0, 0)


def test_hands_are_judged_as_faces_are_and_apart_from_them():
    frame = KnownFrame("clip", BLACK, ((300, 300),), hands=((100, 100),), doubtful_hands=((200, 200),))
    boxes = np.array([[80, 80, 40, 40], [180, 180, 40, 40], [280, 280, 40, 40]], float)
    assert found_and_false_hands(boxes, frame) == (1, 1)
