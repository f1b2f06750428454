import pytest

from perception_cli.late_pictures import LatePictures

FRAME_NS = 33_333_333
BEGIN_NS = 1_600_000_000_000_000_000
IMAGE_BYTES = 640 * 480 * 2


def stamp(number):
    return BEGIN_NS + number * FRAME_NS


def shown_when(late_by, frames=120, depth_until=None, left_out=(), jitter_ns=0):
    """What is shown where the picture of each frame comes some frames after the frame's depth."""
    late, shown = LatePictures(), []
    for now in range(frames + late_by):
        if now < (frames if depth_until is None else depth_until) and now not in left_out:
            shown += late.add_depth(stamp(now) + jitter_ns, now, IMAGE_BYTES)
        if now >= late_by:
            shown += late.add_picture(stamp(now - late_by), now - late_by)
    return shown


@pytest.mark.parametrize("late_by", [0, 1, 5, 30, 60])
@pytest.mark.parametrize("jitter_ns", [0, 12_000_000, -12_000_000])
def test_a_picture_has_its_own_depth_however_late_it_comes(late_by, jitter_ns):
    shown = shown_when(late_by, jitter_ns=jitter_ns)
    assert shown == [(number, number) for number in range(120)]


def test_a_picture_that_comes_before_its_depth_waits_for_it():
    late, shown = LatePictures(), []
    for number in range(10):
        shown += late.add_picture(stamp(number), number)
        assert len(shown) == number
        shown += late.add_depth(stamp(number), number, IMAGE_BYTES)
    assert shown == [(number, number) for number in range(10)]


@pytest.mark.parametrize("late_by", [0, 30])
def test_for_depth_that_is_lost_the_one_before_stands_in(late_by):
    shown = dict(shown_when(late_by, left_out=(50, 51, 52, 90)))
    assert list(shown) == list(range(120))
    assert [shown[number] for number in (49, 50, 51, 52, 53)] == [49, 49, 49, 49, 53]
    assert shown[90] == 89


@pytest.mark.parametrize("late_by", [0, 30])
def test_depth_that_ends_is_not_shown_for_longer_than_half_a_second_and_holds_nothing_up(late_by):
    shown = shown_when(late_by, depth_until=60)
    assert [number for number, _ in shown] == list(range(120))
    assert [depth for _, depth in shown[:60]] == list(range(60))
    assert {depth for _, depth in shown[60:74]} == {59}
    assert {depth for _, depth in shown[75:]} == {None}


def test_depth_that_never_comes_holds_up_two_pictures():
    shown = shown_when(0, depth_until=0)
    assert shown == [(number, None) for number in range(118)]


def test_stamps_that_jump_back_take_nothing_from_the_time_before():
    late, shown = LatePictures(), []
    for start in (1000, 0):
        for number in range(start, start + 20):
            shown += late.add_depth(stamp(number), number, IMAGE_BYTES)
            shown += late.add_picture(stamp(number), number)
    assert shown == [(number, number) for number in (*range(1000, 1020), *range(20))]


def test_pictures_that_wait_when_stamps_jump_back_are_shown_first():
    late = LatePictures()
    late.add_depth(stamp(999), "old", IMAGE_BYTES)
    assert late.add_picture(stamp(1000), 1000) == []
    assert late.add_depth(stamp(0), "new", IMAGE_BYTES) == [(1000, "old")]
    assert late.add_picture(stamp(0), 0) == [(0, "new")]


@pytest.mark.parametrize(("size", "most"), [(0, 256), (1280 * 720 * 2, 36), (1 << 30, 1)])
def test_what_is_kept_is_bounded(size, most):
    late = LatePictures()
    for number in range(1000):
        late.add_depth(stamp(number), number, size)
    own = [number for number in range(1000) if late.add_picture(stamp(number), number) == [(number, number)]]
    assert own == list(range(1000 - most, 1000))
