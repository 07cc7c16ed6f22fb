"""Integrals over the line of functions with one peak, with three derivatives in two parameters.

∫ e^(p a(u) + q b(u) + c(u)) du has the cumulants of a and b as derivatives of its logarithm, which
one pass over the nodes gives: differentiating the sum over them instead would carry each node's
derivatives along. For one p and many q the integrals are computed at Chebyshev nodes of the range of
q and interpolated between them (Berrut & Trefethen 2004, SIAM Review 46, 501).
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

# s = 2 sinh(τ / 2) up to ± 45 widths, far enough for a tail that falls as e^(−s). The trapezoidal
# rule in τ has an error below 1e-11 for the log-concave functions that families integrate.
_TAU = np.linspace(-1.0, 1.0, 128) * 2 * np.arcsinh(45.0 / 2)
_OFFSETS = 2 * np.sinh(_TAU / 2)
_LOG_WEIGHTS = np.log(np.cosh(_TAU / 2) * (_TAU[1] - _TAU[0]))

# Nodes on (−1, 1), and the weights of the rational form of the interpolation between them.
_ANGLES = (np.arange(48) + 0.5) * np.pi / 48
_COSINES, _SHARES = np.cos(_ANGLES), (-1.0) ** np.arange(48) * np.sin(_ANGLES)

Pair = tuple[Array, Array]
Triple = tuple[Array, Array, Array]


class Form(NamedTuple):
    """The functions a and b, c, and (p, q) -> the peak of the integrand, where its logarithm is
    concave, with its width: its second derivative there is −1 / width². In t with
    q = scale(p) t / (1 − t²), what the integral is beyond its peak is smooth from −1 to 1."""

    linear: Callable[[Array], Pair]
    base: Callable[[Array], Array]
    peak: Callable[[Array, Array], Pair]
    scale: Callable[[Array], Array]


def _beyond(form: Form, p: Array, q: Array) -> Array:
    """For p and q (k,), (k, 10): log ∫ / (width · largest value), the means of a and b less those at
    the peak, their covariances (aa, ab, bb) and third cumulants (aaa, aab, abb, bbb)."""
    peak, width = form.peak(p, q)
    u = peak[:, None] + width[:, None] * _OFFSETS
    (a, b), (top_a, top_b) = form.linear(u), form.linear(peak)
    logs = p[:, None] * a + q[:, None] * b + form.base(u)
    top = p * top_a + q * top_b + form.base(peak)
    mass = jnp.exp(logs - top[:, None] + _LOG_WEIGHTS)
    total = jnp.sum(mass, axis=1)
    share = mass / total[:, None]
    off_a, off_b = (jnp.sum(share * v, axis=1) for v in (a - top_a[:, None], b - top_b[:, None]))
    a, b = a - (top_a + off_a)[:, None], b - (top_b + off_b)[:, None]
    products = (a * a, a * b, b * b, a**3, a * a * b, a * b * b, b**3)
    return jnp.stack(
        [jnp.log(total), off_a, off_b, *(jnp.sum(share * v, axis=1) for v in products)], axis=1
    )


def _interpolated(form: Form, p: Array, q: Array) -> Array:
    """`_beyond` for a scalar p and q of any shape, along a last axis."""
    s = q / form.scale(p)
    t = 2 * s / (1 + jnp.sqrt(1 + 4 * s**2))
    low, high = jnp.min(t), jnp.max(t)
    # A single value gets a range too, which stays off the ends.
    room = 1e-2 * (1 - jnp.maximum(jnp.abs(low), jnp.abs(high))) + 1e-9
    low, high = jnp.maximum(low - room, -1.0), jnp.minimum(high + room, 1.0)
    nodes = (low + high) / 2 + (high - low) / 2 * _COSINES
    values = _beyond(form, jnp.full(48, p), form.scale(p) * nodes / ((1 - nodes) * (1 + nodes)))
    away = t[..., None] - nodes
    share = jnp.asarray(_SHARES) / jnp.where(away == 0, 1e-30, away)
    return share @ values / jnp.sum(share, axis=-1, keepdims=True)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def log_integral(form: Form, p: Array, q: Array) -> Array:
    """log ∫ e^(p a + q b + c) du for a scalar p and q of any shape."""
    peak, width = form.peak(p, q)
    a, b = form.linear(peak)
    return p * a + q * b + form.base(peak) + jnp.log(width) + _interpolated(form, p, q)[..., 0]


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def means(form: Form, p: Array, q: Array) -> Pair:
    """The means of a and b under the integrand: the first derivatives of `log_integral`."""
    a, b = form.linear(form.peak(p, q)[0])
    off = _interpolated(form, p, q)
    return a + off[..., 1], b + off[..., 2]


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _covariances(form: Form, p: Array, q: Array) -> Triple:
    found = _interpolated(form, p, q)
    return found[..., 3], found[..., 4], found[..., 5]


@log_integral.defjvp
def _(form: Form, at: Pair, move: Pair) -> Pair:
    first = means(form, *at)
    return log_integral(form, *at), first[0] * move[0] + first[1] * move[1]


@means.defjvp
def _(form: Form, at: Pair, move: Pair) -> tuple[Pair, Pair]:
    aa, ab, bb = _covariances(form, *at)
    (p, q) = move
    return means(form, *at), (aa * p + ab * q, ab * p + bb * q)


@_covariances.defjvp
def _(form: Form, at: Pair, move: Pair) -> tuple[Triple, Triple]:
    found, (p, q) = _interpolated(form, *at), move
    aaa, aab, abb, bbb = (found[..., k] for k in (6, 7, 8, 9))
    return _covariances(form, *at), (aaa * p + aab * q, aab * p + abb * q, abb * p + bbb * q)
