from benchmarks.harness.kills import kill_while_enrolling


def test_killed_fifty_times_while_enrolling_it_opens_with_everybody_and_nobody_by_half(tmp_path):
    found = kill_while_enrolling(tmp_path / "gallery.db", kills=50)
    assert (found.lost, found.half, found.undead) == (0, 0, 0)
    assert found.acknowledged >= 45
    assert found.people >= 45
