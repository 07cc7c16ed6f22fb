"""The Marchenko–Pastur law: the eigenvalues of X'X / n for n samples of d independent features.

As n, d → ∞ at d / n = r with entries of mean 0 and variance 1, the d eigenvalues have the density
√((λ₊ − λ)(λ − λ₋)) / (2π r λ) between λ± = (1 ± √r)², and for r > 1 a share 1 − 1/r of them is 0.
Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1(4), 457–483.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Quadrature(NamedTuple):
    """Positive eigenvalues `nodes` and their `weights`, which sum to min(1, 1/r); the rest is at 0."""

    nodes: Floats
    weights: Floats


def edges(ratio: float) -> tuple[float, float]:
    """λ₋ and λ₊, the ends of the density, for d / n = `ratio` > 0."""
    return float((1 - np.sqrt(ratio)) ** 2), float((1 + np.sqrt(ratio)) ** 2)


def widened(samples: int, features: int, deviations: float = 2.0) -> tuple[float, float]:
    """The edges of n `samples` of d `features`, moved outwards by so many of the scales on which the
    extreme eigenvalues of Gaussian features fluctuate (Tracy–Widom), the lower one down to 0.

    Johnstone (2001), Annals of Statistics 29(2), 295–327; Feldheim & Sodin, arXiv:0812.1961.
    """
    n, d = np.sqrt(samples), np.sqrt(features)
    low, high = edges(features / samples)
    up = (n + d) * np.cbrt(1 / n + 1 / d) / samples
    down = abs(n - d) * np.cbrt(abs(1 / d - 1 / n)) / samples
    return float(max(0.0, low - deviations * down)), float(high + deviations * up)


def density(eigenvalues: ArrayLike, ratio: float) -> Floats:
    """Density of positive eigenvalues, per unit of eigenvalue; its mass is min(1, 1/ratio)."""
    at, (low, high) = np.asarray(eigenvalues, float), edges(ratio)
    inside = np.maximum((high - at) * (at - low), 0.0)
    return np.asarray(np.sqrt(inside) / (2 * np.pi * ratio * np.maximum(at, 1e-300)))


def quadrature(ratio: float, count: int) -> Quadrature:
    """Nodes and weights (count,). Σ weights · nodes · g(nodes) is exactly ∫ λ g dμ for every
    polynomial g of degree below 2 · count: Gauss–Chebyshev of the second kind in λ."""
    angle = np.pi * np.arange(1, count + 1) / (count + 1)
    # The sum of squares keeps the smallest nodes accurate where λ₋ is 0.
    nodes = (1 - np.sqrt(ratio)) ** 2 + 4 * np.sqrt(ratio) * np.cos(angle / 2) ** 2
    return Quadrature(nodes, 2 * np.sin(angle) ** 2 / ((count + 1) * nodes))


def quantiles(shares: ArrayLike, ratio: float, count: int = 4000) -> Floats:
    """Eigenvalues below which these `shares` in [0, 1] of the positive eigenvalues lie."""
    nodes, weights = (a[::-1] for a in quadrature(ratio, count))
    below = np.cumsum(weights) - weights / 2
    return np.asarray(np.interp(np.asarray(shares, float), below / weights.sum(), nodes))
