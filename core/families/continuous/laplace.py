"""Laplace (double exponential): its maximum likelihood location is the median."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import quantile


def log_density(x: Array, location: Array, scale: Array) -> Array:
    """−|x − μ| / b − log(2 b)."""
    return -jnp.abs(x - location) / scale - jnp.log(2 * scale)


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The median, and the mean distance from it."""
    location = fixed.get(0, quantile(x, w, 0.5))
    return location, fixed.get(1, float(np.average(np.abs(x - location), weights=w)))


def closed_error(parameters: Floats, n: float) -> Floats:
    """b / √n for both: Fisher's information, since the likelihood has kinks at the values."""
    return np.full(2, parameters[1] / np.sqrt(n))


FAMILY = Family(
    name="laplace",
    scipy="laplace",
    title="Laplace",
    aliases=("double exponential",),
    support=REAL,
    parameters=(Parameter("location", "location", "real"), Parameter("scale", "scale")),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda location, scale: ((), location, scale),
    closed=closed,
    closed_error=closed_error,
)
