"""Skellam: the difference of two independent Poisson counts with means `mu1` and `mu2`, so that
values may be negative (Skellam 1946, Journal of the Royal Statistical Society 109, 296)."""

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from core.families import laws
from core.families.family import WHOLE, Family, Floats, Parameter
from core.families.moments import mean, sd

# Midpoints and equal weights on (0, 1): the trapezoidal rule for an even periodic integrand.
_NODES = (np.arange(48) + 0.5) / 48


def log_mass(x: Array, mu1: Array, mu2: Array) -> Array:
    """log of (1 / 2π) ∫ exp(μ₁ (e^w − 1) + μ₂ (e^−w − 1) − x w) dθ, w = t + iθ, for any real t.

    At the saddle point t, where μ₁ e^t − μ₂ e^−t = x, nothing cancels (Daniels 1954, Annals of
    Mathematical Statistics 25, 631), and the trapezoidal rule has all digits. Derivatives are taken
    at a fixed t, on which the integral does not depend.
    """
    m1, m2, y = lax.stop_gradient(mu1), lax.stop_gradient(mu2), jnp.abs(x)
    up = jnp.where(x < 0, m2, m1)  # the mean on the side of x
    larger = (y + jnp.sqrt(y**2 + 4 * m1 * m2)) / 2
    t = jnp.where(x < 0, -1.0, 1.0) * (jnp.log(larger) - jnp.log(up))
    # At the saddle point: values m1 e^t and m2 e^−t, and what they move by with mu1 and mu2.
    a0 = jnp.where(x < 0, m1 * m2 / larger, larger)
    b0 = jnp.where(x < 0, larger, m1 * m2 / larger)
    a, b = a0 * (mu1 / m1), b0 * (mu2 / m2)
    # The whole period, or to where the integrand has fallen to e^−40.
    reach = 2 * jnp.arcsin(jnp.sqrt(jnp.minimum(1.0, 20 / (a0 + b0))))
    theta = reach[:, None] * _NODES
    fall = 2 * (a + b)[:, None] * jnp.sin(theta / 2) ** 2
    turn = (a - b)[:, None] * jnp.sin(theta) - x[:, None] * theta
    integral = jnp.mean(jnp.exp(-fall) * jnp.cos(turn), axis=1) * reach / jnp.pi
    return a + b - mu1 - mu2 - x * t + jnp.log(integral)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments: the mean is mu1 − mu2, the variance mu1 + mu2."""
    m, v = mean(x, w), sd(x, w) ** 2
    total = max(v, 1.01 * abs(m) + 1e-3)
    return [((total + m) / 2, (total - m) / 2)]


FAMILY = Family(
    name="skellam",
    scipy="skellam",
    title="Skellam",
    support=WHOLE,
    parameters=(
        Parameter("mu1", "shape", limits=(1e-9, 1e15), beyond="there is only the second Poisson count"),
        Parameter("mu2", "shape", limits=(1e-9, 1e15), beyond="there is only the first Poisson count"),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda mu1, mu2: ((mu1, mu2), 0.0, 1.0),
    law=laws.SKELLAM,
    relatives=("mu2 at 0 is the Poisson", "large means make it normal"),
)
