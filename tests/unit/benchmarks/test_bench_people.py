from argparse import Namespace

import benchmarks.people
from benchmarks.harness.people_scenes import SCENES
from benchmarks.people import Tally, measure


def test_tallies_add_up():
    total = Tally(right=1, wrong=2, unknown=3, ids=[1])
    total.add(Tally(right=10, wrong=20, unknown=30, authors=6, authors_right=4, authors_wrong=2, ids=[2], mixed=1))
    assert total == Tally(11, 22, 33, 6, 4, 2, [1, 2], 1)
    assert total.hands == 66


def test_each_scene_is_told_for_each_way_to_know_distances_and_what_a_frame_costs(monkeypatch):
    monkeypatch.setattr(benchmarks.people, "SECONDS", 0.5)
    monkeypatch.setattr(benchmarks.people, "_CROWD_S", 1.2)
    monkeypatch.setattr(benchmarks.people, "_ROUNDS", 1)
    told = measure(Namespace(repeats=1))
    for knowing in ("depth", "no depth", "no calibration"):
        assert told[knowing].keys() == SCENES.keys()
        shares = told[knowing]["side_by_side"]
        assert abs(shares["right_share"] + shares["wrong_share"] + shares["unknown_share"] - 1) < 1e-3
        assert told["four_people_eight_hands"][knowing]["mean_ms"] > 0
