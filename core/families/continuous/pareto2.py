"""Pareto of the second kind (Lomax): a power tail that starts at 0."""

import jax.numpy as jnp
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean, quantile
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log(α / λ) − (α + 1) log(1 + x / λ)."""
    return jnp.log(shape) - jnp.log(scale) - (shape + 1) * jnp.log1p(x / scale)


def log_sf(x: Array, shape: Array, scale: Array) -> Array:
    """−α log(1 + x / λ)."""
    return -shape * jnp.log1p(x / scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Three tails, from one without a mean to one near the exponential."""
    centre = mean(x, w)
    return [(2.0, centre), (10.0, 9 * centre), (0.7, quantile(x, w, 0.5) or centre)]


FAMILY = Family(
    name="pareto2",
    scipy="lomax",
    title="Pareto II",
    aliases=("pareto ii",),
    support=NONNEGATIVE,
    parameters=(
        Parameter("shape", "shape", limits=(1e-4, 1e10), beyond="the exponential is the limit"),
        Parameter("scale", "scale", limits=(1e-9, 1e15), beyond="the exponential is the limit"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=lambda x, shape, scale: log1mexp(log_sf(x, shape, scale)),
    log_sf=log_sf,
)
