"""The points of one face from frame to frame: two networks that look like one, and no jitter.

The network of 468 points costs a quarter of that of 478 points and is not as good: by itself it is off by 2.8 % of the
inter-ocular distance, and differently for everybody. But it sees every motion. So the last 478 points are moved by
what the 468 ones have moved since then; the irises move with the corners of their eye. With the larger network on every
third frame, what is in between is off by 0.8 % (mean of five clips).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from face_perception.face_region import region_of_landmarks
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.geometry import RotatedRegion
from perception_core.point_filter import PointFilter

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

EYE_CORNERS = ((33, 133), (362, 263))  # right eye, left eye; in both meshes
_EYES = np.array(EYE_CORNERS)
_IRISES = (slice(468, 473), slice(473, 478))
_MESH = 468
_LONGEST_GAP_S = 0.5  # who was away for longer has moved too far for the old points to say anything
_LEAST_UNIT_PX = 1.0


class FaceMesh:
    """The points of one face.

    Both networks have to run on a frame for the first to go on from the second. Where only the light one ever does,
    its own 468 points are given.
    """

    def __init__(self, min_cutoff_hz: float = 1.0, beta: float = 20.0) -> None:
        """Begins with nothing.

        Args:
            min_cutoff_hz: Jitter of a still face above this frequency is taken out; lower means calmer.
            beta: Rise of that frequency with the speed of a point, Hz per inter-ocular distance and second; higher
                means less lag. With the defaults a still face jitters 0.3 times as much, and a moving one lags by 0.3
                frames.
        """
        self._smooth = PointFilter(min_cutoff_hz, beta)
        self._full: Floats | None = None
        self._light_then: Floats | None = None
        self._stamp_ns: int | None = None
        self.reset()

    def reset(self) -> None:
        """Forgets the face."""
        self._full = self._light_then = self._stamp_ns = None
        self._last: Landmarks | None = None
        self._smooth.reset()
        self.region: RotatedRegion | None = None
        """Where the face is looked for in the next image; None if that is not known."""

    def update(self, light: Landmarks | None, full: Landmarks | None, stamp_ns: int) -> Landmarks | None:
        """Takes in what the networks found in an image.

        Args:
            light: The 468 points; None where that network did not run.
            full: The 478 points; None where that network did not run.
            stamp_ns: When the image was taken. A jump back, or forward by more than half a second, begins anew.

        Returns:
            478 points, or 468 as long as the larger network has not run; with the presence that the better network of
            this image gave. None if there are none, or none that is finite.
        """
        if self._stamp_ns is not None and not 0 <= stamp_ns - self._stamp_ns <= _LONGEST_GAP_S * 1e9:
            self.reset()
        newest = full if full is not None else light
        if newest is None or not all(np.isfinite(each.points).all() for each in (light, full) if each is not None):
            return None
        self._stamp_ns = stamp_ns
        mesh = None if light is None else light.points.astype(np.float64)
        if full is not None:
            points = self._anchored(full.points.astype(np.float64), mesh)
        else:
            points = self._followed(newest.points.astype(np.float64))
        self.region = region_of_landmarks(Landmarks(newest.scheme, points.astype(np.float32), newest.presence))
        smooth = self._smooth(points, _unit(points), stamp_ns).astype(np.float32)
        scheme = LandmarkScheme.MEDIAPIPE468 if len(smooth) == _MESH else LandmarkScheme.MEDIAPIPE478
        self._last = Landmarks(scheme, smooth, newest.presence)
        return self._last

    def ahead(self, stamp_ns: int) -> Landmarks | None:
        """Where the points are if the face has moved on as it did, for an image that no network looks at.

        Args:
            stamp_ns: When the image was taken.

        Returns:
            None if there were no points, or too long ago.
        """
        last, then = self._last, self._stamp_ns
        if last is None or then is None or not 0 <= stamp_ns - then <= _LONGEST_GAP_S * 1e9:
            return None
        way = self._smooth.velocity * ((stamp_ns - then) / 1e9)
        return Landmarks(last.scheme, last.points + way.astype(np.float32), last.presence)

    def _anchored(self, full: Floats, mesh: Floats | None) -> Floats:
        self._full, self._light_then = full, mesh
        return full

    def _followed(self, mesh: Floats) -> Floats:
        if self._full is None:
            return mesh
        if self._light_then is None:
            # The light network did not run with the larger one: their difference is not known, only the motion.
            return self._anchored(moved_as_a_whole(self._full, mesh), mesh)
        return moved(self._full, self._light_then, mesh)


def moved(full: Floats, light_then: Floats, light_now: Floats) -> Floats:
    """478 points, moved by what 468 points have moved.

    Args:
        full: 478x3, then.
        light_then: 468x3, at the same time.
        light_now: 468x3, now.
    """
    then, now = _complex(light_then), _complex(light_now)
    turn = _turn(then, now)
    found = np.empty_like(full)
    found[:_MESH] = light_now + _turned(full[:_MESH] - light_then, turn)
    for iris, corners in zip(_IRISES, EYE_CORNERS, strict=True):
        was, is_now = ((points[corners[0]] + points[corners[1]]) / 2 for points in (light_then, light_now))
        found[iris] = is_now + _turned(full[iris] - was, turn)
    return found


def moved_as_a_whole(full: Floats, light_now: Floats) -> Floats:
    """478 points, turned, scaled and shifted to where 468 points are now."""
    then = full[:_MESH]
    turn = _turn(_complex(then), _complex(light_now))
    return np.asarray(light_now.mean(axis=0) + _turned(full - then.mean(axis=0), turn), np.float64)


def _turn(then: Complex, now: Complex) -> complex:
    """Rotation and scale in the image plane from points to points, least squares, as a complex factor."""
    before, after = then - then.sum() / len(then), now - now.sum() / len(now)
    spread = np.vdot(before, before).real
    return complex(np.vdot(before, after) / spread) if spread > 0 else 1.0 + 0.0j


def _turned(offsets: Floats, turn: complex) -> Floats:
    found = np.empty_like(offsets)
    found[:, :2] = (_complex(offsets) * turn).view(np.float64).reshape(-1, 2)
    found[:, 2] = offsets[:, 2] * abs(turn)
    return found


def _complex(points: Floats) -> Complex:
    """Columns and rows as real and imaginary parts."""
    return np.ascontiguousarray(points[:, :2]).view(np.complex128)[:, 0]


def _unit(points: Floats) -> float:
    """Distance between the middles of the eyes, also of a face that is turned away."""
    right, left = points[_EYES].sum(axis=1) / 2
    return max(float(np.linalg.norm(left - right)), _LEAST_UNIT_PX)
