"""Johnson SB (logit-normal): shape1 + shape2 logit x is standard normal, for shares between the
natural ends 0 and 1. With free ends its likelihood is unbounded."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import log_ndtr

from core.families.family import UNIT, Family, Floats, Parameter
from core.families.moments import mean, sd


def normal_score(x: Array, shape1: Array, shape2: Array) -> Array:
    """γ + δ log(x / (1 − x)): standard normal."""
    return shape1 + shape2 * (jnp.log(x) - jnp.log1p(-x))


def log_density(x: Array, shape1: Array, shape2: Array) -> Array:
    """log φ(z) + log dz/dx, z the normal score."""
    slope = jnp.log(shape2) - jnp.log(x) - jnp.log1p(-x)
    return -0.5 * normal_score(x, shape1, shape2) ** 2 - 0.5 * jnp.log(2 * jnp.pi) + slope


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: mean and standard deviation of logit x."""
    logit = np.log(x) - np.log1p(-x)
    width = sd(logit, w)
    return [(-mean(logit, w) / width, 1 / width)]


FAMILY = Family(
    name="johnson-sb",
    scipy="johnsonsb",
    title="Johnson SB",
    aliases=("logit-normal",),
    support=UNIT,
    parameters=(
        Parameter("shape1", "shape", "real", (-1e12, 1e12)),
        Parameter("shape2", "shape", limits=(1e-9, 1e12)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2: ((shape1, shape2), 0.0, 1.0),
    log_cdf=lambda x, shape1, shape2: log_ndtr(normal_score(x, shape1, shape2)),
    log_sf=lambda x, shape1, shape2: log_ndtr(-normal_score(x, shape1, shape2)),
)
