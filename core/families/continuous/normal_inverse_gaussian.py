"""Normal-inverse Gaussian: normal values whose variance is inverse Gaussian; exponential tails of
any skewness, with shape γ and skew β. scipy's a is √(γ² + β²) and its b is β."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import special

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import line
from core.families.peaks import Form, log_integral


def log_density(x: Array, shape: Array, skew: Array, location: Array, scale: Array) -> Array:
    """log(α K₁(α r) / (π r)) + γ + β z − log δ, r = √(1 + z²), α = √(γ² + β²), z = (x − μ) / δ."""
    z = (x - location) / scale
    r, alpha = jnp.sqrt(1 + z**2), jnp.hypot(shape, skew)
    s, rise = alpha * r, shape + skew * z
    # γ + β z − α r, which for a rise above 0 is a difference of near equals.
    up = rise > 0
    fall = jnp.where(up, -((shape * z - skew) ** 2) / (s + jnp.where(up, rise, 1.0)), rise - s)
    return jnp.log(alpha) - jnp.log(jnp.pi * r) + _log_k1e(s) + fall - jnp.log(scale)


# 2 e^s K₁(s) = ∫ e^(t − s (cosh t − 1)) dt over the line (DLMF 10.32.9).
BESSEL = Form(
    lambda t: (t, -2 * jnp.sinh(t / 2) ** 2),
    jnp.zeros_like,
    lambda one, s: (jnp.arcsinh(one / s), (one + s**2) ** -0.25),
)


def _log_k1e(s: Array) -> Array:
    """log e^s K₁(s)."""
    return log_integral(BESSEL, jnp.ones_like(s), s) - jnp.log(2.0)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Near the Cauchy, near the normal, and skewed to either side."""
    shapes = ((0.5, 0.0), (5.0, 0.0), (1.0, 1.0), (1.0, -1.0))
    return [(g, b, *line(x, w, lambda p: _quantile(p, g, b))) for g, b in shapes]  # noqa: B023


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
        Parameter("skew", "shape", "real", (-1e4, 1e4), "the inverse Gaussian is the limit"),
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
