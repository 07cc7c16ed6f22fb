"""Truncated normal: normal values of which those below 0 are never seen. `mean` and `sd` are those
before the truncation; the exponential is the limit of a mean far below 0."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import optimize, special

from core.families.family import NONNEGATIVE, Family, Floats, Parameter
from core.families.moments import mean
from core.families.special import log_mills, log_ndtr


def log_density(x: Array, centre: Array, width: Array) -> Array:
    """log φ((x − μ) / σ) − log σ − log Φ(μ / σ)."""
    z, a = x / width, centre / width
    below = a < 0
    # Each form keeps its digits on its side: with μ far below 0 both logarithms are near −½ (μ / σ)².
    tail = jnp.where(below, a, 0.0)
    low = -0.5 * z**2 + tail * z - log_mills(-tail)
    high = -0.5 * (z - a) ** 2 - 0.5 * jnp.log(2 * jnp.pi) - log_ndtr(jnp.where(below, 0.0, a))
    return jnp.where(below, low, high) - jnp.log(width)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself, from the first two moments: σ (a + h) and σ² (1 + a (a + h)), a = μ / σ
    and h = φ(a) / Φ(a)."""
    m, square = mean(x, w), mean(x**2, w)

    def excess(a: float) -> float:
        h = np.exp(-0.5 * a**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(a))
        return float((1 + a * (a + h)) / (a + h) ** 2 - square / m**2)

    # Below −100 the mean is so near the exponential's that rounding decides.
    if excess(-100.0) <= 0:
        return [(-1e10 * m, 1e5 * m)]
    a = float(optimize.brentq(excess, -100.0, 1e8)) if excess(1e8) < 0 else 1e8
    h = np.exp(-0.5 * a**2 - 0.5 * np.log(2 * np.pi) - special.log_ndtr(a))
    return [(float(a * m / (a + h)), float(m / (a + h)))]


FAMILY = Family(
    name="truncated-normal",
    scipy="truncnorm",
    title="Normal truncated at 0",
    support=NONNEGATIVE,
    parameters=(
        Parameter("mean", "scale", "real", (-1e10, 1e40), "the exponential is the limit"),
        Parameter("sd", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda mean, sd: ((-mean / sd, np.inf), mean, sd),
    special_cases={"half-normal": "mean = 0"},
)
