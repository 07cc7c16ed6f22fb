"""Hurdle Poisson: 0 with probability `zero`, else Poisson with rate `lambda` given that it is not 0
(Mullahy 1986, Journal of Econometrics 33, 341). Zeros may be fewer than the Poisson's, or more."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families import laws
from core.families.discrete import poisson
from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_mass(x: Array, zero: Array, rate: Array) -> Array:
    """log π at 0, log(1 − π) + x log λ − λ − log x! − log(1 − e^−λ) elsewhere."""
    others = jnp.log1p(-zero) + poisson.log_mass(x, rate) - log1mexp(-rate)
    return jnp.where(x == 0, jnp.log(zero), others)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The share of zeros, which is the maximum in `zero`, and the mean of the others."""
    nothing = float(np.clip(mean(x == 0, w), 1e-5, 1 - 1e-5))
    m = mean(x, w) / (1 - nothing)
    return [(nothing, max(m, 1.0) if m > 2 else max(2 * (m - 1), 1e-3))]


FAMILY = Family(
    name="hurdle-poisson",
    scipy="",
    title="Hurdle Poisson",
    aliases=("zero-altered-poisson",),
    support=COUNTS,
    parameters=(
        Parameter(
            "zero", "shape", "unit", (1e-10, 1 - 1e-10), "all values are on one side of the hurdle"
        ),
        Parameter("lambda", "shape", limits=(1e-9, 1e15), beyond="no value above 0 is above 1"),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda zero, rate: ((zero, rate), 0.0, 1.0),
    law=laws.HURDLE_POISSON,
    relatives=(
        "zero at e^−lambda is the Poisson",
        "the zero-inflated Poisson is the same where there are more zeros than the Poisson's",
        "as its size grows, the hurdle negative binomial becomes this",
    ),
)
