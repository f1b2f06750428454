"""From a frame to the faces in it: detect, locate, track."""

from __future__ import annotations

import math
from dataclasses import replace

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
        return sorted((_face(track) for track in tracks if track.missed_s <= self.bridge_s), key=_distance)


def _position(frame: RgbdFrame, detection: FaceDetection) -> Position3D:
    points = detection.keypoints
    eyes, mouth = (points.right_eye, points.left_eye), (points.right_mouth, points.left_mouth)
    prior = face_size_prior(eyes, mouth, frame.intrinsics) if frame.intrinsics is not None else None
    return locate(frame, sellion(eyes, points.nose_tip, mouth), prior, SELLION)


def _observation(located: Located) -> Observation[Located]:
    detection, position = located
    known = position.source is not PositionSource.NONE
    return Observation(detection.box, detection.score, position.xyz[2] if known else None, located)


def _face(track: Track[Located]) -> Face:
    detection, position = track.last.payload
    if track.seen:
        return Face(track.id, detection.score, False, detection.box, detection.keypoints, position)
    if position.source is not PositionSource.NONE:
        sigma = math.hypot(position.sigma, _WALKING_SPEED * track.missed_s)
        position = replace(position, sigma=sigma, valid_share=0.0, source=PositionSource.PREDICTED)
    return Face(track.id, detection.score, True, track.box, None, position)


def _distance(face: Face) -> float:
    """For ordering: faces whose distance is not known come last."""
    return math.inf if face.position.source is PositionSource.NONE else face.position.xyz[2]
