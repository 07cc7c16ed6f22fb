"""Random designs for linear regression, and the truth as a model of the first p features sees it.

Every feature has variance one. Correlated features are a stationary AR(1) series along the feature
index, Σ_jk = ρ^|j−k|, so that the first p of them have the same form and sums are one recursion.
"""

from typing import Literal, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Design = Literal["gaussian", "correlated", "entries", "samples"]
NAMES = {
    "gaussian": "Independent Gaussian",
    "correlated": "Correlated, AR(1)",
    "entries": "Heavy-tailed entries",
    "samples": "Heavy-tailed samples (a random scale each)",
}


def draw(
    design: Design, samples: int, features: int, rng: np.random.Generator, *, rho: float, tail: float
) -> Floats:
    """Features (n, p): independent Gaussian; AR(1) Gaussian with correlation `rho`; independent
    Student t with `tail` > 2 degrees of freedom; or Gaussian with a scale for each sample, such
    that a row is multivariate t."""
    x = rng.standard_normal((samples, features))
    if design == "correlated":
        x[:, 1:] *= np.sqrt(1 - rho**2)
        return np.asarray(scipy.signal.lfilter([1.0], [1.0, -rho], x, axis=1), dtype=float)
    if design in ("entries", "samples"):
        columns = features if design == "entries" else 1
        x *= np.sqrt((tail - 2) / rng.chisquare(tail, (samples, columns)))
    return x


def variance(beta: Floats, rho: float) -> Floats:
    """β'Σβ over the last axis of `beta` (…, p)."""
    # With s_j = β_j + ρ s_(j+1), the sum Σ β_j x_j is Σ s_j times the j-th innovation.
    s = scipy.signal.lfilter([1.0], [1.0, -rho], beta[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(s[..., 0] ** 2 + (1 - rho**2) * (s[..., 1:] ** 2).sum(axis=-1), dtype=float)


class Effective(NamedTuple):
    """The truth as the first p features see it: `beta` (p,), the best coefficients; `signal`, the
    variance they explain; `noise`, the variance they leave, that of the noise included."""

    beta: Floats
    signal: float
    noise: float


def effective(beta: Floats, p: int, rho: float, noise: float) -> Effective:
    """The projection of a truth `beta` (at least p coefficients) with `noise` variance on the first
    p features. Given those, feature k > p has mean ρ^(k−p) times the p-th."""
    best = beta[:p].copy()
    best[-1] += (beta[p:] * rho ** np.arange(1, beta.size - p + 1)).sum()
    explained = float(variance(best, rho))
    return Effective(best, explained, noise + max(0.0, float(variance(beta, rho)) - explained))


def spectrum(beta: Floats, rho: float) -> tuple[Floats, Floats]:
    """Eigenvalues of Σ (p,) and the squared coefficients of `beta` (p,) along its eigenvectors."""
    if rho == 0 or beta.size == 1:
        return np.ones(beta.size), beta**2
    # The inverse of an AR(1) covariance is tridiagonal.
    diagonal = np.full(beta.size, 1 + rho**2)
    diagonal[[0, -1]] = 1.0
    off = np.full(beta.size - 1, -rho)
    inverse, vectors = scipy.linalg.eigh_tridiagonal(diagonal, off)
    return np.asarray((1 - rho**2) / inverse, dtype=float), (vectors.T @ beta) ** 2
