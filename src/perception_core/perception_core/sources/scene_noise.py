"""What a stereo depth camera gets wrong: noise, holes and flying pixels.

The camera measures disparity d = f * b / z (focal length in pixels, baseline in metres). An error in d of 0.15 px is an
error in z of z^2 / (f * b) * 0.15 px: 5 mm at 1 m, 44 mm at 3 m.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FOCAL_PX = 615.0
BASELINE_M = 0.05
DISPARITY_SIGMA_PX = 0.15
HOLE_SHARE = 0.15

_FB = FOCAL_PX * BASELINE_M
# Stereo matching compares windows, so neighbours share their error: a window of about 5 px acts like this Gaussian.
_NOISE_GRAIN_PX = 1.5
_BLOB_GRAIN_PX = 2.5  # holes are blobs of a few pixels ...
_SPECKLE = 0.6  # ... mixed with single pixels, by this weight against 1
_EDGE_STEP_PX = 1.0  # a step in disparity that a matching window cannot follow
_EDGE_REACH = np.ones((5, 5), np.uint8)
_EDGE_HOLES = 0.5  # share of the pixels at an edge for which no match is found
_FLYING = 0.35  # share of the pixels at an edge whose window mixes near and far
_BANK_MARGIN_PX = 192  # each frame takes another part of the same precomputed noise

_FURTHEST_MM = 65535.0

Disparity = NDArray[np.float32]
Mask = NDArray[np.bool_]


def disparity_of(depth: NDArray[np.float32]) -> Disparity:
    """Disparity in pixels of a distance in metres."""
    return np.float32(_FB) / depth


class StereoErrors:
    """Turns true disparities into what the depth camera would deliver.

    The noise is drawn once; a frame takes the part of it that its number and the seed select. So frame k is the same
    whatever was rendered before it, and costs no random numbers.
    """

    def __init__(self, width: int, height: int, seed: int) -> None:
        rng = np.random.default_rng([seed, 1])
        bank = (height + _BANK_MARGIN_PX, width + _BANK_MARGIN_PX)
        self._size = (height, width)
        self._seed = seed
        self._noise = np.float32(DISPARITY_SIGMA_PX) * _grain(bank, _NOISE_GRAIN_PX, rng)
        self._ranks = _ranks(_grain(bank, _BLOB_GRAIN_PX, rng) + _SPECKLE * _white(bank, rng))
        self._mixing = rng.random(bank, np.float32)
        self._columns = np.arange(width, dtype=np.float32)

    def __call__(self, disparity: Disparity, frame: int) -> NDArray[np.uint16]:
        """Depth as delivered for frame number `frame`.

        Args:
            disparity: HxW float32, pixels, above 0; left as it is.
            frame: Frame number, not negative.

        Returns:
            HxW uint16 millimetres, 0 where there is a hole.
        """
        rng = np.random.default_rng([self._seed, 2, frame])
        noise, ranks, mixing = (bank[self._part(rng)] for bank in (self._noise, self._ranks, self._mixing))
        near = np.asarray(cv2.dilate(disparity, _EDGE_REACH), np.float32)
        far = np.asarray(cv2.erode(disparity, _EDGE_REACH), np.float32)
        edge = near - far > _EDGE_STEP_PX
        measured = disparity + noise
        _let_fly(measured, edge, near, far, mixing)
        millimetres = np.rint(np.float32(1000 * _FB) / measured)
        depth = np.clip(millimetres, 0, _FURTHEST_MM).astype(np.uint16)
        return np.asarray(depth * self._found(disparity, edge, ranks), np.uint16)

    def _part(self, rng: np.random.Generator) -> tuple[slice, slice]:
        row, column = (int(start) for start in rng.integers(0, _BANK_MARGIN_PX, 2))
        height, width = self._size
        return slice(row, row + height), slice(column, column + width)

    def _found(self, disparity: Disparity, edge: Mask, ranks: NDArray[np.float32]) -> Mask:
        """Where a match is found; the holes elsewhere together are `HOLE_SHARE` of the image."""
        hidden = self._hidden_from_second_eye(disparity)
        holes = hidden | (edge & (ranks < _EDGE_HOLES))
        elsewhere = edge.size - np.count_nonzero(hidden | edge)
        missing = HOLE_SHARE * edge.size - np.count_nonzero(holes)
        share = float(np.clip(missing / max(elsewhere, 1), 0, _EDGE_HOLES))
        return ~(holes | (ranks < share))

    def _hidden_from_second_eye(self, disparity: Disparity) -> Mask:
        """Where a nearer thing hides the surface from the right-hand camera: the shadow at its left side.

        A pixel in column x is matched in column x - d of the other image. If a pixel further right lands at or left of
        it, that one covers it. Every second row is computed: the shadow's edge is ragged anyway.
        """
        landed = self._columns - disparity[::2]
        covered_from = np.minimum.accumulate(landed[:, ::-1], axis=1)[:, ::-1]
        hidden = landed > covered_from + np.float32(_EDGE_STEP_PX / 2)
        return np.repeat(hidden, 2, axis=0)[: disparity.shape[0]]


def _let_fly(measured: Disparity, edge: Mask, near: Disparity, far: Disparity, mixing: NDArray[np.float32]) -> None:
    """Put some pixels of the edges anywhere between the near and the far surface, in place."""
    pixels = np.flatnonzero(edge & (mixing < _FLYING))
    weight = mixing[np.unravel_index(pixels, mixing.shape)] / np.float32(_FLYING)
    start, end = far.ravel()[pixels], near.ravel()[pixels]
    measured.ravel()[pixels] = start + weight * (end - start)


def _white(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    return rng.standard_normal(shape, np.float32)


def _grain(shape: tuple[int, int], sigma_px: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise of standard deviation 1 whose neighbours are alike over `sigma_px`."""
    smooth = cv2.GaussianBlur(_white(shape, rng), (0, 0), sigma_px)
    return np.asarray(smooth / smooth.std(), np.float32)


def _ranks(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """The field with its values spread evenly over 0 to 1: what is below a share is that share of the pixels."""
    order = np.empty(field.size, np.float32)
    order[np.argsort(field, axis=None)] = np.linspace(0, 1, field.size, endpoint=False, dtype=np.float32)
    return order.reshape(field.shape)
