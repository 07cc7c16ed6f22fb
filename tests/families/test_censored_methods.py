"""Other estimates than maximum likelihood from censored and truncated samples."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from core.experiment import InputError
from core.families import fit
from core.families.methods.mge import DISTANCES, Steps, between
from core.families.turnbull import cells

LAW = stats.weibull_min(1.7, scale=40)
X = np.asarray(LAW.rvs(400, random_state=np.random.default_rng(0)))
LIMITS = np.random.default_rng(1).exponential(80, 400)
LATE = LIMITS < X
RIGHT = np.where(LATE, LIMITS, X), np.where(LATE, np.nan, X)
CUTS = np.r_[-np.inf, 10, 20, 30, 45, 70, np.inf]
AT = np.searchsorted(CUTS, X)
GROUPED = tuple(np.where(np.isfinite(b), b, np.nan) for b in (CUTS[AT - 1], CUTS[AT]))


def test_values_censored_on_the_right_give_kaplan_and_meiers_estimate():
    data = stats.CensoredData.right_censored(np.minimum(X, LIMITS), LATE)
    theirs = stats.ecdf(data).cdf
    made = cells(RIGHT[0], np.nan_to_num(RIGHT[1], nan=np.inf), np.ones(400))
    np.testing.assert_allclose(made.after[:-1], theirs.evaluate(made.low[:-1]), rtol=1e-12)
    mirrored = cells(-np.nan_to_num(RIGHT[1], nan=np.inf), -RIGHT[0], np.ones(400))
    np.testing.assert_allclose(1 - mirrored.before[::-1], made.after, rtol=1e-10, atol=1e-12)


def test_intervals_that_overlap_give_turnbulls_estimate():
    """Worked by hand: values in (0, 2], (1, 3], (2, 4] and the value 3 twice. The cells are (1, 2] and
    3 itself, and the likelihood p q³ at q = 1 − p is largest at p = 1/4."""
    made = cells(np.array([0.0, 1, 2, 3, 3]), np.array([2.0, 3, 4, 3, 3]), np.ones(5))
    np.testing.assert_array_equal(made.low, [1, 3])
    np.testing.assert_array_equal(made.high, [2, 3])
    np.testing.assert_allclose(made.after, [0.25, 1.0], atol=1e-6)


def test_both_sides_at_once_agree_with_one_side():
    """Expectation and maximisation against the product limit: one value more, of no weight to speak of,
    is censored on the left."""
    left, right = RIGHT[0][:60], np.nan_to_num(RIGHT[1][:60], nan=np.inf)
    one = cells(left, right, np.ones(60))
    both = cells(np.r_[-np.inf, left], np.r_[left.max() - 1, right], np.r_[1e-9, np.ones(60)])
    np.testing.assert_allclose(both.after, one.after, atol=2e-5)


@pytest.mark.parametrize("name", DISTANCES)
def test_distances_between_cells_are_those_between_values(name):
    f = np.sort(np.random.default_rng(2).beta(0.8, 1.3, 50))
    after = np.arange(1, 51) / 50
    level = np.ravel([after - 0.02, after], "F")
    found = between(name, np.repeat(f, 2), np.repeat(1 - f, 2), level)
    expected = DISTANCES[name](Steps(after - 0.02, after, f, 1 - f))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("name", "power"), [("ADL", 1), ("AD2L", 2), ("CvM", 0)])
def test_distances_with_wide_cells_are_the_integrals(name, power):
    u, level = np.array([0.1, 0.15, 0.5, 0.9]), np.array([0.0, 0.2, 0.2, 1.0])
    knots, gaps = np.r_[0, u, 1], np.r_[0, level - u, 0]
    truth = sum(
        integrate.quad(lambda s: np.interp(s, knots, gaps) ** 2 / s**power if s else 0.0, a, b)[0]
        for a, b in pairwise(knots)
    )
    assert between(name, u, 1 - u, level) == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize("method", ["mge:CvM", "mge:AD", "qme:0.2,0.6"])
@pytest.mark.parametrize("sample", [RIGHT, GROUPED], ids=["right", "grouped"])
def test_estimates_are_near_the_truth(method, sample):
    """Within 6 standard errors of the likelihood's, which are the smallest."""
    best = fit(sample, "weibull")
    made = fit(sample, "weibull", method)
    for name, truth in {"shape": 1.7, "scale": 40.0}.items():
        assert abs(made.parameters[name] - truth) < 6 * best.standard_errors[name]
    assert made.log_likelihood < best.log_likelihood
    assert made.log_likelihood > best.log_likelihood - 20


def test_spacings_of_an_exponential_with_censoring_are_at_their_maximum():
    x = np.array([1.0, 2.5, 4.0])
    made = fit((np.r_[x, 3.0], np.r_[x, np.nan]), "exponential", "mps")

    def spread(scale):
        law = stats.expon(0, scale)
        return np.log(np.diff(np.r_[0, law.cdf(x), 1])).sum() + law.logsf(3.0)

    scale = made.parameters["scale"]
    assert spread(scale) > max(spread(scale * 1.001), spread(scale / 1.001))


@pytest.mark.parametrize("method", ["mge:AD", "qme:0.5", "mps"])
def test_a_truncated_exponential_is_shifted_in_every_method(method):
    x = X[X > 20][:100]
    part = fit(x, "exponential", method, truncated=(20, None))
    shifted = fit(x - 20, "exponential", method)
    assert part.parameters["scale"] == pytest.approx(shifted.parameters["scale"], rel=1e-5)
    assert part.log_likelihood == pytest.approx(shifted.log_likelihood, rel=1e-9)


def test_moments_of_a_censored_sample_are_not_known():
    with pytest.raises(
        InputError, match="does not have the moments of all values; mle, qme, mge and mps"
    ):
        fit(RIGHT, "weibull", "mme")


def test_a_censored_pareto_has_hills_estimate_over_the_values_that_are_known():
    """α = number known / Σ log(x / m) over all: its likelihood's closed maximum at a known scale."""
    x = 3 * np.exp(np.random.default_rng(4).exponential(0.5, 200))
    late = x > 6
    made = fit((np.minimum(x, 6), np.where(late, np.nan, x)), "pareto1", fixed={"scale": 3.0})
    alpha = (~late).sum() / np.log(np.minimum(x, 6) / 3).sum()
    assert made.parameters["shape"] == pytest.approx(alpha, rel=1e-6)
    assert np.isnan(made.standard_errors["shape"])


def test_a_censored_laplace_keeps_its_median():
    """Where less than half is censored on the right the middle value is the location, and the scale the
    mean distance from it, counted over those that are known."""
    x = np.random.default_rng(5).laplace(2.0, 3.0, 201)
    late = x > 6
    made = fit((np.minimum(x, 6), np.where(late, np.nan, x)), "laplace")
    middle = np.median(x)
    assert made.parameters["location"] == pytest.approx(middle, rel=1e-6)
    scale = np.abs(np.minimum(x, 6) - middle).sum() / (~late).sum()
    assert made.parameters["scale"] == pytest.approx(scale, rel=1e-6)
    part = fit(x[x > -4], "laplace", truncated=(-4, None))
    law = stats.laplace(*part.parameters.values())
    theirs = (law.logpdf(x[x > -4]) - law.logsf(-4)).sum()
    assert part.log_likelihood == pytest.approx(theirs, rel=1e-9)
