"""Zeta, or Zipf without an end: 1, 2, … with probability in proportion to x^−`exponent`. Its mean
is finite for exponents above 2 only."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families import laws
from core.families.family import FROM_ONE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log_zeta


def log_mass(x: Array, exponent: Array) -> Array:
    """−s log x − log ζ(s)."""
    return -exponent * jnp.log(x) - log_zeta(exponent)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """As if x + ½ were continuous: 1 + 1 / mean of log 2x (Clauset, Shalizi & Newman 2009, SIAM
    Review 51, 661, eq. 3.7)."""
    return [(1 + 1 / mean(np.log(2 * x), w),)]


FAMILY = Family(
    name="zeta",
    scipy="zipf",
    title="Zeta (Zipf)",
    support=FROM_ONE,
    parameters=(Parameter("exponent", "shape", "above_one", (1.001, 60.0)),),
    log_density=log_mass,
    start=start,
    to_scipy=lambda exponent: ((exponent,), 0.0, 1.0),
    law=laws.ZETA,
    relatives=("for large values it is the Pareto distribution of shape exponent − 1",),
)
