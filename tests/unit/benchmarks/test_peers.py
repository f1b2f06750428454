import numpy as np

from benchmarks.harness.faces import KnownFrame
from benchmarks.peers import Record, figures, take_turns

BLACK = np.zeros((480, 640, 3), np.uint8)
FRAMES = [KnownFrame("clip", BLACK, ((100, 100),)), KnownFrame("group", BLACK, ((100, 100), (300, 300)))]


class Peer:
    """Answers at once; the first answer takes long, as if everything had to be loaded."""

    def __init__(self, name, asked, cpu_ms):
        self._name, self._asked, self._cpu_ms = name, asked, cpu_ms
        self._first_ms = 1000.0

    def ask(self, number):
        self._asked.append((self._name, number))
        first_ms, self._first_ms = self._first_ms, 0.0
        return {"boxes": [[80, 80, 40, 40]], "cpu_ms": self._cpu_ms + first_ms, "wall_ms": 2 * self._cpu_ms + first_ms}


def test_every_peer_gets_every_frame_as_often_and_none_is_always_first():
    asked = []
    take_turns({name: Peer(name, asked, 1.0) for name in "abc"}, FRAMES, rounds=5)
    assert all(asked.count((name, number)) == 6 for name in "abc" for number in range(len(FRAMES)))
    assert {asked[k][0] for k in range(0, len(asked), 3)} == set("abc")
    assert all(len({number for _, number in asked[k : k + 3]}) == 1 for k in range(0, len(asked), 3))


def test_ratios_are_to_ours_and_the_first_round_is_not_timed():
    records = take_turns({"ours": Peer("ours", [], 4.0), "other": Peer("other", [], 10.0)}, FRAMES, rounds=3)
    found = figures(records["other"], records["ours"])
    assert found["cpu_median_ms"] == found["cpu_p95_ms"] == 10.0
    assert found["cpu_median_ratio"] == found["wall_p95_ratio"] == 2.5
    assert found["found"] == {"clip": 1, "group": 1}
    assert found["false"] == {"clip": 0, "group": 0}
    assert figures(records["ours"], records["ours"])["wall_median_ratio"] == 1.0


def test_hands_are_counted_beside_faces_where_somebody_looks_for_them():
    frame = KnownFrame("clip", BLACK, ((100, 100),), hands=((300, 300), (400, 400)))
    record = Record()
    record.count({"boxes": [], "hands": [[280, 280, 40, 40], [0, 0, 10, 10]]}, frame)
    record.count({"boxes": [[80, 80, 40, 40]]}, frame)
    assert (record.found, record.false) == ({"clip": 1}, {"clip": 0})
    assert (record.hands_found, record.hands_false) == (1, 1)
