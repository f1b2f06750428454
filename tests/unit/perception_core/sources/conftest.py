"""What the virtual scenes show, and a face detector that is not ours to check them with."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import pytest

from perception_core.sources.scene_hands import HANDS
from perception_core.sources.scene_portraits import ASTRONAUT, BIDEN, OBAMA, PEXELS


@pytest.fixture(scope="session")
def scene_pictures(picture) -> Mapping[str, Path]:
    return {portrait.picture: picture(portrait.picture) for portrait in (ASTRONAUT, OBAMA, BIDEN, PEXELS, *HANDS)}


@pytest.fixture(scope="session")
def detect_faces(weights_original):
    """Faces in a BGR picture: rows of x, y, width, height, five points, score."""
    detector = cv2.FaceDetectorYN.create(str(weights_original("yunet")), "", (640, 480), 0.6, 0.3, 50)

    def detect(picture):
        detector.setInputSize((picture.shape[1], picture.shape[0]))
        faces = detector.detect(picture)[1]
        return [] if faces is None else list(faces)

    return detect
