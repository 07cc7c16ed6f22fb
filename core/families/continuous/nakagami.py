"""Nakagami: the root of a gamma value; `spread` is √(mean of x²). With df = 2 shape it is a chi
value of any unit."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.continuous import gamma
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean


def log_density(x: Array, shape: Array, spread: Array) -> Array:
    """log(2 m^m / Γ(m)) + 2m log z − m z² − log x, z = x / √Ω."""
    log_z = jnp.log(x) - jnp.log(spread)
    constant = jnp.log(2.0) + shape * jnp.log(shape) - gammaln(shape)
    return constant + shape * (2 * log_z - jnp.exp(2 * log_z)) - jnp.log(x)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Minka's start for the gamma, of x²."""
    return [(gamma.start(x**2, w)[0][0], float(np.sqrt(mean(x**2, w))))]


FAMILY = Family(
    name="nakagami",
    scipy="nakagami",
    title="Nakagami",
    support=POSITIVE,
    parameters=(Parameter("shape", "shape", limits=(1e-4, 1e8)), Parameter("spread", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, spread: ((shape,), 0.0, spread),
    special_cases={
        "chi": "spread = √df, shape = df/2",
        "half-normal": "shape = 1/2",
        "rayleigh": "shape = 1",
        "maxwell": "shape = 3/2",
    },
)
