"""Pareto of the first kind: a power tail above a smallest value, whose estimate is the sample's."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log α + α log m − (α + 1) log x from the smallest value m up."""
    inside = jnp.log(shape) + shape * (jnp.log(scale) - jnp.log(x)) - jnp.log(x)
    return jnp.where(x >= scale, inside, -jnp.inf)


def log_sf(x: Array, shape: Array, scale: Array) -> Array:
    """−α log(x / m)."""
    return -shape * jnp.log1p(jnp.maximum(x - scale, 0.0) / scale)


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """One over the mean of log(x / m) (Hill's estimate from all values), and the smallest value."""
    scale = fixed.get(1, float(x.min()))
    return fixed.get(0, 1 / mean(np.log(x / scale), w)), scale


def closed_error(parameters: Floats, n: float) -> Floats:
    """α / √n for the shape; the end of the support has no usual standard error."""
    return np.array([parameters[0] / np.sqrt(n), np.nan])


FAMILY = Family(
    name="pareto1",
    scipy="pareto",
    title="Pareto I",
    aliases=("pareto i",),
    support=POSITIVE,
    parameters=(Parameter("shape", "shape"), Parameter("scale", "scale")),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=lambda x, shape, scale: log1mexp(log_sf(x, shape, scale)),
    log_sf=log_sf,
    closed=closed,
    closed_error=closed_error,
    caution=lambda shape, scale: (
        "the smallest value estimates the end of the support, so that its error shrinks as 1/n and "
        "not as 1/√n: it has no usual standard error"
    ),
)
