"""The 21 points of a hand, by MediaPipe's hand networks.

F. Zhang, V. Bazarevsky, A. Vakunov et al., "MediaPipe Hands: On-device Real-time
Hand Tracking", CVPR workshop, 2020. There are two, alike but for their size: the light one costs half as much.

Depth in the image is that of the network: MediaPipe gives out 2.5 times as much, and 4 times as much would agree with
the metric points (median of 120 pictures). It tells what is before what; the metric points tell how far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gesture_perception.hand import HandLandmarks
from gesture_perception.hand_points import POINTS
from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.geometry import GeometryError, RotatedRegion, inverse, transformed

_IMAGE = "image"
_LANDMARKS, _PRESENCE, _HANDEDNESS, _METRIC = "landmarks", "presence", "handedness", "world_landmarks"
_CHANNELS = 3

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Outputs:
    """Of N crops: Nx21x3 pixels of the crop, N presences, N sides, Nx21x3 metres in the axes of the crop."""

    points: Floats
    presence: Floats
    side: Floats
    metric: Floats


class HandNetwork:
    """Finds the points of hands whose place is known; the network is the caller's to close."""

    def __init__(self, engine: Engine) -> None:
        """Prepares for a network.

        Args:
            engine: Nx3xSxS float32, RGB 0 to 1, with 21 points, presence, side and metric points. Where N is open, all
                hands go in at once.

        Raises:
            EngineError: The network is another one.
        """
        self._size = _recognised(engine)
        self._engine = engine
        self._open_batch = engine.inputs[0].shape[0] is None
        self._crop = np.empty((self._size, self._size, _CHANNELS), np.uint8)
        self._batch = np.empty((1, _CHANNELS, self._size, self._size), np.float32)

    def __call__(self, colour: ColourImage, regions: Sequence[RotatedRegion]) -> list[HandLandmarks]:
        """The landmarks of every region, in their order; where there is no hand, the presence says so.

        Args:
            colour: HxWx3 uint8, BGR, as a camera sees it: in a mirrored picture right and left are exchanged.
            regions: Where the hands are; may reach beyond the image, which is continued by its border.

        Returns:
            One for every region. Points that the network gives may be no numbers; the presence is 0 then.

        Raises:
            GeometryError: A region is not finite, or has no size.
        """
        if not regions:
            return []
        to_crop = [_checked(region).to_crop(self._size) for region in regions]
        found = self._run(self._filled(colour, to_crop))
        return [
            self._placed(region, transform, found, k)
            for k, (region, transform) in enumerate(zip(regions, to_crop, strict=True))
        ]

    def _placed(
        self, region: RotatedRegion, to_crop: NDArray[np.float64], found: _Outputs, which: int
    ) -> HandLandmarks:
        """A hand in pixels and axes of the whole image."""
        points, metric = np.empty((POINTS, 3), np.float32), found.metric[which].copy()
        points[:, :2] = transformed(found.points[which, :, :2], inverse(to_crop))
        points[:, 2] = found.points[which, :, 2] * (region.side / self._size)
        cos, sin = math.cos(region.angle), math.sin(region.angle)
        metric[:, :2] = metric[:, :2] @ np.array([[cos, sin], [-sin, cos]], np.float32)
        presence, side = float(found.presence[which]), float(found.side[which])
        sound = math.isfinite(presence + side) and bool(np.isfinite(points).all() and np.isfinite(metric).all())
        return HandLandmarks(points, metric, presence if sound else 0.0, side if sound else 0.5)

    def _filled(self, colour: ColourImage, to_crop: list[NDArray[np.float64]]) -> Floats:
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

    def _run(self, batch: Floats) -> _Outputs:
        parts = [batch] if self._open_batch else [batch[i : i + 1] for i in range(len(batch))]
        outputs = [self._engine.run({_IMAGE: part}) for part in parts]
        points, presence, side, metric = (
            np.concatenate([output[name] for output in outputs])
            for name in (_LANDMARKS, _PRESENCE, _HANDEDNESS, _METRIC)
        )
        shape = (len(batch), POINTS, 3)
        return _Outputs(points.reshape(shape), presence.reshape(-1), side.reshape(-1), metric.reshape(shape))


def _recognised(engine: Engine) -> int:
    """The side of the network's input in pixels."""
    inputs = {spec.name: spec.shape for spec in engine.inputs}
    outputs = {spec.name: spec.shape for spec in engine.outputs}
    image = inputs.get(_IMAGE, ())
    size = image[2] if len(image) == 4 and image[1] == _CHANNELS and image[2] == image[3] else None
    points = {outputs.get(name, ())[1:] for name in (_LANDMARKS, _METRIC)}
    if size is None or points != {(POINTS, 3)} or not outputs.keys() >= {_PRESENCE, _HANDEDNESS}:
        raise EngineError(
            "the hand network has to be one of MediaPipe's: image Nx3xSxS, landmarks and world_landmarks Nx21x3, "
            f"presence and handedness Nx1; got inputs {inputs}, outputs {outputs}"
        )
    return size


def _checked(region: RotatedRegion) -> RotatedRegion:
    if not (all(map(math.isfinite, (*region.centre, region.angle, region.side))) and region.side > 0):
        raise GeometryError(f"no crop can be made of {region}: it has to be finite and of a size above 0")
    return region
