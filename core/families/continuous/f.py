"""F (Snedecor): a ratio of gamma values of any unit, `scale` 1 for a ratio of variances; a beta
prime. The gamma is the limit of large df2, the inverse gamma of large df1."""

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.continuous import gamma, inverse_gamma
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import quantile, sd
from core.families.special import log_beta


def log_density(x: Array, df1: Array, df2: Array, scale: Array) -> Array:
    """½ m log y − ½ (m + n) log(1 + y) − log B(m/2, n/2) − log x, y = m x / (n scale)."""
    y = jnp.log(x) - jnp.log(scale) + jnp.log(df1) - jnp.log(df2)
    # For y above 1 in 1 / y, so that large degrees of freedom cancel on neither side.
    power = jnp.where(y > 0, -df2 / 2 * y, df1 / 2 * y)
    power -= (df1 + df2) / 2 * jnp.log1p(jnp.exp(-jnp.abs(y)))
    return power - log_beta(df1 / 2, df2 / 2) - jnp.log(x)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The variance 2 ψ′(h) of log x when both degrees of freedom are 2h, and near either limit."""
    half = sd(np.log(x), w) ** 2 / 2
    df = float((1 + np.sqrt(1 + 2 * half)) / half)
    shape, scale = gamma.start(x, w)[0]
    tail, least = inverse_gamma.start(x, w)[0]
    return [
        (df, df, quantile(x, w, 0.5)),
        (2 * shape, 100.0, shape * scale),
        (100.0, 2 * tail, least / tail),
    ]


FAMILY = Family(
    name="f",
    scipy="f",
    title="F",
    aliases=("snedecor", "fisher-snedecor", "scaled f"),
    support=POSITIVE,
    parameters=(
        Parameter("df1", "shape", limits=(1e-3, 1e10), beyond="the inverse gamma is the limit"),
        Parameter("df2", "shape", limits=(1e-3, 1e10), beyond="the gamma is the limit"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda df1, df2, scale: ((df1, df2), 0.0, scale),
    special_cases={"beta-prime": "scale = df1 / df2", "pareto2": "df1 = 2"},
)
