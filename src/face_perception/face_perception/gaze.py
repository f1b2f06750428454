"""Where a person looks, by the place of the irises between the corners of the eyes.

An eye is a ball behind its corners, and the iris turns about its centre. What is measured is how far the iris is from
where it would be if the eye looked into the camera.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from face_perception.eyes import Eyes
from face_perception.head_pose import HeadPose
from face_perception.landmark_motion import EYE_CORNERS
from face_perception.landmarks import Landmarks, LandmarkScheme
from perception_core.frame import Point3
from perception_core.smoothing import Hysteresis, OneEuroFilter

Floats = NDArray[np.float64]

_IRIS_CENTRES = [468, 473]
_CORNERS = np.array(EYE_CORNERS)
_EYEBALL_RADIUS, _IRIS_RADIUS = 0.012, 0.0058  # metres, of adults
_IRIS_FROM_CENTRE = math.sqrt(_EYEBALL_RADIUS**2 - _IRIS_RADIUS**2)
# From the middle between an eye's corners to the eyeball's centre, in the head's axes, for the left eye. On 31
# portraits of people who look into the camera the gaze is off by 4.5 degrees in the median, 7.4 for nine of ten. On
# rendered heads it follows the head fully and eyes that turn aside 0.8 of the way; up and down it follows only as far
# as the lids do, which rendered ones do not.
_BALL_BACK, _BALL_OUT, _BALL_UP = 0.004, 0.0016, 0.0019
_FARTHEST_TURN = math.sin(math.radians(60.0))  # eyes do not turn further; beyond it is noise

# Pictures shrunk until the eyes are 30 px apart give the same gaze to 2 degrees; at 16 px averted eyes are seen to look
# up to 15 degrees elsewhere.
_LEAST_EYE_DISTANCE_PX = 30.0
_LEAST_FRONT = 0.35  # cosine of the head's turn: beyond 70 degrees no eye is seen well enough


@dataclass(frozen=True, slots=True)
class Gaze:
    """Where a person looks.

    Attributes:
        direction: Unit vector in the camera's optical frame.
        by_eyes: False where the irises are too small, turned away or hidden: then it is where the head points.
    """

    direction: Point3
    by_eyes: bool


class GazeTracker:
    """The gaze of one person, without jitter."""

    def __init__(self, min_cutoff_hz: float = 1.5, beta: float = 4.0) -> None:
        """Begins with nothing.

        Args:
            min_cutoff_hz: Jitter of a steady gaze above this frequency is taken out.
            beta: Rise of that frequency with the speed, Hz per radian and second; eyes are quick.
        """
        self._smooth = OneEuroFilter(min_cutoff_hz, beta)

    def reset(self) -> None:
        """Forgets all."""
        self._smooth.reset()

    def update(self, landmarks: Landmarks, pose: HeadPose, eyes: Eyes, stamp_ns: int) -> Gaze:
        """Takes in a frame.

        Args:
            landmarks: 478 points; with 468 the head alone tells.
            pose: Of the same face in the same image.
            eyes: Likewise; closed eyes do not look.
            stamp_ns: When it was taken; a jump back begins anew.
        """
        direction = gaze_of_eyes(landmarks, pose, eyes)
        smooth = self._smooth(np.full(3, np.nan) if direction is None else direction, stamp_ns)
        length = float(np.linalg.norm(smooth))
        if direction is None or not length > 0:
            x, y, z = pose.forward.tolist()
            return Gaze((x, y, z), False)
        x, y, z = (smooth / length).tolist()
        return Gaze((x, y, z), True)


class Attention:
    """Whether one person looks into the camera."""

    def __init__(
        self, eyes_deg: float = 12.0, head_deg: float = 16.0, on_after_s: float = 0.1, off_after_s: float = 0.3
    ) -> None:
        """Begins with no.

        Args:
            eyes_deg: A gaze this far beside the camera still meets it.
            head_deg: Likewise where only the head tells, which people do not turn all the way.
            on_after_s: So long somebody must look.
            off_after_s: So long somebody must look away; a blink is shorter.
        """
        if not (eyes_deg > 0 and head_deg > 0):
            raise ValueError(f"needs angles above 0 degrees, got {eyes_deg}, {head_deg}")
        self._eyes_deg, self._head_deg = eyes_deg, head_deg
        self._looks = Hysteresis(on=0.0, off=-0.4, on_after_s=on_after_s, off_after_s=off_after_s)

    def reset(self) -> None:
        """Back to no."""
        self._looks.reset()

    def update(self, gaze: Gaze, pose: HeadPose, eyes: Eyes, stamp_ns: int) -> bool:
        """Takes in a frame and answers.

        Args:
            gaze: Of this frame.
            pose: Likewise.
            eyes: Likewise; while both are shut the answer stays, and shut for longer than a blink it becomes no.
            stamp_ns: When it was taken; a jump back begins with no.
        """
        limit = self._eyes_deg if gaze.by_eyes else self._head_deg
        score = -1.0 if eyes.right_shut and eyes.left_shut else 1 - angle_to_camera_deg(gaze, pose) / limit
        return self._looks.update(score, stamp_ns)


def angle_to_camera_deg(gaze: Gaze, pose: HeadPose) -> float:
    """How far the gaze passes beside the camera, 0 to 180 degrees."""
    cosine = float(-np.dot(gaze.direction, pose.to_camera[:, 2]))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def gaze_of_eyes(landmarks: Landmarks, pose: HeadPose, eyes: Eyes) -> Floats | None:
    """The direction of the gaze by the irises alone.

    Args:
        landmarks: 478 points.
        pose: Of the same face in the same image.
        eyes: Likewise.

    Returns:
        Unit vector in the camera's optical frame; None if there are no irises, if the eyes are less than 30 pixels
        apart, shut, or turned away.
    """
    if landmarks.scheme is not LandmarkScheme.MEDIAPIPE478:
        return None
    points = landmarks.points
    head = pose.to_camera.T @ pose.rotation
    corners = points[_CORNERS, :2].astype(np.float64)
    middles = corners.sum(axis=1) / 2
    widths = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1)
    facing = -head[2, 0]
    # A turned head's eyes look nearer together than they are.
    apart = np.linalg.norm(middles[1] - middles[0]) / max(float(np.linalg.norm(head[:2, 1])), _LEAST_FRONT)
    weights = widths * [not eyes.right_shut, not eyes.left_shut]
    if not (apart >= _LEAST_EYE_DISTANCE_PX and facing >= _LEAST_FRONT and weights.sum() > 0):
        return None
    to_ball = np.array([[-_BALL_BACK, -_BALL_OUT, _BALL_UP], [-_BALL_BACK, _BALL_OUT, _BALL_UP]])
    to_iris = (points[_IRIS_CENTRES, :2] - middles) * pose.metres_per_pixel - to_ball @ head[:2].T
    turn = weights @ to_iris / weights.sum() / _IRIS_FROM_CENTRE
    turn *= min(1.0, _FARTHEST_TURN / max(float(np.linalg.norm(turn)), 1e-9))
    towards_camera = math.sqrt(1 - float(turn @ turn))
    return np.asarray(pose.to_camera @ np.array([turn[0], turn[1], -towards_camera]), np.float64)
