"""The Tracy–Widom law: how the largest eigenvalue of a real noise matrix fluctuates about the edge.

F(s) = det(1 − K_s), K_s(x, y) = Ai(x + y + s) on the positive half line: Ferrari & Spohn,
arXiv:math-ph/0505012; by Gauss–Legendre quadrature, which converges exponentially: Bornemann,
arXiv:0804.2543. The law is Tracy & Widom (1996), Communications in Mathematical Physics 177, 727.
"""

from functools import cache

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

# Bornemann, arXiv:0804.2543, table of moments, β = 1.
MEAN, VARIANCE = -1.2065335745820, 1.6077810345810
_LOW, _HIGH, _NODES, _LENGTH = -6.5, 5.0, 32, 14.0


def cdf(at: ArrayLike) -> Floats:
    """Probability of a value of at most `at` (any shape), to about 1e-6."""
    values = np.asarray(at, float)
    inside = _curve()(np.clip(values, _LOW, _HIGH))
    return np.asarray(np.where(values > _HIGH, 1.0, np.where(values < _LOW, 0.0, inside)))


def quantile(share: ArrayLike) -> Floats:
    """The value below which a `share` in [1e-5, 0.999] lies."""
    fine = np.linspace(_LOW, _HIGH, 4001)
    return np.asarray(np.interp(np.asarray(share, float), cdf(fine), fine))


@cache
def _curve() -> "scipy.interpolate.CubicSpline":
    grid = np.linspace(_LOW, _HIGH, 93)
    return scipy.interpolate.CubicSpline(grid, determinant(grid))


def determinant(at: Floats) -> Floats:
    """F at each of `at` (k,), by the determinant itself."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    nodes, root = (nodes + 1) * _LENGTH / 2, np.sqrt(weights * _LENGTH / 2)
    kernel = scipy.special.airy(at[:, None, None] + nodes[:, None] + nodes)[0]
    return np.asarray(np.linalg.det(np.eye(_NODES) - kernel * root[:, None] * root))
