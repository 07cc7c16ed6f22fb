"""Uniform between `min` and `max`, whose maximum likelihood estimates are the extreme values."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter


def log_density(x: Array, low: Array, high: Array) -> Array:
    """−log(max − min) inside."""
    return jnp.where((x >= low) & (x <= high), -jnp.log(high - low), -jnp.inf)


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The smallest and the largest value."""
    return fixed.get(0, float(x.min())), fixed.get(1, float(x.max()))


FAMILY = Family(
    name="uniform",
    scipy="uniform",
    title="Uniform",
    support=REAL,
    parameters=(Parameter("min", "location", "real"), Parameter("max", "location", "real")),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda low, high: ((), low, high - low),
    closed=closed,
    closed_error=lambda parameters, n: np.full(2, np.nan),
    caution=lambda low, high: (
        "the ends of the support are estimated, so that errors shrink as 1/n and not as 1/√n: "
        "there are no usual standard errors"
    ),
)
