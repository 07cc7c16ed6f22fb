"""Half-logistic: the distance of a logistic value from its centre 0."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import either


def log_density(x: Array, scale: Array) -> Array:
    """log 2 − z − 2 log(1 + e^(−z)) − log s, z = x / s."""
    z = x / scale
    return jnp.log(2.0) - z - 2 * jax.nn.softplus(-z) - jnp.log(scale)


def log_tails(x: Array, scale: Array) -> tuple[Array, Array]:
    """log tanh(z/2) and log(2 / (1 + e^z))."""
    z = x / scale
    return either(jnp.log(jnp.tanh(z / 2)), jnp.log(2.0) - jax.nn.softplus(z))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments: mean s log 4."""
    return [(mean(x, w) / float(np.log(4)),)]


FAMILY = Family(
    name="half-logistic",
    scipy="halflogistic",
    title="Half-logistic",
    support=NONNEGATIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
    log_cdf=lambda x, scale: log_tails(x, scale)[0],
    log_sf=lambda x, scale: log_tails(x, scale)[1],
)
