"""Zero-inflated negative binomial: with probability `zero` nothing can happen, else the count is
negative binomial with `size` and mean `mu` (Greene 1994, NYU working paper EC-94-10)."""

import jax.numpy as jnp
from jax import Array

from core.families import laws
from core.families.discrete import negative_binomial
from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.moments import mean


def log_mass(x: Array, zero: Array, size: Array, mu: Array) -> Array:
    """log(π + (1 − π) P(0)) at 0, log(1 − π) + the negative binomial's elsewhere."""
    others = jnp.log1p(-zero) + negative_binomial.log_mass(x, size, mu)
    return jnp.where(x == 0, jnp.logaddexp(jnp.log(zero), others), others)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Hardly any or half of the zeros in excess, the others widely or narrowly spread."""
    half, m = max(mean(x == 0, w) / 2, 0.01), mean(x, w)
    return [(share, size, m / (1 - share)) for share in (0.01, half) for size in (1.0, 20.0)]


FAMILY = Family(
    name="zero-inflated-negative-binomial",
    scipy="",
    title="Zero-inflated negative binomial",
    aliases=("zinb",),
    support=COUNTS,
    parameters=(
        Parameter(
            "zero",
            "shape",
            "unit",
            (1e-10, 1 - 1e-10),
            "there are no excess zeros: the negative binomial fits",
        ),
        Parameter("size", "shape", limits=(1e-4, 1e5), beyond="the zero-inflated Poisson is the limit"),
        Parameter("mu", "shape", limits=(1e-9, 1e15)),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda zero, size, mu: ((zero, size, size / (size + mu)), 0.0, 1.0),
    law=laws.ZERO_INFLATED_NEGATIVE_BINOMIAL,
    relatives=(
        "zero at 0 is the negative binomial",
        "as size grows it becomes the zero-inflated Poisson",
        "the hurdle negative binomial is the same where zeros are in excess",
    ),
)
