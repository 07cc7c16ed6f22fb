"""Beta-binomial: successes among `size` trials whose probability varies as a beta variable with
`shape1` and `shape2`. The size is a whole number, known or tried, as that of the binomial."""

import jax.numpy as jnp
from jax import Array

from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean
from core.families.stable import log_rising


def log_mass(x: Array, size: Array, shape1: Array, shape2: Array) -> Array:
    """log C(n, x) + log B(x + a, n − x + b) − log B(a, b); −∞ above n."""
    possible = x <= size
    y = jnp.where(possible, x, 0.0)
    ways = log_rising(size - y + 1, y) - gammaln(y + 1)
    value = log_rising(shape1, y) + log_rising(shape2, size - y) - log_rising(shape1 + shape2, size)
    return jnp.where(possible, ways + value, -jnp.inf)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Shapes of the sample's mean, for strong and for weak variation of the probability."""
    size = max(1.0, float(x.max()))
    p = min(0.99, max(0.01, mean(x, w) / size))
    return [(size, k * p, k * (1 - p)) for k in (1.0, 10.0, 200.0)]


FAMILY = Family(
    name="beta-binomial",
    scipy="betabinom",
    title="Beta-binomial",
    support=COUNTS,
    parameters=(
        Parameter(
            "size", "shape", limits=(1.0, 1e6), beyond="negative binomial is the limit", whole=True
        ),
        Parameter(
            "shape1", "shape", limits=(1e-4, 1e6), beyond="the binomial distribution is the limit"
        ),
        Parameter(
            "shape2", "shape", limits=(1e-4, 1e6), beyond="the binomial distribution is the limit"
        ),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda size, shape1, shape2: ((round(size), shape1, shape2), 0.0, 1.0),
    relatives=(
        "shapes of 1 give the discrete uniform distribution from 0 to size",
        "as both shapes grow in proportion it becomes the binomial",
        "as size and shape2 grow in proportion it becomes the negative binomial",
    ),
)
