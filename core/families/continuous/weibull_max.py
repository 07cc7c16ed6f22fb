"""Weibull of maxima (reflected Weibull): maxima below an end point, here its natural 0."""

from jax import Array

from core.families.continuous import weibull
from core.families.family import NEGATIVE, Family, Floats, Parameter
from core.families.stable import log1mexp


def log_density(x: Array, shape: Array, scale: Array) -> Array:
    """That of the Weibull at −x."""
    return weibull.log_density(-x, shape, scale)


def log_cdf(x: Array, shape: Array, scale: Array) -> Array:
    """−(−x / λ)^k."""
    return weibull.log_sf(-x, shape, scale)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """That of the Weibull at −x."""
    return weibull.start(-x, w)


FAMILY = Family(
    name="weibull-max",
    scipy="weibull_max",
    title="Weibull of maxima",
    aliases=("reflected weibull", "reversed weibull"),
    support=NEGATIVE,
    parameters=(Parameter("shape", "shape"), Parameter("scale", "scale")),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape, scale: ((shape,), 0.0, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, shape, scale: log1mexp(log_cdf(x, shape, scale)),
)
