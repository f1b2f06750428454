from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.harness.compared import processor_time, rates, stages_per_frame
from benchmarks.harness.face_clips import CLIP_FRAMES
from benchmarks.harness.faces import found_and_false_hands
from benchmarks.harness.hand_clips import crowd_with_hands, one_person, two_people
from benchmarks.harness.network_work import counted_rows, counted_work
from benchmarks.peers import Record
from gesture_perception.hand_crop import box_of_hand
from gesture_perception.hand_finding import HandFinder
from gesture_perception.hand_network import HandNetwork
from gesture_perception.palms import PalmDetector
from perception_core.engines.engine import open_engine
from perception_core.geometry import Box, RotatedRegion

BLACK = np.zeros((480, 640, 3), np.uint8)


@dataclass
class Engine:
    """Answers with what it is given."""

    def run(self, feeds):
        return feeds


@pytest.fixture(scope="module")
def find(weights):
    palms = PalmDetector(open_engine(weights("palm_detection")))
    network = HandNetwork(open_engine(weights("hand_landmarks")))

    def judged(frame):
        seen = HandFinder(palms, network)(frame.picture)
        boxes = [box_of_hand(each.landmarks) for each in seen]
        return found_and_false_hands(np.array([(b.x, b.y, b.width, b.height) for b in boxes]).reshape(-1, 4), frame)

    return judged


@pytest.mark.parametrize(
    ("make", "faces", "hands", "doubtful"),
    [(one_person, 1, {0, 1}, {0, 1}), (two_people, 2, {1}, {0}), (crowd_with_hands, 6, {7}, {0})],
)
def test_a_clip_has_as_many_faces_and_hands_as_it_says(make, faces, hands, doubtful):
    clip = make()
    assert len(clip.frames) == CLIP_FRAMES
    assert clip.faces == faces
    assert {len(frame.hands) for frame in clip.frames} == hands
    assert {len(frame.doubtful_hands) for frame in clip.frames} == doubtful
    assert {frame.origin for frame in clip.frames} == {clip.name}
    points = [point for frame in clip.frames for point in (*frame.hands, *frame.doubtful_hands)]
    assert all(0 <= x < 640 and 0 <= y < 480 for x, y in points)


# In single pictures: many of the hands are found only where they are followed.
@pytest.mark.parametrize(("make", "least"), [(one_person, 0.2), (two_people, 0.8), (crowd_with_hands, 0.2)])
def test_the_hands_of_a_clip_are_where_it_says(make, least, find):
    frames = make().frames[5::21]
    judged = [find(frame) for frame in frames]
    assert sum(found for found, _ in judged) >= least * sum(len(frame.hands) for frame in frames)
    assert sum(false for _, false in judged) <= 0.1 * len(frames)


def test_a_woman_without_a_hand_shows_none(find):
    frames = [frame for frame in one_person().frames[::16] if not frame.hands and not frame.doubtful_hands]
    assert frames
    assert all(find(frame) == (0, 0) for frame in frames)


def test_what_goes_into_each_hand_network_is_counted(weights):
    engine, work = open_engine(weights("hand_landmarks")), Counter()
    network = HandNetwork(counted_rows(engine, "full", work))
    network(BLACK, [RotatedRegion((100.0, 100.0), 80.0, 0.0), RotatedRegion((300.0, 100.0), 80.0, 0.0)])
    network(BLACK, [])
    assert work == {"full": 2}


def test_looks_at_a_part_are_counted_beside_looks_at_the_whole(weights):
    palms = PalmDetector(open_engine(weights("palm_detection")))
    with counted_work() as work:
        palms(BLACK)
        palms(BLACK, None)
        palms(BLACK, within=Box(0.0, 0.0, 200.0, 200.0))
    palms(BLACK)
    assert work == {"palm_detector": 2, "palm_detector_close": 1}


def test_rows_of_a_batch_are_counted_and_answers_are_the_engines():
    work = Counter()
    engine = counted_rows(Engine(), "rows", work)
    assert engine.run({"image": [1, 2, 3]}) == {"image": [1, 2, 3]}
    engine.run({"image": [1]})
    assert work == {"rows": 4}


def test_detectors_are_rated_per_second_and_networks_per_hand_that_is_there():
    work = {"palm_detector": 60, "palm_detector_close": 30, "full_hand_network": 60, "track_cpu_ms": 9.0}
    assert rates(work, seconds=10, shown=0.5) == {
        "palm_detector": 6.0,
        "palm_detector_close": 3.0,
        "full_hand_network": 12.0,
    }


def test_processor_time_is_the_best_rounds_and_beside_mediapipes():
    told = processor_time([9.0, 1.0, 2.0, 2.0], frames=2, theirs_ms=4.0)
    assert told["cpu_mean_ms"] == 2.0
    assert told["cpu_to_mediapipe"] == 0.5


def test_stages_are_told_per_frame_that_was_timed():
    record = Record(cpu_ms=[1.0] * 4, work={"track_cpu_ms": 8.0, "gestures": 5})
    assert stages_per_frame(record) == {"track_cpu_ms": 2.0}
