"""Conjugate posteriors against quadrature, and the tests of posteriors against hand-made cases."""

import numpy as np
import pytest
from scipy import integrate, stats

from core.bayes import calibration, large_samples
from core.bayes.counted import Classes, Rate, Share
from core.bayes.evidence import Polynomials, Regression
from core.bayes.measured import Mean, MeanAndSpread
from core.bayes.repeated_tests import Screening, posterior
from core.bayes.updating import summary

PRIORS = {
    "share": Share.prior(0.3, 10.0),
    "rate": Rate.prior(4.0, 2.0),
    "classes": Classes.prior(4, 10.0),
    "mean": Mean(2.0, 3.0, 1.5),
    "mean-and-spread": MeanAndSpread.prior(2.0, 3.0, 1.5),
}


@pytest.mark.parametrize("name", ["share", "rate", "mean"])
def test_evidence_is_the_integral_of_prior_times_likelihood(name: str) -> None:
    prior = PRIORS[name]
    values = prior.observations(prior.at(0.8), 12, np.random.default_rng(0))
    seen = summary(prior, values, 12)
    law = prior.given(seen).marginal()

    def joint(value: float) -> float:
        at = np.array([[value]])
        return float(np.exp(prior.log_density(at) + prior.log_likelihood(at, seen))[0])

    whole = integrate.quad(joint, law.ppf(1e-12), law.isf(1e-12), epsabs=0, epsrel=1e-10)[0]
    assert np.log(whole) == pytest.approx(float(prior.log_evidence(seen)), abs=1e-9)
    part = integrate.quad(joint, law.ppf(1e-12), law.mean(), epsabs=0, epsrel=1e-10)[0]
    assert part / whole == pytest.approx(law.cdf(law.mean()), abs=1e-9)


@pytest.mark.parametrize("name", PRIORS)
def test_order_and_portions_of_the_data_do_not_matter(name: str) -> None:
    prior, rng = PRIORS[name], np.random.default_rng(1)
    values = prior.observations(prior.at(0.5), 30, rng)
    at_once = prior.given(summary(prior, values, 30)).marginal()
    shuffled = rng.permutation(values)
    first = prior.given(summary(prior, shuffled[:11], 11))
    in_turn = first.given(summary(prior, shuffled[11:], 19)).marginal()
    spots = [0.05, 0.5, 0.95]
    np.testing.assert_allclose(in_turn.ppf(spots), at_once.ppf(spots), rtol=1e-10)


@pytest.mark.parametrize("name", PRIORS)
def test_summaries_are_those_of_observations(name: str) -> None:
    """Drawn from their own law they have the mean that summing observations gives."""
    prior, rng = PRIORS[name], np.random.default_rng(2)
    truth = prior.at(0.7)
    drawn = prior.summaries(np.repeat(truth, 4000, axis=0), 5, rng)
    by_hand = [summary(prior, prior.observations(truth, 5, rng), 5) for _ in range(4000)]
    sums = np.array([seen.total for seen in by_hand])
    error = np.hypot(sums.std(axis=0), drawn.total.std(axis=0)) / np.sqrt(4000)
    assert (np.abs(sums.mean(axis=0) - drawn.total.mean(axis=0)) < 4 * error).all()
    if name == "mean-and-spread":
        rest = np.array([seen.rest for seen in by_hand])
        assert drawn.rest.mean() == pytest.approx(rest.mean(), rel=0.1)


def test_a_large_mean_costs_no_digits() -> None:
    values = 1e8 + np.array([0.0, 1.0, 2.0, 3.0])
    seen = summary(MeanAndSpread.prior(1e8, 2.0, 1.0), values, 4)
    assert float(seen.rest) == pytest.approx(5.0, rel=1e-9)


def test_total_variation_of_two_normal_laws() -> None:
    """That of two laws of equal spread a distance d apart is 2 Φ(d/2) − 1."""
    found = large_samples.total_variation(stats.norm(0.3, 1), stats.norm(0, 1))
    assert found == pytest.approx(2 * stats.norm.cdf(0.15) - 1, rel=3e-4)


def test_wrong_constant_of_the_normal_limit_is_seen() -> None:
    prior = PRIORS["share"]
    seen = summary(prior, np.array([1.0, 1.0, 0.0, 1.0]), 4)
    near = prior.expansion(seen)
    found = large_samples.approach(prior, seen, np.array([1e5]))[0] * np.sqrt(1e5)
    assert found == pytest.approx(large_samples.leading(near), rel=2e-3)
    assert found != pytest.approx(large_samples.leading(near._replace(third=0.0)), rel=0.05)


def test_ranks_are_uniform_only_under_the_right_prior() -> None:
    prior, rng = PRIORS["rate"], np.random.default_rng(3)
    for analyst, uniform in ((prior, True), (Rate.prior(4.0, 16.0), False)):
        parts = list(calibration.calibration(prior, analyst, 20, 1500, rng, block=500))
        assert [len(ranks) for ranks, _ in parts] == [500] * 3
        share, error = calibration.histogram(np.concatenate([ranks for ranks, _ in parts]))
        assert share.sum() == pytest.approx(1.0)
        assert (np.abs(share - 0.05).max() < 4 * error[0]) == uniform


def test_odds_after_tests() -> None:
    """The mammograms of Gigerenzer et al.: about one in eleven positives has it."""
    found = posterior(Screening(0.01, 0.9, 0.91, 2))
    assert found[0] == pytest.approx(0.01, rel=1e-12)
    assert found[1] == pytest.approx(0.009 / (0.009 + 0.99 * 0.09), rel=1e-12)
    assert found[2] == pytest.approx(0.0081 / (0.0081 + 0.99 * 0.0081), rel=1e-12)


@pytest.mark.parametrize("samples", [3, 40])
def test_regression_against_its_normal_equations(samples: int) -> None:
    """Also with fewer samples than weights, where some directions keep the prior."""
    rng = np.random.default_rng(4)
    design = Polynomials(rng.uniform(-1, 1, samples), 5)
    targets, alpha, noise = rng.standard_normal(samples), 0.7, 0.5
    found = Regression(design, 5, alpha, noise).fit(design.coordinates(targets), np.array([0.3]))
    phi = design.columns
    precision = alpha * np.eye(6) + phi.T @ phi / noise**2
    mean = np.linalg.solve(precision, phi.T @ targets) / noise**2
    new = np.polynomial.legendre.legvander([0.3], 5)[0]
    assert found.mean[0] == pytest.approx(new @ mean)
    assert found.variance[0] == pytest.approx(noise**2 + new @ np.linalg.solve(precision, new))
    assert found.weight[0] == pytest.approx(alpha * mean @ mean)
    assert found.residual[0] == pytest.approx(np.sum((targets - phi @ mean) ** 2) / noise**2)
    density = Regression(design, 5, alpha, noise).density(targets)
    assert found.log_evidence[0] == pytest.approx(density, abs=1e-9)
