"""Formulas for the risk of least squares, against each other and against brute force."""

import numpy as np
import pytest

from core.linear import risk
from core.linear.designs import spectrum

SIGNAL, NOISE = 5.0, 1.3


@pytest.mark.parametrize("ratio", [0.2, 0.8, 1.3, 3.0, 10.0])
def test_exact_risk_tends_to_its_limit_like_one_over_n(ratio):
    limit = risk.isotropic(ratio, SIGNAL, NOISE)
    gaps = [abs(risk.exact(n, ratio * n, SIGNAL, NOISE) - limit) for n in (1000, 4000)]
    # The error is a + O(1/n) series in 1/n, so that four times the size leaves a quarter of it.
    assert gaps[1] == pytest.approx(gaps[0] / 4, rel=0.05)


@pytest.mark.parametrize("p", [99, 100, 101])
def test_there_is_no_mean_next_to_interpolation(p):
    assert np.isnan(risk.exact(100, p, SIGNAL, NOISE))
    assert np.isfinite(risk.exact(100, [98, 102], SIGNAL, NOISE)).all()


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("penalty", [0.05, 0.7])
def test_limit_with_a_penalty_is_that_of_the_stieltjes_transform(ratio, penalty):
    """Dobriban & Wager write it with m(−λ) of the Marchenko–Pastur law and its derivative."""

    def m(q):
        b = 1 - ratio + q
        return (-b + np.sqrt(b**2 + 4 * ratio * q)) / (2 * ratio * q)

    step = 1e-5 * penalty
    slope = -(m(penalty + step) - m(penalty - step)) / (2 * step)
    bias = SIGNAL * penalty**2 * slope
    variance = NOISE * ratio * (m(penalty) - penalty * slope)
    # The derivative is by central differences, good to about 1e-10 by the step and by rounding.
    assert risk.isotropic(ratio, SIGNAL, NOISE, penalty) == pytest.approx(
        bias + variance + NOISE, rel=1e-8
    )


@pytest.mark.parametrize("ratio", [0.3, 1.0, 2.5])
def test_limit_is_least_at_the_optimal_penalty(ratio):
    best = risk.optimal_penalty(ratio, SIGNAL, NOISE)
    multiples = np.array([0.9, 1.0, 1.1])
    assert risk.isotropic(ratio, SIGNAL, NOISE, best * multiples).argmin() == 1


@pytest.mark.parametrize("p", [40, 250])
@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_universal_formula_of_independent_features_is_the_isotropic_limit(p, penalty):
    squares = np.full(p, SIGNAL / p)
    found = risk.universal(100, np.ones(p), squares, NOISE, penalty)
    assert found == pytest.approx(risk.isotropic(p / 100, SIGNAL, NOISE, penalty), rel=1e-10)


def test_universal_formula_is_infinite_at_interpolation():
    assert risk.universal(50, np.ones(50), np.ones(50), NOISE) == np.inf


def test_universal_formula_without_penalty_does_not_see_the_covariance_below_n():
    eigenvalues, squares = spectrum(np.ones(30), 0.9)
    assert risk.universal(100, eigenvalues, squares, NOISE) == pytest.approx(NOISE / (1 - 0.3))
