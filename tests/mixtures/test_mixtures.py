"""EM for mixtures against brute force, finite differences, and the laws it must keep."""

from functools import partial

import numpy as np
import pytest
from scipy import optimize, special, stats

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp

from core.mixtures import choosing, em, information, search, simulation, symmetric
from core.mixtures.kinds import KINDS, shape_of

# Two components of each kind, weights first, and scipy's law of a component.
MIXTURES = {
    "normal": ([[0.3, 0.7], [0.0, 4.0], [1.0, 0.5]], lambda t: stats.norm(*t)),
    "lognormal": ([[0.3, 0.7], [0.0, 1.5], [0.4, 0.2]], lambda t: stats.lognorm(t[1], 0, np.exp(t[0]))),
    "gamma": ([[0.3, 0.7], [4.0, 30.0], [0.5, 0.3]], lambda t: stats.gamma(t[0], 0, t[1])),
    "poisson": ([[0.3, 0.7], [1.5, 12.0]], lambda t: stats.poisson(*t)),
    "student-t": ([[0.3, 0.7], [3.0, 8.0], [0.0, 6.0], [1.0, 0.5]], lambda t: stats.t(*t)),
}


def sample(name: str, n: int = 250) -> np.ndarray:
    return choosing.draw(KINDS[name], np.array(MIXTURES[name][0]), n, np.random.default_rng(5))


def scipys(name: str, mixture: np.ndarray, x: np.ndarray) -> np.ndarray:
    law = MIXTURES[name][1]
    each = [law(t).logpmf(x) if name == "poisson" else law(t).logpdf(x) for t in mixture[1:].T]
    return special.logsumexp(np.array(each) + np.log(mixture[0])[:, None], axis=0)


@pytest.mark.parametrize("name", MIXTURES)
def test_density_agrees_with_scipy(name: str) -> None:
    """Spare components take no part."""
    x, true = sample(name), np.array(MIXTURES[name][0])
    value = jax.jit(partial(em.log_likelihood, KINDS[name]))(
        search.padded(x, 0.01), search.widened(true, 3)
    )
    assert value == pytest.approx(scipys(name, true, x).sum(), rel=1e-10)


def followed(name: str, blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """EM from 3 starts of 2 components: the mixtures at the end, and the log-likelihoods."""
    kind, x = KINDS[name], sample(name)
    last = jnp.asarray(search.starts(kind, x, 2, 2, 3, np.random.default_rng(0)))
    climbed = []
    for _ in range(blocks):
        last, (_, values) = em.block(kind, search.padded(x, 0.01), last)
        climbed.append(np.asarray(values))
    return np.asarray(last), np.concatenate(climbed)


@pytest.mark.parametrize("name", ["gamma", "student-t"])
def test_steps_climb(name: str) -> None:
    last, climbed = followed(name, 2)
    assert (np.diff(climbed, axis=0) >= -1e-9).all()
    assert climbed[-1].min() > climbed[0].max()
    np.testing.assert_allclose(last[:, 0].sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("gap", [1e-5, 0.01, 0.7, 30.0])
def test_shape_of_solves_its_equation(gap: float) -> None:
    a = float(shape_of(jnp.asarray(gap)))
    assert np.log(a) - special.digamma(a) == pytest.approx(gap, rel=1e-8)


def test_missing_information_is_the_rate_of_em() -> None:
    """Two computations of one matrix's eigenvalues, and standard errors by finite differences."""
    name, x = "student-t", sample("student-t")
    last, climbed = followed(name, 20)
    top = information.maximum(KINDS[name], search.padded(x, 0.01), last[np.argmax(climbed[-1])])
    assert top is not None
    np.testing.assert_allclose(top.missing, top.jacobian, atol=1e-9)
    assert 0 < top.missing[0] < 1
    assert top.score < 1e-8

    def loss(v: np.ndarray) -> float:
        mixture = np.asarray(information.mixture_of(jnp.asarray(v), 2))
        return -float(scipys(name, mixture, x).sum())

    v = np.asarray(information.coordinates(jnp.asarray(top.mixture)))
    curved = optimize.approx_fprime(v, lambda v: optimize.approx_fprime(v, loss, 1e-5), 1e-4)
    errors = np.sqrt(np.diag(np.linalg.inv((curved + curved.T) / 2)))
    ours = np.r_[top.errors[0, :1], top.errors[1:].ravel()]
    np.testing.assert_allclose(ours, errors, rtol=0.02)


def test_a_component_on_one_value_stands_at_the_floor() -> None:
    """A heap of equal values draws a component onto itself; one off the floor is preferred."""
    x = np.r_[np.random.default_rng(0).normal(size=120), np.full(30, 2.5)]
    made = choosing.choose(KINDS["normal"], x, 2, 6, 0.01, np.random.default_rng(0))
    assert made.found.floored[1:].any()
    assert not made.found.floored[0]
    assert made.chosen == 1 or not made.found.floored[made.row[made.chosen - 1]]
    wide = choosing.choose(KINDS["normal"], x, 2, 6, 0.5, np.random.default_rng(0))
    assert np.asarray(wide.found.mixtures)[:, 2].min() >= 0.5


def test_likelihood_ratio_of_true_and_false_numbers() -> None:
    kind, true = KINDS["poisson"], np.array(MIXTURES["poisson"][0])
    x = choosing.draw(kind, true, 200, np.random.default_rng(2))
    choice = choosing.choose(kind, x, 3, 3, 0.01, np.random.default_rng(0))
    assert choice.chosen == 2
    one = choosing.likelihood_ratio(kind, choice, x.size, 1, 0.01, 19, np.random.default_rng(1))
    two = choosing.likelihood_ratio(kind, choice, x.size, 2, 0.01, 19, np.random.default_rng(1))
    assert one.p == pytest.approx(1 / 20)
    assert two.p > 0.05
    assert (two.simulated >= 0).all()


def test_symmetric_rate_by_formula_and_by_em() -> None:
    """Against quadrature of another kind, and on a sample against EM itself."""
    direct = [
        stats.norm.expect(lambda x, m=m: x**2 / np.cosh(m * x) ** 2, loc=m, lb=-12, ub=14)
        for m in (0.5, 2.0)
    ]
    np.testing.assert_allclose(symmetric.population_rate(np.array([0.5, 2.0])), direct, rtol=1e-8)
    x = symmetric.draw(1.0, 3000, np.random.default_rng(0))
    made = symmetric.fixed_point(x, 2.0)
    assert made.m == pytest.approx(np.mean(x * np.tanh(made.m * x)), rel=1e-12)
    assert made.measured == pytest.approx(made.formula, abs=1e-6)
    again = [
        symmetric.fixed_point(np.random.default_rng(s).choice(x, x.size), 2.0).formula for s in range(60)
    ]
    assert np.std(again) == pytest.approx(made.error, rel=0.4)


@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("heavy", [False, True])
def test_simulated_values_are_of_their_kind(name: str, heavy: bool) -> None:
    true = simulation.truth(name, 3, 3.5)
    assert true[0].sum() == pytest.approx(1.0)
    x = simulation.draw(name, true, 4000, heavy, np.random.default_rng(1))
    kind = KINDS[name]
    assert np.asarray(kind.allows(x)).all()
    if not heavy:
        expected = float(np.sum(true[0] * kind.mean(true[1:])))
        assert x.mean() == pytest.approx(expected, abs=4.5 * x.std() / np.sqrt(x.size))
