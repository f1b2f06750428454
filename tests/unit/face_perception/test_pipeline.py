"""The pipeline on the virtual camera, whose truth is known, and on input that is not as it should be."""

import math
from contextlib import closing
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from benchmarks.harness.network_work import counted_work
from face_perception.assembly import open_face_pipeline
from face_perception.expression_evidence import ExpressionState
from face_perception.identity import IdentityState
from face_perception.landmarks import LandmarkScheme
from face_perception.liveness import Liveness
from face_perception.parameters import FaceParameters
from perception_core.depth import PositionSource
from perception_core.frame import DepthImage, RgbdFrame
from perception_core.sources.pictures import read_picture
from perception_core.sources.scene_source import SceneSource
from perception_core.sources.scenes import static
from perception_core.stages import StageTimes

FRAME_NS = 33_333_333
DEFAULTS = FaceParameters()
NETWORKS = ("yunet", "face_landmarks", "face_landmarks_light", "face_blendshapes", "face_geometry", "face_identity")


@pytest.fixture(scope="module")
def assembly(weights):
    for name in (*NETWORKS, "face_expression"):
        weights(name)
    with closing(open_face_pipeline(DEFAULTS, print)) as assembly:
        yield assembly


@pytest.fixture
def pipeline(assembly):
    assembly.pipeline.change(DEFAULTS)
    assembly.pipeline.reset()
    return assembly.pipeline


@pytest.fixture(scope="module")
def source(pictures):
    return SceneSource(static(1.0))


def seen(pipeline, frame, frames=1, start_ns=0):
    """The faces of the last of some frames that show the same."""
    for k in range(frames):
        faces = pipeline(replace(frame, stamp_ns=start_ns + k * FRAME_NS), StageTimes())
    return faces


def empty(frame, stamp_ns):
    return RgbdFrame(stamp_ns, frame.frame_id, np.zeros_like(frame.colour), None, frame.intrinsics)


def ids(faces):
    return {face.track_id for face in faces}


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


def test_everything_is_told_of_everybody_within_a_second(pipeline, source):
    for k in range(30):
        faces = pipeline(source.frame(k), StageTimes())
    assert len(faces) == 2
    for face in faces:
        assert face.landmarks.scheme is LandmarkScheme.MEDIAPIPE478
        assert face.pose.position.source is PositionSource.DEPTH
        assert face.gaze is not None and face.eyes is not None and face.looking_at_camera is not None
        assert len(face.blendshapes.scores) == 52
        assert face.expression.state is not ExpressionState.UNKNOWN
        assert face.identity.state is IdentityState.UNKNOWN


def test_a_head_is_real_and_a_photograph_is_flat(pipeline, source):
    for k in range(45):
        faces = pipeline(source.frame(k), StageTimes())
    head, photograph = sorted(faces, key=lambda face: face.position.xyz[0])
    assert (head.liveness, photograph.liveness) == (Liveness.REAL, Liveness.FLAT)


def test_what_a_face_shows_does_not_flicker(pipeline, source):
    labels = {}
    for k in range(90):
        for face in pipeline(source.frame(k), StageTimes()):
            if face.expression.label:
                labels.setdefault(face.track_id, []).append(face.expression.label)
    changes = [sum(one != other for one, other in pairwise(each)) for each in labels.values()]
    assert labels and max(changes) <= 1


def test_a_face_that_is_not_found_is_bridged_for_a_while_and_grows_uncertain(pipeline, source):
    first = pipeline(source.frame(0), StageTimes())
    soon = pipeline(empty(source.frame(0), 100_000_000), StageTimes())
    assert [face.track_id for face in soon] == [face.track_id for face in first]
    assert all(face.bridged and face.keypoints is None and face.landmarks is None for face in soon)
    assert all(face.position.source is PositionSource.PREDICTED for face in soon)
    assert soon[0].position.sigma > first[0].position.sigma
    assert pipeline(empty(source.frame(0), 400_000_000), StageTimes()) == []


def test_a_face_that_returns_within_a_second_has_its_id_still(pipeline, source):
    before = pipeline(source.frame(0), StageTimes())
    for stamp_ns in range(100_000_000, 800_000_000, FRAME_NS):
        pipeline(empty(source.frame(0), stamp_ns), StageTimes())
    for k in range(6):
        after = pipeline(replace(source.frame(1), stamp_ns=800_000_000 + k * FRAME_NS), StageTimes())
    assert ids(after) == ids(before) and not any(face.bridged for face in after)


def test_every_stage_is_timed(pipeline, source):
    times = StageTimes()
    pipeline(source.frame(0), times)
    stages = ["detect", "locate", "track", "landmarks", "head", "blendshapes", "expression", "identify"]
    assert list(times.stages()) == stages


def test_without_intrinsics_there_are_faces_without_metres(pipeline, source):
    frame = source.frame(0)
    faces = seen(pipeline, RgbdFrame(0, "", frame.colour, frame.depth, None), 10)
    assert faces and all(face.position.source is PositionSource.NONE for face in faces)
    assert all(face.pose.position.source is PositionSource.NONE for face in faces)
    assert all(math.isfinite(face.pose.yaw_deg) for face in faces)


def test_without_depth_there_are_estimates_and_nobody_is_called_real_or_flat(pipeline, source):
    frame = source.frame(0)
    faces = seen(pipeline, RgbdFrame(0, "", frame.colour, None, frame.intrinsics), 20)
    assert faces and all(face.position.source is PositionSource.SIZE_PRIOR for face in faces)
    assert all(face.liveness is Liveness.UNKNOWN for face in faces)


def test_depth_of_another_size_is_not_used(pipeline, source):
    frame = source.frame(0)
    small = DepthImage(np.ascontiguousarray(frame.depth.raw[::2, ::2]), frame.depth.metres_per_unit)
    faces = seen(pipeline, replace(frame, depth=small), 10)
    assert faces and all(face.liveness is Liveness.UNKNOWN for face in faces)


@pytest.mark.parametrize("back_ns", [2_000_000_000, 60_000_000_000])
def test_when_time_jumps_back_everybody_is_somebody_else(pipeline, source, back_ns):
    before = seen(pipeline, source.frame(0), 5, 100_000_000_000)
    after = seen(pipeline, source.frame(0), 1, 100_000_000_000 - back_ns)
    assert len(after) == len(before) and ids(after).isdisjoint(ids(before))
    assert all(face.identity.person_id == "" for face in after)


def test_an_image_that_is_late_by_a_frame_changes_nobody(pipeline, source):
    before = seen(pipeline, source.frame(0), 5)
    late = pipeline(replace(source.frame(0), stamp_ns=3 * FRAME_NS), StageTimes())
    after = pipeline(replace(source.frame(0), stamp_ns=5 * FRAME_NS), StageTimes())
    assert ids(before) == ids(late) == ids(after)
    assert all(face.landmarks is not None for face in after)


def test_stamps_that_stand_still_are_no_trouble(pipeline, source):
    for _ in range(5):
        faces = pipeline(replace(source.frame(0), stamp_ns=7), StageTimes())
    assert len(faces) == 2


def test_when_the_images_change_their_size_faces_are_found_at_once(pipeline, source):
    frame = source.frame(0)
    before = seen(pipeline, frame, 3)
    half = np.ascontiguousarray(frame.colour[::2, ::2])
    faces = pipeline(RgbdFrame(3 * FRAME_NS, "", half), StageTimes())
    assert len(faces) == len(before) and not any(face.bridged for face in faces)
    assert all(face.box.right <= 330 for face in faces)


@pytest.mark.parametrize("shape", [(2, 2), (1, 1), (1, 640), (480, 1), (31, 33)])
def test_images_of_next_to_nothing_show_nobody(pipeline, shape):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert seen(pipeline, RgbdFrame(0, "", noise), 3) == []


def test_faces_upside_down_break_nothing(pipeline, source):
    frame = source.frame(0)
    turned = RgbdFrame(0, "", np.ascontiguousarray(frame.colour[::-1, ::-1]))
    for face in seen(pipeline, turned, 20):
        assert all(map(math.isfinite, (face.box.x, face.box.y, face.box.width, face.box.height)))
        assert face.identity.name == ""


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_a_face_that_the_border_cuts_breaks_nothing(pipeline, source, share):
    frame = source.frame(0)
    (face, *_) = seen(pipeline, frame)
    column = int(face.box.x + (1 - share) * face.box.width)
    pipeline.reset()
    for each in seen(pipeline, RgbdFrame(0, "", np.ascontiguousarray(frame.colour[:, column:])), 6):
        assert all(map(math.isfinite, (each.box.x, each.box.width)))


@pytest.fixture(scope="module")
def crowd(photograph):
    """Sixty people in an image of 640 x 480."""
    portrait = photograph("astronaut")[0:220, 130:306]
    one = cv2.resize(portrait, (64, 80), interpolation=cv2.INTER_AREA)
    return np.tile(one, (6, 10, 1))


def test_in_a_crowd_of_sixty_everybody_is_found_and_few_cost_more(pipeline, crowd):
    first = seen(pipeline, RgbdFrame(0, "", crowd), 2)
    later = seen(pipeline, RgbdFrame(0, "", crowd), 10, 2 * FRAME_NS)
    assert len(first) >= 55
    assert ids(later) >= ids(first) and not any(face.bridged for face in later)
    assert sum(face.landmarks is not None for face in later) == DEFAULTS.landmark_faces


def test_in_a_crowd_not_everybody_is_looked_at_in_every_image_and_all_is_told_of_everybody(pipeline, picture):
    six = cv2.resize(read_picture(picture("six_faces")), (640, 443), interpolation=cv2.INTER_AREA)
    with counted_work() as work:
        seen(pipeline, RgbdFrame(0, "", six), 15)
        work.clear()
        faces = seen(pipeline, RgbdFrame(0, "", six), 30, 15 * FRAME_NS)
    assert 3 * 30 < work["light_landmarks"] <= DEFAULTS.follow_faces * 30
    assert len(faces) == 6
    assert not any(face.bridged or face.landmarks is None or face.pose is None for face in faces)


class NothingFinite:
    """A network whose landmarks are no numbers, as after a fault of the memory."""

    def __init__(self, engine):
        self._engine, self.inputs, self.outputs = engine, engine.inputs, engine.outputs

    def run(self, feeds):
        return {name: np.full_like(value, np.nan) for name, value in self._engine.run(feeds).items()}


def test_landmarks_that_are_no_numbers_leave_the_faces(pipeline, source, monkeypatch):
    before = seen(pipeline, source.frame(0), 3)
    light = pipeline._finder._light
    monkeypatch.setattr(light, "_engine", NothingFinite(light._engine))
    faces = seen(pipeline, source.frame(0), 3, 3 * FRAME_NS)
    assert ids(faces) == ids(before)
    assert all(face.landmarks is None and not face.bridged for face in faces)
    monkeypatch.undo()
    assert all(face.landmarks is not None for face in seen(pipeline, source.frame(0), 2, 6 * FRAME_NS))


def test_who_is_too_far_away_is_left_out_from_the_next_frame_on(pipeline, source):
    assert len(seen(pipeline, source.frame(0))) == 2
    pipeline.change(FaceParameters(max_distance=0.5, bridge_s=0.0))
    assert seen(pipeline, source.frame(0), 2, FRAME_NS) == []
    pipeline.change(FaceParameters(max_distance=1.5))
    assert len(seen(pipeline, source.frame(0), 6, 3 * FRAME_NS)) == 2


def test_what_is_masked_is_not_seen_at_all(pipeline, source):
    frame = source.frame(0)
    pipeline.change(FaceParameters(max_distance=0.5, mask_beyond=True))
    uncalibrated = RgbdFrame(0, "", frame.colour, frame.depth, None)  # so that no distance leaves anybody out
    assert seen(pipeline, uncalibrated) == []
    pipeline.change(FaceParameters(max_distance=0.5))
    pipeline.reset()
    assert len(seen(pipeline, uncalibrated)) == 2


def test_of_many_the_chosen_ones_are_reported_and_stay_the_same(pipeline, crowd):
    pipeline.change(FaceParameters(max_faces=3, prefer="largest"))
    first = seen(pipeline, RgbdFrame(0, "", crowd), 2)
    assert len(first) == 3
    assert ids(seen(pipeline, RgbdFrame(0, "", crowd), 8, 2 * FRAME_NS)) == ids(first)


def test_small_faces_are_left_out(pipeline, source):
    height = min(max(face.box.width, face.box.height) for face in seen(pipeline, source.frame(0)))
    pipeline.change(FaceParameters(min_face_size=math.ceil(height * 1.5)))
    pipeline.reset()
    assert seen(pipeline, source.frame(0)) == []
