"""A simulated stereo camera looks at a simulated head whose place is known."""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception_core.depth import PositionSource, locate
from perception_core.face_anatomy import SELLION
from perception_core.frame import DepthImage, Intrinsics, RgbdFrame
from perception_core.size_prior import SizePrior

CAMERA = Intrinsics(640, 480, 615.0, 615.0, 320.0, 240.0)
COLOUR = np.zeros((480, 640, 3), np.uint8)
GOOD_ENOUGH_PRIOR = 0.08  # relative: the spread of people's inter-ocular distances, and a turned head


@dataclass(frozen=True)
class Scene:
    """What stands before the camera; metres."""

    distance: float = 1.0
    centre: tuple[float, float] = (0.03, -0.02)
    yaw: float = 0.0
    wall: float = 2.0
    hand_before: float | None = None
    hand_covers: float = 0.4
    holes: float = 0.15
    shift: float = 2.0


def head_surface(rng, spacing):
    """Points of a head about its sellion, x right, y down, z away from the camera: an ellipsoid with a nose, eye
    sockets and brows, each of a size that varies from person to person."""
    half_width, half_height, half_depth = rng.normal([0.075, 0.115, 0.095], [0.004, 0.006, 0.005])
    x, y = np.meshgrid(np.arange(-0.075, 0.075, spacing), np.arange(-0.10, 0.12, spacing))
    inside = np.clip(1 - (x / half_width) ** 2 - ((y - 0.01) / half_height) ** 2, 0, None)
    z = -half_depth * np.sqrt(inside)
    nose = np.clip(y / 0.045, 0, 1) * (y < 0.05)
    z -= rng.normal(0.022, 0.003) * nose * np.exp(-((x / 0.012) ** 2))
    bridge = np.exp(-((x / 0.009) ** 2) - (y / 0.02) ** 2)
    z -= rng.normal(0.005, 0.002) * bridge
    for side in (-1, 1):
        z += rng.normal(0.010, 0.002) * np.exp(-(((x - side * 0.032) / 0.013) ** 2) - ((y - 0.006) / 0.011) ** 2)
    z -= rng.normal(0.004, 0.001) * np.exp(-((x / 0.05) ** 2) - ((y + 0.016) / 0.008) ** 2)
    sellion = z[np.abs(y[:, 0]).argmin(), np.abs(x[0]).argmin()]
    return np.column_stack([x[inside > 0.02], y[inside > 0.02], (z - sellion)[inside > 0.02]])


def render(points, depth):
    """The nearest point in each pixel; splats of 2x2 pixels leave no gaps."""
    z = points[:, 2]
    for offset in ((0, 0), (0, 1), (1, 0), (1, 1)):
        column = np.floor(points[:, 0] / z * CAMERA.fx + CAMERA.cx).astype(int) + offset[0]
        row = np.floor(points[:, 1] / z * CAMERA.fy + CAMERA.cy).astype(int) + offset[1]
        seen = (column >= 0) & (column < 640) & (row >= 0) & (row < 480)
        np.minimum.at(depth, (row[seen], column[seen]), z[seen])


def correlated(rng, shape, sigma=1.5):
    noise = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), sigma)
    return noise / noise.std()


def stereo_image(clean, rng, holes, shift):
    """Millimetres as a D435 gives them: correlated noise, flying pixels at edges, holes, misregistration."""
    depth = clean + clean**2 * 0.15 / (615 * 0.05) * correlated(rng, clean.shape)
    kernel = np.ones((3, 3), np.uint8)
    near, far = cv2.erode(clean, kernel), cv2.dilate(clean, kernel)
    flying = (far - near > 0.05) & (rng.random(clean.shape) < 0.5)
    depth[flying] = (near + (far - near) * rng.random(clean.shape))[flying]
    if holes:
        veil = correlated(rng, clean.shape, 2.0)
        depth[veil < np.quantile(veil, holes)] = 0
    angle = rng.uniform(0, 2 * math.pi)
    offset = (round(shift * math.sin(angle)), round(shift * math.cos(angle)))
    return np.roll(depth * 1000, offset, (0, 1)).round().astype(np.uint16)


def photographed(scene, seed=0):
    """The frame, the pixel of the sellion, and where the sellion is."""
    rng = np.random.default_rng(seed)
    depth = np.full((480, 640), scene.wall, np.float64)
    head = head_surface(rng, spacing=min(0.001, 0.7 * scene.distance / CAMERA.fx))
    turn = np.array(
        [[math.cos(scene.yaw), 0, -math.sin(scene.yaw)], [0, 1, 0], [math.sin(scene.yaw), 0, math.cos(scene.yaw)]]
    )
    truth = np.array([*scene.centre, scene.distance])
    render(head @ turn.T + truth, depth)
    column, row = CAMERA.project(truth[None])[0]
    if scene.hand_before is not None:
        z = scene.distance - scene.hand_before
        half = round(0.04 * CAMERA.fx / z)
        edge = round(column + SELLION.patch * CAMERA.fx / scene.distance * (0.5 - scene.hand_covers))
        depth[round(row) - half : round(row) + half, edge : edge + 2 * half] = z
    image = DepthImage(stereo_image(depth, rng, scene.holes, scene.shift), 0.001)
    return RgbdFrame(0, "camera", COLOUR, image, CAMERA), (float(column), float(row)), truth


def prior_of(scene, seed):
    """A size prior with its usual error."""
    rng = np.random.default_rng(seed + 10_000)
    return SizePrior(scene.distance * math.exp(rng.normal(0, GOOD_ENOUGH_PRIOR)), scene.distance * GOOD_ENOUGH_PRIOR)


def located(scene, seeds=range(24)):
    """Positions found and their errors along z, for several people; the detector's landmarks are a little off."""
    found, errors = [], []
    for seed in seeds:
        frame, pixel, truth = photographed(scene, seed)
        jitter = np.random.default_rng(seed).normal(0, 0.5 + 0.0015 * CAMERA.fx / scene.distance, 2)
        pixel = (pixel[0] + jitter[0], pixel[1] + jitter[1])
        position = locate(frame, pixel, prior_of(scene, seed), SELLION)
        found.append(position)
        errors.append(position.xyz[2] - truth[2])
    return found, np.array(errors)


def frame_with(metres, **changes):
    return replace(RgbdFrame(0, "camera", COLOUR, DepthImage(metres, 1.0), CAMERA), **changes)


@pytest.mark.parametrize(("distance", "allowed"), [(0.4, 0.01), (1.0, 0.01), (2.0, 0.02), (3.0, 0.03)])
def test_a_face_is_found_to_a_centimetre_near_and_three_far(distance, allowed):
    found, errors = located(Scene(distance, wall=distance + 1.0))
    assert {position.source for position in found} == {PositionSource.DEPTH}
    assert np.median(np.abs(errors)) <= allowed
    assert np.abs(errors).max() <= 4 * allowed


def test_all_three_coordinates_are_right():
    frame, pixel, truth = photographed(Scene(centre=(-0.2, 0.1)))
    assert locate(frame, pixel, SizePrior(1.0, 0.08), SELLION).xyz == pytest.approx(truth, abs=0.015)


@pytest.mark.parametrize("distance", [0.5, 1.0, 2.0, 3.0])
def test_sigma_is_as_large_as_the_errors_are(distance):
    found, errors = located(Scene(distance, wall=distance + 1.0), range(40))
    ratio = np.abs(errors) / [position.sigma for position in found]
    assert 0.4 < np.sqrt((ratio**2).mean()) < 1.6


@pytest.mark.parametrize("yaw", [-0.6, 0.6])
def test_a_turned_head_is_where_it_is(yaw):
    _, errors = located(Scene(yaw=yaw), range(12))
    assert np.median(np.abs(errors)) <= 0.012


@pytest.mark.parametrize("before", [0.10, 0.25, 0.5])
def test_a_hand_over_two_fifths_of_the_patch_is_not_the_face(before):
    _, errors = located(Scene(hand_before=before, hand_covers=0.4), range(16))
    assert np.median(np.abs(errors)) <= 0.015
    assert (np.abs(errors) < 0.05).mean() >= 0.9


@pytest.mark.parametrize("before", [0.35, 0.5])
def test_a_hand_over_most_of_the_patch_is_told_by_the_size_of_the_face(before):
    _, errors = located(Scene(hand_before=before, hand_covers=0.75), range(16))
    assert (np.abs(errors) < 0.05).mean() >= 0.9


def test_a_small_face_before_a_far_wall_is_not_pulled_back():
    _, errors = located(Scene(5.0, wall=7.5), range(16))
    assert np.median(np.abs(errors)) <= 0.12


def test_half_the_pixels_missing_changes_little():
    found, errors = located(Scene(holes=0.5), range(16))
    assert np.median(np.abs(errors)) <= 0.012
    assert np.mean([position.valid_share for position in found]) == pytest.approx(0.5, abs=0.15)


def test_a_hole_at_the_sellion_is_looked_around():
    frame, pixel, truth = photographed(Scene())
    around = frame.depth.raw.copy()
    around[int(pixel[1]) - 9 : int(pixel[1]) + 10, int(pixel[0]) - 9 : int(pixel[0]) + 10] = 0
    position = locate(replace(frame, depth=DepthImage(around, 0.001)), pixel, SizePrior(1.0, 0.08), SELLION)
    assert position.source is PositionSource.DEPTH
    assert position.valid_share == 0
    assert abs(position.xyz[2] - truth[2]) < 3 * position.sigma


def test_a_wall_seen_through_holes_in_the_face_is_not_the_face():
    depth = np.full((480, 640), np.nan, np.float32)
    depth[::2, ::2] = 3.0
    position = locate(frame_with(depth), (320.0, 240.0), SizePrior(1.0, 0.08), SELLION)
    assert position.source is PositionSource.SIZE_PRIOR
    assert position.xyz[2] == 1.0


def test_a_solid_surface_is_believed_against_the_size():
    """A photograph of a face, half as large as life, hangs on a wall."""
    depth = np.full((480, 640), 1.0, np.float32)
    position = locate(frame_with(depth), (320.0, 240.0), SizePrior(2.0, 0.16), SELLION)
    assert position.source is PositionSource.DEPTH
    assert position.xyz[2] == pytest.approx(1.0, abs=0.01)


def test_depth_alone_is_enough():
    frame, pixel, truth = photographed(Scene())
    assert locate(frame, pixel, None, SELLION).xyz == pytest.approx(truth, abs=0.02)


@pytest.mark.parametrize("fill", [0.0, np.nan, np.inf, -np.inf, -1.0, 65.535])
def test_without_usable_depth_the_size_speaks(fill):
    frame = frame_with(np.full((480, 640), fill, np.float32))
    position = locate(frame, (400.0, 200.0), SizePrior(1.5, 0.12), SELLION)
    assert position.source is PositionSource.SIZE_PRIOR
    assert position.xyz == pytest.approx((80 / 615 * 1.5, -40 / 615 * 1.5, 1.5))
    assert position.sigma == 0.12
    assert position.valid_share == 0


@pytest.mark.parametrize("point", [(-50.0, 240.0), (320.0, 9000.0), (1e9, -1e9)])
def test_outside_the_image_there_is_no_depth_but_still_a_size(point):
    frame = frame_with(np.ones((480, 640), np.float32))
    assert locate(frame, point, SizePrior(1.0, 0.08), SELLION).source is PositionSource.SIZE_PRIOR


def test_at_the_border_the_part_inside_is_used():
    frame = frame_with(np.ones((480, 640), np.float32))
    assert locate(frame, (0.0, 479.0), SizePrior(1.0, 0.08), SELLION).source is PositionSource.DEPTH


def test_depth_of_another_size_is_not_aligned_and_not_used():
    frame = frame_with(np.ones((240, 320), np.float32))
    assert locate(frame, (100.0, 100.0), SizePrior(2.0, 0.2), SELLION).source is PositionSource.SIZE_PRIOR


def test_no_depth_image_leaves_the_size():
    frame = frame_with(np.ones((480, 640), np.float32), depth=None)
    assert locate(frame, (1.0, 1.0), SizePrior(2.0, 0.2), SELLION).xyz[2] == 2.0


@pytest.mark.parametrize(
    ("changes", "point", "prior"),
    [
        ({"intrinsics": None}, (320.0, 240.0), SizePrior(1.0, 0.1)),
        ({"depth": None}, (320.0, 240.0), None),
        ({}, (math.nan, 240.0), SizePrior(1.0, 0.1)),
        ({}, (320.0, math.inf), SizePrior(1.0, 0.1)),
    ],
)
def test_where_nothing_can_be_said_in_metres_the_answer_is_none(changes, point, prior):
    position = locate(frame_with(np.ones((480, 640), np.float32), **changes), point, prior, SELLION)
    assert position.source is PositionSource.NONE
    assert all(math.isnan(value) for value in (*position.xyz, position.sigma))


@given(
    seed=st.integers(0, 2**32 - 1),
    point=st.tuples(st.floats(-100, 740), st.floats(-100, 580)),
    distance=st.one_of(st.none(), st.floats(0.05, 50)),
)
def test_any_depth_gives_a_finite_position_or_says_none(seed, point, distance):
    rng = np.random.default_rng(seed)
    depth = rng.choice(np.array([0, np.nan, np.inf, -1, 0.3, 1, 1.01, 8, 65.535, 1e30], np.float32), (480, 640))
    prior = None if distance is None else SizePrior(distance, 0.1 * distance)
    position = locate(frame_with(depth), point, prior, SELLION)
    if position.source is not PositionSource.NONE:
        assert all(math.isfinite(value) for value in position.xyz)
        assert position.sigma > 0
    assert 0 <= position.valid_share <= 1


@pytest.mark.parametrize("metres", [0.001, 1e-30, 59.0])
def test_depth_in_a_wrong_unit_is_not_believed(metres):
    """Metres sent as millimetres, and bytes in the wrong order."""
    depth = np.full((480, 640), metres, np.float32)
    position = locate(frame_with(depth), (320.0, 240.0), SizePrior(1.0, 0.08), SELLION)
    assert position.source is PositionSource.SIZE_PRIOR
    assert position.xyz[2] == 1.0
