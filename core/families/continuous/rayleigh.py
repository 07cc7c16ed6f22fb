"""Rayleigh: the length of a two-dimensional normal vector."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_density(x: Array, scale: Array) -> Array:
    """log(x / σ²) − x² / (2 σ²)."""
    return jnp.log(x) - 2 * jnp.log(scale) - 0.5 * (x / scale) ** 2


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: √(mean of x² / 2)."""
    return [(float(np.sqrt(mean(x**2, w) / 2)),)]


FAMILY = Family(
    name="rayleigh",
    scipy="rayleigh",
    title="Rayleigh",
    support=POSITIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
    log_cdf=lambda x, scale: log1mexp(-0.5 * (x / scale) ** 2),
    log_sf=lambda x, scale: -0.5 * (x / scale) ** 2,
)
