"""One moment of an RGB-D camera: colour, aligned depth, intrinsics and the time they were taken."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from perception_core.geometry import Box

ColourImage = NDArray[np.uint8]
Points = NDArray[np.float64]
Point3 = tuple[float, float, float]


_COEFFICIENTS = (0, 4, 5, 8, 12, 14)  # the lengths that OpenCV knows
_FISHEYE_COEFFICIENTS = (0, 4)
_FOCAL_PER_WIDTH = (0.1, 20.0)  # a view of 157 and of 3 degrees: fisheye and telescope
_NEAR = 0.05  # the principal point of a lens lies so near the middle, and its focal lengths so near each other
_TRUSTED_SHARE = 0.5  # of the way to a corner; further out real fisheye calibrations fold, too
_RETURN_PX = 1.0
# Five iterations, OpenCV's default, leave 20 to 70 pixels of error in the corners of wide lenses with rational models.
_UNDISTORT = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 100, 1e-4)


class IntrinsicsError(ValueError):
    """Camera intrinsics that no lens can have."""


@dataclass(frozen=True, slots=True)
class Intrinsics:
    """A pinhole camera with optional lens distortion.

    Attributes:
        width: Image width in pixels.
        height: Image height in pixels.
        fx: Focal length along x in pixels.
        fy: Focal length along y in pixels.
        cx: Principal point, x in pixels.
        cy: Principal point, y in pixels.
        distortion: Coefficients in OpenCV's order (k1, k2, p1, p2, k3, ...); empty for a rectified image.
        fisheye: The coefficients are those of OpenCV's fisheye model (ROS calls it equidistant).
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    distortion: tuple[float, ...] = ()
    fisheye: bool = False

    def __post_init__(self) -> None:
        named = {"fx": self.fx, "fy": self.fy, "cx": self.cx, "cy": self.cy}
        named |= {f"distortion coefficient {place}": value for place, value in enumerate(self.distortion, 1)}
        for name, value in named.items():
            if not math.isfinite(value):
                raise IntrinsicsError(f"{name} is {value}, which is not finite")
        if self.width <= 0 or self.height <= 0:
            raise IntrinsicsError(f"intrinsics are for an image of {self.width}x{self.height} pixels")
        self._check_pinhole()
        known = _FISHEYE_COEFFICIENTS if self.fisheye else _COEFFICIENTS
        if len(self.distortion) not in known:
            raise IntrinsicsError(f"{len(self.distortion)} distortion coefficients; there can be {known}")
        if any(self.distortion):
            self._check_distortion()

    def deproject(self, u: float, v: float, z: float) -> Point3:
        """Where the pixel (u, v) at distance z is, in metres in the camera's optical frame.

        Args:
            u: Column in pixels; the centre of the first pixel is 0.
            v: Row in pixels.
            z: Distance along the optical axis in metres.

        Returns:
            x (right), y (down) and z (forward) in metres.
        """
        x, y = (u - self.cx) / self.fx, (v - self.cy) / self.fy
        if self.fisheye or any(self.distortion):
            x, y = self._undistorted(np.array([[u, v]], np.float64))[0]
        return float(x) * z, float(y) * z, z

    def directions(self, pixels: NDArray[np.floating[Any]]) -> Points:
        """Where the rays through pixels are at a distance of 1.

        Args:
            pixels: Nx2 (column, row).

        Returns:
            Nx2: x / z and y / z.
        """
        if self.fisheye or any(self.distortion):
            return self._undistorted(np.asarray(pixels, np.float64))
        return np.asarray((pixels - np.array([self.cx, self.cy])) / np.array([self.fx, self.fy]), np.float64)

    def project(self, points: Points) -> Points:
        """Pixels of points in the camera's optical frame.

        Args:
            points: Nx3, metres, z > 0.

        Returns:
            Nx2 pixels (column, row).
        """
        points = np.asarray(points, np.float64).reshape(-1, 1, 3)
        project = cv2.fisheye.projectPoints if self.fisheye else cv2.projectPoints
        pixels = project(points, np.zeros(3), np.zeros(3), self._matrix(), self._distortion())[0]
        return np.asarray(pixels, np.float64).reshape(-1, 2)

    def _check_pinhole(self) -> None:
        focal, centre = f"fx={self.fx}, fy={self.fy}", f"cx={self.cx}, cy={self.cy}"
        size = f"an image of {self.width}x{self.height} pixels"
        if self.fx <= 0 or self.fy <= 0:
            raise IntrinsicsError(f"focal lengths must be positive, got {focal}")
        least, most = (share * self.width for share in _FOCAL_PER_WIDTH)
        if not (least <= self.fx <= most and least <= self.fy <= most):
            raise IntrinsicsError(f"focal lengths {focal} are not between {least:g} and {most:g}, as for {size}")
        focal_is_middle = _near(self.fx, self.width / 2) and _near(self.fy, self.height / 2)
        if focal_is_middle and _near(self.cx, self.cy) and not _near(self.fx, self.fy):
            raise IntrinsicsError(
                f"{focal} are the middle of {size}, {centre} are alike: focal lengths and principal point are swapped"
            )
        if not (0 <= self.cx <= self.width and 0 <= self.cy <= self.height):
            raise IntrinsicsError(f"the principal point {centre} lies outside {size}; {focal}")

    def _check_distortion(self) -> None:
        """Pixels that are undistorted and projected again must come back."""
        corners = np.array([[0, 0], [self.width, 0], [0, self.height], [self.width, self.height]], np.float64)
        centre = np.array([self.cx, self.cy])
        pixels = centre + _TRUSTED_SHARE * (corners - centre)
        rays = np.column_stack([self._undistorted(pixels), np.ones(len(pixels))])
        off = np.abs(self.project(rays) - pixels).max()
        if not off <= _RETURN_PX:  # also when it is not a number
            raise IntrinsicsError(
                f"no lens has the distortion coefficients {self.distortion}: pixels half way to the corners do not "
                "come back when they are undistorted and projected again"
            )

    def _undistorted(self, pixels: Points) -> Points:
        """Nx2 pixels to Nx2 directions x/z and y/z."""
        points, matrix, distortion = pixels.reshape(-1, 1, 2), self._matrix(), self._distortion()
        if self.fisheye:
            directions = cv2.fisheye.undistortPoints(points, matrix, distortion)
        else:
            directions = cv2.undistortPointsIter(points, matrix, distortion, np.eye(3), np.eye(3), _UNDISTORT)
        return np.asarray(directions, np.float64).reshape(-1, 2)

    def _distortion(self) -> NDArray[np.float64]:
        return np.array(self.distortion or (0.0,) * 4, np.float64)

    def _matrix(self) -> NDArray[np.float64]:
        return np.array([[self.fx, 0, self.cx], [0, self.fy, self.cy], [0, 0, 1]], np.float64)


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_NEAR)


@dataclass(frozen=True, slots=True, eq=False)
class DepthImage:
    """Aligned depth as the camera delivered it; metres are computed only for the pixels that are asked for.

    Converting a whole 640x480 image on every frame would cost more than everything that is done with it.

    Attributes:
        raw: HxW, uint16 (0 = no data) or float32 (NaN, infinite or not above 0 = no data).
        metres_per_unit: What one unit of `raw` is worth: 0.001 for millimetres, 1 for metres.
    """

    raw: NDArray[np.uint16] | NDArray[np.float32]
    metres_per_unit: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.raw.shape[1], self.raw.shape[0]

    def patch(self, box: Box) -> NDArray[np.float32]:
        """Depth inside a box.

        Args:
            box: Pixels; what lies outside the image is cut off.

        Returns:
            float32 metres, NaN where there is no data; a copy, possibly of size 0.
        """
        width, height = self.size
        rows, columns = box.clipped(width, height).slices()
        return self._converted(self.raw[rows, columns])

    def at(self, columns: NDArray[np.floating[Any]], rows: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Depth at single pixels.

        Args:
            columns: N, pixels; the nearest pixel is taken.
            rows: N, pixels.

        Returns:
            N float32 metres, NaN where there is no data and outside of the image.
        """
        width, height = self.size
        inside = (columns > -0.5) & (columns < width - 0.5) & (rows > -0.5) & (rows < height - 0.5)
        metres = np.full(len(inside), np.nan, np.float32)
        places = np.rint(rows[inside]).astype(np.intp), np.rint(columns[inside]).astype(np.intp)
        metres[inside] = self._converted(self.raw[places])
        return metres

    def _converted(self, units: NDArray[np.uint16] | NDArray[np.float32]) -> NDArray[np.float32]:
        metres = np.asarray(units, np.float32) * np.float32(self.metres_per_unit)
        metres[~(np.isfinite(metres) & (metres > 0))] = np.nan
        return metres

    def metres(self) -> NDArray[np.float32]:
        """The whole image as float32 metres, NaN where there is no data."""
        width, height = self.size
        return self.patch(Box(0, 0, width, height))


@dataclass(frozen=True, slots=True, eq=False)
class RgbdFrame:
    """What the camera saw at one moment.

    Attributes:
        stamp_ns: When the colour image was taken, nanoseconds of the clock that stamped it.
        frame_id: Name of the camera's optical frame.
        colour: HxWx3 uint8, BGR.
        depth: Aligned to `colour` and of its size; None if there is none.
        intrinsics: Of the colour image; None if the camera has not told.
    """

    stamp_ns: int
    frame_id: str
    colour: ColourImage = field(repr=False)
    depth: DepthImage | None = field(default=None, repr=False)
    intrinsics: Intrinsics | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the colour image in pixels."""
        return self.colour.shape[1], self.colour.shape[0]
