"""Points all over a face, by MediaPipe's two face mesh networks.

Y. Kartynnik, A. Ablavatski, I. Grishchenko, M. Grundmann, "Real-time Facial Surface Geometry from Monocular Video on
Mobile GPUs", CVPR workshop, 2019. The larger network adds the irises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.geometry import GeometryError, RotatedRegion, inverse, transformed

_IMAGE, _POINTS, _PRESENCE = "image", "landmarks", "presence"
_CHANNELS = 3


class LandmarkScheme(Enum):
    """Which points there are, and in which order; the value is the name that messages carry."""

    MEDIAPIPE478 = "MEDIAPIPE478"
    MEDIAPIPE468 = "MEDIAPIPE468"
    DLIB68 = "DLIB68"
    WFLW98 = "WFLW98"

    @property
    def points(self) -> int:
        """How many points the scheme has."""
        return int(self.value[-3:] if self in _MESHES else self.value[-2:])


_MESHES = (LandmarkScheme.MEDIAPIPE478, LandmarkScheme.MEDIAPIPE468)


@dataclass(frozen=True, slots=True, eq=False)
class Landmarks:
    """The points of one face in one image.

    Attributes:
        scheme: What the points are.
        points: Nx3 float32, pixels of the whole image: column, row, and depth in the same unit, smaller is nearer.
        presence: How surely there is a face, 0 to 1.
    """

    scheme: LandmarkScheme
    points: NDArray[np.float32]
    presence: float


class LandmarkNetwork:
    """Finds the points of faces whose place is known; the network is the caller's to close.

    Attributes:
        scheme: Of the landmarks it gives.
    """

    def __init__(self, engine: Engine) -> None:
        """Prepares for a network.

        Args:
            engine: A face mesh, Nx3xSxS float32, RGB 0 to 1, with 478 or 468 points and a logit of presence. Where N
                is open, all faces go in at once: the numbers are the same, and on a processor so is the time.

        Raises:
            EngineError: The network is another one.
        """
        self.scheme, self._size = _recognised(engine)
        self._engine = engine
        self._open_batch = engine.inputs[0].shape[0] is None
        self._crop = np.empty((self._size, self._size, _CHANNELS), np.uint8)
        self._batch = np.empty((1, _CHANNELS, self._size, self._size), np.float32)

    def __call__(self, colour: ColourImage, regions: Sequence[RotatedRegion]) -> list[Landmarks]:
        """The landmarks of every region, in their order; where there is no face, the presence says so.

        Args:
            colour: HxWx3 uint8, BGR.
            regions: Where the faces are; may reach beyond the image, which is continued by its border.

        Raises:
            GeometryError: A region is not finite, or has no size.
        """
        if not regions:
            return []
        to_crop = [_checked(region).to_crop(self._size) for region in regions]
        points, presence = self._run(self._filled(colour, to_crop))
        found = []
        for region, transform, crop_points, logit in zip(regions, to_crop, points, presence, strict=True):
            placed = np.empty((self.scheme.points, 3), np.float32)
            placed[:, :2] = transformed(crop_points[:, :2], inverse(transform))
            placed[:, 2] = crop_points[:, 2] * (region.side / self._size)
            found.append(Landmarks(self.scheme, placed, _logistic(float(logit))))
        return found

    def _filled(self, colour: ColourImage, to_crop: list[NDArray[np.float64]]) -> NDArray[np.float32]:
        """The network's input, in memory that is used again."""
        if len(self._batch) < len(to_crop):
            self._batch = np.empty((len(to_crop), _CHANNELS, self._size, self._size), np.float32)
        size = (self._size, self._size)
        for planes, transform in zip(self._batch, to_crop, strict=False):
            cv2.warpAffine(colour, transform, size, dst=self._crop, borderMode=cv2.BORDER_REPLICATE)
            for plane, channel in zip(planes, reversed(cv2.split(self._crop)), strict=True):
                plane[:] = channel
        filled = self._batch[: len(to_crop)]
        filled *= np.float32(1 / 255)  # in a step of its own: numpy takes twice as long for both at once
        return filled

    def _run(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """NxPx3 pixels of the crops and N logits."""
        parts = [batch] if self._open_batch else [batch[i : i + 1] for i in range(len(batch))]
        outputs = [self._engine.run({_IMAGE: part}) for part in parts]
        points = np.concatenate([output[_POINTS] for output in outputs])
        presence = np.concatenate([output[_PRESENCE] for output in outputs])
        return points.reshape(len(batch), self.scheme.points, 3), presence.reshape(len(batch))


def _recognised(engine: Engine) -> tuple[LandmarkScheme, int]:
    """What the network finds, and the side of its input in pixels."""
    inputs = {spec.name: spec.shape for spec in engine.inputs}
    outputs = {spec.name: spec.shape for spec in engine.outputs}
    image, points, presence = inputs.get(_IMAGE, ()), outputs.get(_POINTS, ()), outputs.get(_PRESENCE, ())
    known = {scheme.points: scheme for scheme in _MESHES}
    whole = len(image) == 4 and image[1] == _CHANNELS and image[2] == image[3] and image[2] is not None
    if not (whole and len(points) == 3 and points[1] in known and points[2] == 3 and len(presence) == 2):
        raise EngineError(
            "the face landmark network has to be a face mesh: image Nx3xSxS, landmarks Nx478x3 or Nx468x3, presence "
            f"Nx1; got inputs {inputs}, outputs {outputs}"
        )
    return known[points[1] or 0], image[2] or 0


def _checked(region: RotatedRegion) -> RotatedRegion:
    if not (all(map(math.isfinite, (*region.centre, region.angle, region.side))) and region.side > 0):
        raise GeometryError(f"no crop can be made of {region}: it has to be finite and of a size above 0")
    return region


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-max(min(logit, 60.0), -60.0)))
