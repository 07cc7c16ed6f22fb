"""Gumbel (of maxima): the limit of maxima of light-tailed values."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import mean, sd
from core.families.stable import log1mexp


def log_density(x: Array, location: Array, scale: Array) -> Array:
    """−z − e^(−z) − log β, z = (x − μ) / β."""
    z = (x - location) / scale
    return -z - jnp.exp(-z) - jnp.log(scale)


def log_cdf(x: Array, location: Array, scale: Array) -> Array:
    """−e^(−z)."""
    return -jnp.exp(-(x - location) / scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments: standard deviation π β / √6, mean μ + 0.577 β."""
    scale = float(sd(x, w) * np.sqrt(6) / np.pi)
    return [(mean(x, w) - np.euler_gamma * scale, scale)]


FAMILY = Family(
    name="gumbel",
    scipy="gumbel_r",
    title="Gumbel",
    aliases=("gumbel_max",),
    support=REAL,
    parameters=(Parameter("location", "location", "real"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda location, scale: ((), location, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, location, scale: log1mexp(log_cdf(x, location, scale)),
)
