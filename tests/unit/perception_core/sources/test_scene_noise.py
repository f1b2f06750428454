import numpy as np
import pytest

from perception_core.sources.scene_noise import StereoErrors, disparity_of

WIDTH, HEIGHT = 640, 480


def plane(distance):
    return disparity_of(np.full((HEIGHT, WIDTH), distance, np.float32))


def board_before_wall(board=1.0, wall=3.0):
    depth = np.full((HEIGHT, WIDTH), wall, np.float32)
    depth[140:340, 220:420] = board
    return disparity_of(depth)


@pytest.fixture(scope="module")
def errors():
    return StereoErrors(WIDTH, HEIGHT, seed=0)


def metres(raw):
    found = raw.astype(np.float64) / 1000
    found[raw == 0] = np.nan
    return found


@pytest.mark.parametrize("distance", [1.0, 2.0, 3.0])
def test_the_error_of_depth_grows_with_the_square_of_the_distance(errors, distance):
    expected = distance**2 * 0.15 / (615 * 0.05)
    measured = metres(np.stack([errors(plane(distance), frame) for frame in range(4)]))
    assert np.nanstd(measured) == pytest.approx(expected, rel=0.06)
    assert np.nanmedian(measured) == pytest.approx(distance, abs=0.1 * expected)


def test_neighbours_share_their_error_and_distant_pixels_do_not(errors):
    error = metres(errors(plane(2.0), 0)) - 2.0

    def alikeness(step):
        pairs = error[:, :-step] * error[:, step:]
        return np.nanmean(pairs) / np.nanvar(error)

    assert alikeness(1) > 0.7
    assert abs(alikeness(12)) < 0.1


@pytest.mark.parametrize("scene", [plane(1.0), plane(4.0), board_before_wall(), board_before_wall(0.6, 5.0)])
def test_fifteen_percent_of_the_image_are_holes(errors, scene):
    for frame in (0, 1, 500):
        assert np.mean(errors(scene, frame) == 0) == pytest.approx(0.15, abs=0.02)


def test_more_holes_lie_at_edges_than_elsewhere(errors):
    holes = errors(board_before_wall(), 0) == 0
    assert holes[150:330, 418:422].mean() > 2 * holes[20:120].mean()


def test_the_second_eye_does_not_see_the_wall_beside_the_left_edge_of_a_near_thing(errors):
    shadow_px = round(615 * 0.05 / 1.0 - 615 * 0.05 / 3.0)
    holes = errors(board_before_wall(), 3) == 0
    assert holes[150:330, 220 - shadow_px + 2 : 218].mean() > 0.98
    assert holes[150:330, 422 : 422 + shadow_px].mean() < 0.5


def test_pixels_fly_between_near_and_far_at_edges_and_nowhere_else(errors):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    outside = np.maximum(np.maximum(140 - rows, rows - 339), np.maximum(220 - columns, columns - 419))
    from_edge = np.abs(outside - 0.5)
    flying = np.zeros((HEIGHT, WIDTH), bool)
    for frame in range(3):
        depth = metres(errors(board_before_wall(), frame))
        flying |= (depth > 1.1) & (depth < 2.5)
    assert flying.sum() > 200
    assert from_edge[flying].max() < 3


def test_a_frame_does_not_depend_on_what_was_rendered_before(errors):
    in_sequence = [errors(board_before_wall(), frame) for frame in range(5)]
    alone = StereoErrors(WIDTH, HEIGHT, seed=0)(board_before_wall(), 4)
    np.testing.assert_array_equal(alone, in_sequence[4])
    assert not np.array_equal(in_sequence[3], in_sequence[4])


def test_another_seed_gives_another_noise(errors):
    other = StereoErrors(WIDTH, HEIGHT, seed=1)
    assert not np.array_equal(errors(plane(2.0), 0), other(plane(2.0), 0))


def test_the_true_disparity_is_left_as_it_is(errors):
    truth = board_before_wall()
    errors(truth, 0)
    np.testing.assert_array_equal(truth, board_before_wall())
