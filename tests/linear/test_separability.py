"""Separability against linear programs; Cover's count against enumeration; the logistic threshold."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from core.linear.separability import cover, last, logistic_threshold, separable

RNG = np.random.default_rng(4)


def by_program(signed):
    free = {"bounds": (None, None), "method": "highs"}
    return linprog(np.zeros(signed.shape[1]), -signed, -np.ones(len(signed)), **free).status == 0


def test_cover_counts_the_labellings_that_a_hyperplane_gives():
    points = RNG.standard_normal((8, 3))
    found = sum(separable(points * np.array(y)[:, None]) for y in product([-1.0, 1.0], repeat=8))
    assert found == 58
    assert cover(8, 3) * 2**8 == pytest.approx(58)
    assert cover([3, 10], [3, 5]) == pytest.approx([1, 0.5])


def test_a_linear_program_agrees():
    for size in ((20, 10), (30, 8), (24, 12)):
        for _ in range(10):
            signed = RNG.standard_normal(size)
            assert separable(signed) == by_program(signed)


def test_opposite_copies_and_a_row_of_zeros_are_not_separable():
    signed = RNG.standard_normal((4, 6))
    assert separable(signed)
    assert not separable(np.vstack([signed, -signed[:1]]))
    assert not separable(np.vstack([signed, np.zeros((1, 6))]))


def test_bisection_finds_the_last():
    assert [last(lambda m, k=k: m <= k, 1, 20) for k in range(1, 20)] == list(range(1, 20))


def test_the_logistic_threshold_against_draws():
    assert logistic_threshold(0.0) == pytest.approx(0.5, abs=1e-6)
    z, x = RNG.standard_normal((2, 400_000))
    v = x * np.where(RNG.random(x.size) < 1 / (1 + np.exp(-2 * x)), 1, -1)
    least = min(np.mean(np.maximum(z - t * v, 0) ** 2) for t in np.linspace(0.3, 0.9, 25))
    # 400,000 draws of a variance near 0.6 leave 0.0012.
    assert logistic_threshold(2.0) == pytest.approx(least, abs=0.005)
