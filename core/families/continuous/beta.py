"""Beta: shares between 0 and 1."""

import jax
import jax.numpy as jnp
from jax import Array

from core.families.family import UNIT, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean, sd
from core.families.tails import log_tails


def log_density(x: Array, shape1: Array, shape2: Array) -> Array:
    """(a − 1) log x + (b − 1) log(1 − x) − log B(a, b)."""
    constant = gammaln(shape1 + shape2) - gammaln(shape1) - gammaln(shape2)
    return constant + (shape1 - 1) * jnp.log(x) + (shape2 - 1) * jnp.log1p(-x)


def log_tails_of(x: Array, shape1: Array, shape2: Array) -> tuple[Array, Array]:
    """Both tails, integrated along log(x / (1 − x)), where neither end of the support is singular
    and none is lost to rounding."""
    constant = gammaln(shape1 + shape2) - gammaln(shape1) - gammaln(shape2)
    return log_tails(
        lambda u: constant + shape1 * jax.nn.log_sigmoid(u) + shape2 * jax.nn.log_sigmoid(-u),
        jnp.log(x) - jnp.log1p(-x),
        reach=1e5,
    )


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Moments, and the uniform distribution."""
    m, v = mean(x, w), sd(x, w) ** 2
    total = max(m * (1 - m) / v - 1, 0.1) if v > 0 else 1.0
    return [(m * total, (1 - m) * total), (1.0, 1.0)]


FAMILY = Family(
    name="beta",
    scipy="beta",
    title="Beta",
    support=UNIT,
    parameters=(
        Parameter("shape1", "shape", limits=(1e-4, 1e8)),
        Parameter("shape2", "shape", limits=(1e-4, 1e8)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2: ((shape1, shape2), 0.0, 1.0),
    log_cdf=lambda x, shape1, shape2: log_tails_of(x, shape1, shape2)[0],
    log_sf=lambda x, shape1, shape2: log_tails_of(x, shape1, shape2)[1],
)
