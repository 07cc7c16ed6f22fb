"""Kumaraswamy: shares between 0 and 1, like the beta, with a closed distribution function
F = 1 − (1 − x^a)^b. scipy does not have it."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.continuous import beta
from core.families.continuous_law import law
from core.families.family import UNIT, Family, Floats, Parameter
from core.families.stable import log1mexp


def log_density(x: Array, shape1: Array, shape2: Array) -> Array:
    """log(a b) + (a − 1) log x + (b − 1) log(1 − x^a)."""
    log_x = jnp.log(x)
    return jnp.log(shape1 * shape2) + (shape1 - 1) * log_x + (shape2 - 1) * log1mexp(shape1 * log_x)


def log_sf(x: Array, shape1: Array, shape2: Array) -> Array:
    """b log(1 − x^a)."""
    return shape2 * log1mexp(shape1 * jnp.log(x))


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The beta's start, and the uniform distribution."""
    return [(1.0, 1.0), *beta.start(x, w)[:1]]


def _log1mexp(a: Floats) -> Floats:
    """log(1 − e^a), as in `stable`, for numpy."""
    return np.where(a > -np.log(2), np.log(-np.expm1(a)), np.log1p(-np.exp(a)))


def _log_sf(x: Floats, a: Floats, b: Floats) -> Floats:
    return b * _log1mexp(a * np.log(x))


LAW = law(
    "kumaraswamy",
    "a, b",
    (0.0, 1.0),
    logpdf=lambda x, a, b: np.log(a * b) + (a - 1) * np.log(x) + (b - 1) * _log1mexp(a * np.log(x)),
    logcdf=lambda x, a, b: _log1mexp(_log_sf(x, a, b)),
    logsf=_log_sf,
    ppf=lambda p, a, b: np.exp(_log1mexp(np.log1p(-p) / b) / a),
    isf=lambda p, a, b: np.exp(_log1mexp(np.log(p) / b) / a),
)

FAMILY = Family(
    name="kumaraswamy",
    scipy="",
    title="Kumaraswamy",
    support=UNIT,
    parameters=(
        Parameter("shape1", "shape", limits=(1e-4, 1e8)),
        Parameter("shape2", "shape", limits=(1e-4, 1e8)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda shape1, shape2: ((shape1, shape2), 0.0, 1.0),
    log_cdf=lambda x, shape1, shape2: log1mexp(log_sf(x, shape1, shape2)),
    log_sf=log_sf,
    law=LAW,
    special_cases={"power-function": "shape2 = 1"},
)
