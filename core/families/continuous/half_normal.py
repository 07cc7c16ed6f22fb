"""Half-normal: the absolute value of a normal value around 0."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import log_ndtr

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_density(x: Array, scale: Array) -> Array:
    """½ log(2 / π) − log σ − x² / (2 σ²)."""
    return 0.5 * jnp.log(2 / jnp.pi) - jnp.log(scale) - 0.5 * (x / scale) ** 2


def log_sf(x: Array, scale: Array) -> Array:
    """log 2 Φ(−x / σ)."""
    return jnp.log(2.0) + log_ndtr(-x / scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: √(mean of x²)."""
    return [(float(np.sqrt(mean(x**2, w))),)]


FAMILY = Family(
    name="half-normal",
    scipy="halfnorm",
    title="Half-normal",
    support=NONNEGATIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
    log_cdf=lambda x, scale: log1mexp(log_sf(x, scale)),
    log_sf=log_sf,
)
