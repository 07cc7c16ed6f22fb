"""Rice: the length of a two-dimensional normal vector with mean of length shape · scale; a signal's
amplitude in noise."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import i0e

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log(x / σ²) − ½ (z² + b²) + log I₀(b z), z = x / σ."""
    z = x / scale
    bessel = jnp.log(i0e(shape * z))
    return jnp.log(x) - 2 * jnp.log(scale) - 0.5 * (z - shape) ** 2 + bessel


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Second and fourth moments, σ² (2 + b²) and σ⁴ (8 + 8 b² + b⁴)."""
    square = mean(x**2, w)
    room = 2 - mean(x**4, w) / square**2
    b2 = 2 * (room + np.sqrt(room)) / (1 - room) if 0 < room < 1 else 0.25
    return [(float(np.sqrt(b)), float(np.sqrt(square / (2 + b)))) for b in (b2, 1.0)]


def caution(shape: float, scale: float) -> str:
    """At 0 the likelihood is flat in the shape."""
    if shape > 0.1:
        return ""
    return "with shape at 0 it is the Rayleigh, where the usual standard errors do not hold"


FAMILY = Family(
    name="rice",
    scipy="rice",
    title="Rice",
    aliases=("rician",),
    support=POSITIVE,
    parameters=(
        Parameter("shape", "shape", limits=(1e-3, 1e6), beyond="the Rayleigh is the limit"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    caution=caution,
    special_cases={"rayleigh": "shape = 0"},
)
