"""Largest eigenvalues of Gaussian noise matrices, drawn without the matrices: a tridiagonal matrix
of independent entries has the same eigenvalues in law.

Dumitriu & Edelman (2002), Journal of Mathematical Physics 43, 5830, arXiv:math-ph/0206043.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigvalsh_tridiagonal

Floats = NDArray[np.float64]


def covariance(samples: int, features: int, count: int, rng: np.random.Generator) -> Floats:
    """`count` draws of the largest eigenvalue of X'X / n, X of `samples` n rows and `features` p
    columns of independent standard normal entries."""
    long, short = max(samples, features), min(samples, features)
    index = np.arange(short)
    diagonal = rng.chisquare(long - index, (count, short))
    off = rng.chisquare(short - 1 - index[:-1], (count, short - 1))
    # X'X is B'B for the bidiagonal B with these squared entries.
    middle = diagonal.copy()
    middle[:, 1:] += off
    return np.asarray(_largest(middle, np.sqrt(diagonal[:, :-1] * off)) / samples)


def symmetric(size: int, count: int, rng: np.random.Generator) -> Floats:
    """`count` draws of the largest eigenvalue of a symmetric (p, p) matrix of independent normal
    entries of variance 1 / p, on the diagonal 2 / p; p is `size`."""
    middle = np.sqrt(2) * rng.standard_normal((count, size))
    off = np.sqrt(rng.chisquare(np.arange(size - 1, 0, -1), (count, size - 1)))
    return np.asarray(_largest(middle, off) / np.sqrt(size))


def _largest(diagonals: Floats, offs: Floats) -> Floats:
    last = diagonals.shape[1] - 1
    one = [
        eigvalsh_tridiagonal(diagonal, off, select="i", select_range=(last, last))[0]
        for diagonal, off in zip(diagonals, offs, strict=True)
    ]
    return np.array(one)
