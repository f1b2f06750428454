from hypothesis import given
from hypothesis import strategies as st

from perception_ros.keeper import Keeper

PATIENCE_S = 60.0
FIRST, SECOND = (1, 1), (2, 2)


def keeper(*targets):
    return Keeper(targets or ("faces",), 0.0, PATIENCE_S)


def test_a_node_is_brought_up_once_for_every_process():
    kept = keeper()
    assert kept.look(0.0, {}) == []
    assert kept.look(1.0, {"faces": [FIRST]}) == ["faces"]
    kept.brought_up("faces")
    assert kept.look(2.0, {"faces": [FIRST]}) == []
    assert kept.look(3.0, {"faces": [SECOND]}) == ["faces"]


def test_a_process_that_was_killed_and_lingers_hides_no_new_one():
    kept = keeper()
    kept.look(0.0, {"faces": [FIRST]})
    kept.brought_up("faces")
    assert kept.look(1.0, {"faces": [FIRST, SECOND]}) == ["faces"]
    kept.brought_up("faces")
    assert kept.look(20.0, {"faces": [SECOND]}) == []


def test_the_first_time_nodes_wait_for_those_before_them():
    kept = keeper("faces", "hands")
    assert kept.look(0.0, {"hands": [FIRST]}) == []
    assert kept.look(1.0, {"faces": [SECOND], "hands": [FIRST]}) == ["faces", "hands"]


def test_but_not_for_ever():
    kept = keeper("faces", "hands")
    assert kept.look(PATIENCE_S + 1, {"hands": [FIRST]}) == ["hands"]
    assert kept.missing(PATIENCE_S + 1) == ["faces"]
    assert kept.missing(2 * PATIENCE_S) == []  # said once
    assert kept.look(3 * PATIENCE_S, {"faces": [SECOND], "hands": [FIRST]}) == ["faces", "hands"]


def test_a_node_that_goes_and_stays_away_is_named_once_more():
    kept = keeper()
    kept.look(0.0, {"faces": [FIRST]})
    kept.brought_up("faces")
    kept.look(100.0, {})
    assert kept.missing(100.0 + PATIENCE_S / 2) == []
    assert kept.missing(101.0 + PATIENCE_S) == ["faces"]


def test_a_node_that_cannot_be_brought_up_is_tried_again_after_growing_pauses():
    kept = keeper()
    now_s, pauses = 0.0, []
    for _ in range(7):
        assert kept.look(now_s, {"faces": [FIRST]}) == ["faces"]
        pauses.append(kept.failed("faces", now_s))
        assert kept.look(now_s + pauses[-1] - 0.1, {"faces": [FIRST]}) == []
        now_s += pauses[-1]
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_new_process_is_not_made_to_wait_for_what_the_last_one_failed_at():
    kept = keeper()
    kept.look(0.0, {"faces": [FIRST]})
    kept.failed("faces", 0.0)
    assert kept.look(0.1, {"faces": [SECOND]}) == ["faces"]


@given(st.lists(st.tuples(st.sets(st.integers(1, 4), max_size=2), st.booleans()), max_size=30))
def test_whoever_is_there_is_brought_up_in_the_end_and_never_twice(events):
    kept = keeper()
    done, now_s = set(), 0.0
    for step, (present, works) in enumerate(events):
        now_s = step * 100.0  # longer than every pause
        gone = done - present
        done -= gone  # an id never comes back; the test's do, as others
        due = kept.look(now_s, {"faces": [(each,) for each in present]})
        assert bool(due) == bool(present - done)
        if due and works:
            kept.brought_up("faces")
            done |= present
        elif due:
            kept.failed("faces", now_s)
