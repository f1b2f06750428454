"""What is to be told of the faces in an image: landmarks, pose, eyes, gaze, expression, liveness.

What is cheap is done for every face in every image. The larger landmark network and the blendshapes are for those whose
turn it is, and so are, each at a rate of its own, the expressions and the relief of the depth.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from face_perception.alignment import five_points
from face_perception.blendshapes import BlendshapeNetwork
from face_perception.canonical_face import CanonicalFace
from face_perception.detection import FaceKeypoints
from face_perception.expression_crop import FaceView, box_of_landmarks
from face_perception.expression_evidence import ReadableFace
from face_perception.expression_network import ExpressionReader
from face_perception.face import Face
from face_perception.face_state import Calm, FaceStates
from face_perception.finding import Sighting
from face_perception.head_pose import assumed_intrinsics, head_pose
from face_perception.head_turn import turn_from_camera
from face_perception.landmarks import LandmarkNetwork, Landmarks, LandmarkScheme
from face_perception.liveness import Liveness, measure_relief
from face_perception.refresh import Turns
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import ColourImage, RgbdFrame
from perception_core.geometry import RotatedRegion
from perception_core.stages import StageTimes

_READABLE = ReadableFace()
_RELIEF_HZ = 10.0
_RELIEF_SETTLED_NS = 500_000_000  # between measurements of a face that is known to be real, or flat
_NOWHERE = Position3D((math.nan, math.nan, math.nan), math.nan, 0.0, PositionSource.NONE)


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face of an image, with the track that it belongs to.

    Attributes:
        track_id: Of the track.
        sighting: Where it is.
        position: Of the sellion.
    """

    track_id: int
    sighting: Sighting
    position: Position3D


@dataclass(frozen=True, slots=True)
class FaceNetworks:
    """What describes faces; None for what is not wanted.

    Attributes:
        landmarks: 478 points.
        blendshapes: Of those points.
        expressions: What faces show.
        canonical: What heads look like; without it there is no pose, and nothing that needs it.
        liveness: Whether the relief is measured.
    """

    landmarks: LandmarkNetwork | None = None
    blendshapes: BlendshapeNetwork | None = None
    expressions: ExpressionReader | None = None
    canonical: CanonicalFace | None = None
    liveness: bool = True


@dataclass(frozen=True, slots=True)
class Pace:
    """How often what costs time is done.

    Attributes:
        refresh_every: A face gets the larger network on every n-th image.
        many: So many faces are served as often as is wanted; of more, each is less often.
        expression_rate_hz: How often an expression is read.
        most_read: The expressions of so many faces are read at most, of the first ones.
    """

    refresh_every: int = 3
    many: int = 2
    expression_rate_hz: float = 10.0
    most_read: int = 8

    @property
    def at_once(self) -> int:
        """Faces that are served in one image, at most."""
        return -(-self.many // self.refresh_every)


class FaceDescriber:
    """Describes the faces of one camera, image after image."""

    def __init__(self, networks: FaceNetworks, presence: float = 0.5, calm: Calm | None = None) -> None:
        """Puts the networks together.

        Args:
            networks: What there is.
            presence: From which presence on the larger network's landmarks are believed, 0 to 1.
            calm: How much is smoothed.
        """
        self._networks = networks
        self.presence = presence
        label_set = networks.expressions.label_set if networks.expressions is not None else None
        self._states = FaceStates(calm or Calm(), label_set)
        pace = self._pace = Pace()
        self._refreshes = Turns(pace.refresh_every, pace.many, pace.at_once)
        self._readings = Turns(1 / pace.expression_rate_hz, pace.many, pace.at_once)
        self._reliefs = Turns(1 / _RELIEF_HZ, pace.many, pace.at_once)
        self._image = 0

    def change(self, pace: Pace, presence: float, calm: Calm) -> None:
        """Takes on other settings."""
        self._pace = pace
        self._refreshes.change(pace.refresh_every, pace.many, pace.at_once)
        self._readings.change(1 / pace.expression_rate_hz, pace.many, pace.at_once)
        self._reliefs.change(1 / _RELIEF_HZ, pace.many, pace.at_once)
        self.presence = presence
        self._states.change(calm)

    def reset(self) -> None:
        """Forgets everybody."""
        self.keep(())
        for turns in (self._refreshes, self._readings, self._reliefs):
            turns.reset()

    def keep(self, track_ids: Collection[int]) -> None:
        """Forgets all other tracks."""
        self._states.keep(track_ids)

    def region(self, track_id: int) -> RotatedRegion | None:
        """Where a face is to be looked for next; None where it has no landmarks."""
        return self._states.region(track_id)

    def ahead(self, track_id: int, stamp_ns: int) -> Landmarks | None:
        """Where a face's landmarks are if it has moved on as it did; None where it has none."""
        return self._states[track_id].mesh.ahead(stamp_ns)

    def bridged(self, face: Face, stamp_ns: int) -> Face:
        """A face that is not seen, with what is still known of it."""
        state = self._states[face.track_id]
        return replace(face, expression=state.expression_at(stamp_ns), liveness=state.liveness_at(stamp_ns))

    def __call__(
        self, frame: RgbdFrame, colour: ColourImage, seen: Sequence[SeenFace], stamp_ns: int, times: StageTimes
    ) -> list[Face]:
        """The faces of an image, in the order given.

        Args:
            frame: With what was measured of depth and lens.
            colour: What the networks look at; the frame's, or what is left of it.
            seen: Who is in it, in the order of preference.
            stamp_ns: When it was taken; never before the last one's, unless everything was reset.
            times: Takes the time of each stage.
        """
        self._image += 1
        with times.stage("landmarks"):
            looked_at = {one.track_id for one in seen if not one.sighting.resting}
            with_points = [
                one.track_id for one in seen if one.sighting.region is not None and one.track_id in looked_at
            ]
            refreshed = self._refreshes(with_points, self._image)
            full = self._full_landmarks(colour, [one for one in seen if one.track_id in refreshed])
            faces = [self._placed(one, full, stamp_ns) for one in seen]
        with times.stage("head"):
            faces = [
                self._with_head(frame, face, stamp_ns) if face.track_id in looked_at else self._with_last_head(face)
                for face in faces
            ]
            for face in faces:
                self._states[face.track_id].face = face
            new = [face for face in faces if face.track_id in looked_at]
            self._measure_reliefs(frame, new, stamp_ns)
        if self._networks.blendshapes is not None and full:
            with times.stage("blendshapes"):
                self._renew_blendshapes([face for face in faces if face.track_id in full])
        if self._networks.expressions is not None:
            with times.stage("expression"):
                self._read_expressions(colour, new, stamp_ns)
        return [self._with_shown(face, stamp_ns) for face in faces]

    def _full_landmarks(self, colour: ColourImage, seen: Sequence[SeenFace]) -> Mapping[int, Landmarks]:
        """478 points by track."""
        at = [(one.track_id, one.sighting.region) for one in seen]
        known = [(track_id, region) for track_id, region in at if region is not None]
        if self._networks.landmarks is None or not known:
            return {}
        found = self._networks.landmarks(colour, [region for _, region in known])
        return {track_id: landmarks for (track_id, _), landmarks in zip(known, found, strict=True)}

    def _placed(self, one: SeenFace, full: Mapping[int, Landmarks], stamp_ns: int) -> Face:
        """The face with its landmarks, if it has some."""
        mesh, detection = self._states[one.track_id].mesh, one.sighting.detection
        if one.sighting.resting:
            return Face(
                one.track_id,
                detection.score,
                False,
                detection.box,
                detection.keypoints,
                one.position,
                one.sighting.light,
            )
        landmarks, finest = None, full.get(one.track_id)
        if finest is not None and not finest.presence >= self.presence:
            mesh.reset()  # the better network sees no face here: what is followed is something else
        elif one.sighting.light is not None:
            landmarks = mesh.update(one.sighting.light, finest, stamp_ns)
        else:
            mesh.reset()
        box, keypoints = detection.box, detection.keypoints
        if landmarks is not None:
            box = box_of_landmarks(landmarks.points)
            keypoints = FaceKeypoints.from_array(five_points(landmarks.points).astype(np.float32))
        return Face(one.track_id, detection.score, False, box, keypoints, one.position, landmarks)

    def _with_head(self, frame: RgbdFrame, face: Face, stamp_ns: int) -> Face:
        """The face with what its landmarks tell of the head."""
        canonical, landmarks, state = self._networks.canonical, face.landmarks, self._states[face.track_id]
        if canonical is None or landmarks is None:
            return face
        pose = head_pose(canonical, landmarks, frame.intrinsics or assumed_intrinsics(*frame.size), face.position)
        if pose is None:
            return face
        if frame.intrinsics is None:
            pose = replace(pose, position=_NOWHERE)
        eyes = state.lids.update(landmarks, pose, stamp_ns)
        gaze = state.gaze.update(landmarks, pose, eyes, stamp_ns)
        looking = state.attention.update(gaze, pose, eyes, stamp_ns)
        return replace(face, pose=pose, eyes=eyes, gaze=gaze, looking_at_camera=looking)

    def _with_last_head(self, face: Face) -> Face:
        """The face with what was known of the head in the last image."""
        last = self._states[face.track_id].face
        if last is None:
            return face
        return replace(face, pose=last.pose, gaze=last.gaze, eyes=last.eyes, looking_at_camera=last.looking_at_camera)

    def _measure_reliefs(self, frame: RgbdFrame, faces: Sequence[Face], stamp_ns: int) -> None:
        canonical, depth = self._networks.canonical, frame.depth
        if not self._networks.liveness or canonical is None or depth is None or depth.size != frame.size:
            return
        waiting = {face.track_id: face for face in faces if self._relief_wanted(face, stamp_ns)}
        for track_id in self._reliefs(list(waiting), stamp_ns / 1e9):
            face, state = waiting[track_id], self._states[track_id]
            assert face.landmarks is not None and face.pose is not None
            relief = measure_relief(canonical, depth, face.landmarks, face.pose.rotation, face.position)
            state.liveness.update(relief, stamp_ns)
            state.relief_ns = stamp_ns

    def _relief_wanted(self, face: Face, stamp_ns: int) -> bool:
        state = self._states[face.track_id]
        if face.pose is None or face.landmarks is None:
            return False
        recently = state.relief_ns is not None and stamp_ns - state.relief_ns < _RELIEF_SETTLED_NS
        return state.liveness.state is Liveness.UNKNOWN or not recently

    def _renew_blendshapes(self, faces: Sequence[Face]) -> None:
        assert self._networks.blendshapes is not None
        whole = [
            (face.track_id, face.landmarks)
            for face in faces
            if face.landmarks is not None and face.landmarks.scheme is LandmarkScheme.MEDIAPIPE478
        ]
        found = self._networks.blendshapes([landmarks for _, landmarks in whole])
        for (track_id, _), blendshapes in zip(whole, found, strict=True):
            self._states[track_id].blendshapes = blendshapes

    def _read_expressions(self, colour: ColourImage, faces: Sequence[Face], stamp_ns: int) -> None:
        assert self._networks.expressions is not None
        readable = {face.track_id: face for face in faces[: self._pace.most_read] if _readable(face)}
        turns = self._readings(list(readable), stamp_ns / 1e9)
        if not turns:
            return
        views = [FaceView(readable[track_id].box, readable[track_id].keypoints) for track_id in turns]
        scores = self._networks.expressions(colour, views)
        for track_id, each in zip(turns, scores, strict=True):
            evidence = self._states[track_id].expression
            assert evidence is not None
            evidence.update(each, stamp_ns)

    def _with_shown(self, face: Face, stamp_ns: int) -> Face:
        """The face with what is known of it from this image or the last ones."""
        state = self._states[face.track_id]
        return replace(
            face,
            expression=state.expression_at(stamp_ns),
            blendshapes=state.blendshapes if face.landmarks is not None else None,
            liveness=state.liveness_at(stamp_ns),
        )


def _readable(face: Face) -> bool:
    yaw = turn_from_camera(face.pose).yaw if face.pose is not None else None
    return _READABLE(max(face.box.width, face.box.height), yaw)
