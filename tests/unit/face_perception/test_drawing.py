import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from face_perception.detection import FaceKeypoints
from face_perception.drawing import draw_depth, draw_faces
from face_perception.expression_evidence import Expression, ExpressionState
from face_perception.expression_labels import FER7
from face_perception.face import Face
from face_perception.identity import Identity, IdentityState
from face_perception.liveness import Liveness
from perception_core.depth import Position3D, PositionSource
from perception_core.drawing import track_colour
from perception_core.frame import DepthImage, RgbdFrame
from perception_core.geometry import Box

KEYPOINTS = FaceKeypoints((110.0, 120.0), (140.0, 120.0), (125.0, 135.0), (112.0, 150.0), (138.0, 150.0))
FRAME = RgbdFrame(5_000_000_007, "camera", np.zeros((480, 640, 3), np.uint8))
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
HAPPY = Expression(
    ExpressionState.STABLE, "FER7", "happy", FER7.classes, (0.06, 0.88, 0.01, 0.01, 0.01, 0.01, 0.02), 0.7, 0.4
)


def face():
    return Face(
        3, 0.93, False, Box(100, 100, 50, 70), KEYPOINTS, Position3D((0.1, -0.2, 1.25), 0.01, 0.9, PositionSource.DEPTH)
    )


def everything_known(found, name="Ada"):
    return replace(
        found, looking_at_camera=True, expression=HAPPY, liveness=Liveness.FLAT,
        identity=Identity(IdentityState.CONFIRMED, "3fa277c1", name, 0.6),
    )  # fmt: skip


def test_drawing_leaves_the_camera_s_picture_alone():
    picture = draw_faces(FRAME.colour, [face()])
    assert picture.any() and not FRAME.colour.any()


def test_a_message_s_picture_that_may_not_be_written_is_drawn_on_a_copy(portrait):
    image, found = portrait("obama")
    image = image.copy()
    image.setflags(write=False)
    assert (draw_faces(image[:, ::-1], [found]) != image[:, ::-1]).any()


def test_a_face_beyond_the_border_is_drawn_as_far_as_it_goes():
    beyond = Face(1, 0.9, False, Box(-40, -40, 5000, 5000), KEYPOINTS, NOWHERE)
    assert draw_faces(FRAME.colour, [beyond]).any()


@pytest.mark.parametrize(
    "box", [Box(-500, 100, 50, 70), Box(9000, 9000, 1e9, 1e9), Box(100, 100, 0, 0), Box(math.nan, 0, 50, 50)]
)
def test_a_face_that_is_not_in_the_picture_is_left_out(box):
    assert not draw_faces(FRAME.colour, [replace(face(), box=box)]).any()


def test_lines_in_a_large_picture_are_thicker():
    def share(scale):
        picture = np.zeros((720 * scale, 1280 * scale, 3), np.uint8)
        box = Box(400 * scale, 200 * scale, 400 * scale, 300 * scale)
        return draw_faces(picture, [Face(1, 0.9, False, box, None, NOWHERE)]).any(axis=2).mean()

    assert share(4) > 0.5 * share(1)  # lines of the same width in pixels would cover a quarter


def test_a_bridged_face_has_only_the_corners_of_its_box():
    lost = replace(face(), bridged=True, keypoints=None)
    picture = draw_faces(FRAME.colour, [lost])
    assert picture[100, 100].any() and not picture[135, 100].any()
    assert not picture[105:165, 105:145].any()


@pytest.mark.parametrize("size", [(1, 1), (16, 12), (100, 100), (640, 480), (7680, 4320)])
@pytest.mark.parametrize("name", ["Ada", "李明 🙂", "x" * 64])
def test_all_that_is_known_is_drawn_into_pictures_of_any_size(portrait, size, name):
    image, found = portrait("obama")
    height, width = image.shape[:2]
    factors = np.array([size[0] / width, size[1] / height])
    box = found.box
    points = (found.landmarks.points * np.array([*factors, factors[0]])).astype(np.float32)
    box = Box(box.x * factors[0], box.y * factors[1], box.width * factors[0], box.height * factors[1])
    here = replace(found, box=box, landmarks=replace(found.landmarks, points=points))
    resized = cv2.resize(image, size)
    picture = draw_faces(resized, [everything_known(here, name)])
    assert picture.shape == resized.shape and (picture != resized).any()


def test_tags_and_panels_of_a_group_cover_no_face(photograph, find_faces):
    image = photograph("six_faces")
    faces = [
        everything_known(Face(number, found.score, False, found.box, None, NOWHERE))
        for number, found in enumerate(find_faces(image), 1)
    ]
    bare = draw_faces(image, [replace(Face(each.track_id, 0.9, False, each.box, None, NOWHERE)) for each in faces])
    changed = (draw_faces(image, faces) != bare).any(axis=2)
    assert changed.any()
    for each in faces:
        assert not changed[each.box.clipped(image.shape[1], image.shape[0]).slices()].any()


def test_depth_shows_the_faces_of_the_colour_image():
    depth = DepthImage(np.full((480, 640), 2000, np.uint16), 0.001)
    with_face, without = draw_depth(depth, (640, 480), [face()]), draw_depth(depth, (640, 480), [])
    changed = cv2.boundingRect((with_face != without).any(axis=2).astype(np.uint8))
    assert changed[0] == pytest.approx(99, abs=2) and changed[1] + changed[3] == pytest.approx(171, abs=2)
    assert (with_face[150, 100] == track_colour(3)).all()


def test_depth_of_another_size_is_shown_in_that_of_colour():
    depth = DepthImage(np.full((240, 424), 2000, np.uint16), 0.001)
    assert draw_depth(depth, (640, 480), [face()]).shape == (480, 640, 3)


@pytest.mark.parametrize("size", [(1, 1), (64, 48), (640, 480), (1920, 1080)])
def test_depth_that_is_missing_is_said_on_black(size):
    picture = draw_depth(None, size, [face()])
    assert picture.shape == (size[1], size[0], 3)
    if size[0] >= 640:
        x, _, width, _ = cv2.boundingRect(picture.any(axis=2).astype(np.uint8))
        assert 0.08 * size[0] < width < 0.5 * size[0] and x + width / 2 == pytest.approx(size[0] / 2, rel=0.02)
        assert picture.any(axis=2).mean() < 0.05
