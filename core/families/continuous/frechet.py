"""Fréchet (inverse Weibull): maxima of values with a power tail, over their natural location 0."""

import jax.numpy as jnp
from jax import Array

from core.families.continuous import weibull
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log(α / s) − (α + 1) log(x / s) − (x / s)^(−α)."""
    log_z = jnp.log(x) - jnp.log(scale)
    return jnp.log(shape) - jnp.log(scale) - (shape + 1) * log_z - jnp.exp(-shape * log_z)


def log_cdf(x: Array, shape: Array, scale: Array) -> Array:
    """−(x / s)^(−α)."""
    return -jnp.exp(-shape * (jnp.log(x) - jnp.log(scale)))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments of −log x, as for the Weibull 1 / x."""
    shape, scale = weibull.start(1 / x, w)[0]
    return [(shape, 1 / scale)]


FAMILY = Family(
    name="frechet",
    scipy="invweibull",
    title="Fréchet",
    aliases=("fréchet", "inverse weibull"),
    support=POSITIVE,
    parameters=(Parameter("shape", "shape"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, shape, scale: log1mexp(log_cdf(x, shape, scale)),
)
