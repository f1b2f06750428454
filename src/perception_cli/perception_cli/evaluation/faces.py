"""The face that a picture is about, found as the node finds faces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from face_perception.detection import FaceDetection, FaceDetector, FaceKeypoints
from face_perception.parameters import FaceParameters
from perception_cli.evaluation.work import Networks, ProcessorTime
from perception_core.frame import ColourImage
from perception_core.geometry import Box
from perception_core.sources.pictures import limited


class FaceFinder:
    """Finds faces by the node's detector, in pictures that are shrunk as its frames are.

    Attributes:
        time: Of looking at a picture.
        threshold: Score from which on the node takes a face for one.
    """

    def __init__(self, networks: Networks, model: str | None = None, lowest_score: float | None = None) -> None:
        """Prepares.

        Args:
            networks: That opens the detector.
            model: Of models.yaml; None for the node's.
            lowest_score: Faces below it are not reported; None for the threshold.

        Raises:
            ZooError: The detector is not ready.
            EngineError: It cannot be run, or is another kind of network.
        """
        defaults = FaceParameters()
        engine, _ = networks.open(model or defaults.detector)
        self.threshold = defaults.score_threshold
        score = self.threshold if lowest_score is None else lowest_score
        self._detect = FaceDetector(engine, score, defaults.detection_width)
        self.time = ProcessorTime()

    def all(self, colour: ColourImage) -> list[FaceDetection]:
        """The faces in a picture, best first, in its own pixels however large it is."""
        small = limited(colour)
        with self.time.of():
            found = self._detect(small)
        scale = colour.shape[1] / small.shape[1], colour.shape[0] / small.shape[0]
        return found if scale == (1.0, 1.0) else [_enlarged(face, scale) for face in found]

    def main(self, colour: ColourImage) -> FaceDetection | None:
        """The face that the picture is about; None where none is found."""
        return main_face(self.all(colour), colour.shape[1], colour.shape[0])


def main_face(faces: Sequence[FaceDetection], width: int, height: int) -> FaceDetection | None:
    """Of the faces about the middle of a picture the largest, else the one nearest to it; None where there is none."""
    centre = width / 2, height / 2
    amidst = [face for face in faces if _holds(face.box, centre)]
    if amidst:
        return max(amidst, key=lambda face: face.box.area)
    return min(faces, key=lambda face: math.dist(face.box.centre, centre), default=None)


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box.x <= point[0] <= box.right and box.y <= point[1] <= box.bottom


def _enlarged(face: FaceDetection, scale: tuple[float, float]) -> FaceDetection:
    box, points = face.box, face.keypoints.as_array() * np.array(scale)
    return replace(
        face,
        box=Box(box.x * scale[0], box.y * scale[1], box.width * scale[0], box.height * scale[1]),
        keypoints=FaceKeypoints.from_array(points.astype(np.float32)),
    )
