"""Student t with location and scale; `df` is the tail's power, the normal its limit."""

import jax.numpy as jnp
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.moments import quantile, spread
from core.families.stable import log_rising


def log_density(x: Array, df: Array, location: Array, scale: Array) -> Array:
    """−½ (ν + 1) log(1 + z² / ν) plus the constant, z = (x − μ) / σ."""
    z = (x - location) / scale
    constant = log_rising(df / 2, jnp.asarray(0.5)) - 0.5 * jnp.log(jnp.pi * df)
    return constant - jnp.log(scale) - (df + 1) / 2 * jnp.log1p(z**2 / df)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Tails of three weights around the median."""
    middle, width = quantile(x, w, 0.5), spread(x, w)
    return [(3.0, middle, width), (30.0, middle, width), (1.0, middle, width / 2)]


FAMILY = Family(
    name="student-t",
    scipy="t",
    title="Student t",
    aliases=("student",),
    support=REAL,
    parameters=(
        Parameter("df", "shape", limits=(0.05, 1e8), beyond="the normal distribution is the limit"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda df, location, scale: ((df,), location, scale),
    special_cases={"cauchy": "df = 1"},
)
