"""Generalised extreme value: the only limits of maxima; Gumbel at xi = 0, Fréchet above, reversed
Weibull below. scipy's shape is −xi."""

import jax.numpy as jnp
from jax import Array

from core.families.continuous import gumbel
from core.families.family import REAL, Family, Floats, Parameter
from core.families.stable import extreme_log, log1mexp, regular_tail


def log_density(x: Array, mu: Array, sigma: Array, xi: Array) -> Array:
    """−(1 + 1/ξ) log(1 + ξ z) − (1 + ξ z)^(−1/ξ) − log σ, z = (x − μ) / σ."""
    y, inside = extreme_log((x - mu) / sigma, xi)
    return jnp.where(inside, -(1 + xi) * y - jnp.exp(-y) - jnp.log(sigma), -jnp.inf)


def log_cdf(x: Array, mu: Array, sigma: Array, xi: Array) -> Array:
    """−(1 + ξ z)^(−1/ξ)."""
    y, inside = extreme_log((x - mu) / sigma, xi)
    return jnp.where(inside, -jnp.exp(-y), jnp.where(xi > 0, -jnp.inf, 0.0))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Gumbel's moments with tails on either side of Gumbel's."""
    mu, sigma = gumbel.start(x, w)[0]
    return [(mu, sigma, 0.0), (mu, sigma, 0.2), (mu, sigma, -0.2)]


FAMILY = Family(
    name="gev",
    scipy="genextreme",
    title="Generalised extreme value",
    aliases=("generalised extreme value", "generalized extreme value"),
    support=REAL,
    parameters=(
        Parameter("mu", "location", "real"),
        Parameter("sigma", "scale"),
        Parameter(
            "xi", "shape", "above_minus_one", (-0.999, 20.0), "the likelihood is unbounded below xi = −1"
        ),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda mu, sigma, xi: ((-xi,), mu, sigma),
    log_cdf=log_cdf,
    log_sf=lambda x, mu, sigma, xi: log1mexp(log_cdf(x, mu, sigma, xi)),
    caution=lambda mu, sigma, xi: regular_tail(xi),
    special_cases={
        "gumbel": "xi = 0",
        "frechet": "xi > 0 and mu = sigma / xi",
        "weibull-max": "xi < 0 and mu = sigma / xi",
    },
)
