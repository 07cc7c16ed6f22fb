"""Exponential: waiting time without memory; `scale` is its mean, 1 / rate."""

import jax.numpy as jnp
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_density(x: Array, scale: Array) -> Array:
    """−x / scale − log scale."""
    return -x / scale - jnp.log(scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: the sample's mean."""
    return [(mean(x, w),)]


FAMILY = Family(
    name="exponential",
    scipy="expon",
    title="Exponential",
    support=NONNEGATIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
    log_cdf=lambda x, scale: log1mexp(-x / scale),
    log_sf=lambda x, scale: -x / scale,
)
