import math

import numpy as np
import pytest

from perception_core.frame import Intrinsics
from perception_core.size_prior import KnownLength, Segment, size_prior

CAMERA = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0)
ROD = KnownLength(0.1, 0.005)


def seen(distance, shortened=1.0, length=ROD, centre=(320.0, 240.0)):
    half = 0.5 * length.metres * shortened * CAMERA.fx / distance
    return Segment((centre[0] - half, centre[1]), (centre[0] + half, centre[1]), length)


@pytest.mark.parametrize("distance", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("centre", [(320.0, 240.0), (100.0, 400.0)])
def test_a_known_length_tells_its_distance_anywhere_in_the_image(distance, centre):
    assert size_prior([seen(distance, centre=centre)], CAMERA).distance == pytest.approx(distance)


def test_a_length_turned_away_does_not_push_the_rest_back():
    assert size_prior([seen(1.0, shortened=0.5), seen(1.0)], CAMERA).distance == pytest.approx(1.0, abs=0.01)


def test_two_lengths_that_agree_are_surer_than_one():
    one, two = size_prior([seen(1.0)], CAMERA), size_prior([seen(1.0), seen(1.0)], CAMERA)
    assert two.sigma < one.sigma


def test_far_away_the_pixels_make_it_unsure():
    near, far = size_prior([seen(1.0)], CAMERA), size_prior([seen(12.0)], CAMERA)
    assert far.sigma / far.distance > 2 * near.sigma / near.distance


def test_a_distorted_lens_does_not_change_what_is_measured():
    lens = Intrinsics(640, 480, 600.0, 600.0, 320.0, 240.0, distortion=(-0.3, 0.1, 0.0, 0.0, 0.0))
    ends = np.array([[0.35, 0.2, 1.0], [0.45, 0.2, 1.0]])
    (x1, y1), (x2, y2) = lens.project(ends)
    assert size_prior([Segment((x1, y1), (x2, y2), ROD)], lens).distance == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    "segments",
    [
        [],
        [Segment((10.0, 10.0), (10.0, 10.0), ROD)],
        [Segment((10.0, 10.0), (11.0, 10.0), ROD)],
        [Segment((math.nan, 10.0), (90.0, 10.0), ROD)],
        [Segment((math.inf, 10.0), (90.0, 10.0), ROD)],
    ],
)
def test_no_length_that_can_be_measured_gives_no_distance(segments):
    assert size_prior(segments, CAMERA) is None
