"""Binomial: successes among `size` independent trials, each of probability `prob`.

The size is a whole number. Mostly it is known, and then it should be fixed; where it is not, it is
the one from the largest value on with the highest likelihood, which varies wildly from sample to
sample (Olkin, Petkau & Zidek 1981, JASA 76, 637)."""

import jax.numpy as jnp
from jax import Array

from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean
from core.families.stable import log_rising


def log_mass(x: Array, size: Array, prob: Array) -> Array:
    """log C(n, x) + x log p + (n − x) log(1 − p); −∞ above n."""
    possible = x <= size
    y = jnp.where(possible, x, 0.0)
    ways = log_rising(size - y + 1, y) - gammaln(y + 1)
    value = ways + y * jnp.log(prob) + (size - y) * jnp.log1p(-prob)
    return jnp.where(possible, value, -jnp.inf)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The share at the least possible size. For a known size one Newton search follows from it."""
    size = max(1.0, float(x.max()))
    return [(size, min(0.999, max(0.001, mean(x, w) / size)))]


FAMILY = Family(
    name="binomial",
    scipy="binom",
    title="Binomial",
    support=COUNTS,
    parameters=(
        Parameter("size", "shape", limits=(1.0, 1e6), beyond="Poisson is the limit", whole=True),
        Parameter("prob", "shape", "unit", (1e-12, 1 - 1e-12)),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda size, prob: ((round(size), prob), 0.0, 1.0),
    relatives=(
        "size 1 is the Bernoulli distribution",
        "as size grows at the same mean it becomes the Poisson",
        "the beta-binomial contains it, as a limit",
    ),
)
