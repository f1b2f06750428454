"""The pipeline on the virtual camera, whose truth is known."""

import math

import numpy as np
import pytest

from face_perception.detection import FaceDetector
from face_perception.pipeline import FacePipeline
from perception_core.depth import PositionSource
from perception_core.engines.engine import open_engine
from perception_core.frame import RgbdFrame
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static
from perception_core.stages import StageTimes
from perception_core.tracking import Tracker


@pytest.fixture(scope="module")
def engine(weights):
    return open_engine(weights("yunet"))


@pytest.fixture
def pipeline(engine):
    return FacePipeline(FaceDetector(engine, 0.35), Tracker(), bridge_s=0.2)


@pytest.fixture(scope="module")
def source(pictures):
    return SceneSource(static(1.0))


def empty(frame, stamp_ns):
    return RgbdFrame(stamp_ns, frame.frame_id, np.zeros_like(frame.colour), None, frame.intrinsics)


def test_faces_are_where_they_are(pipeline, source):
    faces = pipeline(source.frame(0), StageTimes())
    truth = [face for face in source.truth(0).faces if face.visible_share > 0.9]
    assert len(faces) == len(truth)
    for face in faces:
        assert min(math.dist(face.position.xyz, true.sellion) for true in truth) < 0.03
        assert face.position.source is PositionSource.DEPTH


def test_the_nearest_comes_first(pipeline, source):
    faces = pipeline(source.frame(0), StageTimes())
    distances = [face.position.xyz[2] for face in faces]
    assert distances == sorted(distances)


def test_a_face_that_is_not_found_is_bridged_for_a_while_and_grows_uncertain(pipeline, source):
    first = pipeline(source.frame(0), StageTimes())
    soon = pipeline(empty(source.frame(0), 100_000_000), StageTimes())
    assert [face.track_id for face in soon] == [face.track_id for face in first]
    assert all(face.bridged and face.keypoints is None for face in soon)
    assert all(face.position.source is PositionSource.PREDICTED for face in soon)
    assert soon[0].position.sigma > first[0].position.sigma
    assert pipeline(empty(source.frame(0), 400_000_000), StageTimes()) == []


def test_a_face_that_returns_within_a_second_has_its_id_still(pipeline, source):
    before = pipeline(source.frame(0), StageTimes())
    pipeline(empty(source.frame(0), 500_000_000), StageTimes())
    frame = source.frame(1)
    after = pipeline(RgbdFrame(900_000_000, frame.frame_id, frame.colour, frame.depth, frame.intrinsics), StageTimes())
    assert {face.track_id for face in after} == {face.track_id for face in before}


def test_every_stage_is_timed(pipeline, source):
    times = StageTimes()
    pipeline(source.frame(0), times)
    assert list(times.stages()) == ["detect", "locate", "track"]


def test_without_intrinsics_there_are_faces_without_metres(pipeline, source):
    frame = source.frame(0)
    faces = pipeline(RgbdFrame(0, "", frame.colour, frame.depth, None), StageTimes())
    assert faces and all(face.position.source is PositionSource.NONE for face in faces)
