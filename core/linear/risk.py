"""Mean risk of least squares and ridge on a random design: exact, and in the limit.

Throughout n samples, p features, `signal` the variance that the features in use explain, `noise`
the variance they leave; risk is the expected squared error on a new sample, noise included. The
penalty λ is that of mean squared error + λ‖b‖², and 0 means the interpolating solution of least
norm where p > n.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def exact(n: ArrayLike, p: ArrayLike, signal: ArrayLike, noise: ArrayLike) -> Floats:
    """Ridgeless, independent Gaussian features; NaN at p = n − 1, n, n + 1, where there is no mean.

    From E tr W⁻¹ = p / (n − p − 1) for a p × p Wishart matrix of n degrees of freedom, and, for
    p > n, from the projection on a uniformly random n-dimensional subspace. Belkin, Hsu & Xu,
    arXiv:1903.07571.
    """
    n, p, s, v = (np.asarray(a, dtype=float) for a in (n, p, signal, noise))
    with np.errstate(divide="ignore", invalid="ignore"):
        under = v * (n - 1) / (n - p - 1)
        over = s * (1 - n / p) + v * (p - 1) / (p - n - 1)
    return np.where(np.abs(p - n) < 2, np.nan, np.where(p < n, under, over))


def train(n: ArrayLike, p: ArrayLike, noise: ArrayLike) -> Floats:
    """Ridgeless mean squared residual: noise · (1 − p/n), and 0 from p = n on. Exact for any design
    of full rank, given noise independent of it."""
    left = np.maximum(0.0, 1 - np.asarray(p, dtype=float) / np.asarray(n, dtype=float))
    return np.asarray(np.asarray(noise, dtype=float) * left)


def optimal_penalty(ratio: ArrayLike, signal: ArrayLike, noise: ArrayLike) -> Floats:
    """λ* = ratio · noise / signal, the best for isotropic Gaussian features at every n and p: ridge
    is then the Bayes estimator of a rotation-invariant truth. Dobriban & Wager, arXiv:1507.03003."""
    g, v, s = (np.asarray(a, dtype=float) for a in (ratio, noise, signal))
    return np.asarray(g * v / s)


def isotropic(ratio: ArrayLike, signal: ArrayLike, noise: ArrayLike, penalty: ArrayLike = 0.0) -> Floats:
    """Limit n, p → ∞ at p / n = `ratio` for independent features; infinite at ratio 1 without
    penalty. Hastie, Montanari, Rosset & Tibshirani, arXiv:1903.08560."""
    g, s, v, q = (np.asarray(a, dtype=float) for a in (ratio, signal, noise, penalty))
    # κ solves 1 = g / (1 + κ) + q / κ.
    kappa = ((g + q - 1) + np.sqrt((g + q - 1) ** 2 + 4 * q)) / 2
    with np.errstate(divide="ignore"):
        return np.asarray(((kappa / (1 + kappa)) ** 2 * s + v) / (1 - g / (1 + kappa) ** 2))


def universal(n: int, eigenvalues: Floats, squares: Floats, noise: float, penalty: float = 0.0) -> float:
    """Limit for features of covariance Σ: `eigenvalues` (p,) and `squares` (p,), the squared
    coefficients along its eigenvectors; infinite at p = n without penalty. Bordelon, Canatar &
    Pehlevan, arXiv:2002.02561."""
    kappa = _scale(n, eigenvalues, n * penalty)
    learned = eigenvalues / (eigenvalues + kappa)
    bias = float((kappa**2 * eigenvalues * squares / (eigenvalues + kappa) ** 2).sum())
    left = 1 - float((learned**2).sum()) / n
    return (bias + noise) / left if left > 0 else np.inf


def _scale(n: int, eigenvalues: Floats, delta: float) -> float:
    """κ that solves n = Σ l / (l + κ) + δ / κ, and 0 for δ = 0 and p ≤ n."""
    if delta == 0 and eigenvalues.size <= n:
        return 0.0

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return float((eigenvalues / (eigenvalues + kappa)).sum() + delta / kappa - n)

    high = np.log((eigenvalues.sum() + delta) / n)
    return float(np.exp(scipy.optimize.brentq(excess, high - 40, high + 1e-9, xtol=1e-13)))
