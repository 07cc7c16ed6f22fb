"""The less common continuous families: density, tails, derivatives and maximum, against scipy."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.families import Fit, find, fit
from core.families.ranking import rank

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
    "exponentiated-weibull": {"shape1": 2.0, "shape2": 1.3, "scale": 20.0},
    "generalised-gamma": {"mu": 3.0, "sigma": 0.6, "q": 0.5},
    "johnson-su": {"shape1": -1.0, "shape2": 1.6, "location": 4.0, "scale": 2.0},
    "skew-normal": {"shape": 4.0, "location": -3.0, "scale": 2.0},
    "power-normal": {"shape": 3.0, "location": -3.0, "scale": 2.0},
    "folded-normal": {"shape": 1.6, "scale": 3.0},
    "rice": {"shape": 1.8, "scale": 3.0},
    "truncated-normal": {"mean": 2.0, "sd": 3.0},
    "f": {"df1": 5.0, "df2": 9.0, "scale": 2.0},
    "noncentral-chi-squared": {"df": 3.0, "nc": 6.0, "scale": 2.0},
    "noncentral-t": {"df": 5.0, "nc": 1.5, "location": 2.0, "scale": 3.0},
    "normal-inverse-gaussian": {"shape": 1.2, "skew": 0.6, "location": 5.0, "scale": 3.0},
    "von-mises": {"concentration": 1.7, "direction": 2.4},
    "truncated-exponential": {"scale": 5.0, "upper": 8.0},
    "asymmetric-laplace": {"kappa": 1.6, "location": 5.0, "scale": 3.0},
    "generalised-normal": {"shape": 1.6, "location": 3.0, "scale": 2.0},
    "triangular": {"min": 2.0, "mode": 4.0, "max": 9.0},
}
# Tails (above or below x) by mpmath, of laws for which scipy's own logarithms lose digits there, or
# of which the value itself does, beside an end of the support that is not 0.
ROUGH: dict[str, list[tuple[str, float, float]]] = {
    "burr3": [("above", 1e6, -26.26557315526731)],
    "pareto1": [("below", 30.001, -9.392720260888222)],
    "folded-normal": [("below", 1e-11, -27.93283966424734)],
    "truncated-normal": [("below", 1e-11, -27.277198076476086)],
    "rice": [("above", 26.5, -26.811734632094634)],
    "normal-inverse-gaussian": [
        ("below", -30.0, -26.672813351552396),
        ("above", 100.0, -28.01364492630738),
    ],
    "von-mises": [("below", -2.5, -2.0545148915298928), ("above", 3.1, -4.36323935428457)],
    "triangular": [("above", 8.999, -17.37085861945369)],
    "truncated-exponential": [("above", 7.999, -9.891576176508373)],
}
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
    sides = [side for side, _, _ in ROUGH.get(name, [])]
    if "below" not in sides:
        np.testing.assert_allclose(below, law(name).logcdf(x), rtol=1e-9, atol=1e-15)
    if "above" not in sides:
        np.testing.assert_allclose(above, law(name).logsf(x), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ROUGH)
def test_tails_agree_with_mpmath(name: str) -> None:
    for side, x, value in ROUGH[name]:
        tail = find(name).log_below if side == "below" else find(name).log_above
        with jax.disable_jit():
            ours = tail(jnp.asarray([x]), *theta(name))
        assert float(ours[0]) == pytest.approx(value, rel=1e-9)


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
    if not find(name).closed:
        _check_information(made, x)


def _check_information(made: Fit, x: np.ndarray) -> None:
    """The exact Hessian against second differences of scipy's log-likelihood, in units in which it
    has 1 on its diagonal."""
    values = np.array(list(made.parameters.values()))
    information = np.linalg.inv(made.covariance)
    units = 1 / np.sqrt(np.diag(information))
    k = values.size

    def at(*moves: int) -> float:
        step = sum(np.eye(k)[abs(m) - 1] * np.sign(m) for m in moves)
        near = dict(zip(made.parameters, values + 0.02 * units * step, strict=True))
        return float(find(made.family).frozen(near).logpdf(x).sum())

    exact = information * np.outer(units, units)
    for i in range(1, k + 1):
        for j in range(1, i + 1):
            mixed = at(i, j) - at(i, -j) - at(-i, j) + at(-i, -j)
            assert -mixed / (4 * 0.02**2) == pytest.approx(exact[i - 1, j - 1], abs=2e-3), (i, j)


def test_the_law_that_scipy_lacks_behaves_as_its_own() -> None:
    made = law("kumaraswamy")
    p = np.array([1e-3, 0.1, 0.5, 0.99])
    np.testing.assert_allclose(made.cdf(made.ppf(p)), p, rtol=1e-12)
    np.testing.assert_allclose(made.sf(made.isf(p)), p, rtol=1e-12)
    np.testing.assert_allclose(made.cdf(0.3), 1 - (1 - 0.3**2.0) ** 0.8, rtol=1e-14)
    density = (made.cdf(0.3 + 1e-6) - made.cdf(0.3 - 1e-6)) / 2e-6
    np.testing.assert_allclose(made.pdf(0.3), density, rtol=1e-9)
    assert made.rvs(3, random_state=np.random.default_rng(0)).shape == (3,)


def test_a_family_whose_special_case_does_as_well_says_so() -> None:
    x = np.random.default_rng(0).exponential(3.0, 400)
    entries = {e.family: e for e in rank(x, ["exponential", "gamma"])}
    assert entries["exponential"].rank == 1
    assert "its special case exponential (shape = 1) does as well" in entries["gamma"].note
    assert "special case" not in entries["exponential"].note
