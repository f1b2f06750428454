"""What is drawn onto faces, on photographs with landmarks of the real networks."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from face_perception.face_overlay import CONTOURS, draw_axes, draw_contours, draw_gaze, draw_on_face
from face_perception.gaze import Gaze
from face_perception.head_pose import rotation_of
from face_perception.landmark_schemes import to_scheme
from face_perception.landmarks import Landmarks, LandmarkScheme

WHITE = (255, 255, 255)
NOSE_TIP = 4


@pytest.fixture
def astronaut(portrait):
    return portrait("astronaut")


def black(image):
    return np.zeros_like(image)


def centre_of(mask):
    rows, columns = np.nonzero(mask)
    return columns.mean(), rows.mean()


def coloured(picture, channel):
    """Where one of blue, green and red stands out."""
    others = [other for other in range(3) if other != channel]
    return picture[..., channel].astype(int) > picture[..., others].max(axis=2).astype(int) + 80


def test_lines_run_along_the_edges_of_the_mesh(canonical_face):
    corners = canonical_face.triangles
    edges = {frozenset(pair) for each in corners.tolist() for pair in zip(each, each[1:] + each[:1], strict=True)}
    contours = CONTOURS[LandmarkScheme.MEDIAPIPE478]
    for line in (contours.outline[0], *contours.closed):
        points = line.tolist()
        joined = zip(points, points[1:] + points[:1], strict=True)
        assert all(frozenset(pair) in edges for pair in joined)


def test_contours_lie_on_the_face_s_features(astronaut):
    image, face = astronaut
    picture = black(image)
    draw_contours(picture, face.landmarks, None, WHITE, face.box.height)
    drawn = picture.any(axis=2)
    for point in face.landmarks.points[[61, 291, 33, 263, 152, 105]]:  # lips' and eyes' corners, chin, brow
        column, row = np.rint(point[:2]).astype(int)
        assert drawn[row - 2 : row + 3, column - 2 : column + 3].any()
    column, row = np.rint(face.landmarks.points[50, :2]).astype(int)  # the cheek is left alone
    assert not drawn[row - 4 : row + 5, column - 4 : column + 5].any()


def test_a_shut_eye_shows_no_iris(astronaut):
    image, face = astronaut
    column, row = np.rint(face.landmarks.points[468, :2]).astype(int)
    eye = slice(row - 4, row + 5), slice(column - 4, column + 5)
    light = []
    for shut in (False, True):
        picture = black(image)
        draw_contours(picture, face.landmarks, replace(face.eyes, right_shut=shut), WHITE, face.box.height)
        light.append(int(picture[eye].sum()))
    assert light[0] > light[1]


@pytest.mark.parametrize(
    ("yaw", "pitch", "aside", "down"), [(40, 0, 1, 0), (-40, 0, -1, 0), (0, 40, 0, 1), (0, -40, 0, -1)]
)
def test_the_red_axis_points_where_the_nose_does(astronaut, yaw, pitch, aside, down):
    image, face = astronaut
    picture = black(image)
    turned = replace(face.pose, rotation=rotation_of(yaw, pitch, 0), to_camera=np.eye(3))
    draw_axes(picture, face.landmarks, turned, face.box.height)
    x, y = centre_of(coloured(picture, 2)) - face.landmarks.points[NOSE_TIP, :2]
    assert (x * aside > 8 and abs(y) < 5) if aside else (y * down > 8 and abs(x) < 5)


def test_green_points_to_the_person_s_left_and_blue_up(astronaut):
    image, face = astronaut
    picture = black(image)
    draw_axes(picture, face.landmarks, replace(face.pose, rotation=rotation_of(0, 0, 0), to_camera=np.eye(3)), 150)
    nose = face.landmarks.points[NOSE_TIP, :2]
    left, up = centre_of(coloured(picture, 1)) - nose, centre_of(coloured(picture, 0)) - nose
    assert left[0] > 8 and abs(left[1]) < 5
    assert up[1] < -8 and abs(up[0]) < 5


def test_gaze_runs_from_both_irises_to_where_the_eyes_look(astronaut):
    image, face = astronaut
    pose = replace(face.pose, to_camera=np.eye(3))
    lit = []
    for x in (-0.6, 0.6):
        picture = black(image)
        draw_gaze(picture, face.landmarks, pose, Gaze((x, 0.0, -0.8), True), face.box.height)
        lit.append(centre_of(picture.max(axis=2) > 150))
    middle = face.landmarks.points[[468, 473], :2].mean(axis=0)
    assert lit[0][0] < middle[0] - 8 and lit[1][0] > middle[0] + 8
    assert abs(lit[0][1] - middle[1]) < 6


def test_a_gaze_that_only_the_head_tells_is_not_drawn(astronaut):
    image, face = astronaut
    pictures = []
    for gaze in (None, replace(face.gaze, by_eyes=False), Gaze((0.6, 0.0, -0.8), True)):
        picture = image.copy()
        draw_on_face(picture, replace(face, gaze=gaze), WHITE)
        pictures.append(picture)
    assert (pictures[0] == pictures[1]).all() and (pictures[0] != pictures[2]).any()


@pytest.mark.parametrize("scheme", list(LandmarkScheme))
def test_every_scheme_is_drawn(astronaut, scheme):
    image, face = astronaut
    face = replace(face, landmarks=to_scheme(face.landmarks, scheme))
    picture = image.copy()
    draw_on_face(picture, face, WHITE)
    inside = cv2.boundingRect((picture != image).any(axis=2).astype(np.uint8))
    assert inside[2] > 0.7 * face.box.width and inside[3] > 0.6 * face.box.height


def scaled(face, factor, shift=(0.0, 0.0)):
    """The same face elsewhere in another size."""
    landmarks, box = face.landmarks, face.box
    points = (landmarks.points * factor + np.array([*shift, 0])).astype(np.float32)
    box = replace(
        box, x=box.x * factor + shift[0], y=box.y * factor + shift[1], width=box.width * factor,
        height=box.height * factor,
    )  # fmt: skip
    pose = replace(face.pose, metres_per_pixel=face.pose.metres_per_pixel / factor)
    return replace(face, landmarks=Landmarks(landmarks.scheme, points, 1.0), box=box, pose=pose)


@pytest.mark.parametrize("factor", [0.02, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("shift", [(0, 0), (-150, -100), (300, 250), (5000, 5000), (-1e7, 1e7)])
def test_faces_of_any_size_and_partly_outside_are_drawn_as_far_as_they_go(astronaut, factor, shift):
    image, face = astronaut
    picture, face = black(image), scaled(face, factor, shift)
    draw_on_face(picture, face, WHITE)
    points = face.landmarks.points[CONTOURS[face.landmarks.scheme].outline[0], :2]
    inside = ((points >= 0) & (points < (image.shape[1] - 1, image.shape[0] - 1))).all(axis=1)
    assert picture.any() or not inside.any()


def test_a_small_face_is_left_to_be_seen(astronaut):
    image, face = astronaut
    large, small = black(image), black(image)
    draw_contours(large, face.landmarks, None, WHITE, face.box.height)
    tiny = scaled(face, 24 / face.box.height)
    draw_contours(small, tiny.landmarks, None, WHITE, tiny.box.height)
    middle = np.rint(tiny.landmarks.points[[1, 13, 168], :2]).astype(int)
    assert not small[middle[:, 1], middle[:, 0]].any()
    assert small.any()


def test_landmarks_that_are_no_numbers_are_not_drawn(astronaut):
    image, face = astronaut
    broken = face.landmarks.points.copy()
    broken[7] = np.nan
    picture = black(image)
    draw_on_face(picture, replace(face, landmarks=replace(face.landmarks, points=broken)), WHITE)
    assert not picture.any()


def test_a_pose_out_of_a_message_is_drawn_nearly_as_it_was(astronaut):
    image, face = astronaut
    unknown = replace(face.pose, metres_per_pixel=np.nan, to_camera=np.full((3, 3), np.nan))
    turned = [replace(pose, rotation=rotation_of(40, 0, 0)) for pose in (face.pose, unknown)]
    places = []
    for pose in turned:
        picture = black(image)
        draw_on_face(picture, replace(face, pose=pose), (0, 0, 0))
        places.append(centre_of(coloured(picture, 2)))
    assert np.linalg.norm(np.subtract(*places)) < 0.15 * face.box.height


def test_a_pose_without_a_size_has_axes_in_proportion_to_the_face(astronaut):
    image, face = astronaut
    lengths = []
    for metres in (face.pose.metres_per_pixel, np.nan):
        picture = black(image)
        draw_axes(picture, face.landmarks, replace(face.pose, metres_per_pixel=metres), face.box.height)
        lengths.append(cv2.boundingRect(picture.max(axis=2))[3])
    assert lengths[1] == pytest.approx(lengths[0], rel=0.6)
