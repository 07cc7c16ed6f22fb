"""Normal (Gaussian): mean and standard deviation."""

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import log_ndtr

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import mean, sd


def log_density(x: Array, centre: Array, width: Array) -> Array:
    """−½ z² − log(σ √(2π)), z = (x − μ) / σ."""
    z = (x - centre) / width
    return -0.5 * z**2 - jnp.log(width) - 0.5 * jnp.log(2 * jnp.pi)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: the sample's mean and standard deviation (divisor n)."""
    return [(mean(x, w), sd(x, w))]


FAMILY = Family(
    name="normal",
    scipy="norm",
    title="Normal",
    aliases=("gaussian",),
    support=REAL,
    parameters=(Parameter("mean", "location", "real"), Parameter("sd", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda mean, sd: ((), mean, sd),
    log_cdf=lambda x, mean, sd: log_ndtr((x - mean) / sd),
    log_sf=lambda x, mean, sd: log_ndtr(-(x - mean) / sd),
)
