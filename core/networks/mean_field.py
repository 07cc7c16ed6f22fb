"""What does an infinitely wide layer do to a signal? Moments of activations at Gaussian inputs.

With pre-activations (u, v) normal, of mean 0, variances p and q and correlation c:

    product  E φ(u) φ(v)          slopes  E φ'(u) φ'(v)

and from them, for weights of variance σ_w² / width and biases of variance σ_b², the recursion of the
variance q → σ_w² E φ² + σ_b², its fixed point q*, and the factor χ = σ_w² E φ'² by which a layer
multiplies the squared norm of a gradient on its way back. χ(q*) = 1 is the edge of chaos.

ReLU and erf have closed forms. tanh is by the trapezoidal rule, whose error falls exponentially in
the number of nodes for functions analytic in a strip (Trefethen & Weideman 2014, SIAM Review 56,
385–458): with 181 and 121 × 121 nodes to 1e-6 for variances up to 10, to 1e-4 at 20, where
Gauss–Hermite quadrature of as many nodes is off by 1e-2.

Sources: Poole et al., arXiv:1606.05340, equations 3 to 6; Schoenholz et al., arXiv:1611.01232,
section 3; Cho & Saul (NIPS 2009), equations 4 to 7, for ReLU; Williams (NIPS 1996), equation 11, for
erf.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Name = Literal["tanh", "erf", "relu"]


class Function(NamedTuple):
    """An activation and its derivative, given pre-activations and activations, in their float type."""

    value: Callable[[Any], Any]
    slope: Callable[[Any, Any], Any]


FUNCTIONS: Mapping[str, Function] = {
    "tanh": Function(np.tanh, lambda h, a: 1 - a * a),
    "erf": Function(erf, lambda h, a: h.dtype.type(2 / np.sqrt(np.pi)) * np.exp(-h * h)),
    "relu": Function(lambda h: np.maximum(h, 0), lambda h, a: (h > 0).astype(h.dtype)),
}


def product(name: Name, p: ArrayLike, q: ArrayLike, c: ArrayLike) -> Floats:
    """E φ(u) φ(v) for variances p, q ≥ 0 and correlation c in [−1, 1], which broadcast."""
    p, q, c = _broadcast(p, q, c)
    if name == "relu":
        angle = np.arccos(c)
        made: Floats = np.sqrt(p * q) * (np.sqrt(1 - c * c) + c * (np.pi - angle)) / (2 * np.pi)
        return made
    if name == "erf":
        shared = 2 * c * np.sqrt(p * q) / np.sqrt((1 + 2 * p) * (1 + 2 * q))
        return np.asarray(2 / np.pi * np.arcsin(shared))
    return pair_mean(np.tanh, p, q, c)


def slopes(name: Name, p: ArrayLike, q: ArrayLike, c: ArrayLike) -> Floats:
    """E φ'(u) φ'(v), as `product`."""
    p, q, c = _broadcast(p, q, c)
    if name == "relu":
        return np.asarray((np.pi - np.arccos(c)) / (2 * np.pi))
    if name == "erf":
        return np.asarray(4 / np.pi / np.sqrt((1 + 2 * p) * (1 + 2 * q) - 4 * c * c * p * q))
    return pair_mean(lambda x: 1 - np.tanh(x) ** 2, p, q, c)


def square(name: Name, q: ArrayLike) -> Floats:
    """E φ² at variance q."""
    q = np.asarray(q, float)
    return _one(np.tanh, q) if name == "tanh" else product(name, q, q, 1.0)


def squared_slope(name: Name, q: ArrayLike) -> Floats:
    """E φ'² at variance q."""
    q = np.asarray(q, float)
    return _one(lambda x: 1 - np.tanh(x) ** 2, q) if name == "tanh" else slopes(name, q, q, 1.0)


def pair_mean(function: Callable[[Floats], Floats], p: Floats, q: Floats, c: Floats) -> Floats:
    """E f(u) f(v) for a smooth f, by quadrature; arguments as of `product`."""
    z, weights = _nodes(121)
    first = function(np.sqrt(p)[..., None] * z)
    mixed = c[..., None, None] * z[:, None] + np.sqrt(1 - c * c)[..., None, None] * z
    second = function(np.sqrt(q)[..., None, None] * mixed) @ weights
    return np.asarray((first * second) @ weights)


def fixed_point(name: Name, weight: ArrayLike, bias: ArrayLike) -> Floats:
    """q*, the variance that layers with σ_w² = `weight` and σ_b² = `bias` settle at: 0 where a signal
    dies out, infinite where it grows without end (ReLU from σ_w² = 2 on)."""
    weight, bias = np.broadcast_arrays(np.asarray(weight, float), np.asarray(bias, float))
    if name == "relu":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(weight < 2, bias / (1 - weight / 2), np.inf)
    # |φ| ≤ 1, so q* ≤ σ_w² + σ_b²; E φ² is concave in q, so there is one crossing above 0.
    low, high = np.full(weight.shape, 1e-12), weight + bias
    dead = weight * square(name, low) + bias <= low
    for _ in range(60):
        middle = (low + high) / 2
        grows = weight * square(name, middle) + bias > middle
        low, high = np.where(grows, middle, low), np.where(grows, high, middle)
    return np.where(dead, 0.0, low)


def critical_weight(name: Name, bias: ArrayLike) -> Floats:
    """The σ_w² at which χ(q*) = 1, for σ_b² = `bias`."""
    bias = np.asarray(bias, float)
    if name == "relu":
        return np.full(bias.shape, 2.0)
    # On the critical line σ_w² = 1 / E φ'², so that σ_b² = q − E φ² / E φ'², increasing in q.
    low, high = np.zeros(bias.shape), np.full(bias.shape, 16.0)
    for _ in range(60):
        middle = (low + high) / 2
        below = middle - square(name, middle) / squared_slope(name, middle) < bias
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray(1 / squared_slope(name, low))


def _broadcast(*values: ArrayLike) -> tuple[Floats, Floats, Floats]:
    p, q, c = np.broadcast_arrays(*(np.asarray(v, float) for v in values))
    return p, q, np.clip(c, -1, 1)


@cache
def _nodes(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights for the mean over a standard normal variable."""
    z = np.linspace(-9, 9, count)
    density = np.exp(-z * z / 2)
    return z, density / density.sum()


def _one(function: Callable[[Floats], Floats], q: Floats) -> Floats:
    z, weights = _nodes(181)
    return np.asarray(function(np.sqrt(q)[..., None] * z) ** 2 @ weights)
