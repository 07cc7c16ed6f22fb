"""Normal-inverse Gaussian: normal values whose variance is inverse Gaussian; exponential tails of
any skewness, with shape γ and skew β. scipy's a is √(γ² + β²) and its b is β."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import special

from core.families.bessel import log_k1e
from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import line, mean, sd


def log_density(x: Array, shape: Array, skew: Array, location: Array, scale: Array) -> Array:
    """log(α K₁(α r) / (π r)) + γ + β z − log δ, r = √(1 + z²), α = √(γ² + β²), z = (x − μ) / δ."""
    z = (x - location) / scale
    r, alpha = jnp.sqrt(1 + z**2), jnp.hypot(shape, skew)
    s, rise = alpha * r, shape + skew * z
    # γ + β z − α r, which for a rise above 0 is a difference of near equals.
    up = rise > 0
    fall = jnp.where(up, -((shape * z - skew) ** 2) / (s + jnp.where(up, rise, 1.0)), rise - s)
    return jnp.log(alpha) - jnp.log(jnp.pi * r) + log_k1e(s) + fall - jnp.log(scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Near the Cauchy, near the normal, skewed to either side, and near the inverse Gaussian, by moments
    at β = ± 3 γ: skewness ± 9 / √(10 γ)."""
    shapes = ((0.5, 0.0), (5.0, 0.0), (1.0, 1.0), (1.0, -1.0))
    found = [(g, b, *line(x, w, lambda p: _quantile(p, g, b))) for g, b in shapes]  # noqa: B023
    centre, width = mean(x, w), sd(x, w)
    skewness = mean(((x - centre) / width) ** 3, w)
    shape, side = 8.1 / max(skewness**2, 1e-4), np.sign(skewness) or 1.0
    scale = width * np.sqrt(shape / 10)
    return [*found, (shape, 3 * side * shape, float(centre - 3 * side * scale), float(scale))]


def _quantile(p: float, shape: float, skew: float) -> float:
    """Of the standard law, by the trapezoidal rule in arsinh z: enough for a start."""
    u = np.linspace(-6.0, 6.0, 2001)
    r, alpha = np.cosh(u), np.hypot(shape, skew)
    mass = np.cumsum(special.k1e(alpha * r) * np.exp(shape + skew * np.sinh(u) - alpha * r))
    return float(np.sinh(np.interp(p, mass / mass[-1], u)))


FAMILY = Family(
    name="normal-inverse-gaussian",
    scipy="norminvgauss",
    title="Normal-inverse Gaussian",
    aliases=("nig",),
    support=REAL,
    parameters=(
        Parameter(
            "shape",
            "shape",
            limits=(1e-4, 1e6),
            beyond="the normal is the limit of large shapes, the Cauchy of small ones",
        ),
        Parameter("skew", "shape", "signed", (-1e7, 1e7), "the inverse Gaussian is the limit"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale", limits=(1e-12, 1e12)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, skew, location, scale: (
        (float(np.hypot(shape, skew)), skew),
        location,
        scale,
    ),
)
