"""Integrals over the line of functions with one peak, with three derivatives in two parameters.

∫ e^(p a(u) + q b(u) + c(u)) du has the cumulants of a and b as derivatives of its logarithm, which
one pass over the nodes gives: differentiating the sum over them instead would carry each node's
derivatives along.
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

Pair = tuple[Array, Array]
Triple = tuple[Array, Array, Array]


class Form(NamedTuple):
    """The functions a and b, c, and (p, q) -> the peak of the integrand, where its logarithm is
    concave, with its width: its second derivative there is −1 / width²."""

    linear: Callable[[Array], Pair]
    base: Callable[[Array], Array]
    peak: Callable[[Array, Array], Pair]


class _Nodes(NamedTuple):
    share: Array
    a: Array
    b: Array
    logarithm: Array


def _nodes(form: Form, p: Array, q: Array) -> _Nodes:
    peak, width = form.peak(p, q)
    u = peak[..., None] + width[..., None] * _OFFSETS
    (a, b), (top_a, top_b) = form.linear(u), form.linear(peak)
    top = p * top_a + q * top_b + form.base(peak)
    logs = p[..., None] * a + q[..., None] * b + form.base(u)
    mass = jnp.exp(logs - top[..., None] + _LOG_WEIGHTS)
    total = jnp.sum(mass, axis=-1)
    return _Nodes(mass / total[..., None], a, b, top + jnp.log(width) + jnp.log(total))


def _central(form: Form, p: Array, q: Array) -> Triple:
    """Shares of the nodes, and how far a and b are from their means there."""
    nodes = _nodes(form, p, q)
    a, b = (v - jnp.sum(nodes.share * v, axis=-1, keepdims=True) for v in (nodes.a, nodes.b))
    return nodes.share, a, b


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def log_integral(form: Form, p: Array, q: Array) -> Array:
    """log ∫ e^(p a + q b + c) du for p and q of one shape."""
    return _nodes(form, p, q).logarithm


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def means(form: Form, p: Array, q: Array) -> Pair:
    """The means of a and b under the integrand: the first derivatives of `log_integral`."""
    nodes = _nodes(form, p, q)
    return jnp.sum(nodes.share * nodes.a, axis=-1), jnp.sum(nodes.share * nodes.b, axis=-1)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _covariances(form: Form, p: Array, q: Array) -> Triple:
    share, a, b = _central(form, p, q)
    return tuple(jnp.sum(share * v, axis=-1) for v in (a * a, a * b, b * b))  # type: ignore[return-value]


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
    share, a, b = _central(form, *at)
    third = [jnp.sum(share * v, axis=-1) for v in (a**3, a * a * b, a * b * b, b**3)]
    p, q = move
    return _covariances(form, *at), (
        third[0] * p + third[1] * q,
        third[1] * p + third[2] * q,
        third[2] * p + third[3] * q,
    )
