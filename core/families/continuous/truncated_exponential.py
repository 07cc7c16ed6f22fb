"""Truncated exponential: waiting times of which those above `upper` are never seen; the largest
value estimates `upper`."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import optimize

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp

# An upper end of so few scales is as good as the uniform.
LEAST = 1e-6


def log_density(x: Array, scale: Array, upper: Array) -> Array:
    """−x / s − log s − log(1 − e^(−u / s)) up to u."""
    inside = -x / scale - jnp.log(scale) - log1mexp(-upper / scale)
    return jnp.where(x <= upper, inside, -jnp.inf)


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The scale at which the mean, s − u / (e^(u/s) − 1), is the sample's; u is the largest value."""
    upper = fixed.get(1, float(x.max()))
    share = mean(x, w) / upper

    def excess(ends: float) -> float:
        return float(1 / ends - 1 / np.expm1(ends) - share)

    if 0 in fixed:
        return fixed[0], upper
    if excess(LEAST) <= 0:
        return upper / LEAST, upper
    return upper / float(optimize.brentq(excess, LEAST, 2 / share + 2, xtol=1e-14)), upper


def closed_error(parameters: Floats, n: float) -> Floats:
    """Fisher's information on the scale at a known end, which is found faster than 1/√n."""
    scale, upper = parameters
    b = upper / scale
    variance = 1 - b**2 * np.exp(-b) / np.expm1(-b) ** 2
    error = scale / np.sqrt(n * variance) if b > 1e3 * LEAST else np.nan
    return np.array([error, np.nan])


def caution(scale: float, upper: float) -> str:
    """What fails, at the limit or away from it."""
    if upper / scale <= 1e3 * LEAST:
        return "the likelihood rises to the edge of the family: the uniform is the limit"
    return (
        "the largest value estimates the end of the support, so that its error shrinks as 1/n and "
        "not as 1/√n: it has no usual standard error"
    )


FAMILY = Family(
    name="truncated-exponential",
    scipy="truncexpon",
    title="Truncated exponential",
    support=NONNEGATIVE,
    parameters=(Parameter("scale", "scale"), Parameter("upper", "scale")),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda scale, upper: ((upper / scale,), 0.0, scale),
    log_cdf=lambda x, scale, upper: jnp.where(
        x < upper, log1mexp(-x / scale) - log1mexp(-upper / scale), 0.0
    ),
    log_sf=lambda x, scale, upper: log1mexp((x - upper) / scale) - x / scale - log1mexp(-upper / scale),
    closed=closed,
    closed_error=closed_error,
    caution=caution,
)
