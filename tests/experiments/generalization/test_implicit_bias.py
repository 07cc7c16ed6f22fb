"""Implicit bias: limits against other solvers, formulas against integration, and what breaks them."""

import numpy as np
import pytest
from scipy.optimize import minimize

from core.experiment import InputError, silent
from core.experiments.generalization.implicit_bias import BREAKS, Config, run
from core.optimization import implicit_bias as bias

RNG = np.random.default_rng(6)
X, Y = RNG.standard_normal((5, 12)), RNG.standard_normal(5)
SIGNED = RNG.standard_normal((12, 2)) + np.array([2.5, 0.0])


def checks(**values):
    return run(Config(**values), silent)["checks"]


@pytest.mark.parametrize("problem", ["least_squares", "diagonal"])
def test_theory_holds(problem):
    # A truth this sparse is found well before the limit of small α.
    found = checks(problem=problem, samples=20, features=40, nonzero=2)
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("label", BREAKS)
def test_breaks(label):
    found = checks(**BREAKS[label], steps=3000)
    # Descent agrees with its flow whether or not classes are separable.
    least = {"Least squares: start elsewhere": 1, "Diagonal network: large starts": 1}
    assert (~found["holds"].astype(bool)).sum() >= least.get(label, 3)


def test_the_margin_is_the_largest_there_is():
    limit, edge = bias.margin(SIGNED)
    angles = np.linspace(0, 2 * np.pi, 20_001)
    best = (SIGNED @ np.stack([np.cos(angles), np.sin(angles)])).min(axis=0).max()
    assert edge == pytest.approx(best, rel=1e-4)
    assert (SIGNED @ limit).min() == pytest.approx(1)
    assert np.isnan(bias.margin(np.vstack([SIGNED, -SIGNED[:1]]))[1])


def test_the_flow_in_log_time_is_descent_with_small_steps():
    rate = 1e-3
    gd = bias.logistic_descent(SIGNED, rate, np.array([0, 3000]), lambda share: None)[-1]
    flow = bias.logistic_flow(SIGNED, np.array([-15.0, np.log(3000 * rate)]), lambda share: None)[-1]
    np.testing.assert_allclose(gd, flow, rtol=1e-2)


def test_the_diagonal_limit_is_the_least_potential_of_all_solutions():
    alpha, start = 0.3, bias.nearest(X, Y, np.zeros(12))
    free = np.linalg.svd(X)[2][5:]

    def potential(along):
        z = (start + along @ free) / alpha**2
        return np.sum(2 - np.sqrt(4 + z**2) + z * np.arcsinh(z / 2))

    found = minimize(potential, np.zeros(7), tol=1e-10).x
    np.testing.assert_allclose(bias.diagonal_limit(X, Y, alpha), start + found @ free, atol=1e-4)


def test_the_limits_of_small_and_large_starts_are_least_l1_and_least_l2():
    sparse, short = bias.least_l1(X, Y), bias.nearest(X, Y, np.zeros(12))
    less, least = (np.abs(bias.diagonal_limit(X, Y, a)).sum() for a in (1e-3, 1e-6))
    # The excess falls as a power of α that depends on the data.
    assert np.abs(sparse).sum() < least < less
    assert least == pytest.approx(np.abs(sparse).sum(), rel=1e-3)
    np.testing.assert_allclose(bias.diagonal_limit(X, Y, 20.0), short, rtol=1e-4, atol=1e-6)


def test_as_many_samples_as_features_are_refused():
    with pytest.raises(
        InputError, match=r"^`features` must be more than `samples`, 40, .*; it was 30\.$"
    ):
        run(Config(problem="diagonal", samples=40, features=30), silent)
