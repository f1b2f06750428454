"""Finding faces at little cost, on real pictures through the real networks."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from face_perception.detection import FaceDetector
from face_perception.expression_crop import box_of_landmarks
from face_perception.face_region import region_of_landmarks
from face_perception.finding import FaceFinder, FindingRules, Followed
from face_perception.landmarks import Landmarks
from perception_core.engines.engine import open_engine
from perception_core.geometry import Box, RotatedRegion
from perception_core.sources.pictures import read_picture


class Counted:
    """A detector that counts how often it runs."""

    def __init__(self, engine, width=0, score=0.35):
        self._detector = FaceDetector(engine, score, width)
        self.width, self.runs = width, 0

    def __call__(self, colour):
        self.runs += 1
        return self._detector(colour)


@pytest.fixture(scope="module")
def engine(weights):
    return open_engine(weights("yunet"))


@pytest.fixture
def whole(engine):
    return Counted(engine)


@pytest.fixture
def quick(engine):
    return Counted(engine, 320)


@pytest.fixture
def finder(whole, quick, light_mesh):
    return FaceFinder(whole, quick, light_mesh)


@pytest.fixture(scope="module")
def one_face(photograph):
    return cv2.resize(photograph("astronaut"), (512, 512))


@pytest.fixture(scope="module")
def six_faces(picture):
    return read_picture(picture("six_faces"))


def following(sightings):
    return [Followed(each.region, each.detection.score, each.unconfirmed) for each in sightings if each.region]


def runs_over(finder, picture, frames, detectors):
    """Which of the detectors ran on which frame."""
    sightings, ran = [], []
    for _ in range(frames):
        before = [each.runs for each in detectors]
        sightings = finder(picture, following(sightings))
        ran.append([each.runs - was for each, was in zip(detectors, before, strict=True)])
    return sightings, ran


def test_a_face_is_followed_and_newcomers_are_looked_for_now_and_then(finder, whole, quick, one_face):
    sightings, ran = runs_over(finder, one_face, 16, [whole, quick])
    assert [frame for frame, (large, _) in enumerate(ran) if large] == [0, 15]
    assert [frame for frame, (_, small) in enumerate(ran) if small] == [5, 10]
    assert len(sightings) == 1 and sightings[0].light.presence > 0.9


def test_a_face_that_is_followed_is_where_the_detector_sees_it(finder, whole, one_face):
    (first,) = whole(one_face)
    sightings, _ = runs_over(finder, one_face, 4, [])
    assert sightings[0].detection.box.overlap(first.box) > 0.75
    assert (
        np.abs(sightings[0].detection.keypoints.as_array() - first.keypoints.as_array()).max() < 0.1 * first.box.width
    )
    assert sightings[0].detection.score == pytest.approx(first.score, abs=1e-3)


def test_who_rests_is_where_it_should_be_and_the_others_are_looked_at(finder, six_faces):
    (resting, *others) = finder(six_faces)
    ahead = Landmarks(resting.light.scheme, resting.light.points + np.float32([4, 0, 0]), resting.light.presence)
    (followed, *followed_others) = following([resting, *others])
    (rested, *looked_at) = finder(six_faces, [replace(followed, ahead=ahead), *followed_others])
    assert rested.resting and not any(each.resting for each in looked_at)
    assert rested.detection.box.x == pytest.approx(box_of_landmarks(ahead.points).x)
    assert len(looked_at) == len(others)


def test_the_detector_confirms_who_rests_too(finder, one_face):
    (sighting,) = finder(one_face)
    (followed,) = following([replace(sighting, unconfirmed=3)])
    (found,) = finder(one_face, [replace(followed, ahead=sighting.light)], sought=[sighting.detection.box])
    assert found.resting and found.unconfirmed == 0


def test_who_is_lost_is_looked_for_in_the_very_same_image(finder, whole, quick, one_face):
    (sighting,) = finder(one_face)
    moved = np.roll(one_face, 200, axis=1)
    (again,) = finder(moved, following([sighting]))
    assert whole.runs + quick.runs == 2
    assert again.detection.box.centre[0] - sighting.detection.box.centre[0] == pytest.approx(200, abs=8)


def test_where_nobody_is_left_nobody_is_found(finder, one_face):
    (sighting,) = finder(one_face)
    assert finder(np.zeros_like(one_face), following([sighting])) == []


@pytest.mark.parametrize("sought", [[], [Box(100, 100, 80, 80)]])
def test_the_detector_runs_for_those_who_are_sought(finder, quick, one_face, sought):
    sightings = finder(one_face)
    finder(one_face, following(sightings), sought)
    assert quick.runs == len(sought)


def test_small_faces_are_sought_at_full_size(finder, whole, quick, one_face):
    sightings = finder(one_face)
    finder(one_face, following(sightings), [Box(100, 100, 20, 25)])
    assert (whole.runs, quick.runs) == (2, 0)


def test_those_who_can_wait_are_looked_for_when_the_detector_runs_anyway(finder, whole, quick, one_face):
    sightings = finder(one_face)
    for _ in range(5):
        sightings = finder(one_face, following(sightings), (), [Box(100, 100, 20, 25)])
    assert (whole.runs, quick.runs) == (2, 0)


def test_two_regions_on_one_face_are_one_face_after_the_detector_has_looked(finder, one_face):
    (sighting,) = finder(one_face)
    twice = following([sighting, sighting])
    assert len(finder(one_face, twice, [Box(0, 0, 90, 90)])) == 1


def test_a_region_beside_a_face_finds_the_way_to_it(finder, one_face):
    (sighting,) = finder(one_face)
    x, y = sighting.region.centre
    found = [Followed(RotatedRegion((x + 0.45 * sighting.region.side, y), sighting.region.side, 0.0), 0.9)]
    for _ in range(8):
        sightings = finder(one_face, found)
        found = [Followed(region_of_landmarks(each.light), 0.9, each.unconfirmed) for each in sightings]
    assert len(sightings) == 1
    assert sightings[0].detection.box.overlap(sighting.detection.box) > 0.8


def test_what_the_detector_never_confirms_is_given_up(engine, light_mesh, one_face):
    (sighting,) = FaceFinder(Counted(engine), None, light_mesh)(one_face)
    blind = FaceFinder(Counted(engine, score=0.9999), None, light_mesh, FindingRules(detect_every=1))
    kept, frames = [sighting], 0
    while kept and frames < 30:
        kept = blind(one_face, following(kept))
        frames += 1
    assert 3 <= frames <= 10


def test_of_a_crowd_the_largest_have_landmarks(whole, quick, light_mesh, six_faces):
    finder = FaceFinder(whole, quick, light_mesh, FindingRules(most_followed=2))
    found = finder(six_faces)
    assert len(found) == 6
    with_points = [each.detection.box.area for each in found if each.light is not None]
    without = [each.detection.box.area for each in found if each.light is None]
    assert len(with_points) == 2 and min(with_points) > 0.8 * max(without)


def test_without_landmarks_every_image_goes_through_the_detector(whole, six_faces):
    finder = FaceFinder(whole)
    for _ in range(3):
        found = finder(six_faces)
    assert whole.runs == 3
    assert len(found) == 6 and all(each.light is None and each.region is None for each in found)


def test_after_a_reset_the_next_image_is_looked_at_at_full_size(finder, whole, one_face):
    finder(one_face)
    finder.reset()
    finder(one_face)
    assert whole.runs == 2


@pytest.mark.parametrize("side", [2, 5, 33])
def test_a_picture_of_next_to_nothing_holds_nobody(finder, side):
    assert finder(np.full((side, side, 3), 90, np.uint8)) == []


def test_a_region_far_outside_the_picture_is_lost(finder, one_face):
    outside = Followed(RotatedRegion((5000.0, 5000.0), 200.0, 0.0), 0.9)
    found = finder(one_face, [outside])
    assert [each.detection.box.clipped(512, 512).area > 0 for each in found] == [True]


@pytest.mark.parametrize("share", [0.45, 0.6])
def test_a_face_that_the_border_cuts_is_found_and_lies_where_it_is_seen(finder, one_face, share):
    (sighting,) = finder(one_face)
    left = int(sighting.detection.box.x + (1 - share) * sighting.detection.box.width)
    cut = np.ascontiguousarray(one_face[:, left:])
    finder.reset()
    for each in finder(cut):
        assert each.detection.box.overlap(Box(0, sighting.detection.box.y, 1, 1).scaled(300)) > 0
        assert np.isfinite(each.detection.keypoints.as_array()).all()
