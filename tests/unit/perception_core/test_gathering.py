import threading

import pytest

from perception_core.gathering import BusyError, GatheringTurn, NoCameraError

NEVER_S = 500.0  # a test that waits for so long has failed


class Views:
    """Ends with a word."""

    def __init__(self):
        self.end = None

    def stop(self, why):
        self.end = why


@pytest.fixture
def turn():
    turn = GatheringTurn()
    turn.camera_started()
    return turn


def test_without_a_camera_nobody_gets_a_turn(turn):
    with pytest.raises(NoCameraError):
        GatheringTurn().begin(Views)
    turn.camera_stopped(lambda views: views.stop("stopped"))
    with pytest.raises(NoCameraError):
        turn.begin(Views)


def test_only_one_has_a_turn_until_they_leave(turn):
    first = turn.begin(Views)
    with pytest.raises(BusyError):
        turn.begin(Views)
    with turn.views() as seen:
        assert seen is first
    turn.leave()
    with turn.views() as seen:
        assert seen is None
    assert turn.begin(Views) is not first


@pytest.mark.parametrize("stopped", [True, False], ids=["by the camera", "by a frame"])
def test_who_waits_is_woken_by_the_end(turn, stopped):
    views = turn.begin(Views)

    def ends():
        if stopped:
            turn.camera_stopped(lambda each: each.stop("camera"))
        else:
            with turn.views() as each:
                each.stop("frame")

    other = threading.Thread(target=ends)
    other.start()
    turn.wait(views, NEVER_S, lambda each: each.stop("too late"))
    other.join()
    assert views.end == ("camera" if stopped else "frame")


def test_who_waits_in_vain_is_told_so(turn):
    views = turn.begin(Views)
    turn.wait(views, 0.001, lambda each: each.stop("too late"))
    assert views.end == "too late"
