"""Inverse gamma: 1 / x is gamma with the same shape and scale 1 / `scale`; a power tail."""

import jax.numpy as jnp
from jax import Array

from core.families.continuous import gamma
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.gammas import gammaln


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """α log(β / x) − β / x − log x − log Γ(α)."""
    return shape * (jnp.log(scale) - jnp.log(x)) - scale / x - jnp.log(x) - gammaln(shape)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Minka's start for the gamma, of 1 / x."""
    shape, scale = gamma.start(1 / x, w)[0]
    return [(shape, 1 / scale)]


FAMILY = Family(
    name="inverse-gamma",
    scipy="invgamma",
    title="Inverse gamma",
    support=POSITIVE,
    parameters=(Parameter("shape", "shape", limits=(1e-4, 1e8)), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    special_cases={"levy": "shape = 1/2", "inverse-chi-squared": "scale = 1/2, shape = df/2"},
)
