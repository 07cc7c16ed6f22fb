"""Birnbaum–Saunders (fatigue life): cycles until a crack has grown too far."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import log_ndtr

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean


def normal_score(x: Array, alpha: Array, beta: Array) -> Array:
    """(√(x/β) − √(β/x)) / α: standard normal."""
    return (jnp.sqrt(x / beta) - jnp.sqrt(beta / x)) / alpha


def log_density(x: Array, alpha: Array, beta: Array) -> Array:
    """log φ(z) + log dz/dx, z the normal score."""
    slope = jnp.log(jnp.sqrt(x / beta) + jnp.sqrt(beta / x)) - jnp.log(2 * alpha * x)
    return -0.5 * normal_score(x, alpha, beta) ** 2 - 0.5 * jnp.log(2 * jnp.pi) + slope


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Modified moments: arithmetic and harmonic mean (Ng, Kundu & Balakrishnan 2003, CSDA 43, 283)."""
    arithmetic, harmonic = mean(x, w), 1 / mean(1 / x, w)
    spread = max(np.sqrt(arithmetic / harmonic) - 1, 1e-9)
    return [(float(np.sqrt(2 * spread)), float(np.sqrt(arithmetic * harmonic)))]


FAMILY = Family(
    name="birnbaum-saunders",
    scipy="fatiguelife",
    title="Birnbaum–Saunders",
    aliases=("fatigue life",),
    support=POSITIVE,
    parameters=(Parameter("alpha", "shape"), Parameter("beta", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda alpha, beta: ((alpha,), 0.0, beta),
    log_cdf=lambda x, alpha, beta: log_ndtr(normal_score(x, alpha, beta)),
    log_sf=lambda x, alpha, beta: log_ndtr(-normal_score(x, alpha, beta)),
)
