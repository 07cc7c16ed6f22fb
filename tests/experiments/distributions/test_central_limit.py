"""Sums: Edgeworth, Berry–Esseen, stable limits, and what each needs."""

import numpy as np
import pytest
from scipy import stats

from core.experiment import silent
from core.experiments.distributions.central_limit import BREAKS, Config, run
from core.families import sums

SMALL = {"replicates": 10_000}


def checks(**values):
    return run(Config(**{**SMALL, **values}), silent)["checks"]


@pytest.mark.parametrize(
    "values",
    [
        {"family": "gamma", "shape": 2.0},
        {"family": "lognormal", "shape": 0.5},
        {"family": "student-t", "shape": 6.0},
        {"family": "uniform"},
        {"family": "bernoulli"},
        {"family": "poisson"},
    ],
    ids=str,
)
def test_theory_holds(values):
    found = checks(**values)
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("label", BREAKS)
def test_sums_that_do_not_become_normal(label):
    found = checks(**BREAKS[label])
    assert not found["holds"].all()


@pytest.mark.parametrize(("tail", "terms"), [(1.2, 64), (1.7, 64), (0.8, 32)])
def test_sums_of_infinite_variance_tend_to_a_stable_law(tail, terms):
    tables = run(Config(**SMALL, family="student-t", shape=tail, terms=terms), silent)
    gaps = tables["gaps"]
    assert gaps["stable"].iloc[-1] < gaps["stable"].iloc[0] / 2
    assert gaps["gap"].iloc[-1] > 2 * gaps["noise"].iloc[-1]


def test_stable_law_is_cauchys_levys_and_scipys():
    x = np.array([-3.0, -0.5, 0.0, 1.0, 10.0])
    np.testing.assert_allclose(sums.stable_below(x, 1.0, 0.0), stats.cauchy.cdf(x), atol=1e-5)
    levy = stats.levy.cdf(np.array([0.2, 1.0, 5.0]))
    np.testing.assert_allclose(sums.stable_below(np.array([0.2, 1.0, 5.0]), 0.5, 1.0), levy, atol=2e-4)
    # Values of scipy.stats.levy_stable(1.5, 1), which takes seconds.
    found = sums.stable_below(np.array([-3.0, 0.0, 2.0]), 1.5, 1.0)
    np.testing.assert_allclose(found, [0.02650572, 0.66666667, 0.89259073], atol=1e-6)


def test_tails_give_the_scale_of_the_stable_law():
    """Of Cauchy terms it is 1; of a Pareto law's the tail of the limit is that of a term, c x^−α."""
    assert sums.law("student-t", 1.0).scale == pytest.approx(1.0)
    pareto = sums.law("pareto", 1.5)
    far = 300.0
    tail = 1 - sums.stable_below(np.array([far]), 1.5, 1.0)[0]
    assert tail * (far * pareto.scale) ** 1.5 == pytest.approx(1.0, rel=0.05)


def test_edgeworth_is_the_exact_gap_up_to_its_next_term():
    term, x = sums.law("exponential", 1.0), np.linspace(-2, 2, 9)
    gaps = []
    for n in (16, 64):
        exact = stats.gamma(n).cdf(n + x * np.sqrt(n)) - stats.norm.cdf(x)
        gaps.append(np.abs(exact - sums.edgeworth(x, n, term, 2)).max())
    # The next term is of order n^(−3/2): 8 times less at 4 times n.
    assert gaps[1] < gaps[0] / 6


@pytest.mark.parametrize(("name", "shape"), [("lognormal", 0.5), ("student-t", 5.0), ("poisson", 3.0)])
def test_third_moments(name, shape):
    term = sums.law(name, shape)
    frozen = term.frozen
    if name == "poisson":
        expected = frozen.expect(lambda k: abs(k - frozen.mean()) ** 3)
    else:
        expected = frozen.expect(lambda x: abs(x - frozen.mean()) ** 3, lb=-np.inf if shape > 4 else 0)
    assert term.third == pytest.approx(expected, rel=1e-6)
