"""Heads: each loss is a likelihood, laws are laws, and divergences are what quadrature gives."""

import jax
import numpy as np
import pytest
from scipy import integrate, stats

from core.networks import head_tables, heads, predictive
from core.networks.head_truths import Truth, cells, expected

COMPILED = jax.jit(heads.loss)
COUNTS = ("poisson", "negative-binomial")


@pytest.mark.parametrize("head", heads.HEADS)
def test_loss_is_minus_the_log_density_of_its_law(head: heads.Head) -> None:
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(50, heads.OUTPUTS))
    y = rng.poisson(4.0, 50).astype(float)
    found = np.asarray(COMPILED(outputs, heads.encoded(y, head, 3.0, 2.0, 4.0)))
    unit = predictive.Unit(3.0, 2.0, 4.0, head in COUNTS)
    law = predictive.law(head, outputs, unit)
    scale = 0.0 if head in COUNTS else np.log(2.0)
    np.testing.assert_allclose(found + scale, -law.log_score(y), rtol=1e-9)


@pytest.mark.parametrize("head", heads.HEADS)
def test_probabilities_of_counts_sum_to_one_under_every_head(head: heads.Head) -> None:
    outputs = 0.5 * np.random.default_rng(1).normal(size=(3, 1, heads.OUTPUTS))
    outputs[..., 2] = 5.0
    law = predictive.law(head, outputs, predictive.Unit(40.0, 5.0, 40.0, True))
    y = np.arange(-200.0, 2000.0)[None]
    p = np.exp(law.log_score(y))
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(law.below(y)[:, 1:], np.cumsum(p, axis=1)[:, :-1], atol=1e-6)


def test_far_tails_do_not_underflow() -> None:
    far = np.array([1e6])
    for head in ("gaussian", "laplace", "mixture"):
        outputs = np.zeros((1, heads.OUTPUTS))
        for whole in (False, True):
            law = predictive.law(head, outputs, predictive.Unit(0.0, 1.0, 1.0, whole))
            assert np.isfinite(law.log_score(far)).all()


@pytest.mark.parametrize(
    ("head", "other", "between"),
    [
        ("gaussian", stats.norm(0.3, 0.8), (-9, 9)),
        ("student-t", stats.t(4.0, 0.3, 0.8), (-200, 200)),
        ("laplace", stats.norm(0.3, 0.8), (-20, 20)),
    ],
)
def test_divergence_is_the_integral(head: heads.Head, other: object, between: tuple[int, int]) -> None:
    truth, x = Truth(head, 5.0, 2.0, 0.8), np.array([0.25])
    law = predictive.Law(((np.zeros((1, 1)), other),), False, False)
    edges = np.linspace(0, 1, 5)
    found = expected(law, cells(truth, x), edges)
    p = truth.law(x).components[0][1]

    def lost(y: float) -> float:
        return float((p.pdf(y) * (p.logpdf(y) - other.logpdf(y)))[0])  # type: ignore[attr-defined]

    middle = 2 * np.sin(np.pi / 4)
    whole = integrate.quad(lost, *between, points=[middle], limit=400)[0]
    assert found.divergence[0] == pytest.approx(whole, rel=2e-3)
    below = p.cdf(other.ppf(edges[1:-1]))  # type: ignore[attr-defined]
    np.testing.assert_allclose(found.below[1:-1], below, atol=1e-3)


def test_a_law_has_no_divergence_from_itself_and_a_uniform_transform() -> None:
    for head in ("negative-binomial", "mixture", "student-t"):
        truth, x = Truth(head, 4.0, 2.0, 0.8), np.array([-0.5, 0.5])
        found = expected(truth.law(x[:, None]), cells(truth, x), np.linspace(0, 1, 11))
        np.testing.assert_allclose(found.divergence, 0.0, atol=1e-9)
        np.testing.assert_allclose(np.diff(found.below), 0.1, atol=1e-3)


def test_statistic_is_that_of_scipy() -> None:
    u = np.random.default_rng(2).random(200)
    assert head_tables.statistic(u) == pytest.approx(stats.cramervonmises(u, "uniform").statistic)
