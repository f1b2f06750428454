"""From a detected face to the crop that an embedding may be made of, or why none may."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from face_perception.alignment import aligned_crop, alignment
from face_perception.detection import FaceDetection, FaceDetector
from face_perception.identity_crop import IdentityCrop
from face_perception.view_quality import HeadAngles, Refusal, ViewQuality, view_quality
from perception_core.engines.engine import Engine
from perception_core.frame import ColourImage

_JUDGED = IdentityCrop()
_LOWEST_SCORE = 0.3
_QUARTER_TURNS = 4
_UPRIGHT_LEAD = -0.01  # of 2500 upright faces 0.3 % have less, of 100 upside down or on their side 2


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A face cut out for an embedder.

    Attributes:
        crop: What the embedder takes of the face, uint8, BGR; the aligned face where the view is refused.
        quality: Whether and how much it counts.
    """

    crop: ColourImage
    quality: ViewQuality

    @property
    def usable(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.quality.refusals


class ViewGate:
    """Cuts out and judges faces."""

    def __init__(self, detector: Engine, crop: IdentityCrop = _JUDGED) -> None:
        """Prepares.

        Args:
            detector: The face detector's network.
            crop: What the embedder takes of a face. Views are judged by the aligned face in any case.

        Raises:
            EngineError: The network is no face detector.
        """
        self._detector = FaceDetector(detector, _LOWEST_SCORE)
        self._crop = crop

    def __call__(self, colour: ColourImage, face: FaceDetection, angles: HeadAngles | None = None) -> View:
        """Cuts out a face and judges it.

        Args:
            colour: HxWx3 uint8, BGR.
            face: As it was detected in the picture.
            angles: Of the head, where they are known better than five points tell.

        Raises:
            GeometryError: The face's points coincide.
        """
        to_crop = alignment(face.keypoints.as_array())
        crop = aligned_crop(colour, to_crop)
        quality = view_quality(crop, face, to_crop, (colour.shape[1], colour.shape[0]), angles)
        if not quality.refusals and not self._is_upright(crop):
            quality = replace(quality, refusals=(Refusal.UPSIDE_DOWN,))
        if not quality.refusals and self._crop != _JUDGED:
            crop = self._crop(colour, face)
        return View(crop, quality)

    def _is_upright(self, crop: ColourImage) -> bool:
        """Whether the crop looks more like a face as it is than turned by quarters.

        The detector finds the points of an upside-down face as if it were upright. The crop that they give shows the
        face upside down, and the embeddings of such crops are alike for all people.
        """
        scores = [self._score(np.ascontiguousarray(np.rot90(crop, turns))) for turns in range(_QUARTER_TURNS)]
        return scores[0] - max(scores[1:]) >= _UPRIGHT_LEAD

    def _score(self, crop: ColourImage) -> float:
        return max((face.score for face in self._detector(crop)), default=0.0)
