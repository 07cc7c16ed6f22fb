"""Regularised least squares as shrinkage along the principal directions of the samples.

Each method multiplies the least squares coefficient along a direction of sample variance s by a
factor f = s g(s) in [0, 1]; with z the direction's share of X'y / n the coefficient is g z. The gain
g is finite where s is 0. For noise of variance σ² and coefficients of mean square τ², the same along
every direction, the mean excess risk under a covariance Σ, given the samples, is

    Σ_i w_i (τ² (1 − f_i)² + σ² s_i g_i² / n),    w_i = v_i' Σ v_i.

Ali, Kolter & Tibshirani, arXiv:1810.10082: the flow at t = 1/λ has at most 1.6862 times the risk of
ridge, direction by direction, the greatest ((1 − e^−x)(1 + x)/x)².
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# The bound at equal λ = 1/t, and that between the best of each.
BOUND, TUNED = 1.6862, 1.22


class Directions(NamedTuple):
    """Of a design X (n, p): `variance` s (p,) of the samples along `vectors` (p, p), its columns;
    the largest first. The number of samples `samples`."""

    variance: Floats
    vectors: Floats
    samples: int

    def along(self, x: Floats, y: Floats) -> Floats:
        """z = V'X'y / n: (p,), or (p, k) for targets `y` (n, k)."""
        return np.asarray(self.vectors.T @ (x.T @ y) / self.samples)


def directions(x: Floats) -> Directions:
    """The principal directions of `x` (n, p), not centred."""
    values, vectors = np.linalg.eigh(x.T @ x / len(x))
    values = np.maximum(values[::-1], 0.0)
    # What rounding leaves of a direction without samples is none.
    values[values < values[0] * x.shape[1] * np.finfo(float).eps] = 0.0
    values[min(x.shape) :] = 0.0
    return Directions(values, np.ascontiguousarray(vectors[:, ::-1]), len(x))


def ridge(s: Floats, penalty: Floats) -> Floats:
    """Gains (k, p) of ridge at penalties (k,): of mean squared error + λ‖b‖²."""
    return np.asarray(1 / (s + penalty[:, None]))


def flow(s: Floats, time: Floats) -> Floats:
    """Gains (k, p) of gradient flow on half the mean squared error, from 0, at times (k,)."""
    reach = time[:, None] * s
    small = reach < 1e-12
    return np.asarray(np.where(small, time[:, None], -np.expm1(-reach) / np.where(s > 0, s, 1.0)))


def descent(s: Floats, rate: float, steps: Floats, decay: float = 0.0) -> Floats:
    """Gains (k, p) of gradient descent after `steps` (k,) of size `rate`, with weight decay."""
    pull = s + decay
    left = np.abs(1 - rate * pull) ** steps[:, None]
    left = np.where((rate * pull > 1) & (steps[:, None] % 2 == 1), -left, left)
    return np.asarray(
        np.where(pull > 0, (1 - left) / np.where(pull > 0, pull, 1.0), rate * steps[:, None])
    )


def truncated(s: Floats, least: Floats) -> Floats:
    """Gains (k, p) of least squares on the directions of variance above `least` (k,)."""
    kept = (s > least[:, None]) & (s > 0)
    return np.asarray(np.where(kept, 1 / np.where(s > 0, s, 1.0), 0.0))


def excess(
    at: Directions, gains: Floats, covariance: Floats, coefficient: float, noise: float
) -> tuple[Floats, Floats]:
    """Mean and standard deviation (k,) each, over coefficients and noise, of the excess risk of
    `gains` (k, p) under `covariance` (p, p), for Gaussian coefficients of mean square `coefficient`
    along every direction and `noise` of this variance."""
    metric = at.vectors.T @ covariance @ at.vectors
    s = at.variance
    error = coefficient * (1 - gains * s) ** 2 + noise * s * gains**2 / at.samples
    # A quadratic form e'Me of independent Gaussian e of variances d has variance 2 Σ d_i M_ij² d_j.
    variance = 2 * ((error @ metric**2) * error).sum(axis=1)
    return np.asarray(error @ np.diag(metric)), np.asarray(np.sqrt(variance))


def noisy(
    x: Floats, y: Floats, b: Floats, kind: str, strength: float, copies: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """What training sees at `b` (p,) if its inputs are noisy copies of `x` (n, p): by `kind` "noise"
    of variance `strength`, or "dropout", each entry kept, 1 + `strength` times as large, with
    probability 1 / (1 + `strength`), else 0.

    Returns gradients of half the mean squared error (copies, p), and the copies' mean X'X / n.
    """
    n, p = x.shape
    slopes, matrix = np.empty((copies, p)), np.zeros((p, p))
    for k in range(copies):
        if kind == "noise":
            seen = x + np.sqrt(strength) * rng.standard_normal((n, p))
        else:
            seen = x * ((rng.random((n, p)) < 1 / (1 + strength)) * (1 + strength))
        slopes[k] = seen.T @ (seen @ b - y) / n
        matrix += seen.T @ seen / (n * copies)
    return slopes, matrix
