"""Skew normal: a normal density times twice a normal distribution function (Azzalini 1985)."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import mean, sd
from core.families.special import log_ndtr

# A shape at which the density has an end, within rounding.
STEEP = 1e11


def log_density(x: Array, shape: Array, location: Array, scale: Array) -> Array:
    """log 2 φ(z) + log Φ(α z) − log ω, z = (x − ξ) / ω."""
    z = (x - location) / scale
    return 0.5 * jnp.log(2 / jnp.pi) - 0.5 * z**2 + log_ndtr(shape * z) - jnp.log(scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments, and a marked skewness to either side."""
    centre, width = mean(x, w), sd(x, w)
    skewness = mean(((x - centre) / width) ** 3, w)
    part = np.cbrt(abs(skewness) / (2 - np.pi / 2))
    lean = float(np.clip(np.sign(skewness) * part / np.hypot(1, part), -0.99, 0.99))
    return [_moments(centre, width, s) for s in (lean, -0.9, 0.9)]


def _moments(centre: float, width: float, lean: float) -> tuple[float, ...]:
    """Parameters with this mean, standard deviation and δ√(2/π), δ = α / √(1 + α²)."""
    delta = np.clip(lean * np.sqrt(np.pi / 2), -0.995, 0.995)
    shift = delta * np.sqrt(2 / np.pi)
    scale = width / np.sqrt(1 - shift**2)
    return float(delta / np.sqrt(1 - delta**2)), float(centre - scale * shift), float(scale)


def corners(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Half a normal density to either side of the least or the largest value, which lie 10 / shape
    scales inside its end."""
    found: list[tuple[float, ...]] = []
    for side, end in ((1.0, float(x.min())), (-1.0, float(x.max()))):
        scale = float(np.sqrt(mean((x - end) ** 2, w)))
        found.append((side * STEEP, end - side * 10 * scale / STEEP, scale))
    return found


def caution(shape: float, location: float, scale: float) -> str:
    """Azzalini & Arellano-Valle 2013, J. Stat. Planning Inference 143, 419."""
    if abs(shape) > 0.5:
        return ""
    return "near shape = 0 the information is singular, so that standard errors do not hold"


FAMILY = Family(
    name="skew-normal",
    scipy="skewnorm",
    title="Skew normal",
    aliases=("azzalini",),
    support=REAL,
    parameters=(
        Parameter("shape", "shape", "real", (-1e3, 1e3), "a half-normal with an end is the limit"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, location, scale: ((shape,), location, scale),
    corners=corners,
    caution=caution,
    special_cases={"normal": "shape = 0"},
)
