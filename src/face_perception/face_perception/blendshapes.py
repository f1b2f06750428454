"""What a face does, muscle by muscle: 52 coefficients in ARKit's manner, by MediaPipe's network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.engines.engine import Engine, EngineError

MODEL = "face_blendshapes"
_POINTS, _SCORES = "points", "scores"

# Which of the 478 points the network takes, as kLandmarksSubsetIdxs of MediaPipe's face blendshapes graph has them.
# fmt: off
_SUBSET = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154,
    155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263,
    267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321,
    323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387,
    388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
])
# fmt: on


@dataclass(frozen=True, slots=True, eq=False)
class Blendshapes:
    """The coefficients of one face.

    Attributes:
        labels: Names of the coefficients; left and right are the person's own.
        scores: 52 float32, 0 to 1, in the order of the labels.
    """

    labels: tuple[str, ...]
    scores: NDArray[np.float32]

    def __getitem__(self, label: str) -> float:
        """The coefficient of that name.

        Raises:
            KeyError: There is none.
        """
        if label not in self.labels:
            raise KeyError(label)
        return float(self.scores[self.labels.index(label)])


class BlendshapeNetwork:
    """Finds the coefficients of faces whose landmarks are known; the network is the caller's to close."""

    def __init__(self, engine: Engine, labels: Sequence[str]) -> None:
        """Prepares for a network.

        Args:
            engine: 146 points of the 478, Nx146x2 float32, in; one score for each label out.
            labels: Names of the scores, as models.yaml has them.

        Raises:
            EngineError: The network is another one.
        """
        inputs = {spec.name: spec.shape for spec in engine.inputs}
        outputs = {spec.name: spec.shape for spec in engine.outputs}
        taken, given = inputs.get(_POINTS, ()), outputs.get(_SCORES, ())
        if taken[1:] != (len(_SUBSET), 2) or given[1:] != (len(labels),):
            raise EngineError(
                f"the blendshape network has to take points Nx{len(_SUBSET)}x2 and give one score for each of "
                f"{len(labels)} labels; got inputs {inputs}, outputs {outputs}"
            )
        self._engine = engine
        self._open_batch = taken[0] is None
        self._labels = tuple(labels)

    def __call__(self, faces: Sequence[Landmarks]) -> list[Blendshapes]:
        """The coefficients of every face, in their order.

        Args:
            faces: 478 points each, finite; where in the image they are and how large does not matter.

        Raises:
            ValueError: Landmarks are of another scheme: the irises are needed.
        """
        if not faces:
            return []
        for face in faces:
            if face.scheme is not LandmarkScheme.MEDIAPIPE478:
                raise ValueError(f"blendshapes need MEDIAPIPE478 landmarks, got {face.scheme.value}")
        points = np.stack([face.points[_SUBSET, :2] for face in faces])
        parts = [points] if self._open_batch else [points[i : i + 1] for i in range(len(points))]
        scores = np.concatenate([self._engine.run({_POINTS: part})[_SCORES] for part in parts])
        return [Blendshapes(self._labels, each) for each in scores.reshape(len(faces), len(self._labels))]
