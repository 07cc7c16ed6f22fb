"""Gumbel of minima: log of a Weibull value; the limit of minima of light-tailed values."""

from jax import Array

from core.families.continuous import gumbel
from core.families.family import REAL, Family, Floats, Parameter
from core.families.stable import log1mexp


def log_density(x: Array, location: Array, scale: Array) -> Array:
    """z − e^z − log β, z = (x − μ) / β: that of the Gumbel of maxima at −x."""
    return gumbel.log_density(-x, -location, scale)


def log_sf(x: Array, location: Array, scale: Array) -> Array:
    """−e^z."""
    return gumbel.log_cdf(-x, -location, scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments, as for the Gumbel of maxima at −x."""
    location, scale = gumbel.start(-x, w)[0]
    return [(-location, scale)]


FAMILY = Family(
    name="gumbel-min",
    scipy="gumbel_l",
    title="Gumbel of minima",
    support=REAL,
    parameters=(Parameter("location", "location", "real"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda location, scale: ((), location, scale),
    log_cdf=lambda x, location, scale: log1mexp(log_sf(x, location, scale)),
    log_sf=log_sf,
)
