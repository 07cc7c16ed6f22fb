"""Expressions that keep their digits, and their derivatives, where the plain formula does not."""

import jax.numpy as jnp
from jax import Array

from core.families.gammas import gammaln


def log1mexp(a: Array) -> Array:
    """log(1 − e^a) for a ≤ 0 (Mächler 2012, vignette of the R package Rmpfr); −∞ at 0."""
    near = a > -jnp.log(2.0)
    # Both branches get arguments at which they and their derivatives are finite.
    close = jnp.where(near & (a < 0), a, -0.5)
    far = jnp.where(near, -1.0, a)
    value = jnp.where(near, jnp.log(-jnp.expm1(close)), jnp.log1p(-jnp.exp(far)))
    return jnp.where(a < 0, value, -jnp.inf)


def log1mexp_exp(y: Array) -> Array:
    """log(1 − e^(−e^y)), which is near y for a very negative y."""
    low = y < -30
    return jnp.where(low, y - jnp.exp(y) / 2, log1mexp(-jnp.exp(jnp.where(low, 0.0, y))))


def extreme_log(z: Array, xi: Array) -> tuple[Array, Array]:
    """log(1 + ξ z) / ξ, smooth through ξ = 0 where it is z, and whether 1 + ξ z > 0."""
    t = xi * z
    inside = t > -1
    small = jnp.abs(t) < 1e-2
    s = jnp.where(small, t, 0.0)
    # 8 terms: at |t| = 0.01 the value is good to 1e-17 and its second derivative to 1e-12.
    series = sum((-s) ** k / (k + 1) for k in range(8))
    large = jnp.where(small | ~inside, 1.0, t)
    return z * jnp.where(small, series, jnp.log1p(large) / large), inside


def regular_tail(xi: float) -> str:
    """What fails for tail index ξ ≤ −1/2 (Smith 1985, Biometrika 72, 67), or nothing."""
    if xi > -0.5:
        return ""
    return f"xi = {xi:.3g} is at or below −1/2, where the usual standard errors do not hold"


def either(low: Array, high: Array) -> tuple[Array, Array]:
    """log F and log(1 − F) from expressions for both, of which each keeps its digits where it is
    the smaller one."""
    below = low < high
    return jnp.where(below, low, log1mexp(high)), jnp.where(below, log1mexp(low), high)


# Stirling's series: log Γ(z) = (z − ½) log z − z + ½ log 2π + Σ cⱼ z^(1 − 2j) (DLMF 5.11.1).
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)


def log_rising(a: Array, k: Array) -> Array:
    """log Γ(a + k) − log Γ(a) for a > 0, k ≥ 0, which keeps its digits where a is large."""
    far = a > 15
    # Both branches get arguments at which they and their derivatives are finite.
    b, c = jnp.where(far, a, 20.0), jnp.where(far, 1.0, a)
    rest = sum(s * ((b + k) ** (1 - 2 * j) - b ** (1 - 2 * j)) for j, s in enumerate(_STIRLING, start=1))
    large = (b - 0.5) * jnp.log1p(k / b) + k * (jnp.log(b + k) - 1) + rest
    return jnp.where(far, large, gammaln(c + k) - gammaln(c))


# B₂ⱼ / (2j)! of the Euler–Maclaurin formula.
_BERNOULLI = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000)


def log_zeta(s: Array) -> Array:
    """log ζ(s) for s > 1, to rounding with two derivatives in s (DLMF 25.2.9 with 12 terms)."""
    n, first = 12.0, jnp.arange(2.0, 12.0)
    rest = n ** (1 - s) / (s - 1) + 0.5 * n**-s
    rising = s * n ** (-s - 1)
    for j, b in enumerate(_BERNOULLI, start=1):
        rest += b * rising
        rising *= (s + 2 * j - 1) * (s + 2 * j) / n**2
    return jnp.log1p(jnp.sum(jnp.exp(-s * jnp.log(first))) + rest)
