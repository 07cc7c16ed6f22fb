"""Expressions that keep their digits, and their derivatives, where the plain formula does not."""

import jax.numpy as jnp
from jax import Array


def log1mexp(a: Array) -> Array:
    """log(1 − e^a) for a ≤ 0 (Mächler 2012, vignette of the R package Rmpfr); −∞ at 0."""
    near = a > -jnp.log(2.0)
    # Both branches get arguments at which they and their derivatives are finite.
    close = jnp.where(near & (a < 0), a, -0.5)
    far = jnp.where(near, -1.0, a)
    value = jnp.where(near, jnp.log(-jnp.expm1(close)), jnp.log1p(-jnp.exp(far)))
    return jnp.where(a < 0, value, -jnp.inf)


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
