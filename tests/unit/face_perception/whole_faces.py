"""Faces of which everything is known, and faces of all kinds."""

import math

import numpy as np
from hypothesis import strategies as st

from face_perception.blendshapes import MODEL, Blendshapes
from face_perception.detection import FaceKeypoints
from face_perception.expression_evidence import UNKNOWN, Expression, ExpressionState
from face_perception.expression_labels import AFFECTNET8, FER7, LabelSet
from face_perception.eyes import SHUT, Eyes
from face_perception.face import Face
from face_perception.gaze import Gaze
from face_perception.head_pose import HeadPose, rotation_of
from face_perception.identity import NOT_EXAMINED, Identity, IdentityState
from face_perception.landmarks import Landmarks, LandmarkScheme
from face_perception.liveness import Liveness
from perception_core.depth import Position3D, PositionSource
from perception_core.frame import RgbdFrame
from perception_core.geometry import Box
from perception_core.zoo.manifest import load_models

FRAME = RgbdFrame(5_000_000_007, "camera", np.zeros((480, 640, 3), np.uint8))
KEYPOINTS = FaceKeypoints((110.0, 120.0), (140.0, 120.0), (125.0, 135.0), (112.0, 150.0), (138.0, 150.0))
NOWHERE = Position3D((math.nan,) * 3, math.nan, 0.0, PositionSource.NONE)
SELLION = (0.1, -0.2, 1.25)
LABELS = tuple(load_models()[MODEL].labels)


def at(source, xyz=SELLION):
    return Position3D(xyz, 0.01, 0.9, source) if source is not PositionSource.NONE else NOWHERE


def mesh(points=478, seed=0):
    scheme = LandmarkScheme(f"MEDIAPIPE{points}")
    return Landmarks(scheme, np.random.default_rng(seed).normal(200, 80, (points, 3)).astype(np.float32), 0.9)


def plain_face(source=PositionSource.DEPTH, *, bridged=False, track_id=3):
    """A face of which only the place is known."""
    return Face(track_id, 0.93, bridged, Box(100, 100, 50, 70), None if bridged else KEYPOINTS, at(source))


def turned(yaw_deg=0.0, pitch_deg=0.0, roll_deg=0.0, source=PositionSource.DEPTH, xyz=SELLION):
    rotation = rotation_of(yaw_deg, pitch_deg, roll_deg)
    return HeadPose(rotation, at(source, xyz), 2.5, np.eye(3), 0.001)


def whole_face(*, track_id=3, source=PositionSource.DEPTH, pose=None):
    """A face of which everything is known."""
    scores = (0.02, 0.9, 0.02, 0.02, 0.01, 0.01, 0.02)
    return Face(
        track_id=track_id,
        score=0.93,
        bridged=False,
        box=Box(100, 100, 50, 70),
        keypoints=KEYPOINTS,
        position=at(source),
        landmarks=mesh(),
        pose=pose or turned(20, -10, 5, source),
        gaze=Gaze((0.6, 0.0, -0.8), True),
        looking_at_camera=True,
        eyes=Eyes(0.1, 0.9, False, True),
        expression=Expression(ExpressionState.STABLE, "FER7", "happy", FER7.classes, scores, 0.7, 0.4),
        blendshapes=Blendshapes(LABELS, np.linspace(0, 1, len(LABELS), dtype=np.float32)),
        identity=Identity(IdentityState.CONFIRMED, "0123456789abcdef", "Ada 🤖", 0.71),
        liveness=Liveness.REAL,
    )


_numbers = st.floats(-1e4, 1e4)
_metres = st.floats(-1e3, 1e3)
_shares = st.floats(0, 1)
_pixels = st.tuples(_numbers, _numbers)
_directions = (
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
    .filter(lambda direction: math.hypot(*direction) > 0.1)
    .map(lambda direction: tuple(each / math.hypot(*direction) for each in direction))
)
_sources = st.sampled_from([PositionSource.DEPTH, PositionSource.SIZE_PRIOR, PositionSource.PREDICTED])
_positions = st.just(NOWHERE) | st.builds(
    Position3D, st.tuples(_metres, _metres, _metres), st.floats(0, 10), _shares, _sources
)
_angles = st.floats(-180, 180)
_texts = st.text(st.characters(exclude_categories=["C"]), max_size=64)


@st.composite
def _expressions(draw):
    label_set = draw(st.sampled_from([FER7, AFFECTNET8, LabelSet("pain", ("none", "weh"))]))
    classes = label_set.classes
    scores = draw(st.lists(_shares, min_size=len(classes), max_size=len(classes)))
    label = draw(st.sampled_from(["", *classes]))
    state = ExpressionState.STABLE if label else ExpressionState.UNCERTAIN
    valence, arousal = draw(st.tuples(st.floats(-1, 1), st.floats(-1, 1)) | st.just((math.nan, math.nan)))
    return Expression(state, label_set.name, label, classes, tuple(scores), valence, arousal)


def _eyes(right, left):
    return Eyes(right, left, right >= SHUT, left >= SHUT)


def _scored(numbers):
    return Blendshapes(LABELS, np.array(numbers, np.float32))


@st.composite
def _faces(draw):
    position = draw(_positions)
    where = st.just(position) | st.builds(at, st.just(position.source), st.tuples(_metres, _metres, _metres))
    rotations = st.builds(rotation_of, _angles, _angles, _angles)
    pose = draw(st.none() | st.builds(HeadPose, rotations, where, st.just(2.5), st.just(np.eye(3)), st.just(0.001)))
    head = [] if pose is None else [st.just(Gaze(tuple(pose.forward.tolist()), False))]
    closed = st.floats(0, 1, width=32)
    return Face(
        track_id=draw(st.integers(1, 2**31 - 1)),
        score=draw(_shares),
        bridged=draw(st.booleans()),
        box=draw(st.builds(Box, _numbers, _numbers, st.floats(0, 1e4), st.floats(0, 1e4))),
        keypoints=draw(st.none() | st.builds(FaceKeypoints, _pixels, _pixels, _pixels, _pixels, _pixels)),
        position=position,
        landmarks=draw(st.none() | st.builds(mesh, st.sampled_from([478, 468]), st.integers(0, 9))),
        pose=pose,
        gaze=draw(st.one_of(st.none(), st.builds(Gaze, _directions, st.just(True)), *head)),
        looking_at_camera=draw(st.none() | st.booleans()),
        eyes=draw(st.none() | st.builds(_eyes, closed, closed)),
        expression=draw(st.just(UNKNOWN) | _expressions()),
        blendshapes=draw(st.none() | st.builds(_scored, st.lists(_shares, min_size=52, max_size=52))),
        identity=draw(
            st.just(NOT_EXAMINED)
            | st.builds(Identity, st.sampled_from(IdentityState), _texts, _texts, st.floats(-1, 1) | st.just(math.nan))
        ),
        liveness=draw(st.sampled_from(Liveness)),
    )


FACES = _faces()
