"""Weibull (of minima): lifetimes with hazard proportional to x^(shape − 1)."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean, sd
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log(k / λ) + (k − 1) log(x / λ) − (x / λ)^k."""
    log_z = jnp.log(x) - jnp.log(scale)
    return jnp.log(shape) - jnp.log(scale) + (shape - 1) * log_z - jnp.exp(shape * log_z)


def log_sf(x: Array, shape: Array, scale: Array) -> Array:
    """−(x / λ)^k."""
    return -jnp.exp(shape * (jnp.log(x) - jnp.log(scale)))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments of log x, a Gumbel variable of minima with standard deviation π / (k √6)."""
    shape = np.pi / np.sqrt(6) / sd(np.log(x), w)
    return [(float(shape), float(np.exp(mean(np.log(x), w) + np.euler_gamma / shape)))]


FAMILY = Family(
    name="weibull",
    scipy="weibull_min",
    title="Weibull",
    support=POSITIVE,
    parameters=(Parameter("shape", "shape"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=lambda x, shape, scale: log1mexp(log_sf(x, shape, scale)),
    log_sf=log_sf,
    special_cases={"exponential": "shape = 1", "rayleigh": "shape = 2"},
)
