import cv2
import numpy as np
import pytest


@pytest.fixture(scope="session")
def face(picture):
    """The astronaut's face with the margins that MTCNN frames it with."""
    return cv2.imread(str(picture("astronaut")))[60:180, 175:270]


def prepared(image, size):
    return cv2.dnn.blobFromImage(image, 1 / 128, (size, size), (127.5, 127.5, 127.5), swapRB=True)


@pytest.mark.parametrize(("name", "size"), [("mtcnn_rnet", 24), ("mtcnn_onet", 48)])
def test_a_face_is_told_from_a_space_suit(run, weights, picture, name, size):
    astronaut = cv2.imread(str(picture("astronaut")))
    assert run(weights(name), {"image": prepared(astronaut[60:180, 175:270], size)})[0][0, 1] > 0.95
    assert run(weights(name), {"image": prepared(astronaut[300:400, 300:400], size)})[0][0, 1] < 0.1


def test_the_first_network_proposes_the_face_among_windows(run, weights, picture):
    astronaut = cv2.imread(str(picture("astronaut")))
    scale = 12 / 110  # a face of 110 pixels fills one window
    size = int(512 * scale)
    scores, _ = run(weights("mtcnn_pnet"), {"image": prepared(astronaut, size)})
    row, column = np.unravel_index(scores[0, 1].argmax(), scores[0, 1].shape)
    centre = (np.array([column, row]) * 2 + 6) / scale
    assert scores[0, 1].max() > 0.8
    np.testing.assert_allclose(centre, [222, 120], atol=40)


def test_the_points_lie_where_eyes_nose_and_mouth_are(run, weights, face):
    _, _, points = run(weights("mtcnn_onet"), {"image": prepared(face, 48)})
    x, y = points[0, :5], points[0, 5:]
    assert x[0] < x[2] < x[1]  # the nose between the eyes
    assert x[3] < x[4]
    assert max(y[0], y[1]) < y[2] < min(y[3], y[4])


def test_scores_are_probabilities(run, weights):
    noise = np.random.default_rng(0).normal(size=(2, 3, 40, 56)).astype(np.float32)
    scores, boxes = run(weights("mtcnn_pnet"), {"image": noise})
    assert scores.shape == (2, 2, 15, 23)
    assert boxes.shape == (2, 4, 15, 23)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)
