"""Whether depth lies on colour, by looking at the pictures.

Where distance steps, colour usually does, too. The edges of depth are laid over those of colour, shifted and scaled:
where they fit best elsewhere than where they are, and clearly so, the depth is not registered. Scaling finds depth that
was never aligned: two cameras of different focal lengths see the same at another size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.frame import ColourImage, DepthImage

_WIDTH = 320  # pixels in which edges are compared; a shift is known to two pixels of 640
_REACH = 40  # how far they are shifted, in those pixels
_SCALES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)
_STEP = 0.12  # relative change of distance within five pixels that is an edge
_AT_HOME_SHARE = 0.011  # of the width, 7 px of 640: a stereo camera's own depth is off by 4 at edges
_SAME_SCALE = 0.06
_FEW_EDGES = 0.005  # share of the pixels
_CLEAR = 0.2  # correlation; edges that have nothing to do with each other reach 0.1
_STANDS_OUT = 4.0  # standard deviations above the other shifts
_BETTER = 0.85  # what is left of the best correlation where the edges are

Edges = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Registration:
    """How edges of depth and colour fit.

    Attributes:
        fits: False if they clearly fit elsewhere; None if the pictures do not tell.
        shift: To the right and down, in pixels, by which depth would have to be moved to fit best.
        scale: By which it would have to be enlarged about the middle.
        correlation: There.
    """

    fits: bool | None
    shift: tuple[int, int]
    scale: float
    correlation: float


def registration_of(pairs: Sequence[tuple[ColourImage, DepthImage]]) -> Registration:
    """Compares the edges of some moments of one camera.

    Args:
        pairs: Colour and depth of the same size; one is enough, three from a moving scene are better.
    """
    maps, edges = [], []
    for colour, depth in pairs:
        reduced = _WIDTH / colour.shape[1]
        of_depth, of_colour = _depth_edges(depth, reduced), _colour_edges(colour, reduced)
        edges.append(float((of_depth > 0).mean()))
        maps.append(np.stack([_correlations(of_depth, of_colour, scale) for scale in _SCALES]))
    if not maps or np.mean(edges) < _FEW_EDGES:
        return Registration(None, (0, 0), 1.0, 0.0)
    return _judged(np.mean(maps, axis=0), pairs[0][0].shape[1])


def _judged(maps: NDArray[np.float64], width: int) -> Registration:
    best = np.unravel_index(int(maps.argmax()), maps.shape)
    layer, row, column = (int(index) for index in best)
    centre_row, centre_column = maps.shape[1] // 2, maps.shape[2] // 2
    enlarged = width / _WIDTH
    shift = round((column - centre_column) * enlarged), round((row - centre_row) * enlarged)
    scale, correlation = _SCALES[layer], float(maps[best])
    home = maps[_SCALES.index(1.0), centre_row - 1 : centre_row + 2, centre_column - 1 : centre_column + 2]
    at_home = abs(scale - 1) <= _SAME_SCALE and np.hypot(*shift) <= _AT_HOME_SHARE * width
    stands_out = (correlation - maps[layer].mean()) / (maps[layer].std() or 1.0)
    fits: bool | None = None
    if correlation >= _CLEAR and stands_out >= _STANDS_OUT:
        fits = True if at_home else (False if home.max() < _BETTER * correlation else None)
    return Registration(fits, shift, scale, correlation)


def _depth_edges(depth: DepthImage, reduced: float) -> Edges:
    """1 where distance steps; pixels without data count neither as near nor as far."""
    raw = cv2.resize(depth.raw, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    usable = np.isfinite(raw) & (raw > 0)
    inverse = np.divide(1.0, raw, out=np.zeros_like(raw), where=usable)
    window = np.ones((5, 5), np.uint8)
    near = cv2.dilate(np.where(usable, inverse, 0).astype(np.float32), window)
    far = cv2.erode(np.where(usable, inverse, np.inf).astype(np.float32), window)
    known = (near > 0) & np.isfinite(far)
    return np.asarray(known & (near - np.where(known, far, 0) > _STEP * near), np.float32)


def _colour_edges(colour: ColourImage, reduced: float) -> Edges:
    """How much the picture changes, without the few strongest edges, which would outweigh all others."""
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA).astype(np.float32)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.5)
    strength = np.hypot(cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    return np.asarray(np.minimum(strength, np.quantile(strength, 0.97)), np.float32)


def _correlations(of_depth: Edges, of_colour: Edges, scale: float) -> NDArray[np.float64]:
    """Of the edges of scaled depth with those of colour, for each shift of depth: rows by columns."""
    height, width = of_colour.shape
    about_middle = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, scale)
    moved = np.asarray(cv2.warpAffine(of_depth, about_middle, (width, height)), np.float32)
    one, other = moved - moved.mean(), of_colour - of_colour.mean()
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    product = np.fft.irfft2(np.fft.rfft2(other) * np.conj(np.fft.rfft2(one)), s=(height, width))
    shifted = np.fft.fftshift(product)
    down, right = min(_REACH, height // 2 - 1), min(_REACH, width // 2 - 1)
    part = shifted[height // 2 - down : height // 2 + down + 1, width // 2 - right : width // 2 + right + 1]
    return np.asarray(part / norm if norm > 0 else np.zeros_like(part), np.float64)
