"""First-order methods on quadratics: closed forms against matrices, brute force and plain descent."""

import numpy as np
import pytest

from core.optimization.quadratic import (
    METHODS,
    Steps,
    companion,
    optimal,
    radius,
    rate,
    residuals,
    spectrum,
    threshold,
    tuned,
    tuned_rate,
)


@pytest.mark.parametrize("look", [0.0, 0.7])
def test_radius_is_the_largest_eigenvalue_of_the_companion_matrix(look):
    steps = Steps(np.array([[0.1], [1.3], [3.9]]), 0.7, look)
    values = np.linspace(0.0, 1.0, 9)
    brute = np.abs(np.linalg.eigvals(companion(steps, values))).max(axis=-1)
    # At a double root eigenvalues are known to the square root of rounding only.
    np.testing.assert_allclose(radius(steps, values), brute, rtol=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("condition", [4.0, 100.0, 1e4])
def test_the_tuned_method_has_the_rate_of_its_condition_number_and_no_other_is_faster(method, condition):
    values = spectrum("linear", 400, condition)
    best = tuned(method, 1 / condition, 1.0)
    # At the double root of a tuned method rounding counts as its square root.
    assert rate(best, values) == pytest.approx(float(tuned_rate(method, condition)), rel=1e-7)
    for factor in (0.9, 1.02):
        assert rate(best._replace(size=best.size * factor), values) > rate(best, values)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.99])
def test_a_mode_grows_just_above_the_threshold_and_shrinks_just_below(method, momentum):
    m = 0.0 if method == "gd" else momentum
    edge = float(threshold(method, m, 3.0))
    look = m if method == "nesterov" else 0.0
    assert float(radius(Steps(edge * 1.001, m, look), 3.0)) > 1
    assert float(radius(Steps(edge * 0.999, m, look), 3.0)) < 1


def test_residual_polynomials_are_what_descent_leaves():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((6, 6))
    hessian = root @ root.T / 6
    values, vectors = np.linalg.eigh(hessian)
    size, momentum, look = rng.uniform(0, 0.3, (3, 8))
    start = rng.standard_normal(6)
    x = before = start
    for t in range(8):
        ahead = x + look[t] * (x - before)
        x, before = x + momentum[t] * (x - before) - size[t] * hessian @ ahead, x
    left = residuals(Steps(size, momentum, look), values, 8)[-1]
    np.testing.assert_allclose(vectors.T @ x, left * (vectors.T @ start), rtol=1e-10)


def test_the_optimal_method_leaves_less_than_any_and_is_done_after_as_many_steps_as_eigenvalues():
    values, weights = np.array([0.2, 0.5, 1.0, 2.0]), np.array([1.0, 3.0, 2.0, 1.0])
    left = (weights * residuals(optimal(values, weights, 4), values, 4) ** 2).sum(axis=1)
    for t in (1, 2, 3):
        # Least squares over all polynomials of degree t that are 1 at 0.
        powers = values[:, None] ** np.arange(1, t + 1) * np.sqrt(weights)[:, None]
        least = np.linalg.lstsq(powers, -np.sqrt(weights))[1].item()
        assert left[t] == pytest.approx(least, rel=1e-8)
    assert left[4] == pytest.approx(0.0, abs=1e-18)


@pytest.mark.parametrize("spacing", ["geometric", "linear", "clusters"])
def test_a_spectrum_has_its_condition_number(spacing):
    for dimension, condition in ((2, 1.0), (2, 50.0), (7, 50.0)):
        values = spectrum(spacing, dimension, condition)
        assert values.size == dimension
        assert values.max() == 1
        assert values.min() == pytest.approx(1 / condition)
        assert (np.diff(values) >= 0).all()
