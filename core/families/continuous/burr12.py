"""Burr XII: survival (1 + (x/scale)^shape2)^(−shape1). Log-logistic at shape1 = 1, Pareto II at
shape2 = 1, Weibull as shape1 grows. scipy's c is shape2 and its d is shape1."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.continuous import loglogistic
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_density(x: Array, shape1: Array, shape2: Array, scale: Array) -> Array:
    """log(c d / x) + c log z − (d + 1) log(1 + z^c), z = x / scale."""
    y = shape2 * (jnp.log(x) - jnp.log(scale))
    return jnp.log(shape1 * shape2) - jnp.log(x) + y - (shape1 + 1) * jax.nn.softplus(y)


def log_sf(x: Array, shape1: Array, shape2: Array, scale: Array) -> Array:
    """−d log(1 + z^c)."""
    return -shape1 * jax.nn.softplus(shape2 * (jnp.log(x) - jnp.log(scale)))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The log-logistic, a heavier upper tail, and one near the Weibull."""
    c, scale = loglogistic.start(x, w)[0]
    return [(1.0, c, scale), (0.4, 1.6 * c, 0.7 * scale), (8.0, 0.7 * c, scale * 8.0 ** (1 / (0.7 * c)))]


def corners(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """A power law from the least value on, which lies where (x / scale)^shape2 is e^25."""
    end, steep = float(np.log(x.min())), 1e12
    power = 1 / max(mean(np.log(x), w) - end, 1e-9)
    return [(power / steep, steep, float(np.exp(end - 25 / steep)))]


FAMILY = Family(
    name="burr12",
    scipy="burr12",
    title="Burr XII",
    aliases=("burr xii", "singh-maddala"),
    support=POSITIVE,
    parameters=(
        Parameter("shape1", "shape", limits=(1e-4, 1e6), beyond="the Weibull is the limit"),
        Parameter("shape2", "shape", limits=(1e-3, 1e5)),
        Parameter("scale", "scale", limits=(1e-12, 1e12), beyond="the Weibull is the limit"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2, scale: ((shape2, shape1), 0.0, scale),
    log_cdf=lambda x, shape1, shape2, scale: log1mexp(log_sf(x, shape1, shape2, scale)),
    log_sf=log_sf,
    corners=corners,
    special_cases={"loglogistic": "shape1 = 1", "pareto2": "shape2 = 1"},
)
