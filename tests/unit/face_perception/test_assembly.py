"""The pipeline as parameters ask for it, on real pictures."""

from contextlib import closing

import pytest

from face_perception.assembly import open_face_pipeline
from face_perception.parameters import FaceParameters
from perception_core.engines.engine import EngineError
from perception_core.frame import RgbdFrame
from perception_core.sources.pictures import read_picture
from perception_core.stages import StageTimes
from perception_core.zoo.errors import UnknownNameError


def found(assembly, colour, stamp_ns=0):
    return assembly.pipeline(RgbdFrame(stamp_ns, "", colour), StageTimes())


@pytest.fixture
def six_faces(picture, weights):
    weights("yunet")
    return read_picture(picture("six_faces"))


def test_the_parameters_decide_who_is_a_face(six_faces):
    with closing(open_face_pipeline(FaceParameters(), print)) as assembly:
        scores = sorted(face.score for face in found(assembly, six_faces))
    middle = (scores[2] + scores[3]) / 2
    with closing(open_face_pipeline(FaceParameters(score_threshold=middle), print)) as assembly:
        assert len(found(assembly, six_faces)) == 3


def test_at_first_sight_only_the_sure_ones_are_reported(six_faces):
    with closing(open_face_pipeline(FaceParameters(), print, sure_score=1.0)) as assembly:
        assert found(assembly, six_faces) == []
        assert len(found(assembly, six_faces, 33_000_000)) == 6


def test_after_a_reset_everybody_is_somebody_else(six_faces):
    with closing(open_face_pipeline(FaceParameters(), print)) as assembly:
        before = {face.track_id for face in found(assembly, six_faces)}
        assembly.pipeline.reset()
        assert before.isdisjoint(face.track_id for face in found(assembly, six_faces))


def test_the_model_is_told_by_name_and_hash(six_faces):
    with closing(open_face_pipeline(FaceParameters(), print)) as assembly:
        assert assembly.models["detector"] == "yunet" and len(assembly.models["detector_sha256"]) == 64


def test_once_closed_it_does_not_run(six_faces):
    assembly = open_face_pipeline(FaceParameters(), print)
    assembly.close()
    with pytest.raises(EngineError):
        found(assembly, six_faces)


def test_a_detector_that_is_not_listed_is_named():
    with pytest.raises(UnknownNameError, match="yunnet"):
        open_face_pipeline(FaceParameters(detector="yunnet"), print)
