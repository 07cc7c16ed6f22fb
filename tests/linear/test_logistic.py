"""Logistic regression at p / n that does not vanish: published solutions, limits, and fits."""

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.linear_model import LogisticRegression

from core.linear import logistic_fit
from core.linear import logistic_limit as limit


def drawn(p, *, n=60, strength=2.0, replicates=3, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((replicates, n, p))
    chance = 1 / (1 + np.exp(-x[..., 0] * strength))
    return x, (rng.random((replicates, n)) < chance).astype(float)


def test_published_solution():
    """Sur & Candès, figure 1 and text: κ = 0.2, γ² = 5."""
    found = limit.solve(np.array([0.1, 0.2]), 5**0.5)[1]
    assert (found.slope, found.spread, found.scale) == pytest.approx((1.4994, 4.7436, 3.0269), abs=1e-4)


def test_textbook_is_the_limit_of_small_ratios():
    found = limit.solve(np.array([1e-3]), 2.0)[0]
    assert found.slope == pytest.approx(1.0, abs=3e-3)
    assert found.spread == pytest.approx(limit.spread_of_textbook(2.0), rel=3e-3)
    assert found.inflation == pytest.approx(1.0, abs=3e-3)
    assert limit.rejected(found) == pytest.approx(0.05, abs=3e-3)
    assert limit.test_risk(found) == pytest.approx(limit.training_risk(found), abs=3e-3)


def test_boundary_is_a_half_without_signal_and_solutions_end_there():
    assert limit.boundary(1e-6) == pytest.approx(0.5, abs=1e-6)
    assert limit.boundary(2.0) == pytest.approx(0.345, abs=5e-4)
    edge = limit.boundary(1.0)
    near, beyond = limit.solve(edge * np.array([0.3, 0.6, 0.9, 0.98, 1.01]), 1.0)[-2:]
    assert near.slope > 5
    assert np.isnan(beyond.slope)


def test_solution_satisfies_the_equations_by_monte_carlo():
    """Expectations by many draws, from their definition, within 4 standard errors."""
    k, g = 0.15, 1.5
    _, _, slope, spread, scale = limit.solve(np.array([0.05, 0.15]), g)[1]
    z1, z2 = np.random.default_rng(0).standard_normal((2, 100_000))
    q1, q2 = g * z1, -slope * g * z1 + np.sqrt(k) * spread * z2
    x = limit.proximal(q2, scale)
    p1, p = 1 / (1 + np.exp(-q1)), 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(x + scale * p, q2, atol=1e-9)
    for value, expected in (
        (2 * p1 * (scale * p) ** 2 / k**2, spread**2),
        (p1 * q1 * scale * p, 0.0),
        (2 * p1 / (1 + scale * p * (1 - p)), 1 - k),
    ):
        error = value.std() / np.sqrt(value.size)
        assert abs(value.mean() - expected) < 4 * error


def test_fit_is_the_maximum_and_separable_samples_have_none():
    for p in (4, 40):
        x, y = drawn(p)
        found = logistic_fit.fit(x, y)
        for a, b, coefficients, exists in zip(x, y, found.coefficients, found.exists, strict=True):
            signed = a * (2 * b - 1)[:, None]
            lp = linprog(np.zeros(p), -signed, -np.ones(len(b)), bounds=(None, None))
            assert exists == (lp.status == 2)
            if exists:
                peer = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, max_iter=1000)
                np.testing.assert_allclose(coefficients, peer.fit(a, b).coef_[0], rtol=1e-4)
            else:
                assert (signed @ coefficients > 0).all()
        assert found.exists.any() == (p == 4)


def test_ratios_are_those_of_refits_without_the_column():
    x, y = drawn(6)
    full = logistic_fit.fit(x, y)
    columns = np.array([1, 4])
    found = logistic_fit.ratios(x, y, full, columns)
    for k, column in enumerate(columns):
        fewer = logistic_fit.fit(np.delete(x, column, axis=2), y)
        np.testing.assert_allclose(found[:, k], 2 * (fewer.loss - full.loss), atol=1e-7)
