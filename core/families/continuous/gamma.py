"""Gamma: sums of exponential waiting times; mean shape × scale (rate = 1 / scale)."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """(k − 1) log x − x / θ − log Γ(k) − k log θ."""
    return (shape - 1) * jnp.log(x) - x / scale - gammaln(shape) - shape * jnp.log(scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Within 1.5 % of the maximum: T. P. Minka, Estimating a Gamma distribution (2002)."""
    gap = max(np.log(mean(x, w)) - mean(np.log(x), w), 1e-9)
    shape = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    return [(float(shape), mean(x, w) / float(shape))]


FAMILY = Family(
    name="gamma",
    scipy="gamma",
    title="Gamma",
    support=POSITIVE,
    parameters=(
        Parameter("shape", "shape", limits=(1e-4, 1e8)),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    special_cases={
        "exponential": "shape = 1",
        "chi-squared": "shape = df/2, scale = 2",
        "chi2": "shape = df/2, scale = 2",
        "erlang": "a whole shape",
    },
)
