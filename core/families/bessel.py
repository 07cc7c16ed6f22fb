"""The logarithm of the modified Bessel function K₁ and its derivatives, in few operations."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.polynomial import chebyshev
from scipy import special

# Below 2 power series in h = s² / 4 (DLMF 10.31): of I₀, of what K₀ is beyond −log(s/2) I₀, and of both
# of 2 I₁ / s and K₁. Their next terms are below 1e-17.
_K = np.arange(13)
_ZERO, _ONE = 1 / special.factorial(_K) ** 2, 1 / (special.factorial(_K) * special.factorial(_K + 1))
_DIGAMMA = special.digamma(_K + 1)
_SERIES = (_ZERO, _ZERO * _DIGAMMA, _ONE, _ONE * (_DIGAMMA + 0.5 / (_K + 1)))

# From 2 on Chebyshev series in t = 4 / s − 1, of integrals that the trapezoidal rule has to rounding:
# K_ν(s) e^s = ∫ cosh νu e^(−s (cosh u − 1)) du over u > 0, with s (cosh u − 1) = x².
_X = 0.28 * np.arange(24)
_MASS = 0.28 * np.exp(-(_X**2)) * np.where(_X == 0, 0.5, 1.0)


def _integral(t: np.ndarray, power: int) -> np.ndarray:
    """∫ x^power e^(−x²) / √(1 + x² / 2s) dx."""
    return np.asarray(
        np.sqrt(2) * np.sum(_MASS * _X**power / np.sqrt(1 + _X**2 * (t[:, None] + 1) / 8), 1)
    )


_interpolate: Any = chebyshev.chebinterpolate
_FAR = _interpolate(lambda t: _integral(t, 0) + (t + 1) / 4 * _integral(t, 2), 23)
_GAP = _interpolate(lambda t: _integral(t, 2), 23)


@jax.custom_jvp
def log_k1e(s: Array) -> Array:
    """log e^s K₁(s) for s > 0."""
    return _parts(s)[0]


@jax.custom_jvp
def gap(s: Array) -> Array:
    """s (1 − K₀(s) / K₁(s)), from 0 at 0 to ½ far out."""
    return _parts(s)[1]


log_k1e.defjvp(lambda x, dx: (log_k1e(x[0]), (gap(x[0]) - 1) / x[0] * dx[0]))


@gap.defjvp
def _(x: tuple[Array], dx: tuple[Array]) -> tuple[Array, Array]:
    g = gap(x[0])
    return g, (2 * g - 1 + (2 - g) * g / x[0]) * dx[0]


def _parts(s: Array) -> tuple[Array, Array]:
    small = s < 2
    near, far = jnp.where(small, s, 1.0), jnp.where(small, 2.0, s)
    h, log = near**2 / 4, jnp.log(near / 2)
    i0, k0, i1, k1 = (_power(c, h) for c in _SERIES)
    # s K₁(s)
    one = 1 + 2 * h * (log * i1 - k1)
    below = jnp.log(one / near) + near, near - near**2 * (k0 - log * i0) / one
    t = 4 / far - 1
    top = _clenshaw(_FAR, t)
    above = jnp.log(top) - 0.5 * jnp.log(far), _clenshaw(_GAP, t) / top
    return jnp.where(small, below[0], above[0]), jnp.where(small, below[1], above[1])


def _power(coefficients: Sequence[float] | np.ndarray, h: Array) -> Array:
    total = jnp.full_like(h, coefficients[-1])
    for c in coefficients[-2::-1]:
        total = c + h * total
    return total


def _clenshaw(coefficients: np.ndarray, t: Array) -> Array:
    last, before = jnp.zeros_like(t), jnp.zeros_like(t)
    for c in coefficients[:0:-1]:
        last, before = c + 2 * t * last - before, last
    total: Array = coefficients[0] + t * last - before
    return total
