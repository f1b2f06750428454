"""From a frame to the faces in it: find, locate, track, describe, identify."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from face_perception.describing import FaceDescriber, Pace, SeenFace
from face_perception.face import Face
from face_perception.face_state import Calm
from face_perception.finding import FaceFinder, FindingRules, Followed, Sighting
from face_perception.identification import Identification
from face_perception.parameters import FaceParameters
from face_perception.range_of_interest import Place, Preference, RangeOfInterest, distance_of
from face_perception.refresh import Turns
from perception_core.depth import Position3D, PositionSource, locate
from perception_core.face_anatomy import SELLION, face_size_prior, sellion
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.stages import StageTimes
from perception_core.stamps import JUMP_BACK_NS
from perception_core.tracking import Observation, Track, Tracker

_WALKING_SPEED = 1.5  # metres per second: how fast a position that is not measured anew becomes uncertain
_SELLION_POINT = 168  # of the landmarks
_SOUGHT_AT_ONCE_S = 0.2  # who was lost for longer is found when newcomers are

Located = tuple[Sighting, Position3D]


@dataclass(frozen=True, slots=True)
class FaceStages:
    """What a pipeline is made of.

    Attributes:
        finder: Finds faces.
        describer: Says what is to be said of them.
        identification: Tells whose they are; None where that is not wanted.
    """

    finder: FaceFinder
    describer: FaceDescriber
    identification: Identification | None = None


class FacePipeline:
    """Follows the faces of one camera from frame to frame."""

    def __init__(self, stages: FaceStages, tracker: Tracker[Located], parameters: FaceParameters) -> None:
        """Puts the stages together.

        Args:
            stages: What works on the images.
            tracker: Gives faces ids.
            parameters: Those that may change while it runs are taken from here.
        """
        self._finder, self._describer, self._identification = stages.finder, stages.describer, stages.identification
        self._tracker = tracker
        self._wanted = parameters
        self._tracks: list[Track[Located]] = []
        self._looks = Turns(1, parameters.follow_faces, parameters.follow_faces)
        self._take_on(parameters)
        self._begin_anew()

    @property
    def identification(self) -> Identification | None:
        """Tells whose faces they are; None where that is not wanted."""
        return self._identification

    def __call__(self, frame: RgbdFrame, times: StageTimes) -> list[Face]:
        """The faces of a frame, nearest first.

        Args:
            frame: Of the same camera as those before.
            times: Takes the time of each stage.
        """
        wanted = self._wanted
        if wanted is not self._parameters:
            self._take_on(wanted)
        stamp_ns = self._pass_to(frame)
        with times.stage("detect"):
            colour = self._range.masked(frame)
            lost = self._lost()
            urgent = [track.box for track in lost if self._is_urgent(track)] + self._tracker.undecided
            sightings = self._finder(colour, self._followed(stamp_ns), urgent, [track.box for track in lost])
        with times.stage("locate"):
            located = [(sighting, _position(frame, sighting)) for sighting in sightings]
        with times.stage("track"):
            near = [each for each in located if self._range.admits(each[0].detection.box, each[1])]
            self._tracks = self._tracker.update([_observation(each) for each in near], frame.stamp_ns)
            shown = self._chosen(frame)
        faces = self._described(frame, colour, shown, stamp_ns, times)
        if self._identification is not None:
            with times.stage("identify"):
                faces = self._identified(self._identification, colour, faces, shown, stamp_ns)
        return sorted(faces, key=lambda face: distance_of(face.position))

    def change(self, parameters: FaceParameters) -> None:
        """Takes on the parameters that may change while it runs, with the next frame; from any thread."""
        self._wanted = parameters

    def reset(self) -> None:
        """Forgets everybody; their ids are not used again."""
        self._tracker.reset()
        if self._identification is not None:
            self._identification.reset()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._finder.reset()
        self._describer.reset()
        self._looks.reset()
        self._image = 0
        self._tracks = []
        self._shown: list[int] = []
        self._stamp_ns: int | None = None
        self._size: tuple[int, int] | None = None

    def _pass_to(self, frame: RgbdFrame) -> int:
        """The frame's time as it counts here: a late image is of the time of the newest, as for the tracker.

        Where time has jumped back, or pixels are of another size, nothing of what was seen is where it was.
        """
        last = self._stamp_ns
        if self._size is not None and self._size != frame.size:
            self._tracker.reset()
            self._begin_anew()
        elif last is not None and frame.stamp_ns < last - JUMP_BACK_NS:
            self._begin_anew()  # the tracker sees it, too, and tells
            last = None
        self._size = frame.size
        self._stamp_ns = frame.stamp_ns if last is None else max(last, frame.stamp_ns)
        return self._stamp_ns

    def _take_on(self, parameters: FaceParameters) -> None:
        self._parameters = parameters
        self._range = RangeOfInterest(
            parameters.max_distance,
            parameters.mask_beyond,
            parameters.min_face_size,
            parameters.max_faces,
            Preference(parameters.prefer),
        )
        presence = parameters.landmark_presence
        self._finder.rules = FindingRules(parameters.detect_every, presence, parameters.landmark_faces)
        pace = Pace(
            parameters.refresh_every,
            parameters.refresh_faces,
            parameters.expression_rate_hz,
            parameters.landmark_faces,
        )
        calm = Calm(
            parameters.smoothing_min_cutoff_hz,
            parameters.smoothing_beta,
            parameters.attention_eyes_deg,
            parameters.attention_head_deg,
            parameters.attention_after_s,
            parameters.expression_after_s,
        )
        self._describer.change(pace, presence, calm)
        self._looks.change(1, parameters.follow_faces, parameters.follow_faces)
        if self._identification is not None:
            self._identification.turns.change(parameters.identity_interval_s, pace.many, pace.at_once)

    def _followed(self, stamp_ns: int) -> list[Followed]:
        """Those whose landmarks are followed: who was seen in the last frame, as many as may be."""
        seen = {track.id: track.last.payload[0] for track in self._tracks if track.seen}
        first = [track_id for track_id in self._shown if track_id in seen][: self._parameters.landmark_faces]
        regions = {track_id: region for track_id in first if (region := self._describer.region(track_id)) is not None}
        self._image += 1
        looked_at = self._looks(regions, self._image)
        return [
            Followed(
                region,
                seen[track_id].detection.score,
                seen[track_id].unconfirmed,
                None if track_id in looked_at else self._describer.ahead(track_id, stamp_ns),
            )
            for track_id, region in regions.items()
        ]

    def _is_urgent(self, track: Track[Located]) -> bool:
        """Whether a lost face is worth a run of the detector: not one that was doubtful, or is gone for a while."""
        score = track.last.payload[0].detection.score
        return track.missed_s <= _SOUGHT_AT_ONCE_S and score >= self._parameters.score_threshold

    def _lost(self) -> list[Track[Located]]:
        """Those who should be in view and are not followed: lost, hidden, or too small for landmarks."""
        first = set(self._shown[: self._parameters.landmark_faces])
        crowded_out = 0 < self._parameters.max_faces <= len(self._shown)
        return [
            track
            for track in self._tracks
            if not (track.seen and track.id in first and self._describer.region(track.id) is not None)
            and (track.id in self._shown or not crowded_out)
        ]

    def _chosen(self, frame: RgbdFrame) -> list[Track[Located]]:
        """The tracks that are reported, in the order of preference."""
        reported = {track.id: track for track in self._tracks if track.missed_s <= self._parameters.bridge_s}
        places = [Place(track.id, track.box, _where(frame, track)) for track in reported.values()]
        self._shown = self._range.chosen(places, self._shown)
        return [reported[track_id] for track_id in self._shown]

    def _described(
        self,
        frame: RgbdFrame,
        colour: ColourImage,
        shown: Sequence[Track[Located]],
        stamp_ns: int,
        times: StageTimes,
    ) -> list[Face]:
        self._describer.keep([track.id for track in self._tracks])
        seen = [SeenFace(track.id, *track.last.payload) for track in shown if track.seen]
        described = {face.track_id: face for face in self._describer(frame, colour, seen, stamp_ns, times)}
        return [
            described[track.id] if track.seen else self._describer.bridged(_bridged(frame, track), stamp_ns)
            for track in shown
        ]

    def _identified(
        self,
        identification: Identification,
        colour: ColourImage,
        faces: Sequence[Face],
        shown: Sequence[Track[Located]],
        stamp_ns: int,
    ) -> list[Face]:
        doubted = [track.id for track in shown if track.in_doubt]
        identities = identification(colour, faces, doubted, stamp_ns)
        return [replace(face, identity=identities[face.track_id]) for face in faces]


def _position(frame: RgbdFrame, sighting: Sighting) -> Position3D:
    points = sighting.detection.keypoints
    eyes, mouth = (points.right_eye, points.left_eye), (points.right_mouth, points.left_mouth)
    prior = face_size_prior(eyes, mouth, frame.intrinsics) if frame.intrinsics is not None else None
    if sighting.light is None:
        return locate(frame, sellion(eyes, points.nose_tip, mouth), prior, SELLION)
    column, row = sighting.light.points[_SELLION_POINT, :2].tolist()
    return locate(frame, (column, row), prior, SELLION)


def _observation(located: Located) -> Observation[Located]:
    sighting, position = located
    known = position.source is not PositionSource.NONE
    detection = sighting.detection
    return Observation(detection.box, detection.score, position.xyz[2] if known else None, located)


def _where(frame: RgbdFrame, track: Track[Located]) -> Position3D:
    return track.last.payload[1] if track.seen else _predicted(frame, track)


def _bridged(frame: RgbdFrame, track: Track[Located]) -> Face:
    """A face at its predicted place."""
    score = track.last.payload[0].detection.score
    return Face(track.id, score, True, track.box, None, _predicted(frame, track))


def _predicted(frame: RgbdFrame, track: Track[Located]) -> Position3D:
    """The last position, moved with the box, at the last distance; less certain with every moment."""
    sighting, position = track.last.payload
    if position.source is PositionSource.NONE or frame.intrinsics is None:
        return replace(position, xyz=(math.nan,) * 3, sigma=math.nan, valid_share=0.0, source=PositionSource.NONE)
    column, row = frame.intrinsics.project(np.array([position.xyz]))[0]
    (was_x, was_y), (is_x, is_y) = sighting.detection.box.centre, track.box.centre
    xyz = frame.intrinsics.deproject(column + is_x - was_x, row + is_y - was_y, position.xyz[2])
    sigma = math.hypot(position.sigma, _WALKING_SPEED * track.missed_s)
    return Position3D(xyz, sigma, 0.0, PositionSource.PREDICTED)
