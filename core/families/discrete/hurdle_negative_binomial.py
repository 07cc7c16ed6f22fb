"""Hurdle negative binomial: 0 with probability `zero`, else negative binomial with `size` and `mu`
given that it is not 0 (Mullahy 1986, Journal of Econometrics 33, 341)."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families import laws
from core.families.discrete import negative_binomial
from core.families.family import COUNTS, Family, Floats, Parameter
from core.families.moments import mean
from core.families.stable import log1mexp


def log_mass(x: Array, zero: Array, size: Array, mu: Array) -> Array:
    """log π at 0, log(1 − π) + the negative binomial's − log(1 − (r / (r + μ))^r) elsewhere."""
    others = negative_binomial.log_mass(x, size, mu) - log1mexp(-size * jnp.log1p(mu / size))
    return jnp.where(x == 0, jnp.log(zero), jnp.log1p(-zero) + others)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The share of zeros, which is the maximum in `zero`; the others widely or narrowly spread."""
    nothing = float(np.clip(mean(x == 0, w), 1e-5, 1 - 1e-5))
    m = mean(x, w) / (1 - nothing)
    return [(nothing, 1.0, max(m - 1, 0.1)), (nothing, 20.0, m), (nothing, 0.1, max(m - 1, 0.1) / 2)]


FAMILY = Family(
    name="hurdle-negative-binomial",
    scipy="",
    title="Hurdle negative binomial",
    aliases=("zero-altered-negative-binomial",),
    support=COUNTS,
    parameters=(
        Parameter(
            "zero", "shape", "unit", (1e-10, 1 - 1e-10), "all values are on one side of the hurdle"
        ),
        Parameter("size", "shape", limits=(1e-4, 1e5), beyond="the hurdle Poisson is the limit"),
        Parameter("mu", "shape", limits=(1e-9, 1e15)),
    ),
    log_density=log_mass,
    start=start,
    to_scipy=lambda zero, size, mu: ((zero, size, size / (size + mu)), 0.0, 1.0),
    law=laws.HURDLE_NEGATIVE_BINOMIAL,
    relatives=(
        "zero at (size / (size + mu))^size is the negative binomial",
        "as size grows it becomes the hurdle Poisson, and as size falls the logarithmic above 0",
        "the zero-inflated negative binomial is the same where zeros are in excess",
    ),
)
