"""Exponentiated Weibull: F = (1 − e^(−(x/scale)^shape2))^shape1; hazards that fall, rise, or first
fall and then rise. scipy's a is shape1 and its c is shape2."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import line, mean
from core.families.stable import log1mexp, log1mexp_exp


def log_cdf(x: Array, shape1: Array, shape2: Array, scale: Array) -> Array:
    """a log(1 − e^(−z^c)), z = x / scale."""
    return shape1 * log1mexp_exp(shape2 * (jnp.log(x) - jnp.log(scale)))


def log_density(x: Array, shape1: Array, shape2: Array, scale: Array) -> Array:
    """log(a c / x) + c log z − z^c + (a − 1) log(1 − e^(−z^c))."""
    y = shape2 * (jnp.log(x) - jnp.log(scale))
    rise = (shape1 - 1) * log1mexp_exp(y)
    return jnp.log(shape1 * shape2) - jnp.log(x) + y - jnp.exp(y) + rise


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Quartiles at four values of shape1, the Weibull's 1 among them."""
    found: list[tuple[float, ...]] = []
    for a in (0.3, 1.0, 4.0, 50.0):
        location, width = line(np.log(x), w, lambda p: np.log(-np.log1p(-(p ** (1 / a)))))  # noqa: B023
        found.append((a, 1 / width, float(np.exp(location))))
    return found


def corners(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """A power law up to the largest value, which lies where (x / scale)^shape2 is e^−25."""
    end, steep = float(np.log(x.max())), 1e12
    power = 1 / max(end - mean(np.log(x), w), 1e-9)
    return [(power / steep, steep, float(np.exp(end + 25 / steep)))]


FAMILY = Family(
    name="exponentiated-weibull",
    scipy="exponweib",
    title="Exponentiated Weibull",
    support=POSITIVE,
    parameters=(
        Parameter("shape1", "shape", limits=(1e-4, 1e8), beyond="the Fréchet is the limit"),
        Parameter("shape2", "shape", limits=(1e-4, 1e5)),
        Parameter("scale", "scale", limits=(1e-40, 1e12)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2, scale: ((shape1, shape2), 0.0, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, shape1, shape2, scale: log1mexp(log_cdf(x, shape1, shape2, scale)),
    corners=corners,
    special_cases={"weibull": "shape1 = 1", "exponential": "shape1 = shape2 = 1"},
)
