"""Families on a half-line with a location that is free: their support starts at it, not at 0."""

from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.experiment import InputError
from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import quantile

LOCATION, PLUS = "location", "+location"
UNBOUNDED = (
    "the likelihood has no maximum: it rises without bound as the location nears the smallest value; "
    "fix the location, or choose another method, such as mps"
)
AT_SMALLEST = (
    "the likelihood is highest with the location at the smallest value, where it jumps to 0: the "
    "location has no standard error"
)


def is_located(family: Family) -> bool:
    """Whether it is one of these."""
    return family.name.endswith(PLUS)


def can_be(family: Family) -> bool:
    """Whether a location can be added: the support starts at 0, and the values are measurements."""
    return not family.discrete and (family.support.low, family.support.high) == (0.0, np.inf)


@cache
def located(family: Family) -> Family:
    """The family of x − location.

    Raises:
        InputError: it has a location already, or its support is no half-line from 0.
    """
    if not can_be(family):
        raise InputError(
            f"`free` must name location only for families of values above 0; {family.name} is one of "
            f"{family.support.words}."
        )
    base, scipy_base = family.log_density, family.to_scipy

    def log_density(x: Array, *theta: Array) -> Array:
        inside = x >= theta[-1] if family.support.closed else x > theta[-1]
        z = jnp.where(inside, x - theta[-1], 1.0)
        return jnp.where(inside, base(z, *theta[:-1]), -jnp.inf)

    def tails(x: Array, *theta: Array) -> tuple[Array, Array]:
        inside = x > theta[-1]
        below, above = family.log_tails(jnp.where(inside, x - theta[-1], 1.0), *theta[:-1])
        return jnp.where(inside, below, -jnp.inf), jnp.where(inside, above, 0.0)

    def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
        low, middle = float(x.min()), quantile(x, w, 0.5)
        ends = [low - far * ((middle - low) or np.ptp(x)) for far in (0.02, 0.2, 1.0, 5.0)]
        return [(*family.start(x - end, w)[0], end) for end in ends]

    def to_scipy(*theta: float) -> tuple[tuple[float, ...], float, float]:
        shapes, place, scale = scipy_base(*theta[:-1])
        return shapes, place + theta[-1], scale

    more: dict[str, Any] = {"law": family.law}
    return Family(
        name=family.name + PLUS,
        scipy=family.scipy,
        title=f"{family.title} with location",
        support=REAL,
        parameters=(*family.parameters, Parameter(LOCATION, "location", "real")),
        log_density=log_density,
        start=start,
        to_scipy=to_scipy,
        log_cdf=lambda x, *theta: tails(x, *theta)[0],
        log_sf=lambda x, *theta: tails(x, *theta)[1],
        caution=lambda *theta: family.caution(*theta[:-1]),
        **more,
    )
