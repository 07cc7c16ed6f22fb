"""Folded normal: the absolute value of a normal value with mean shape · scale."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log(φ(z − c) + φ(z + c)) − log σ, z = x / σ."""
    z = x / scale
    normal = -0.5 * (z - shape) ** 2 - 0.5 * jnp.log(2 * jnp.pi)
    return normal + jax.nn.softplus(-2 * shape * z) - jnp.log(scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Second and fourth moments, σ² (1 + c²) and σ⁴ (3 + 6 c² + c⁴)."""
    square = mean(x**2, w)
    room = 3 - mean(x**4, w) / square**2
    c2 = (room + np.sqrt(2 * room)) / (2 - room) if 0 < room < 2 else 0.25
    return [(float(np.sqrt(c)), float(np.sqrt(square / (1 + c)))) for c in (c2, 1.0)]


def caution(shape: float, scale: float) -> str:
    """At 0 the likelihood is flat in the shape."""
    if shape > 0.1:
        return ""
    return "with shape at 0 it is the half-normal, where the usual standard errors do not hold"


FAMILY = Family(
    name="folded-normal",
    scipy="foldnorm",
    title="Folded normal",
    support=NONNEGATIVE,
    parameters=(
        Parameter("shape", "shape", limits=(1e-3, 1e6), beyond="the half-normal is the limit"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    caution=caution,
    special_cases={"half-normal": "shape = 0"},
)
