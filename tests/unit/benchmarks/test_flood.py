from benchmarks.flood import accounts, counts_between, recovery_s
from benchmarks.harness.watcher import Told

FRAME_NS = 33_333_333


def told(stamp_ns, worked_on, dropped, lost, failed):
    counts = {"frames": worked_on, "dropped_frames": dropped, "lost_frames": lost, "failed_frames": failed}
    return Told(stamp_ns, {key: str(value) for key, value in counts.items()})


def test_what_was_counted_before_the_first_image_does_not_count():
    statuses = [told(1, 5, 0, 0, 0), told(9, 60, 1, 0, 0), told(20, 100, 5, 0, 0), told(30, 160, 31, 7, 2)]
    counts = counts_between(statuses, first_ns=10)
    assert counts == {"worked_on": 100, "dropped": 30, "lost": 7, "failed": 2}
    assert accounts(139, counts)["unaccounted"] == 0
    assert accounts(140, counts)["unaccounted"] == 1


def stretch(begin, count):
    return [begin + k * FRAME_NS for k in range(count)]


def test_recovered_at_the_first_of_ten_images_that_are_answered_as_usual():
    before, after = stretch(0, 50), stretch(10**10, 50)
    latencies = dict.fromkeys(before, 10.0) | dict.fromkeys(after[:8], 60.0) | dict.fromkeys(after[8:], 9.0)
    assert recovery_s(before, after, latencies) == 0.133  # of the ten from the fifth on more than half are as usual
    assert recovery_s(before, after, dict.fromkeys(before + after, 10.0)) == 0.0


def test_an_image_without_an_answer_puts_recovery_off():
    before, after = stretch(0, 50), stretch(10**10, 50)
    latencies = dict.fromkeys(before + after, 10.0)
    del latencies[after[5]]
    assert recovery_s(before, after, latencies) == 0.2


def test_what_never_recovers_has_no_time():
    before, after = stretch(0, 50), stretch(10**10, 50)
    assert recovery_s(before, after, dict.fromkeys(before, 10.0) | dict.fromkeys(after, 20.0)) is None
