"""Burr III (Dagum): F = (1 + (x/scale)^(−shape2))^(−shape1), incomes; 1 / x is Burr XII.
scipy's c is shape2 and its d is shape1."""

import jax
import jax.numpy as jnp
from jax import Array

from core.families.continuous import burr12
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.stable import log1mexp


def log_density(x: Array, shape1: Array, shape2: Array, scale: Array) -> Array:
    """log(c d / x) − c log z − (d + 1) log(1 + z^(−c)), z = x / scale."""
    y = -shape2 * (jnp.log(x) - jnp.log(scale))
    return jnp.log(shape1 * shape2) - jnp.log(x) + y - (shape1 + 1) * jax.nn.softplus(y)


def log_cdf(x: Array, shape1: Array, shape2: Array, scale: Array) -> Array:
    """−d log(1 + z^(−c))."""
    return -shape1 * jax.nn.softplus(-shape2 * (jnp.log(x) - jnp.log(scale)))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Those of the Burr XII at 1 / x."""
    return [(shape1, shape2, 1 / scale) for shape1, shape2, scale in burr12.start(1 / x, w)]


def corners(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """That of the Burr XII at 1 / x: a power law up to the largest value."""
    return [(shape1, shape2, 1 / scale) for shape1, shape2, scale in burr12.corners(1 / x, w)]


FAMILY = Family(
    name="burr3",
    scipy="burr",
    title="Burr III (Dagum)",
    aliases=("burr iii", "dagum", "mielke"),
    support=POSITIVE,
    parameters=(
        Parameter("shape1", "shape", limits=(1e-4, 1e9), beyond="the Fréchet is the limit"),
        Parameter("shape2", "shape", limits=(1e-3, 1e5)),
        Parameter("scale", "scale", limits=(1e-30, 1e12), beyond="the Fréchet is the limit"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2, scale: ((shape2, shape1), 0.0, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, shape1, shape2, scale: log1mexp(log_cdf(x, shape1, shape2, scale)),
    corners=corners,
    special_cases={"loglogistic": "shape1 = 1"},
)
