"""Bounds against brute force and their limits."""

import itertools

import numpy as np
import pytest
import scipy

from core.bounds import classes, concentration, pac_bayes, promises, rademacher
from core.bounds.populations import Gaussian, Rows
from core.bounds.trials import Plan, joined, pool, trials


def test_binomial_limit_is_where_the_tail_is_delta():
    for errors, n in ((0, 10), (3, 10), (40, 200)):
        limit = float(concentration.binomial(errors, n, 0.05))
        assert scipy.stats.binom.cdf(errors, n, limit) == pytest.approx(0.05, rel=1e-9)
    assert concentration.binomial(10, 10, 0.05) == 1


def test_half_spaces_through_the_origin_are_counted():
    """By the signs of many random directions in the plane and in space."""
    rng = np.random.default_rng(0)
    for points, dimension in ((5, 2), (5, 3), (3, 3)):
        x = rng.standard_normal((points, dimension))
        found = np.unique(x @ rng.standard_normal((dimension, 50_000)) > 0, axis=1).shape[1]
        assert np.exp(classes.log_half_spaces(points, dimension)) == pytest.approx(found)


def test_sauer_is_reached_by_intervals():
    """Intervals on the line have VC dimension 2 and label n points in 1 + n + n(n−1)/2 ways."""
    n = 6
    ways = {tuple(a <= i < b for i in range(n)) for a, b in itertools.product(range(n + 1), repeat=2)}
    assert np.exp(classes.sauer(n, 2)) == pytest.approx(len(ways))
    assert np.exp(classes.sauer(4, 4)) == pytest.approx(2**4)


def test_inverse_of_the_binary_divergence():
    q = np.array([0.0, 0.1, 0.5, 0.9])
    p = pac_bayes.kl_inverse(q, 0.3)
    np.testing.assert_allclose(pac_bayes.kl(q, p), 0.3, rtol=1e-8)
    assert p[0] == pytest.approx(1 - np.exp(-0.3))
    assert pac_bayes.kl_inverse(1.0, 0.3) == 1
    assert pac_bayes.kl_inverse(0.2, 0.0) == pytest.approx(0.2)


def test_pac_bayes_in_the_order_of_their_tightness():
    limits = [f(0.1, 20.0, 500, 0.05) for f in (pac_bayes.seeger, pac_bayes.mcallester)]
    assert 0.1 < limits[0] < limits[1]


def test_measured_rademacher_complexity_of_two_points():
    """E‖σ₁x₁ + σ₂x₂‖/2 of orthogonal unit vectors is √2/2: the bound, reached."""
    x = np.eye(2)[None]
    drawn = rademacher.by_signs(x, 1.0, 3, np.random.default_rng(0))
    np.testing.assert_allclose(drawn, np.sqrt(2) / 2)
    assert rademacher.ball(1.0, 2, 1.0) == pytest.approx(np.sqrt(2) / 2)


def test_measured_rademacher_complexity_is_the_mean_over_all_signs():
    x = np.random.default_rng(0).standard_normal((8, 3))
    every = np.array(list(itertools.product([-1.0, 1.0], repeat=8)))
    exact = np.linalg.norm(every @ x, axis=1).mean() / 8
    limit = rademacher.ball((x**2).sum(axis=1).mean(), 8, 1.0)
    drawn = rademacher.by_signs(x, 1.0, 4000, np.random.default_rng(1))
    value, error = rademacher.measured(drawn, limit)
    assert value == pytest.approx(exact, abs=4 * error)
    assert error < 0.5 * drawn.std() / np.sqrt(4000)
    assert value <= limit


def test_divergence_of_gaussians_in_closed_form_and_its_best_scale():
    rng = np.random.default_rng(2)
    away, variances, prior = rng.standard_normal(5) * 0.1, rng.random(5) * 0.02 + 0.01, 0.03
    # Term by term, as for one weight.
    by_hand = np.sum((variances + away**2) / prior - 1 - np.log(variances / prior)) / 2
    second, logs = (away**2).sum() + variances.sum(), np.log(variances).sum()
    assert pac_bayes.spherical(second, logs, 5, prior) == pytest.approx(by_hand)
    cost, j = pac_bayes.scaled(second, logs, 5)
    numbers = np.arange(1, 2000)
    scales = pac_bayes.WIDEST * np.exp(-numbers / pac_bayes.FINENESS)
    costs = pac_bayes.spherical(second, logs, 5, scales) - np.log(pac_bayes.scale_share(numbers))
    assert numbers[costs.argmin()] == j
    assert cost == pytest.approx(pac_bayes.spherical(second, logs, 5, scales[j - 1]))
    assert pac_bayes.scale_share(np.arange(1, 100_000)).sum() == pytest.approx(1, abs=1e-4)


def test_the_least_that_a_stochastic_limit_pays_is_for_draws_and_rows():
    limit = pac_bayes.stochastic(0.0, 500, 0.0, 1, 1000, 0.05)
    seen = 1 - 0.01 ** (1 / 500)
    rest = np.log(2 * np.sqrt(1000) / 0.04) + np.log(np.pi**2 / 6)
    assert limit == pytest.approx(pac_bayes.kl_inverse(seen, rest / 1000))


@pytest.mark.parametrize("dimension", [2, 3, 12])
def test_true_risks_of_gaussian_classes_are_means_over_many_samples(dimension):
    people, rng = Gaussian(1.2, dimension, 0.1), np.random.default_rng(dimension)
    x, y = people.draw(rng, 100_000)
    w = np.zeros(dimension)
    w[:2] = 0.6, 0.8
    room = 4 * 0.5 / np.sqrt(len(y))
    assert people.risk(w) == pytest.approx(np.mean(y * (x @ w) <= 0), abs=room)
    assert people.threshold(w, 0.4) == pytest.approx(np.mean((x @ w > 0.4) != (y > 0)), abs=room)
    assert people.law(w, 0.4) == pytest.approx(np.mean(y * (x @ w) <= 0.4), abs=room)
    assert people.square == pytest.approx((x**2).sum(axis=1).mean(), rel=0.02)
    drawn = np.array([1.0, 3.0])[:, None, None] * w + rng.standard_normal((2, 100_000, dimension))
    # A fresh classifier for each sample.
    errors = np.mean(np.einsum("lnd,nd->ln", drawn, x) * y <= 0, axis=1)
    np.testing.assert_allclose(people.gibbs(w[None], np.array([1.0, 3.0]))[0], errors, atol=room)


def test_rows_agree_with_a_count():
    rng = np.random.default_rng(0)
    people = Rows(rng.standard_normal((40, 3)).round(1), rng.choice([-1.0, 1.0], 40))
    w = np.array([0.6, 0.8, 0.0])
    scores = (people.inputs @ w).round(9)
    for at in (-np.inf, *scores[:5]):
        assert people.threshold(w, at) == np.mean((scores > at) != (people.labels > 0))
    margins = scores * people.labels
    assert people.law(w, margins[3]) == np.mean(margins <= margins[3])
    assert people.law(w, margins[3], below=True) == np.mean(margins < margins[3])


def test_measured_gaps_against_brute_force():
    """Ties included: 12 rows, drawn 30 times with replacement."""
    rng = np.random.default_rng(1)
    people = Rows(rng.standard_normal((12, 2)), rng.choice([-1.0, 1.0], 12))
    made = pool(people, 5, 1.0, rng)
    plan = Plan(made, people.risk(made), 1.0, 1.0)
    found = joined(list(trials(people, plan, 30, 3, np.random.default_rng(2))))
    x, y = people.draw(np.random.default_rng(2), 3, 30)
    for r in range(3):
        errors = np.array([np.mean(y[r] * (x[r] @ w) <= 0) for w in made])
        assert found.pool_error[r] == errors.min()
        assert found.pool_gap[r] == pytest.approx((plan.risks - errors).max())
        scores = (x[r] @ made[0]).round(9)
        at = np.array([-np.inf, *np.unique(scores)])
        wrong = np.array([np.mean((scores > t) != (y[r] > 0)) for t in at])
        assert found.threshold_error[r] == pytest.approx(wrong.min())
        assert found.threshold_gap[r] == pytest.approx((people.threshold(made[0], at) - wrong).max())
        margins = (scores * y[r]).round(9)
        every = (people.inputs @ made[0]).round(9) * people.labels
        far = [abs(np.mean(margins <= t) - np.mean(every <= t)) for t in every]
        assert found.distance[r] == pytest.approx(max(far))


def test_samples_that_suffice_are_interpolated_and_extended():
    sizes, gaps = np.array([100, 400, 1600]), np.array([0.2, 0.1, 0.05])
    assert promises.sufficed(sizes, gaps, 0.1) == pytest.approx(400)
    assert promises.sufficed(sizes, gaps, 0.1 / np.sqrt(2)) == pytest.approx(800)
    assert promises.sufficed(sizes, gaps, 0.01) == pytest.approx(40_000)
    assert promises.sufficed(sizes, gaps, 0.4) == pytest.approx(25)
