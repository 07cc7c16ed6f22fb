"""Power normal: survival Φ(−z)^shape, the law of the least of `shape` normal values."""

import jax.numpy as jnp
from jax import Array
from scipy.special import ndtri

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import line
from core.families.special import log_ndtr
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, location: Array, scale: Array) -> Array:
    """log c + log φ(z) + (c − 1) log Φ(−z) − log σ, z = (x − μ) / σ."""
    z = (x - location) / scale
    normal = -0.5 * z**2 - 0.5 * jnp.log(2 * jnp.pi)
    return jnp.log(shape) - jnp.log(scale) + normal + (shape - 1) * log_ndtr(-z)


def log_sf(x: Array, shape: Array, location: Array, scale: Array) -> Array:
    """c log Φ(−z)."""
    return shape * log_ndtr(-(x - location) / scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Quartiles at three shapes, the normal's 1 among them."""
    return [(c, *line(x, w, lambda p: -ndtri((1 - p) ** (1 / c)))) for c in (1.0, 0.15, 12.0)]  # noqa: B023


FAMILY = Family(
    name="power-normal",
    scipy="powernorm",
    title="Power normal",
    support=REAL,
    parameters=(
        Parameter(
            "shape",
            "shape",
            limits=(1e-6, 1e9),
            beyond="the Gumbel of minima is the limit of large shapes, a Rayleigh law of small ones",
        ),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale", limits=(1e-12, 1e12)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, location, scale: ((shape,), location, scale),
    log_cdf=lambda x, *parameters: log1mexp(log_sf(x, *parameters)),
    log_sf=log_sf,
    special_cases={"normal": "shape = 1"},
)
