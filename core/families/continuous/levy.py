"""Lévy: first passage of a Brownian motion without drift; a tail of power 1/2, without a mean."""

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import erf, log_ndtr

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import either


def log_density(x: Array, scale: Array) -> Array:
    """½ log(c / (2π)) − 3/2 log x − c / (2 x)."""
    return 0.5 * jnp.log(scale / (2 * jnp.pi)) - 1.5 * jnp.log(x) - scale / (2 * x)


def log_tails(x: Array, scale: Array) -> tuple[Array, Array]:
    """log 2 Φ(−√(c / x)) and log erf(√(c / (2 x)))."""
    z = jnp.sqrt(scale / x)
    return either(jnp.log(2.0) + log_ndtr(-z), jnp.log(erf(z / jnp.sqrt(2.0))))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: the harmonic mean."""
    return [(1 / mean(1 / x, w),)]


FAMILY = Family(
    name="levy",
    scipy="levy",
    title="Lévy",
    aliases=("lévy",),
    support=POSITIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
    log_cdf=lambda x, scale: log_tails(x, scale)[0],
    log_sf=lambda x, scale: log_tails(x, scale)[1],
)
