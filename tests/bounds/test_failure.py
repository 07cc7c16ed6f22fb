"""Every bound fails no more often than it says: simulated, over thousands of samples."""

import numpy as np
import pytest
import scipy

from core.bounds import classes, concentration, pac_bayes, rademacher
from core.bounds.populations import Gaussian
from core.bounds.trials import trained

REPLICATES = 4000
DELTAS = (0.05, 0.2)


def kept(broken, delta):
    """The 99.9 % lower limit of the rate of violations does not exceed δ."""
    count = int(np.count_nonzero(broken))
    low = scipy.stats.beta.ppf(0.001, count, broken.size - count + 1) if count else 0.0
    return low <= delta


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize(("n", "risk"), [(20, 0.5), (100, 0.1), (500, 0.02)])
def test_bounds_on_a_fixed_hypothesis(n, risk, delta):
    errors = np.random.default_rng(1).binomial(n, risk, REPLICATES)
    mean = errors / n
    variance = mean * (1 - mean) * n / (n - 1)
    limits = {
        concentration.hoeffding_rate: mean + concentration.hoeffding(n, delta),
        concentration.bernstein_rate: mean + concentration.bernstein(variance, n, delta),
        concentration.binomial_rate: concentration.binomial(errors, n, delta),
    }
    for exact, limit in limits.items():
        rate = exact(risk, n, delta)
        assert rate <= delta
        # The simulated rate is the exact one, to 4 standard errors and one count.
        room = 4 * np.sqrt(rate * (1 - rate) / REPLICATES) + 1 / REPLICATES
        assert np.mean(limit < risk) == pytest.approx(rate, abs=room)


@pytest.mark.parametrize("delta", DELTAS)
def test_the_bound_for_bounded_losses_that_are_not_zero_or_one(delta):
    losses = np.random.default_rng(2).beta(0.5, 2.0, (REPLICATES, 60))
    mean, variance = losses.mean(axis=1), losses.var(axis=1, ddof=1)
    assert kept(mean + concentration.hoeffding(60, delta) < 0.2, delta)
    assert kept(mean + concentration.bernstein(variance, 60, delta) < 0.2, delta)


@pytest.mark.parametrize("delta", DELTAS)
def test_the_band_for_a_distribution_function(delta):
    n = 50
    values = np.sort(np.random.default_rng(3).random((REPLICATES, n)), axis=1)
    steps = np.arange(n + 1) / n
    far = np.maximum(steps[1:] - values, values - steps[:-1]).max(axis=1)
    rate = concentration.dkw_rate(n, delta)
    assert rate <= delta
    measured = np.mean(far > concentration.dkw(n, delta))
    assert measured == pytest.approx(rate, abs=4 * np.sqrt(rate / REPLICATES))


@pytest.mark.parametrize("delta", DELTAS)
def test_classes_of_hypotheses(delta):
    """Thresholds on uniform numbers, of which those above 0.3 are positive, with label noise."""
    n, rng = 60, np.random.default_rng(4)
    x = np.sort(rng.random((REPLICATES, n)), axis=1)
    positive = (x > 0.3) ^ (rng.random(x.shape) < 0.2)
    # Below the k-th point all are called negative: the errors of the n + 1 labellings.
    steps = np.where(positive, 1, -1).cumsum(axis=1)
    errors = np.concatenate([np.zeros((REPLICATES, 1)), steps], axis=1)
    errors = (errors + (~positive).sum(axis=1, keepdims=True)) / n
    at = np.concatenate([np.zeros((REPLICATES, 1)), x], axis=1)
    risk = 0.2 + 0.6 * np.abs(at - 0.3)
    lines = classes.vc(classes.log_half_lines(2 * n), n, delta)
    assert kept((risk - errors).max(axis=1) > lines, delta)
    # Ten of the thresholds make a finite class.
    ten = np.arange(0.05, 1, 0.1)
    below = x[:, None, :] <= ten[:, None]
    means = np.mean(below == positive[:, None, :], axis=-1)
    gaps = 0.2 + 0.6 * np.abs(ten - 0.3) - means
    assert kept(gaps.max(axis=1) > classes.finite_class(10, n, delta), delta)
    prior = 2.0 ** -np.arange(1, 11)
    assert kept((gaps > classes.occam(prior, n, delta)).any(axis=1), delta)


@pytest.mark.parametrize("delta", DELTAS)
def test_a_consistent_threshold(delta):
    """Realizable: P(risk > ε) = (1 − ε)ⁿ for the largest consistent threshold, so ln(1/δ)/n is
    nearly tight for a single ε and holds for a class."""
    n = 40
    x = np.random.default_rng(5).random((REPLICATES, n))
    grid = np.arange(0, 1, 0.02)
    # The truth is at 0: thresholds are consistent up to the least sample.
    worst = grid[(grid[None, :] <= x.min(axis=1)[:, None]).sum(axis=1) - 1]
    assert kept(worst > classes.realizable(grid.size, n, delta), delta)
    assert np.mean(x.min(axis=1) > 1 - delta ** (1 / n)) == pytest.approx(
        delta, abs=4 * np.sqrt(delta / REPLICATES)
    )


@pytest.mark.parametrize("delta", DELTAS)
def test_bounds_on_a_trained_linear_classifier(delta):
    people, n = Gaussian(3.0, 4, 0.0), 150
    x, y = people.draw(np.random.default_rng(6), 1000, n)
    weights = trained(x, y, 1.0)
    margins = y * np.einsum("rnd,rd->rn", x, weights)
    risk, root = people.risk(weights), np.sqrt(people.square)
    ball = rademacher.ball(people.square, n, 1.0)
    here = rademacher.ball((x**2).sum(axis=2).mean(axis=1), n, 1.0)
    ramp = rademacher.ramp(margins, 2.0).mean(axis=1)
    assert kept(risk > ramp + rademacher.expected(ball, 2.0, n, delta), delta)
    assert kept(risk > ramp + rademacher.empirical(here, 2.0, n, delta), delta)
    drawn = rademacher.by_signs(x, 1.0, 16, np.random.default_rng(7))
    measured, _ = rademacher.measured(drawn, here)
    assert kept(risk > ramp + rademacher.empirical(measured, 2.0, n, delta), delta)
    limits = [
        rademacher.ramp(margins, rho).mean(axis=1) + rademacher.any_margin(ball, rho, root, n, delta)
        for rho in (0.5, 1.0, 2.0)
    ]
    assert kept(risk > np.min(limits, axis=0), delta)
    angles = margins / np.linalg.norm(x, axis=2)
    lengths = np.array([1.0, 4.0])
    errors = np.stack([pac_bayes.gibbs_errors(angles, v).mean(axis=1) for v in lengths], axis=-1)
    truth, cost = people.gibbs(weights, lengths), pac_bayes.gaussian(lengths)
    for bound in (pac_bayes.seeger, pac_bayes.mcallester, pac_bayes.catoni):
        assert kept((truth > bound(errors, cost, n, delta)).any(axis=1), delta)


@pytest.mark.parametrize("delta", DELTAS)
def test_the_rademacher_bound_limits_the_worst_of_the_ball(delta):
    """Linear losses, for which the worst gap over ‖w‖ ≤ 1 is known: the norm of an average."""
    n, rng = 30, np.random.default_rng(7)
    x = rng.uniform(-1, 1, (REPLICATES, n, 3)) / (2 * np.sqrt(3))
    # Loss ½ − w·x in [0, 1], of which the mean is ½; it is 1-Lipschitz, so ρ = 1.
    worst = np.linalg.norm(x.mean(axis=1), axis=1)
    ball = rademacher.ball(1 / 12, n, 1.0)
    assert kept(worst > rademacher.expected(ball, 1.0, n, delta), delta)
    # Symmetrisation, on average: at most twice the complexity.
    assert worst.mean() < 2 * rademacher.by_signs(x, 1.0, 1, rng).mean()


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("risk", [0.02, 0.3])
def test_a_gibbs_error_estimated_from_draws(risk, delta):
    draws = 100
    counts = np.arange(draws + 1)
    broken = pac_bayes.sampled(counts / draws, draws, delta) < risk
    rate = scipy.stats.binom.pmf(counts[broken], draws, risk).sum()
    assert rate <= delta
    # At no error of 100 the limit is above a risk of 0.02.
    assert rate > delta / 20 or risk == 0.02


@pytest.mark.parametrize("delta", DELTAS)
def test_the_limit_on_a_stochastic_classifier(delta):
    """Signs of a single Gaussian weight v against labels that are the sign of x with probability 0.8.
    The posterior is chosen on the sample; its Gibbs risk is known: 0.2 + 0.6 P(v < 0)."""
    n, draws, rng = 40, 30, np.random.default_rng(8)
    right = rng.binomial(n, 0.8, REPLICATES) / n
    # The mean is where most of the sample is right, far from the prior's centre 0.
    mean, deviation = 0.3 * np.sign(2 * right - 1), 0.1
    chance = scipy.special.ndtr(-mean / deviation)
    wrong = rng.random((draws, REPLICATES)) < chance
    seen = np.where(wrong, right, 1 - right).mean(axis=0)
    cost, j = pac_bayes.scaled(0.3**2 + deviation**2, 2 * np.log(deviation), 1)
    limit = pac_bayes.stochastic(seen, draws, cost, j, n, delta)
    assert kept(0.2 + 0.6 * chance > limit, delta)
    assert np.median(limit) < 0.8
