import pytest

from person_perception.evidence import Evidence, HandEvidence, Pair

S = 1_000_000_000


def shown(odds, seconds, rate_hz):
    pair = Pair(*odds, 0)
    for frame in range(1, round(seconds * rate_hz) + 1):
        pair.add(odds, round(frame * S / rate_hz))
    return pair


def test_time_counts_not_frames():
    slow, fast = (shown((0.8, -0.5), 2.0, rate_hz) for rate_hz in (10, 60))
    assert slow.right == pytest.approx(fast.right, rel=0.1)
    assert slow.left == pytest.approx(fast.left, rel=0.1)


def test_evidence_adds_up_and_is_bounded():
    assert shown((1.0, 0.0), 1.0, 30).right > 2.0
    assert shown((3.0, -6.0), 60.0, 30).right == -shown((3.0, -6.0), 60.0, 30).left == 8.0


def test_the_same_moment_counts_once():
    pair = Pair(1.0, -1.0, 0)
    pair.add((3.0, 3.0), 0)
    assert (pair.right, pair.left) == (1.0, -1.0)


def test_what_cannot_be_seen_fades_slowly():
    pair = Pair(6.0, -6.0, 0)
    pair.fade(2 * S)
    assert 3.0 < pair.right < 6.0
    assert pair.left == -pair.right


def test_two_who_are_the_same_have_the_hands_of_both():
    evidence = Evidence()
    hand = evidence.hand(5, 0)
    hand.pairs[7], hand.owner = Pair(4.0, 0.0, 0), 7
    evidence.rename(7, 3)
    assert (list(hand.pairs), hand.owner) == ([3], 3)


def test_what_is_known_of_who_is_gone_is_forgotten():
    evidence = Evidence()
    hand = evidence.hand(5, 10)
    hand.pairs = {1: Pair(1.0, 0.0, 0), 2: Pair(2.0, 0.0, 0)}
    evidence.forget(5, {2})
    assert list(hand.pairs) == [2]
    evidence.forget(11, {2})
    assert evidence.hand(5, 12) is not hand


def test_new_hands_are_examined_in_every_frame_and_known_ones_again_after_a_while():
    hand = HandEvidence(0, 1)
    hand.take({}, 1)
    assert hand.is_new(S // 10) and hand.is_due(S // 10)
    hand.take({}, S)
    assert not hand.is_due(S + S // 30)
    assert hand.is_due(S + S // 10)
