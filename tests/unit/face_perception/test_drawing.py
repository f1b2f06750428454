import math

import cv2
import numpy as np
import pytest

from face_perception.detection import FaceKeypoints
from face_perception.drawing import draw_depth, draw_faces, label
from face_perception.face import Face
from perception_core.depth import Position3D, PositionSource
from perception_core.drawing import track_colour
from perception_core.frame import DepthImage, RgbdFrame
from perception_core.geometry import Box

KEYPOINTS = FaceKeypoints((110.0, 120.0), (140.0, 120.0), (125.0, 135.0), (112.0, 150.0), (138.0, 150.0))
FRAME = RgbdFrame(5_000_000_007, "camera", np.zeros((480, 640, 3), np.uint8))
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)


def face(source=PositionSource.DEPTH):
    position = Position3D((0.1, -0.2, 1.25), 0.01, 0.9, source) if source is not PositionSource.NONE else NOWHERE
    return Face(3, 0.93, False, Box(100, 100, 50, 70), KEYPOINTS, position)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (PositionSource.DEPTH, "#3  1.25 m"),
        (PositionSource.SIZE_PRIOR, "#3  ~1.25 m"),
        (PositionSource.PREDICTED, "#3  ~1.25 m"),
        (PositionSource.NONE, "#3"),
    ],
)
def test_the_label_tells_measured_from_estimated(source, text):
    assert label(face(source)) == text


def test_drawing_leaves_the_camera_s_picture_alone():
    picture = draw_faces(FRAME.colour, [face()])
    assert picture.any() and not FRAME.colour.any()


def test_a_face_beyond_the_border_is_drawn_as_far_as_it_goes():
    beyond = Face(1, 0.9, False, Box(-40, -40, 5000, 5000), KEYPOINTS, NOWHERE)
    assert draw_faces(FRAME.colour, [beyond]).any()


def test_lines_in_a_large_picture_are_thicker():
    def share(scale):
        picture = np.zeros((720 * scale, 1280 * scale, 3), np.uint8)
        box = Box(400 * scale, 200 * scale, 400 * scale, 300 * scale)
        return draw_faces(picture, [Face(1, 0.9, False, box, None, NOWHERE)]).any(axis=2).mean()

    assert share(4) > 0.5 * share(1)  # lines of the same width in pixels would cover a quarter


def test_depth_shows_the_faces_of_the_colour_image():
    depth = DepthImage(np.full((480, 640), 2000, np.uint16), 0.001)
    with_face, without = draw_depth(depth, (640, 480), [face()]), draw_depth(depth, (640, 480), [])
    changed = cv2.boundingRect((with_face != without).any(axis=2).astype(np.uint8))
    assert changed[0] == pytest.approx(99, abs=2) and changed[1] + changed[3] == pytest.approx(171, abs=2)
    assert (with_face[150, 100] == track_colour(3)).all()


def test_depth_of_another_size_is_shown_in_that_of_colour():
    depth = DepthImage(np.full((240, 424), 2000, np.uint16), 0.001)
    assert draw_depth(depth, (640, 480), [face()]).shape == (480, 640, 3)


def test_depth_that_is_missing_is_black():
    assert not draw_depth(None, (64, 48), []).any()
