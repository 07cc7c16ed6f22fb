"""Poisson: counts of independent rare events; `lambda` is mean and variance."""

import jax.numpy as jnp
from jax import Array

from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean


def log_mass(x: Array, rate: Array) -> Array:
    """x log λ − λ − log x!"""
    return x * jnp.log(rate) - rate - gammaln(x + 1)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: the sample's mean."""
    return [(mean(x, w),)]


FAMILY = Family(
    name="poisson",
    scipy="poisson",
    title="Poisson",
    support=COUNTS,
    parameters=(Parameter("lambda", "shape", limits=(1e-9, 1e15)),),
    log_density=log_mass,
    start=start,
    to_scipy=lambda rate: ((rate,), 0.0, 1.0),
)
