"""Hyperbolic secant: between the logistic and the Laplace in its tails."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import mean, sd
from core.families.stable import either


def log_density(x: Array, location: Array, scale: Array) -> Array:
    """−log cosh z − log(π s), z = (x − μ) / s."""
    z = (x - location) / scale
    return jnp.log(2.0) - jnp.logaddexp(z, -z) - jnp.log(jnp.pi * scale)


def log_tails(x: Array, location: Array, scale: Array) -> tuple[Array, Array]:
    """log(2/π arctan e^z), and the same at −z."""
    z = (x - location) / scale
    return either(_log_angle(z), _log_angle(-z))


def _log_angle(z: Array) -> Array:
    """log(2/π arctan e^z) for z up to 0; below −20 the arctangent is its argument."""
    angle = jnp.arctan(jnp.exp(jnp.clip(z, -20.0, 1.0)))
    return jnp.log(2 / jnp.pi) + jnp.where(z < -20, z, jnp.log(angle))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments: standard deviation π s / 2."""
    return [(mean(x, w), float(sd(x, w) * 2 / np.pi))]


FAMILY = Family(
    name="hyperbolic-secant",
    scipy="hypsecant",
    title="Hyperbolic secant",
    aliases=("sech",),
    support=REAL,
    parameters=(Parameter("location", "location", "real"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda location, scale: ((), location, scale),
    log_cdf=lambda x, location, scale: log_tails(x, location, scale)[0],
    log_sf=lambda x, location, scale: log_tails(x, location, scale)[1],
)
