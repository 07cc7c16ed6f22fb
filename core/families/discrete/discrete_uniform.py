"""Discrete uniform on the whole numbers from `min` to `max`, whose maximum likelihood estimates are
the extreme values."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import WHOLE, Family, Floats, Parameter


def log_mass(x: Array, low: Array, high: Array) -> Array:
    """−log(max − min + 1) inside."""
    return jnp.where((x >= low) & (x <= high), -jnp.log(high - low + 1), -jnp.inf)


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The smallest and the largest value."""
    return fixed.get(0, float(x.min())), fixed.get(1, float(x.max()))


FAMILY = Family(
    name="discrete-uniform",
    scipy="randint",
    title="Discrete uniform",
    support=WHOLE,
    parameters=(
        Parameter("min", "location", "real", whole=True),
        Parameter("max", "location", "real", whole=True),
    ),
    log_density=log_mass,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda low, high: ((round(low), round(high) + 1), 0.0, 1.0),
    closed=closed,
    closed_error=lambda parameters, n: np.full(2, np.nan),
    caution=lambda low, high: (
        "the ends of the support are estimated, so that errors shrink as 1/n and not as 1/√n: "
        "there are no usual standard errors"
    ),
    relatives=("from 0 it is the beta-binomial with both shapes 1",),
)
