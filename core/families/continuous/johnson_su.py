"""Johnson SU: shape1 + shape2 arsinh((x − location) / scale) is standard normal; any skewness, tails
heavier than the normal's."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.special import ndtri

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import line
from core.families.special import log_ndtr


def normal_score(x: Array, shape1: Array, shape2: Array, location: Array, scale: Array) -> Array:
    """γ + δ arsinh z, z = (x − ξ) / λ: standard normal."""
    return shape1 + shape2 * jnp.arcsinh((x - location) / scale)


def log_density(x: Array, shape1: Array, shape2: Array, location: Array, scale: Array) -> Array:
    """log φ(score) + log δ − log λ − ½ log(1 + z²)."""
    slope = jnp.log(shape2) - jnp.log(scale) - 0.5 * jnp.log1p(((x - location) / scale) ** 2)
    score = normal_score(x, shape1, shape2, location, scale)
    return -0.5 * score**2 - 0.5 * jnp.log(2 * jnp.pi) + slope


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Quartiles at five shapes: heavy tails, nearly normal, and skewed to either side."""
    shapes = ((0.0, 1.2), (0.0, 4.0), (-1.5, 1.5), (1.5, 1.5), (-6.0, 4.0), (6.0, 4.0))
    return [(a, b, *line(x, w, lambda p: np.sinh((ndtri(p) - a) / b))) for a, b in shapes]  # noqa: B023


FAMILY = Family(
    name="johnson-su",
    scipy="johnsonsu",
    title="Johnson SU",
    support=REAL,
    parameters=(
        Parameter("shape1", "shape", "real", (-1e4, 1e4), "the log-normal is the limit"),
        Parameter("shape2", "shape", limits=(1e-2, 1e5), beyond="the normal is the limit"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale", limits=(1e-12, 1e12), beyond="the log-normal is the limit"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2, location, scale: ((shape1, shape2), location, scale),
    log_cdf=lambda x, *parameters: log_ndtr(normal_score(x, *parameters)),
    log_sf=lambda x, *parameters: log_ndtr(-normal_score(x, *parameters)),
)
