import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest

from perception_core.evaluation.verification import Similarities, best_threshold, folds

NORMAL = NormalDist()
APART = 3.0  # standard deviations between pairs of the same and of different things


def two_bells(count=20_000, apart=APART, seed=0):
    """Similarities of as many pairs of the same (about `apart`) as of different things (about 0)."""
    draw = np.random.default_rng(seed)
    values = np.concatenate([draw.normal(apart, 1, count), draw.normal(0, 1, count)])
    return values, np.repeat([True, False], count)


def test_two_bells_give_what_theory_says():
    """True accepts at a share f of false ones are Phi(apart + Phi^-1(f)); errors are equal halfway."""
    found = Similarities(*two_bells())
    for far in (1e-1, 1e-2, 1e-3):
        point = found.at_false_accepts(far)
        assert point.false_accepts <= far
        assert point.threshold == pytest.approx(NORMAL.inv_cdf(1 - far), abs=0.15)
        assert point.true_accepts == pytest.approx(NORMAL.cdf(APART + NORMAL.inv_cdf(far)), abs=0.02)
    equal = found.equal_errors()
    assert equal.threshold == pytest.approx(APART / 2, abs=0.1)
    assert equal.false_accepts == pytest.approx(NORMAL.cdf(-APART / 2), abs=0.01)
    assert 1 - equal.true_accepts == pytest.approx(equal.false_accepts, abs=1e-3)


def test_ten_folds_agree_with_the_best_threshold_there_is():
    values, same = two_bells()
    found = Similarities(values, same).fold_accuracy(folds(same.tolist(), 10))
    assert found.mean == pytest.approx(NORMAL.cdf(APART / 2), abs=0.01)
    assert found.threshold == pytest.approx(APART / 2, abs=0.2)
    assert found.parts == 10 and 0 < found.standard_error < 0.005


def test_a_fold_is_not_judged_by_its_own_threshold():
    """Two parts that need thresholds of their own are judged by each other's, and so wrongly."""
    values = [0.1, 0.2, 0.8, 0.9]
    found = Similarities(values, [False, True, False, True]).fold_accuracy([0, 0, 1, 1])
    assert found.mean == 0.5


def test_what_could_not_be_compared_is_a_miss_and_judged_wrongly():
    values, same = two_bells(2000, apart=20)
    values[:500] = math.nan  # of the same
    values[-1000:] = math.nan  # of different things
    found = Similarities(values, same)
    assert (found.same, found.different) == (2000, 1000)
    point = found.at_false_accepts(1e-3)
    assert point.true_accepts == 0.75 and point.false_accepts == 0.001
    assert found.fold_accuracy(folds(same.tolist(), 10)).mean == pytest.approx(2500 / 4000, abs=0.01)


def test_a_share_is_said_only_of_enough_pairs():
    values, same = two_bells(999)
    assert Similarities(values, same).at_false_accepts(1e-3) is None
    assert Similarities(*two_bells(1000)).at_false_accepts(1e-3).false_accepts == 0.001


def test_equal_similarities_never_accept_more_than_is_allowed():
    found = Similarities([0.9] * 5 + [0.5] * 95 + [0.9] * 100, [False] * 100 + [True] * 100)
    assert found.at_false_accepts(0.05).false_accepts == 0.05
    assert found.at_false_accepts(0.02).false_accepts == 0.0


def test_the_curve_rises_from_no_false_accepts_to_all():
    curve = Similarities(*two_bells(3000)).curve()
    assert curve[0].false_accepts == 0.0 and (curve[-1].false_accepts, curve[-1].true_accepts) == (1.0, 1.0)
    for before, after in itertools.pairwise(curve):
        assert after.threshold <= before.threshold
        assert after.false_accepts >= before.false_accepts and after.true_accepts >= before.true_accepts
    assert 50 < len(curve) < 250


def test_where_similarity_says_nothing_true_accepts_are_as_many_as_false_ones():
    for point in Similarities(*two_bells(5000, apart=0)).curve():
        assert point.true_accepts == pytest.approx(point.false_accepts, abs=0.03)


@pytest.mark.parametrize(("values", "same"), [([], []), ([0.5], [True]), ([math.nan, math.nan], [True, False])])
def test_without_pairs_of_both_kinds_nothing_is_made_up(values, same):
    found = Similarities(values, same)
    assert found.curve() == [] and found.equal_errors() is None
    assert found.at_false_accepts(0.5) is None and found.fold_accuracy(range(len(values))) is None


def test_the_best_threshold_lies_amidst_those_that_are_as_good():
    assert best_threshold(np.array([0.0, 0.2, 0.8, 1.0]), np.array([False, False, True, True])) == pytest.approx(0.5)


@pytest.mark.parametrize("same", [True, False])
def test_where_all_pairs_are_alike_one_threshold_is_right_for_all(same):
    values = np.array([0.3, 0.6])
    threshold = best_threshold(values, np.full(2, same))
    assert ((values > threshold) == same).all()


def test_every_fold_has_its_share_of_both_kinds():
    kinds = [True] * 25 + [False] * 35
    given = np.array(folds(kinds, 10))
    for fold in range(10):
        assert np.sum(given[:25] == fold) in {2, 3} and np.sum(given[25:] == fold) in {3, 4}
