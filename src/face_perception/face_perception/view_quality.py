"""Whether a view of a face is good enough to say whose it is.

The limits were measured with `face_identity` on Labeled Faces in the Wild and on altered copies of its pictures. An
embedding of a bad view is not only useless, it resembles those of other bad views.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from face_perception.detection import FaceDetection
from perception_core.frame import ColourImage
from perception_core.geometry import Affine, inverse, transformed

_HEIGHT_IN_CROP = 106.3  # pixels of the aligned crop that the detector's box is high: median, 98 % lie within 95 to 119
_LEAST_HEIGHT = 28.0  # pixels; below, more than 3 % of people are lost, and sharpness cannot be told
_GOOD_HEIGHT = 80.0
_LEAST_SHARPNESS = 0.125  # 98 % of faces of 32 px are above, 99 % of those blurred with a sigma of 3 below
_GOOD_SHARPNESS = 0.25
_LEAST_MEAN, _MOST_MEAN = 35.0, 225.0  # grey levels; of 1000 daylight faces one is below 55, none above 204
_LEAST_CONTRAST = 10.0  # standard deviation, grey levels; of 1000 daylight faces one is below 15
_MOST_YAW, _MOST_PITCH = math.radians(45), math.radians(30)  # at 45 degrees of yaw one picture in ten is not recognised
_GOOD_YAW = math.radians(20)
_MOST_ROLL = math.radians(60)
_LEAST_SCORE = 0.7  # of the detector; none of the 13,233 pictures is below 0.85
_MOST_OUTSIDE = 0.05  # of eyes, nose and mouth
_LEAST_WEIGHT = 0.2

_SKIN = (slice(16, 108), slice(16, 96))  # the part of the crop that is face in every view
_NOISE_SIGMA, _PROBE_SIGMA = 1.0, 1.0

# Lengths on MediaPipe's canonical face, in units of its inter-ocular distance (63 mm); see face_anatomy.
_NOSE_FORWARD, _NOSE_FORWARD_OF_EYES, _MOUTH_FORWARD, _MOUTH_DOWN = 0.597, 0.654, 0.130, 1.106
_NOSE_DOWN = 0.565 * _MOUTH_DOWN  # where the detector sees the tip of a nose in level faces: median


class Refusal(Enum):
    """Why a view is not used; the value says it to the person."""

    TOO_SMALL = "the face is too small: come closer"
    BLURRED = "the picture is blurred: hold still"
    TOO_DARK = "the face is too dark"
    TOO_BRIGHT = "the face is too bright"
    NO_CONTRAST = "the face has no contrast"
    TURNED_AWAY = "the face is turned away: look at the camera"
    UPSIDE_DOWN = "the head lies on its side or is upside down"
    CUT_OFF = "the face is cut off by the edge of the picture"
    UNSURE = "it is not sure that this is a face"


@dataclass(frozen=True, slots=True)
class HeadAngles:
    """Where a head is turned to, radians; either sign.

    Attributes:
        yaw: To the side; 0 looks into the camera.
        pitch: Up or down.
    """

    yaw: float
    pitch: float


@dataclass(frozen=True, slots=True)
class ViewQuality:
    """What a view is worth.

    Attributes:
        refusals: Why it is not to be used; empty if it is.
        weight: How much it counts among other views of the same face, 0.2 to 1.
        height: Of the face in pixels of the image, as the detector's boxes are.
        sharpness: 0 to 1; see `sharpness`.
    """

    refusals: tuple[Refusal, ...]
    weight: float
    height: float
    sharpness: float


def view_quality(
    crop: ColourImage,
    face: FaceDetection,
    to_crop: Affine,
    picture: tuple[int, int],
    angles: HeadAngles | None = None,
) -> ViewQuality:
    """Judges a view.

    Args:
        crop: 112x112x3 uint8, BGR, aligned.
        face: As it was detected.
        to_crop: The transform from the image to the crop.
        picture: Width and height of the image, pixels.
        angles: Of the head, where they are known better than five points tell.
    """
    # Of a very small face either the points or the box may be too far apart, but seldom both.
    height = min(face.box.height, _HEIGHT_IN_CROP / math.sqrt(abs(float(np.linalg.det(to_crop[:, :2])))))
    grey = np.asarray(cv2.cvtColor(crop[_SKIN], cv2.COLOR_BGR2GRAY), np.uint8)
    sharp = sharpness(grey)
    angles = angles or head_angles(face.keypoints.as_array())
    found = {
        Refusal.TOO_SMALL: height < _LEAST_HEIGHT,
        Refusal.BLURRED: sharp < _LEAST_SHARPNESS,
        **_exposure(grey),
        Refusal.TURNED_AWAY: not (abs(angles.yaw) <= _MOST_YAW and abs(angles.pitch) <= _MOST_PITCH),
        Refusal.UPSIDE_DOWN: abs(math.atan2(to_crop[1, 0], to_crop[0, 0])) > _MOST_ROLL,
        Refusal.CUT_OFF: _share_outside(to_crop, picture) > _MOST_OUTSIDE,
        Refusal.UNSURE: face.score < _LEAST_SCORE,
    }
    weight = (
        _share(height, _LEAST_HEIGHT, _GOOD_HEIGHT)
        * _share(sharp, _LEAST_SHARPNESS, _GOOD_SHARPNESS)
        * _share(-abs(angles.yaw), -_MOST_YAW, -_GOOD_YAW)
    )
    refusals = tuple(refusal for refusal, applies in found.items() if applies)
    return ViewQuality(refusals, max(_LEAST_WEIGHT, weight), height, sharp)


def sharpness(grey: NDArray[np.uint8]) -> float:
    """How much of a picture's detail one more blur takes away: much of a sharp one's, little of a blurred one's.

    A ratio of gradients of the same picture, it depends neither on brightness nor on contrast. Noise, which would pass
    for detail, is smoothed away before.

    Args:
        grey: HxW.

    Returns:
        0 to 1; 0 where there is no detail at all.
    """
    smooth = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), _NOISE_SIGMA)
    detail = _detail(smooth)
    return 1.0 - _detail(cv2.GaussianBlur(smooth, (0, 0), _PROBE_SIGMA)) / detail if detail > 0 else 0.0


def head_angles(points: ArrayLike) -> HeadAngles:
    """Where a head is turned to, judged by where its nose tip lies between eyes and mouth.

    The tip stands 41 mm before the eyes: when the head turns by an angle, it moves in proportion to the angle's tangent
    against the distances between eyes, and between eyes and mouth, which shrink with its cosine.

    Args:
        points: 5x2 pixels in the order of `FaceKeypoints`.

    Returns:
        The angles, good to some 10 degrees; NaN where the points lie on a line.
    """
    right_eye, left_eye, nose, right_mouth, left_mouth = np.asarray(points, np.float64)
    middle = (right_eye + left_eye) / 2
    axes = np.column_stack([left_eye - right_eye, (right_mouth + left_mouth) / 2 - middle])
    if not abs(np.linalg.det(axes)) > 0:
        return HeadAngles(math.nan, math.nan)
    aside, down = np.linalg.solve(axes, nose - middle)
    pitch = (down * _MOUTH_DOWN - _NOSE_DOWN) / (_NOSE_FORWARD_OF_EYES - down * _MOUTH_FORWARD)
    return HeadAngles(math.atan(aside / _NOSE_FORWARD), math.atan(pitch))


def _exposure(grey: NDArray[np.uint8]) -> dict[Refusal, bool]:
    mean, deviation = (float(value[0, 0]) for value in cv2.meanStdDev(grey))
    dark, bright = mean < _LEAST_MEAN, mean > _MOST_MEAN
    return {
        Refusal.TOO_DARK: dark,
        Refusal.TOO_BRIGHT: bright,
        Refusal.NO_CONTRAST: deviation < _LEAST_CONTRAST and not (dark or bright),
    }


def _detail(picture: NDArray[np.float32] | cv2.typing.MatLike) -> float:
    """Mean square of the differences between neighbours."""
    pixels = np.asarray(picture, np.float32)
    return float(np.square(np.diff(pixels, axis=0)).mean() + np.square(np.diff(pixels, axis=1)).mean())


def _share_outside(to_crop: Affine, picture: tuple[int, int]) -> float:
    """How much of eyes, nose and mouth lies outside the picture."""
    seen = transformed(_FEATURES, inverse(to_crop))
    inside = ((seen >= -0.5) & (seen <= np.array(picture) - 0.5)).all(axis=1)
    return 1.0 - float(inside.mean())


def _features() -> NDArray[np.float64]:
    """Points of a grid over eyes, nose and mouth, an ellipse in the crop: forehead and chin may be missing."""
    steps = np.linspace(-1, 1, 15)
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    disc = np.column_stack([x, y])[x**2 + y**2 <= 1]
    return np.asarray(disc * [38, 36] + [56, 72], np.float64)


_FEATURES = _features()


def _share(value: float, least: float, good: float) -> float:
    return min(1.0, max(0.0, (value - least) / (good - least)))
