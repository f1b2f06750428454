"""Palms and their seven keypoints in an image, by MediaPipe's palm detector.

F. Zhang, V. Bazarevsky, A. Vakunov et al., "MediaPipe Hands: On-device Real-time
Hand Tracking", CVPR workshop, 2020. Palms are found and not hands: they have one shape, and hide each other less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.engines.engine import Engine, EngineError
from perception_core.frame import ColourImage
from perception_core.geometry import Box, RotatedRegion, inverse

WRIST, INDEX_MCP, MIDDLE_MCP, RING_MCP, LITTLE_MCP, THUMB_CMC, THUMB_MCP = range(7)
"""Order of a palm's points."""

_IMAGE, _BOXES, _SCORES = "image", "boxes", "scores"
_CHANNELS, _POINTS = 3, 7
_GRIDS = ((8, 2), (16, 6))  # pixels of the input per cell, and anchors in every cell
_SAME_PALM_OVERLAP = 0.3
_LEAST_SIDE = 2.0  # pixels: less is no picture of anything

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PalmDetection:
    """A palm as the detector sees it.

    Attributes:
        box: Around the palm without the fingers, upright, pixels; may reach beyond the image's border.
        score: 0 to 1.
        points: 7x2 float32, pixels; wrist, roots of the index, middle, ring and little finger, carpal and
            metacarpal joint of the thumb.
    """

    box: Box
    score: float
    points: NDArray[np.float32]


class PalmDetector:
    """Finds palms; the network is the caller's to close."""

    def __init__(self, engine: Engine, score_threshold: float = 0.5) -> None:
        """Prepares for a network.

        Args:
            engine: MediaPipe's palm detector, Nx3xSxS float32, RGB 0 to 1.
            score_threshold: Palms below it are not reported, above 0 and below 1.

        Raises:
            EngineError: The network is another one.
            ValueError: No score can be such a threshold.
        """
        if not 0 < score_threshold < 1:
            raise ValueError(f"the score threshold of palms has to lie between 0 and 1, got {score_threshold}")
        self._size = _recognised(engine)
        self._engine = engine
        self._least_logit = math.log(score_threshold / (1 - score_threshold))
        self._anchors = _anchors(self._size)
        self._crop = np.empty((self._size, self._size, _CHANNELS), np.uint8)
        self._blob = np.empty((1, _CHANNELS, self._size, self._size), np.float32)

    def __call__(self, colour: ColourImage, within: Box | None = None) -> list[PalmDetection]:
        """Palms in a picture, best first.

        Args:
            colour: HxWx3 uint8, BGR.
            within: Looks only at the smallest square about this box, pixels: what is in there is seen larger. None
                looks at everything.

        Returns:
            Palms in pixels of the whole image; none where the box is empty, lies outside, or is not finite.
        """
        region = _looked_at(colour, within)
        if region is None:
            return []
        to_crop = region.to_crop(self._size)
        size = (self._size, self._size)
        cv2.warpAffine(colour, to_crop, size, dst=self._crop, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0))
        for plane, channel in zip(self._blob[0], reversed(cv2.split(self._crop)), strict=True):
            plane[:] = channel
        self._blob *= np.float32(1 / 255)
        outputs = self._engine.run({_IMAGE: self._blob})
        return self._decoded(outputs[_BOXES][0], outputs[_SCORES][0, :, 0], inverse(to_crop))

    def _decoded(self, boxes: Floats, logits: Floats, to_image: NDArray[np.float64]) -> list[PalmDetection]:
        """Palms of an image.

        Args:
            boxes: Nx18: offset of the centre from the anchor, width and height, offsets of the points; pixels.
            logits: N.
            to_image: From pixels of the network's input.
        """
        sure = np.flatnonzero(logits >= self._least_logit)
        raw = boxes[sure].astype(np.float64)
        usable = np.isfinite(raw).all(axis=1) & (raw[:, 2:4] > 0).all(axis=1)
        raw, sure = raw[usable], sure[usable]
        if sure.size == 0:
            return []
        scores = 1 / (1 + np.exp(-np.minimum(logits[sure].astype(np.float64), 60.0)))
        raw.reshape(len(raw), 9, 2)[:, [0, *range(2, 9)]] += self._anchors[sure, None]
        return [_placed(row, score, to_image) for row, score in _merged(raw, scores)]


def _looked_at(colour: ColourImage, within: Box | None) -> RotatedRegion | None:
    """The square that the network sees; None if there is nothing in it."""
    height, width = colour.shape[:2]
    if within is None:
        return RotatedRegion(((width - 1) / 2, (height - 1) / 2), float(max(width, height)), 0.0)
    if not all(map(math.isfinite, (within.x, within.y, within.width, within.height))):
        return None
    seen = within.clipped(width, height)
    if min(seen.width, seen.height) < _LEAST_SIDE:
        return None
    return RotatedRegion(within.centre, max(within.width, within.height), 0.0)


def _anchors(size: int) -> NDArray[np.float64]:
    """Nx2: middles of the cells, row by row, as often as a cell has anchors; pixels of the input."""
    grids = []
    for pixels, anchors in _GRIDS:
        middles = (np.arange(size // pixels) + 0.5) * pixels
        rows, columns = np.meshgrid(middles, middles, indexing="ij")
        grids.append(np.repeat(np.column_stack([columns.ravel(), rows.ravel()]), anchors, axis=0))
    return np.concatenate(grids)


def _merged(palms: NDArray[np.float64], scores: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], float]]:
    """Palms that overlap with a better one are averaged with it, weighted by their scores.

    Args:
        palms: Nx18: centre, size, points.
        scores: N.

    Returns:
        Each palm that remains, and the score of the best of it; best first.
    """
    centres, sizes = palms[:, :2], palms[:, 2:4]
    lower, upper, areas = centres - sizes / 2, centres + sizes / 2, sizes.prod(axis=1)
    left = np.argsort(-scores, kind="stable")
    merged = []
    while left.size:
        best = left[0]
        shared = (np.minimum(upper[best], upper[left]) - np.maximum(lower[best], lower[left])).clip(0).prod(axis=1)
        same = shared > _SAME_PALM_OVERLAP * (areas[best] + areas[left] - shared)
        members = left[same]
        weights = scores[members] / scores[members].sum()
        merged.append((weights @ palms[members], float(scores[best])))
        left = left[~same]
    return merged


def _placed(palm: NDArray[np.float64], score: float, to_image: NDArray[np.float64]) -> PalmDetection:
    scale, shift = to_image[0, 0], to_image[:, 2]
    centre, size = palm[:2] * scale + shift, palm[2:4] * scale
    points = palm[4:].reshape(_POINTS, 2) * scale + shift
    box = Box.around((float(centre[0]), float(centre[1])), float(size[0]), float(size[1]))
    return PalmDetection(box, score, points.astype(np.float32))


def _recognised(engine: Engine) -> int:
    """The side of the network's input in pixels."""
    inputs = {spec.name: spec.shape for spec in engine.inputs}
    outputs = {spec.name: spec.shape for spec in engine.outputs}
    image, boxes, scores = inputs.get(_IMAGE, ()), outputs.get(_BOXES, ()), outputs.get(_SCORES, ())
    size = image[2] if len(image) == 4 and image[1] == _CHANNELS and image[2] == image[3] else None
    if size is not None:
        anchors = sum((size // pixels) ** 2 * each for pixels, each in _GRIDS)
        if boxes[1:] == (anchors, 4 + 2 * _POINTS) and scores[1:] == (anchors, 1):
            return size
    raise EngineError(
        "the palm detector has to be MediaPipe's: image Nx3x192x192, boxes Nx2016x18, scores Nx2016x1; "
        f"got inputs {inputs}, outputs {outputs}"
    )
