"""Gompertz: lifetimes with a hazard that grows exponentially, shape / scale · e^(x / scale)."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean, sd
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """log(c / s) + z − c (e^z − 1), z = x / s."""
    z = x / scale
    return jnp.log(shape) - jnp.log(scale) + z - shape * jnp.expm1(z)


def log_sf(x: Array, shape: Array, scale: Array) -> Array:
    """−c (e^z − 1)."""
    return -shape * jnp.expm1(x / scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Near the exponential, and a Gumbel of minima with its mode inside: sd π s / √6, mean
    −s (log c + γ)."""
    centre = mean(x, w)
    scale = float(sd(x, w) * np.sqrt(6) / np.pi)
    shape = float(np.exp(-min(centre / scale + np.euler_gamma, 200.0)))
    return [(shape, scale), (1.0, 1.7 * centre), (30.0, 30 * centre)]


FAMILY = Family(
    name="gompertz",
    scipy="gompertz",
    title="Gompertz",
    support=NONNEGATIVE,
    parameters=(
        Parameter("shape", "shape", limits=(1e-100, 1e9), beyond="the exponential is the limit"),
        Parameter("scale", "scale", limits=(1e-12, 1e12), beyond="the exponential is the limit"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=lambda x, shape, scale: log1mexp(log_sf(x, shape, scale)),
    log_sf=log_sf,
)
