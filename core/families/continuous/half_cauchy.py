"""Half-Cauchy: the distance of a Cauchy value from its centre 0, without a mean."""

import jax.numpy as jnp
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean, quantile
from core.families.stable import either


def log_density(x: Array, scale: Array) -> Array:
    """log(2 / (π γ)) − log(1 + z²), z = x / γ."""
    return jnp.log(2 / jnp.pi) - jnp.log(scale) - jnp.log1p((x / scale) ** 2)


def log_tails(x: Array, scale: Array) -> tuple[Array, Array]:
    """log(2/π arctan z) and the logarithm of the rest."""
    angle, rest = jnp.arctan2(x, scale), jnp.arctan2(scale, x)
    return either(jnp.log(2 / jnp.pi * angle), jnp.log(2 / jnp.pi * rest))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The median, which is γ."""
    return [(quantile(x, w, 0.5) or mean(x, w),)]


FAMILY = Family(
    name="half-cauchy",
    scipy="halfcauchy",
    title="Half-Cauchy",
    support=NONNEGATIVE,
    parameters=(Parameter("scale", "scale"),),
    log_density=log_density,
    start=start,
    to_scipy=lambda scale: ((), 0.0, scale),
    log_cdf=lambda x, scale: log_tails(x, scale)[0],
    log_sf=lambda x, scale: log_tails(x, scale)[1],
)
