"""Negative binomial with real-valued `size`: Poisson counts whose rate varies as a gamma variable.
Mean mu, variance mu + mu² / size. scipy's n is size and its p is size / (size + mu)."""

import jax.numpy as jnp
from jax import Array

from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean, sd


def log_mass(x: Array, size: Array, mu: Array) -> Array:
    """log Γ(x + r) − log Γ(r) − log x! + r log(r / (r + μ)) + x log(μ / (r + μ))."""
    ways = gammaln(x + size) - gammaln(size) - gammaln(x + 1)
    return ways - size * jnp.log1p(mu / size) + x * (jnp.log(mu) - jnp.log(size + mu))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The mean, which is the maximum in mu, with sizes by moments and on either side."""
    m, v = mean(x, w), sd(x, w) ** 2
    return [(m**2 / (v - m) if v > m else 100.0, m), (1.0, m), (20.0, m)]


FAMILY = Family(
    name="negative-binomial",
    scipy="nbinom",
    title="Negative binomial",
    support=COUNTS,
    parameters=(
        Parameter("size", "shape", limits=(1e-4, 1e5), beyond="the Poisson distribution is the limit"),
        Parameter("mu", "shape", limits=(1e-9, 1e15)),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda size, mu: ((size, size / (size + mu)), 0.0, 1.0),
)
