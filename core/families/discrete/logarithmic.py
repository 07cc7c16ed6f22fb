"""Logarithmic, or log-series: `prob` to the power x, over x; numbers of individuals by species
(Fisher, Corbet & Williams 1943, Journal of Animal Ecology 12, 42)."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.optimize import brentq

from core.families import laws
from core.families.family import FROM_ONE, Family, Floats, Parameter
from core.families.moments import mean


def log_mass(x: Array, prob: Array) -> Array:
    """x log p − log x − log(−log(1 − p))."""
    return x * jnp.log(prob) - jnp.log(x) - jnp.log(-jnp.log1p(-prob))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself, where −p / ((1 − p) log(1 − p)) is the sample's mean; at v = −log(1 − p)
    that is (e^v − 1) / v."""
    m = max(mean(x, w), 1 + 1e-9)
    v = brentq(lambda v: np.expm1(v) / v - m, 1e-10, 2 + 2 * np.log(m))
    return [(float(np.clip(-np.expm1(-v), 1e-9, 1 - 1e-12)),)]


FAMILY = Family(
    name="logarithmic",
    scipy="logser",
    title="Logarithmic",
    aliases=("log-series",),
    support=FROM_ONE,
    parameters=(Parameter("prob", "shape", "unit", (1e-9, 1 - 1e-12)),),
    log_density=log_mass,
    start=start,
    to_scipy=lambda prob: ((prob,), 0.0, 1.0),
    law=laws.LOGARITHMIC,
    relatives=("the negative binomial above 0 becomes this as its size falls to 0",),
)
