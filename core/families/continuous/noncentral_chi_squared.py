"""Noncentral chi-squared: the squared length of a normal vector in df dimensions, whose mean has the
squared length nc; in any unit, `scale` 1 for unit variances. The gamma is the limit nc → 0."""

import jax.numpy as jnp
from jax import Array

from core.families.continuous import gamma
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import mean, sd
from core.families.peaks import Form, log_integral, means


def _linear(u: Array) -> tuple[Array, Array]:
    """log sech u, and tanh u − 1."""
    away = jnp.exp(-2 * jnp.abs(u))
    short = jnp.where(u > 0, 2 * away, 2.0) / (1 + away)
    return jnp.log(2.0) - jnp.abs(u) - jnp.log1p(away), -short


def _peak(m: Array, q: Array) -> tuple[Array, Array]:
    """q (1 − T²) = m T, T = tanh u; `rest` is 1 − T, without cancellation."""
    root = jnp.sqrt(m**2 + 4 * q**2)
    top, rest = 2 * q / (m + root), (m + m**2 / (root + 2 * q)) / (m + root)
    return 0.5 * jnp.log((1 + top) / rest), 1 / jnp.sqrt(rest * (1 + top) * (2 * q * top + m))


# ∫ sin^(m − 1) θ e^(q (cos θ − 1)) dθ from 0 to π, over u with cos θ = tanh u.
POISSON = Form(_linear, jnp.zeros_like, _peak, lambda m: m)


def log_density(x: Array, df: Array, nc: Array, scale: Array) -> Array:
    """½ e^(−(z + λ)/2) (z/λ)^(k/4 − ½) I_(k/2 − 1)(√(λ z)), z = x / scale, with Poisson's integral
    for I of orders k/2 and k/2 + 1 (DLMF 10.32.2, 10.29.1)."""
    z = x / scale
    m, q = df + 1, jnp.sqrt(nc * z)
    mean_cosine = 1 + means(POISSON, m, q)[1]
    integral = log_integral(POISSON, m, q) + jnp.log(df / 2 + q / 2 * mean_cosine)
    distance = 0.5 * (jnp.sqrt(z) - jnp.sqrt(nc)) ** 2
    constant = gammaln((df + 1) / 2) + 0.5 * jnp.log(jnp.pi) + jnp.log(2 * scale)
    return (df / 2 - 1) * jnp.log(z / 2) - distance + integral - constant


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Near the gamma, and moments at which nc is as large as df, or much larger: mean s (k + λ),
    variance 2 s² (k + 2 λ)."""
    shape, scale = gamma.start(x, w)[0]
    centre, ratio = mean(x, w), sd(x, w) ** 2 / mean(x, w)
    found: list[tuple[float, ...]] = [(2 * shape, 0.01, scale / 2)]
    for share in (1.0, 10.0):
        size = ratio * (1 + share) / (2 + 4 * share)
        df = max(centre / size / (1 + share), 0.1)
        found.append((df, share * df, centre / df / (1 + share)))
    return found


def caution(df: float, nc: float, scale: float) -> str:
    """At 0 the likelihood ends."""
    return "nc is at 0, the end of the family: the gamma is the limit" if nc < 1e-3 else ""


FAMILY = Family(
    name="noncentral-chi-squared",
    scipy="ncx2",
    title="Noncentral chi-squared",
    support=POSITIVE,
    parameters=(
        Parameter("df", "shape", limits=(1e-7, 1e6)),
        Parameter("nc", "shape", limits=(1e-9, 1e7), beyond="the gamma is the limit"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda df, nc, scale: ((df, nc), 0.0, scale),
    caution=caution,
    special_cases={"gamma": "nc = 0"},
)
