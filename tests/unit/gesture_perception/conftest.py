"""The hand networks, and real hands for them."""

import functools
from itertools import islice

import cv2
import numpy as np
import pytest

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_network import HandNetwork
from gesture_perception.hand_region import region_of_hand, region_of_palm
from gesture_perception.palms import PalmDetector
from perception_core.engines.engine import TensorSpec, open_engine
from perception_core.sources.video import VideoSource


@pytest.fixture(scope="session")
def find_palms(weights):
    return PalmDetector(open_engine(weights("palm_detection")))


@pytest.fixture(scope="session")
def full_hands(weights):
    """The full network of 21 points."""
    return HandNetwork(open_engine(weights("hand_landmarks")))


@pytest.fixture(scope="session")
def light_hands(weights):
    """The light one."""
    return HandNetwork(open_engine(weights("hand_landmarks_light")))


@pytest.fixture(scope="session")
def hand_picture(picture):
    """A picture with one hand by its name; 480x640."""

    @functools.cache
    def read(name):
        return cv2.imread(str(picture(name)))

    return read


@pytest.fixture(scope="session")
def hand_clip(picture):
    """So many pictures of a clip, from one on."""

    @functools.cache
    def read(name, first, count=1):
        source = VideoSource(picture(name))
        pictures = [frame.colour for frame in islice(source.frames(), first, first + count)]
        source.close()
        return pictures

    return read


@pytest.fixture(scope="session")
def hand_in(find_palms, full_hands):
    """Landmarks of the surest hand in a picture, from a region that has settled."""

    def find(image, network=full_hands):
        region = region_of_palm(find_palms(image)[0])
        for _ in range(4):
            (landmarks,) = network(image, [region])
            region = region_of_hand(landmarks)
        return landmarks

    return find


class MadeUp:
    """An engine that answers what it is told to."""

    def __init__(self, inputs, outputs, answer):
        self.inputs = tuple(TensorSpec(name, shape, "float32") for name, shape in inputs.items())
        self.outputs = tuple(TensorSpec(name, shape, "float32") for name, shape in outputs.items())
        self._answer = answer

    def run(self, feeds):
        return self._answer(feeds)


@pytest.fixture(scope="session")
def made_up():
    return MadeUp


@pytest.fixture(scope="session")
def open_hand():
    """An adult's open right hand, its palm to the camera, fingers up: 21x3 metres; right, down, away."""
    fingers = {1: (-70, (0.025, 0.06, 0.09, 0.115)), 5: (-12, (0.1, 0.14, 0.165, 0.185))}
    fingers |= {9: (0, (0.1025, 0.147, 0.176, 0.198)), 13: (10, (0.097, 0.138, 0.165, 0.187))}
    fingers |= {17: (22, (0.086, 0.117, 0.138, 0.156))}
    points = np.zeros((21, 3), np.float32)
    for first, (degrees, lengths) in fingers.items():
        angle = np.radians(degrees)
        for joint, length in enumerate(lengths):
            points[first + joint] = (-length * np.sin(angle), -length * np.cos(angle), -0.004 * joint)
    points[1:5, 0] *= 0.6
    return points


@pytest.fixture(scope="session")
def landmarks_of():
    """Landmarks with these points, pixels, and this shape."""

    def make(points, metric=None, presence=1.0, right=1.0):
        points = np.asarray(points, np.float32)
        if points.shape[1] == 2:
            points = np.column_stack([points, np.zeros(len(points), np.float32)])
        metric = np.zeros((21, 3), np.float32) if metric is None else np.asarray(metric, np.float32)
        return HandLandmarks(points, metric, presence, right)

    return make
