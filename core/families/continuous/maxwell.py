"""Maxwell (Maxwell–Boltzmann): the length of a three-dimensional normal vector, such as a speed."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean


def log_density(x: Array, scale: Array) -> Array:
    """½ log(2 / π) + 2 log x − 3 log σ − x² / (2 σ²)."""
    return 0.5 * jnp.log(2 / jnp.pi) + 2 * jnp.log(x) - 3 * jnp.log(scale) - 0.5 * (x / scale) ** 2


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: √(mean of x² / 3)."""
    return [(float(np.sqrt(mean(x**2, w) / 3)),)]


FAMILY = Family(
    name="maxwell",
    scipy="maxwell",
    title="Maxwell",
    aliases=("maxwell-boltzmann",),
    support=POSITIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
)
