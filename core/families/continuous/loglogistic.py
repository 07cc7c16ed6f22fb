"""Log-logistic (Fisk): log x is logistic; odds of survival fall as a power of x."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import quantile, sd


def log_odds(x: Array, shape: Array, scale: Array) -> Array:
    """k log(x / α): the log odds of a value below x."""
    return shape * (jnp.log(x) - jnp.log(scale))


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log σ(y) + log σ(−y) + log k − log x, y the log odds."""
    y = log_odds(x, shape, scale)
    return jax.nn.log_sigmoid(y) + jax.nn.log_sigmoid(-y) + jnp.log(shape) - jnp.log(x)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments of log x: standard deviation π / (k √3)."""
    return [(float(np.pi / np.sqrt(3) / sd(np.log(x), w)), quantile(x, w, 0.5))]


FAMILY = Family(
    name="loglogistic",
    scipy="fisk",
    title="Log-logistic",
    aliases=("log-logistic",),
    support=POSITIVE,
    parameters=(Parameter("shape", "shape"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=lambda x, shape, scale: jax.nn.log_sigmoid(log_odds(x, shape, scale)),
    log_sf=lambda x, shape, scale: jax.nn.log_sigmoid(-log_odds(x, shape, scale)),
)
