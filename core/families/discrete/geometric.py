"""Geometric, counting from 0: failures before the first success, of probability `prob`. scipy's
geom counts from 1, so that its location here is −1."""

import jax.numpy as jnp
from jax import Array

from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.moments import mean


def log_mass(x: Array, prob: Array) -> Array:
    """log p + x log(1 − p)."""
    return jnp.log(prob) + x * jnp.log1p(-prob)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: 1 / (1 + mean)."""
    return [(1 / (1 + mean(x, w)),)]


FAMILY = Family(
    name="geometric",
    scipy="geom",
    title="Geometric",
    support=COUNTS,
    parameters=(Parameter("prob", "shape", "unit", (1e-12, 1 - 1e-12)),),
    log_density=log_mass,
    start=start,
    to_scipy=lambda prob: ((prob,), -1.0, 1.0),
)
