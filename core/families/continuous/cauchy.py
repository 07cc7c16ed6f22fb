"""Cauchy: a ratio of normals, without a mean."""

import jax.numpy as jnp
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import quantile, spread


def log_density(x: Array, location: Array, scale: Array) -> Array:
    """−log(1 + z²) − log(π γ), z = (x − μ) / γ."""
    z = (x - location) / scale
    return -jnp.log1p(z**2) - jnp.log(jnp.pi * scale)


def log_cdf(x: Array, location: Array, scale: Array) -> Array:
    """log(½ + arctan(z) / π), as an angle that keeps its digits in the lower tail."""
    return jnp.log(jnp.arctan2(scale, location - x) / jnp.pi)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The median and the quartiles, because the likelihood can have several maxima."""
    width = spread(x, w) * 0.6745
    return [(quantile(x, w, p), width) for p in (0.5, 0.25, 0.75)]


FAMILY = Family(
    name="cauchy",
    scipy="cauchy",
    title="Cauchy",
    aliases=("lorentz",),
    support=REAL,
    parameters=(Parameter("location", "location", "real"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda location, scale: ((), location, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, location, scale: log_cdf(2 * location - x, location, scale),
)
