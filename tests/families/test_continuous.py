"""The less common continuous families: density, tails, derivatives and maximum, against scipy."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.families import find, fit

# Parameters away from special cases, by family.
TYPICAL: dict[str, dict[str, float]] = {
    "inverse-gamma": {"shape": 2.3, "scale": 12.0},
    "frechet": {"shape": 1.7, "scale": 30.0},
    "weibull-max": {"shape": 1.7, "scale": 30.0},
    "gumbel-min": {"location": 10.0, "scale": 3.0},
    "hyperbolic-secant": {"location": -4.0, "scale": 0.3},
    "kumaraswamy": {"shape1": 2.0, "shape2": 0.8},
    "maxwell": {"scale": 3.0},
    "nakagami": {"shape": 1.4, "spread": 30.0},
    "half-cauchy": {"scale": 0.4},
    "half-logistic": {"scale": 12.0},
    "levy": {"scale": 5.0},
    "gompertz": {"shape": 0.2, "scale": 20.0},
    "burr3": {"shape1": 1.8, "shape2": 2.2, "scale": 5.0},
    "johnson-sb": {"shape1": 0.7, "shape2": 1.2},
    "pareto1": {"shape": 2.5, "scale": 30.0},
}
# Where scipy's own logarithm of a tail loses its digits.
ROUGH = {"burr3": "above", "pareto1": "below"}
SMOOTH = [name for name in TYPICAL if not find(name).closed]
FAR = np.array([1e-12, 1e-6, 0.02, 0.3])


def law(name: str) -> Any:
    return find(name).frozen(TYPICAL[name])


def theta(name: str) -> list[Any]:
    return [jnp.float64(TYPICAL[name][n]) for n in find(name).names]


def places(name: str) -> np.ndarray:
    """Values from one far tail to the other."""
    return np.r_[law(name).ppf(FAR), law(name).isf(FAR)]


@pytest.mark.parametrize("name", TYPICAL)
def test_density_and_tails_agree_with_scipy(name: str) -> None:
    family, x = find(name), places(name)
    with jax.disable_jit():
        ours = family.log_density(jnp.asarray(x), *theta(name))
        below = family.log_below(jnp.asarray(x), *theta(name))
        above = family.log_above(jnp.asarray(x), *theta(name))
    np.testing.assert_allclose(ours, law(name).logpdf(x), rtol=1e-9, atol=1e-11)
    if ROUGH.get(name) != "below":
        np.testing.assert_allclose(below, law(name).logcdf(x), rtol=1e-9, atol=1e-15)
    if ROUGH.get(name) != "above":
        np.testing.assert_allclose(above, law(name).logsf(x), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", TYPICAL)
def test_fit_is_a_maximum_near_the_truth(name: str) -> None:
    x = np.asarray(law(name).rvs(400, random_state=np.random.default_rng(0)), float)
    made = fit(x, name)
    assert made.log_likelihood == pytest.approx(made.distribution.logpdf(x).sum(), rel=1e-9)
    assert made.score < 1e-6
    for parameter, truth in TYPICAL[name].items():
        error = made.standard_errors[parameter]
        if np.isfinite(error):
            # 4.5 standard errors: 1e-5 for a normal value; there are 90 parameters.
            assert abs(made.parameters[parameter] - truth) < 4.5 * error, parameter
    errors = np.nan_to_num([made.standard_errors[p] for p in made.parameters])
    for direction in np.random.default_rng(1).normal(size=(20, errors.size)):
        moved = np.array(list(made.parameters.values())) + 0.2 * direction * errors
        near = find(name).frozen(dict(zip(made.parameters, moved, strict=True)))
        assert near.logpdf(x).sum() <= made.log_likelihood + 1e-7


def test_the_law_that_scipy_lacks_behaves_as_its_own() -> None:
    made = law("kumaraswamy")
    p = np.array([1e-3, 0.1, 0.5, 0.99])
    np.testing.assert_allclose(made.cdf(made.ppf(p)), p, rtol=1e-12)
    np.testing.assert_allclose(made.sf(made.isf(p)), p, rtol=1e-12)
    np.testing.assert_allclose(made.cdf(0.3), 1 - (1 - 0.3**2.0) ** 0.8, rtol=1e-14)
    density = (made.cdf(0.3 + 1e-6) - made.cdf(0.3 - 1e-6)) / 2e-6
    np.testing.assert_allclose(made.pdf(0.3), density, rtol=1e-9)
    assert made.rvs(3, random_state=np.random.default_rng(0)).shape == (3,)
