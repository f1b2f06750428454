import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from face_perception.gallery_coarse import CoarseRows


def unit(rows):
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    dimension=st.integers(2, 600),
    sparse=st.floats(0, 0.99),
    length=st.floats(0.01, 1),
)
def test_the_coarse_bounds_hold_for_any_rows(seed, dimension, sparse, length):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(50, dimension)) * (rng.random((50, dimension)) >= sparse)
    rows[:, 0] += 1e-3
    rows, query = unit(rows), length * unit(rng.normal(size=dimension))
    (lower,), (upper,) = CoarseRows(rows).bounds(query.astype(np.float32)[None])
    exact = rows.astype(np.float64) @ query
    assert (lower <= exact).all()
    assert (exact <= upper).all()


def test_the_worst_numbers_for_products_of_eight_bits_do_not_overflow():
    rows = unit(np.ones((8, 512)) * np.array([1, -1])[np.arange(8) % 2, None])
    (lower,), (upper,) = CoarseRows(rows).bounds(rows[:1])
    exact = rows @ rows[0]
    assert ((lower <= exact) & (exact <= upper)).all()


def test_the_coarse_look_leaves_few_people_over():
    rows = unit(np.random.default_rng(0).normal(size=(5000, 512)))
    (lower,), (upper,) = CoarseRows(rows).bounds(rows[17:18])
    assert (upper >= lower.max()).sum() < 5
    assert (upper - lower).max() < 0.08
