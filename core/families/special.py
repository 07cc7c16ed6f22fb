"""Special functions that keep their digits, and those of their derivatives, in the far tails."""

import jax.numpy as jnp
import jax.scipy.special as jsp
from jax import Array

from core.families.gammas import gammaln
from core.families.stable import log_rising


def log_mills(t: Array) -> Array:
    """log of Mills' ratio (1 − Φ(t)) / φ(t), with the digits of its derivatives: Laplace's continued
    fraction 1 / (t + 1 / (t + 2 / (t + …))) from 10 on."""
    far = t > 10
    s = jnp.where(far, t, 10.0)
    fraction = s
    for k in range(14, 0, -1):
        fraction = s + k / fraction
    near = jnp.where(far, 10.0, t)
    plain = jsp.log_ndtr(-near) + 0.5 * near**2 + 0.5 * jnp.log(2 * jnp.pi)
    return jnp.where(far, -jnp.log(fraction), plain)


def log_ndtr(x: Array) -> Array:
    """log Φ(x), with the digits of its derivatives in the lower tail."""
    far = x < -10
    low, high = jnp.where(far, x, -10.0), jnp.where(far, -10.0, x)
    tail = log_mills(-low) - 0.5 * low**2 - 0.5 * jnp.log(2 * jnp.pi)
    return jnp.where(far, tail, jsp.log_ndtr(high))


# Stirling's series B₂ₖ / (2k (2k − 1)): at 10 its first term left out is 1e-17.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


def stirling_error(r: Array) -> Array:
    """log Γ(a) − (a − ½) log a + a − ½ log 2π with r = 1 / a, smooth in r through 0."""
    far = r < 0.1
    small = jnp.where(far, r, 0.1)
    series = _STIRLING[-1] * jnp.ones_like(small)
    for c in _STIRLING[-2::-1]:
        series = c + small**2 * series
    a = 1 / jnp.where(far, 0.1, r)
    plain = gammaln(a) - (a - 0.5) * jnp.log(a) + a - 0.5 * jnp.log(2 * jnp.pi)
    return jnp.where(far, small * series, plain)


def log_beta(a: Array, b: Array) -> Array:
    """log B(a, b), with its digits where either is large."""
    return jnp.where(b > 15, gammaln(a) - log_rising(b, a), gammaln(b) - log_rising(a, b))
