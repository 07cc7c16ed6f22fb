"""Inverse Gaussian (Wald): first passage of a Brownian motion with drift. Mean and shape λ; the
variance is mean³ / λ. scipy's mu is mean / λ, with scale λ."""

import jax.numpy as jnp
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean


def log_density(x: Array, centre: Array, shape: Array) -> Array:
    """½ log(λ / (2π x³)) − λ (x − μ)² / (2 μ² x)."""
    distance = shape * (x - centre) ** 2 / (2 * centre**2 * x)
    return 0.5 * (jnp.log(shape) - jnp.log(2 * jnp.pi) - 3 * jnp.log(x)) - distance


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: 1/λ is the mean of 1/x − 1/mean (written without cancellation)."""
    m = mean(x, w)
    return [(m, 1 / max(mean((x - m) ** 2 / (m**2 * x), w), 1e-12))]


FAMILY = Family(
    name="inverse-gaussian",
    scipy="invgauss",
    title="Inverse Gaussian",
    aliases=("wald",),
    support=POSITIVE,
    parameters=(
        Parameter("mean", "scale"),
        Parameter("shape", "scale", limits=(1e-40, 1e12)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda mean, shape: ((mean / shape,), 0.0, shape),
)
