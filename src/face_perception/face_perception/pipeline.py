"""From a frame to the faces in it: detect, locate, track."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from face_perception.detection import FaceDetection, FaceDetector
from face_perception.face import Face
from perception_core.depth import Position3D, PositionSource, locate
from perception_core.face_anatomy import SELLION, face_size_prior, sellion
from perception_core.frame import RgbdFrame
from perception_core.stages import StageTimes
from perception_core.tracking import Observation, Track, Tracker

_WALKING_SPEED = 1.5  # metres per second: how fast a position that is not measured anew becomes uncertain

Located = tuple[FaceDetection, Position3D]


class FacePipeline:
    """Follows the faces of one camera from frame to frame."""

    def __init__(self, detector: FaceDetector, tracker: Tracker[Located], bridge_s: float) -> None:
        """Puts the stages together.

        Args:
            detector: Finds faces.
            tracker: Gives them ids.
            bridge_s: How long a face that is not found is still reported at its predicted place, seconds.
        """
        self._detector = detector
        self._tracker = tracker
        self.bridge_s = bridge_s

    def __call__(self, frame: RgbdFrame, times: StageTimes) -> list[Face]:
        """The faces of a frame, nearest first.

        Args:
            frame: Of the same camera as those before.
            times: Takes the time of each stage.
        """
        with times.stage("detect"):
            detections = self._detector(frame.colour)
        with times.stage("locate"):
            located = [(detection, _position(frame, detection)) for detection in detections]
        with times.stage("track"):
            tracks = self._tracker.update([_observation(each) for each in located], frame.stamp_ns)
        return sorted((_face(frame, track) for track in tracks if track.missed_s <= self.bridge_s), key=_distance)

    def reset(self) -> None:
        """Forgets everybody; their ids are not used again."""
        self._tracker.reset()


def _position(frame: RgbdFrame, detection: FaceDetection) -> Position3D:
    points = detection.keypoints
    eyes, mouth = (points.right_eye, points.left_eye), (points.right_mouth, points.left_mouth)
    prior = face_size_prior(eyes, mouth, frame.intrinsics) if frame.intrinsics is not None else None
    return locate(frame, sellion(eyes, points.nose_tip, mouth), prior, SELLION)


def _observation(located: Located) -> Observation[Located]:
    detection, position = located
    known = position.source is not PositionSource.NONE
    return Observation(detection.box, detection.score, position.xyz[2] if known else None, located)


def _face(frame: RgbdFrame, track: Track[Located]) -> Face:
    detection, position = track.last.payload
    if track.seen:
        return Face(track.id, detection.score, False, detection.box, detection.keypoints, position)
    return Face(track.id, detection.score, True, track.box, None, _predicted(frame, track))


def _predicted(frame: RgbdFrame, track: Track[Located]) -> Position3D:
    """The last position, moved with the box, at the last distance; less certain with every moment."""
    detection, position = track.last.payload
    if position.source is PositionSource.NONE or frame.intrinsics is None:
        return replace(position, xyz=(math.nan,) * 3, sigma=math.nan, valid_share=0.0, source=PositionSource.NONE)
    column, row = frame.intrinsics.project(np.array([position.xyz]))[0]
    (was_x, was_y), (is_x, is_y) = detection.box.centre, track.box.centre
    xyz = frame.intrinsics.deproject(column + is_x - was_x, row + is_y - was_y, position.xyz[2])
    sigma = math.hypot(position.sigma, _WALKING_SPEED * track.missed_s)
    return Position3D(xyz, sigma, 0.0, PositionSource.PREDICTED)


def _distance(face: Face) -> float:
    """For ordering: faces whose distance is not known come last."""
    return math.inf if face.position.source is PositionSource.NONE else face.position.xyz[2]
