"""Generalised Pareto: the limit of exceedances over a high threshold; exponential at xi = 0."""

import jax.numpy as jnp
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean, quantile
from core.families.stable import extreme_log, log1mexp, regular_tail


def log_density(x: Array, xi: Array, sigma: Array) -> Array:
    """−(1 + 1/ξ) log(1 + ξ x / σ) − log σ."""
    y, inside = extreme_log(x / sigma, xi)
    return jnp.where(inside, -(1 + xi) * y - jnp.log(sigma), -jnp.inf)


def log_sf(x: Array, xi: Array, sigma: Array) -> Array:
    """−log(1 + ξ x / σ) / ξ."""
    y, inside = extreme_log(x / sigma, xi)
    return jnp.where(inside, -y, -jnp.inf)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The exponential, a heavy tail, and an end point twice the largest value away."""
    middle = quantile(x, w, 0.5) or mean(x, w)
    return [(0.0, mean(x, w)), (0.5, middle), (-0.25, max(mean(x, w), float(x.max()) / 2))]


FAMILY = Family(
    name="gpd",
    scipy="genpareto",
    title="Generalised Pareto",
    aliases=("generalised pareto", "generalized pareto"),
    support=NONNEGATIVE,
    parameters=(
        Parameter(
            "xi", "shape", "above_minus_one", (-0.999, 20.0), "the likelihood is unbounded below xi = −1"
        ),
        Parameter("sigma", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda xi, sigma: ((xi,), 0.0, sigma),
    log_cdf=lambda x, xi, sigma: log1mexp(log_sf(x, xi, sigma)),
    log_sf=log_sf,
    caution=lambda xi, sigma: regular_tail(xi),
    special_cases={"exponential": "xi = 0", "pareto2": "xi > 0"},
)
