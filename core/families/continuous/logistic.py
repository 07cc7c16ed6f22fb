"""Logistic: like the normal, with exponential tails."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import mean, sd


def log_density(x: Array, location: Array, scale: Array) -> Array:
    """log σ(z) + log σ(−z) − log s, σ the logistic function, z = (x − μ) / s."""
    z = (x - location) / scale
    return jax.nn.log_sigmoid(z) + jax.nn.log_sigmoid(-z) - jnp.log(scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments: standard deviation π s / √3."""
    return [(mean(x, w), float(sd(x, w) * np.sqrt(3) / np.pi))]


FAMILY = Family(
    name="logistic",
    scipy="logistic",
    title="Logistic",
    support=REAL,
    parameters=(Parameter("location", "location", "real"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda location, scale: ((), location, scale),
    log_cdf=lambda x, location, scale: jax.nn.log_sigmoid((x - location) / scale),
    log_sf=lambda x, location, scale: jax.nn.log_sigmoid(-(x - location) / scale),
)
