"""Families of counts: expressions that keep their digits, quantiles, sizes, and nested families."""

import numpy as np
import pytest
from scipy import special, stats

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp

from core.experiment import InputError
from core.families import find, fit, laws
from core.families.stable import log_rising, log_zeta


def draws(name: str, n: int = 300, **parameters: float) -> np.ndarray:
    law = find(name).frozen(parameters)
    return np.asarray(law.rvs(n, random_state=np.random.default_rng(3)), float)


@pytest.mark.parametrize("a", [1e-3, 14.9, 15.1, 1e9])
def test_log_rising_and_its_slope(a: float) -> None:
    """log a (a + 1) … (a + k − 1), on both sides of the change of formula."""
    k = 6.0
    value, slope = jax.jit(jax.value_and_grad(log_rising))(jnp.float64(a), k)
    assert value == pytest.approx(np.log(a + np.arange(k)).sum(), rel=1e-13)
    assert slope == pytest.approx(np.sum(1 / (a + np.arange(k))), rel=1e-9)


@pytest.mark.parametrize("s", [1.001, 1.5, 3.0, 25.0])
def test_log_zeta_and_its_derivatives(s: float) -> None:
    """Against scipy, whose finite differences bound how closely the derivatives can be seen."""
    values = [np.log(special.zeta(s + h * (s - 1))) for h in (-1e-3, 0.0, 1e-3)]
    slope = (values[2] - values[0]) / (2e-3 * (s - 1))
    curve = (values[2] - 2 * values[1] + values[0]) / (1e-3 * (s - 1)) ** 2
    ours = jax.jit(lambda s: (log_zeta(s), jax.grad(log_zeta)(s), jax.grad(jax.grad(log_zeta))(s)))(s)
    assert ours[0] == pytest.approx(np.log1p(special.zetac(s)), rel=1e-14)
    assert ours[1] == pytest.approx(slope, rel=1e-4, abs=1e-10)
    assert ours[2] == pytest.approx(curve, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(("mu1", "mu2"), [(4.0, 7.0), (1e-4, 2.0), (9.9, 10.1), (3e4, 2e4)])
def test_skellam_derivatives_by_their_identity(mu1: float, mu2: float) -> None:
    """∂P(x)/∂μ₁ = P(x − 1) − P(x), exactly, and the same for μ₂ with x + 1."""
    mass = jax.jit(find("skellam").log_density)
    x = np.round(mu1 - mu2) + np.array([-9.0, -1.0, 0.0, 2.0, 12.0])
    at = [np.exp(np.asarray(mass(jnp.asarray(x - k), mu1, mu2))) for k in (0, 1, 2)]
    right = np.exp(np.asarray(mass(jnp.asarray(x + 1), mu1, mu2)))
    for argument, moved in ((1, at[1]), (2, right)):
        slope = jax.jit(jax.jacfwd(mass, argument))(jnp.asarray(x), mu1, mu2)
        np.testing.assert_allclose(slope, moved / at[0] - 1, rtol=1e-9, atol=1e-10)
    curve = jax.jit(jax.jacfwd(jax.jacfwd(mass, 1), 1))(jnp.asarray(x), mu1, mu2)
    expected = at[2] / at[0] - (at[1] / at[0]) ** 2
    np.testing.assert_allclose(curve, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("law", "shapes"),
    [
        (laws.ZETA, (1.8,)),
        (laws.LOGARITHMIC, (0.99,)),
        (laws.SKELLAM, (20.0, 30.0)),
        (laws.ZERO_INFLATED_POISSON, (0.3, 2.0)),
        (laws.HURDLE_NEGATIVE_BINOMIAL, (0.01, 2.0, 0.3)),
    ],
)
def test_quantiles_are_the_least_that_suffice(law: stats.rv_discrete, shapes: tuple[float, ...]) -> None:
    frozen, p = law(*shapes), np.array([1e-9, 0.005, 0.2, 0.5, 0.97, 1 - 1e-6])
    x = frozen.ppf(p)
    assert (frozen.cdf(x) >= p).all()
    assert (frozen.cdf(x - 1) < p).all()
    y = frozen.isf(p)
    assert (frozen.sf(y) <= p * (1 + 1e-12)).all()
    assert (frozen.sf(y - 1) > p * (1 - 1e-12)).all()
    near = np.arange(frozen.ppf(0.3), frozen.ppf(0.3) + 40)
    np.testing.assert_allclose(np.diff(frozen.cdf(near)), frozen.pmf(near[1:]), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("name", ["LOGARITHMIC", "ZERO_INFLATED_POISSON", "HURDLE_POISSON"])
def test_moments_are_sums(name: str) -> None:
    law = getattr(laws, name)(*((0.7,) if name == "LOGARITHMIC" else (0.2, 3.0)))
    x = np.arange(400.0)
    for k in (1, 2, 3, 4):
        assert law.moment(k) == pytest.approx(np.sum(x**k * law.pmf(x)), rel=1e-10)
    assert laws.ZETA(3.5).mean() == pytest.approx(special.zeta(2.5) / special.zeta(3.5))
    assert laws.ZETA(1.5).mean() == np.inf


def test_an_unknown_size_is_the_best_whole_number() -> None:
    x = draws("binomial", size=12, prob=0.6)
    made = fit(x, "binomial")
    sizes = np.arange(x.max(), 40)
    profile = [stats.binom.logpmf(x, n, x.mean() / n).sum() for n in sizes]
    assert made.parameters["size"] == sizes[np.argmax(profile)]
    assert made.log_likelihood == pytest.approx(max(profile), rel=1e-12)
    assert made.free == ("size", "prob")
    assert np.isnan(made.standard_errors["prob"])
    known = fit(x, "binomial", fixed={"size": 12})
    error = np.sqrt(known.parameters["prob"] * (1 - known.parameters["prob"]) / (12 * x.size))
    assert known.standard_errors["prob"] == pytest.approx(error, rel=1e-9)
    assert known.free == ("prob",)


def test_a_size_without_a_maximum_is_said() -> None:
    x = draws("negative-binomial", size=2.0, mu=5.0)
    made = fit(x, "binomial")
    assert any("likelihood still rises at size = 1e+06: Poisson" in note for note in made.notes)
    assert made.log_likelihood == pytest.approx(fit(x, "poisson").log_likelihood, rel=1e-4)


def test_a_size_is_whole_and_large_enough() -> None:
    x = draws("binomial", size=12, prob=0.6)
    with pytest.raises(InputError, match=r"`fixed` must hold size of binomial at a whole number, not"):
        fit(x, "binomial", fixed={"size": 12.5})
    with pytest.raises(InputError, match="no finite likelihood under binomial"):
        fit(x, "binomial", fixed={"size": x.max() - 1})


def test_nested_families_agree_where_they_are_the_same() -> None:
    many = draws("zero-inflated-poisson", zero=0.3, **{"lambda": 2.0})
    inflated, hurdle = fit(many, "zip"), fit(many, "hurdle-poisson")
    assert inflated.log_likelihood == pytest.approx(hurdle.log_likelihood, rel=1e-12)
    assert hurdle.parameters["zero"] == pytest.approx((many == 0).mean(), rel=1e-9)
    few = draws("hurdle-poisson", zero=0.02, **{"lambda": 2.0})
    inflated, hurdle = fit(few, "zip"), fit(few, "hurdle-poisson")
    assert hurdle.log_likelihood > inflated.log_likelihood + 5
    assert any("no excess zeros: Poisson fits" in note for note in inflated.notes)
    assert inflated.log_likelihood == pytest.approx(fit(few, "poisson").log_likelihood, rel=1e-5)


def test_values_below_zero_have_a_family() -> None:
    x = draws("skellam", mu1=2.0, mu2=5.0)
    assert x.min() < 0
    made = fit(x, "skellam")
    assert made.parameters["mu1"] - made.parameters["mu2"] == pytest.approx(x.mean(), abs=1e-6)
    with pytest.raises(InputError, match="whole numbers of 1 or more for zeta, not 0"):
        fit([0.0, 1.0, 3.0], "zeta")
