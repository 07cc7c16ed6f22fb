"""Random least squares: the Marchenko–Pastur law, and losses by descent, by modes and on average."""

import numpy as np
import pytest
from scipy import integrate

from core.optimization import least_squares
from core.optimization.marchenko_pastur import density, edges, quadrature, widened
from core.optimization.quadratic import Steps, residuals

METHODS = [Steps(0.4), Steps(0.5, 0.6), Steps(0.3, np.arange(12) / 12, np.arange(12) / 12)]


def _moment(value, power, ratio):
    return value**power * density(value, ratio)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 2.0])
def test_quadrature_integrates_the_density(ratio):
    law, (low, high) = quadrature(ratio, 40), edges(ratio)
    for power in (1, 2, 7):
        brute, _ = integrate.quad(_moment, low, high, (power, ratio), epsabs=1e-9)
        assert law.weights @ law.nodes**power == pytest.approx(brute, rel=1e-6)
    # The mean is the variance of an entry; the second moment is 1 + r.
    assert law.weights @ law.nodes == pytest.approx(1.0, rel=1e-12)
    assert law.weights @ law.nodes**2 == pytest.approx(1 + ratio, rel=1e-12)


def test_extreme_eigenvalues_lie_within_the_widened_edges():
    rng, inside = np.random.default_rng(0), 0
    low, high = widened(60, 30)
    for _ in range(100):
        x = rng.standard_normal((60, 30))
        values = np.linalg.eigvalsh(x.T @ x / 60)
        inside += low < values.min() and values.max() < high
    # Either end leaves them at the Tracy–Widom probability of 2 or more, 1 %.
    assert inside >= 93


@pytest.mark.parametrize(("n", "d"), [(12, 5), (5, 12), (6, 6)])
def test_the_sum_over_modes_is_descent(n, d):
    rng = np.random.default_rng(1)
    x, start, noise = rng.standard_normal((n, d)), rng.standard_normal(d), rng.standard_normal(n)
    found = least_squares.modes(x, start, noise)
    losses = least_squares.descend(x, start, noise, METHODS, 12)
    for steps, loss in zip(METHODS, losses, strict=True):
        left = residuals(steps, found.eigenvalues, 12)
        np.testing.assert_allclose(least_squares.curve(found, left), loss, rtol=1e-9)


def test_the_mean_given_the_design_is_that_over_starts_and_noise():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((9, 4))
    curves = []
    for _ in range(4000):
        start, noise = rng.standard_normal(4) / 2, 0.3 * rng.standard_normal(9)
        found = least_squares.modes(x, start, noise)
        curves.append(least_squares.curve(found, residuals(METHODS[0], found.eigenvalues, 6)))
    predicted = least_squares.expected(
        found.eigenvalues, residuals(METHODS[0], found.eigenvalues, 6), 9, 4, 1.0, 0.09
    )
    error = np.std(curves, axis=0) / np.sqrt(4000)
    assert (np.abs(np.mean(curves, axis=0) - predicted) < 4 * error).all()


def test_the_limit_is_the_mean_over_the_law_and_starts_at_half_the_variance():
    law = quadrature(2.0, 100)
    curve = least_squares.limit(law, Steps(0.3), 400, 2.0, 1.0, 0.5)
    assert curve[0] == pytest.approx((1.0 + 0.5) / 2)
    # Beyond p = n the samples are interpolated, and nothing is left of the noise.
    assert curve[-1] < 1e-8


def test_no_curve_exceeds_its_worst_case_and_the_worst_start_reaches_it():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((20, 6))
    values, vectors = np.linalg.eigh(x.T @ x / 20)
    fine = np.linspace(values[0], values[-1], 300)
    for start in (rng.standard_normal(6), vectors[:, 0]):
        found = least_squares.modes(x, start, np.zeros(20))
        own, between = (residuals(METHODS[0], at, 12) for at in (found.eigenvalues, fine))
        loss, worst = least_squares.curve(found, own), least_squares.worst(found, own, fine, between)
        assert (loss <= worst * (1 + 1e-12)).all()
    # A start along the flattest direction, late: no other eigenvalue leaves more.
    assert loss[-1] == pytest.approx(worst[-1], rel=0.2)
