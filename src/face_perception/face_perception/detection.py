"""Faces and their five keypoints in an image, by YuNet.

W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20, 2023.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.geometry import Box

_STRIDES = (8, 16, 32)
_MULTIPLE = 32  # the coarsest stride: the network's input is padded to whole cells
_SAME_FACE_OVERLAP = 0.3
_INPUT = "input"
_OUTPUTS = {f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in _STRIDES}


@dataclass(frozen=True, slots=True)
class FaceKeypoints:
    """Five points of a face in pixels; right and left are the person's own."""

    right_eye: tuple[float, float]
    left_eye: tuple[float, float]
    nose_tip: tuple[float, float]
    right_mouth: tuple[float, float]
    left_mouth: tuple[float, float]

    @classmethod
    def from_array(cls, points: NDArray[np.float32]) -> FaceKeypoints:
        """From 5x2 pixels in the order of the attributes."""
        return cls(*((float(x), float(y)) for x, y in points))

    def as_array(self) -> NDArray[np.float64]:
        """5x2 pixels in the order of the attributes."""
        return np.array([self.right_eye, self.left_eye, self.nose_tip, self.right_mouth, self.left_mouth])


@dataclass(frozen=True, slots=True)
class FaceDetection:
    """A face as the detector sees it.

    Attributes:
        box: Pixels; may reach beyond the image's border.
        score: 0 to 1.
        keypoints: Pixels.
    """

    box: Box
    score: float
    keypoints: FaceKeypoints


class FaceDetector:
    """Finds faces; the network is the caller's to close."""

    def __init__(self, engine: Engine, score_threshold: float = 0.6, width: int = 0) -> None:
        """Prepares for a network.

        Args:
            engine: YuNet with free height and width: 1x3xHxW float32, BGR 0 to 255, no normalisation.
            score_threshold: Faces below it are not reported.
            width: The image is shrunk to this width first, in pixels; 0 keeps its size. At 320 the detector costs a
                quarter of what it costs at 640 and misses faces below about 20 px of a 640 px image.

        Raises:
            EngineError: The network is another one.
        """
        names = {spec.name for spec in engine.outputs}
        if not names >= _OUTPUTS:
            raise EngineError(f"the face detector has to be a YuNet; outputs {sorted(_OUTPUTS - names)} are missing")
        self._engine = engine
        self._score_threshold = score_threshold
        self.width = width
        """To which images are shrunk, pixels; 0 keeps their size."""
        self._blob = np.empty((1, 3, 0, 0), np.float32)

    def __call__(self, colour: ColourImage) -> list[FaceDetection]:
        """Faces in a picture, best first.

        Args:
            colour: HxWx3 uint8, BGR.
        """
        height, width = colour.shape[:2]
        scale = self.width / width if 0 < self.width < width else 1.0
        if scale < 1.0:
            size = (self.width, max(1, round(height * scale)))
            colour = np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA), np.uint8)
        blob = self._network_input(colour)
        return self._decode(self._engine.run({_INPUT: blob}), columns=blob.shape[3], scale=scale)

    def _network_input(self, colour: ColourImage) -> NDArray[np.float32]:
        """The picture in memory that is used again: to get as much anew takes longer than to fill it."""
        height, width = colour.shape[:2]
        padded = (1, 3, height + -height % _MULTIPLE, width + -width % _MULTIPLE)
        if self._blob.shape != padded:
            self._blob = np.empty(padded, np.float32)
        self._blob[..., height:, :] = self._blob[..., width:] = 0.0
        for plane, channel in zip(self._blob[0], cv2.split(colour), strict=True):
            plane[:height, :width] = channel
        return self._blob

    def _decode(self, outputs: dict[str, NDArray[np.float32]], columns: int, scale: float) -> list[FaceDetection]:
        boxes, scores, keypoints = [], [], []
        for stride in _STRIDES:
            score = outputs[f"cls_{stride}"][0, :, 0].clip(0, 1) * outputs[f"obj_{stride}"][0, :, 0].clip(0, 1)
            cells = np.flatnonzero(score >= self._score_threshold**2)
            if cells.size == 0:
                continue
            row, column = np.divmod(cells, columns // stride)
            corner = np.column_stack([column, row])
            offset = outputs[f"bbox_{stride}"][0, cells]
            centre, size = (corner + offset[:, :2]) * stride, np.exp(offset[:, 2:]) * stride
            boxes.append(np.hstack([centre - size / 2, size]))
            scores.append(np.sqrt(score[cells]))
            keypoints.append((outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2) + corner[:, None]) * stride)
        if not boxes:
            return []
        return _without_duplicates(
            np.concatenate(boxes) / scale, np.concatenate(scores), np.concatenate(keypoints) / scale
        )


def _without_duplicates(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], keypoints: NDArray[np.float32]
) -> list[FaceDetection]:
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.0, _SAME_FACE_OVERLAP)
    return [
        FaceDetection(
            Box(*(float(value) for value in boxes[i])), float(scores[i]), FaceKeypoints.from_array(keypoints[i])
        )
        for i in kept
    ]
