"""Zero-inflated Poisson: with probability `zero` nothing can happen, else the count is Poisson with
mean `lambda` (Lambert 1992, Technometrics 34, 1)."""

import jax.numpy as jnp
from jax import Array

from core.families import laws
from core.families.discrete import poisson
from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.moments import mean


def log_mass(x: Array, zero: Array, rate: Array) -> Array:
    """log(π + (1 − π) e^−λ) at 0, log(1 − π) + the Poisson's elsewhere."""
    others = jnp.log1p(-zero) + poisson.log_mass(x, rate)
    return jnp.where(x == 0, jnp.logaddexp(jnp.log(zero), others), others)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Half of the zeros in excess, and hardly any."""
    nothing, m = mean(x == 0, w), mean(x, w)
    return [(share, m / (1 - share)) for share in (max(nothing / 2, 0.01), 0.01)]


FAMILY = Family(
    name="zero-inflated-poisson",
    scipy="",
    title="Zero-inflated Poisson",
    aliases=("zip",),
    support=COUNTS,
    parameters=(
        Parameter(
            "zero", "shape", "unit", (1e-10, 1 - 1e-10), "there are no excess zeros: Poisson fits"
        ),
        Parameter("lambda", "shape", limits=(1e-9, 1e15)),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda zero, rate: ((zero, rate), 0.0, 1.0),
    law=laws.ZERO_INFLATED_POISSON,
    relatives=(
        "zero at 0 is the Poisson",
        "the hurdle Poisson is the same where there are more zeros than the Poisson's",
        "as its size grows, the zero-inflated negative binomial becomes this",
    ),
)
