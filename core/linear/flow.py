"""Gradient flow of linear regression towards a teacher, and when it fits and when it generalises.

A student w (d,) learns the teacher w* from n noiseless samples x, with mean squared error in units in
which the teacher's output w*'x / √d has variance 1. With Σ = X'X / n and weight decay c,

    dw/dt = −Σ (w − w*) − c w,

so that along an eigenvector of Σ with eigenvalue ν the error w − w* is e a − (1 − s + e s) b at time t,
with e = exp(−(ν + c) t), s = ν / (ν + c), and a, b the coefficients of student and teacher at the start.
Averaged over a of variance S² and b of variance 1 its square is S² e² + (1 − s + e s)²; training loss
weighs it with ν, test loss for independent features with 1, and as n, d → ∞ at d / n = r the sum over
modes is an integral over the Marchenko–Pastur law.

Source: Levi, Beck & Bar-Sinai, arXiv:2310.16441.
"""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from core.linear.designs import Design, draw, variance
from core.optimization.marchenko_pastur import quadrature

Floats = NDArray[np.float64]
# Modes slower than those between neighbouring nodes are not told apart: times up to about 1e6.
NODES = 2000
FRESH = 400


class Losses(NamedTuple):
    """Train and test loss (…, time), in variances of the teacher's output."""

    train: Floats
    test: Floats


class Trained(NamedTuple):
    """One replicate: its losses, their means over students and teachers given the design, and the
    share of samples whose error is below the tolerance, on its own samples and on fresh ones (time,)."""

    losses: Losses
    expected: Losses
    accuracy: Losses


def squares(nu: Floats, times: Floats, scale: float, decay: float) -> Floats:
    """Mean square (mode, time) of the error along modes of eigenvalue `nu` (mode,)."""
    student, teacher = _factors(nu, times, decay)
    return scale**2 * student**2 + teacher**2


def predicted(ratio: float, times: Floats, scale: float, decay: float) -> Losses:
    """The limit of both losses for independent features at d / n = `ratio`."""
    law = quadrature(ratio, NODES)
    along = squares(law.nodes, times, scale, decay)
    unseen = max(0.0, 1 - 1 / ratio) * squares(np.zeros(1), times, scale, decay)[0]
    return Losses((law.weights * law.nodes) @ along, law.weights @ along + unseen)


def accuracy(loss: Floats, tolerance: float) -> Floats:
    """The share of errors below `tolerance` in size, of normal errors with mean square `loss`."""
    return np.asarray(scipy.special.erf(tolerance / np.sqrt(2 * np.maximum(loss, 1e-300))))


def threshold(share: float, tolerance: float) -> float:
    """The loss at which `share` of normal errors are below `tolerance`."""
    return float((tolerance / (np.sqrt(2) * scipy.special.erfinv(share))) ** 2)


def first_below(times: Floats, loss: Floats, level: float) -> float:
    """When `loss` (time,) first falls below `level`, between two times by straight lines in both
    logarithms; NaN if it does not."""
    below = np.flatnonzero(loss < level)
    if not below.size:
        return np.nan
    # A time of 0 has no logarithm.
    i = int(below[0])
    if i == 0 or times[i - 1] == 0:
        return float(times[max(i, 1)])
    (t0, t1), (l0, l1) = np.log(times[i - 1 : i + 1]), np.log(np.maximum(loss[i - 1 : i + 1], 1e-300))
    return float(np.exp(t0 + (t1 - t0) * (np.log(level) - l0) / (l1 - l0)))


def train(
    n: int,
    d: int,
    times: Floats,
    scale: float,
    decay: float,
    tolerance: float,
    design: Design,
    rng: np.random.Generator,
    *,
    rho: float,
    tail: float,
    fresh: int = FRESH,
) -> Trained:
    """One design, student and teacher; with `fresh` samples more for the test accuracy (0: none)."""
    rho = rho if design == "correlated" else 0.0
    x = draw(design, n, d, rng, rho=rho, tail=tail)
    nu, vectors = np.linalg.eigh(x.T @ x / n)
    # Beyond the rank, and for rounding, no mode is seen.
    nu = np.where(nu < 1e-10 * nu[-1], 0.0, nu)
    student, teacher = scale * rng.standard_normal(d), rng.standard_normal(d)
    e, t = _factors(nu, times, decay)
    error = e * (vectors.T @ student)[:, None] - t * (vectors.T @ teacher)[:, None]
    along = squares(nu, times, scale, decay)
    spread = variance(vectors.T, rho)
    moved = vectors @ error
    losses = Losses(nu @ error**2 / d, variance(moved.T, rho) / d)
    expected = Losses(nu @ along / d, spread @ along / d)
    if not fresh:
        return Trained(losses, expected, losses)
    new = draw(design, fresh, d, rng, rho=rho, tail=tail)
    close = (np.mean(np.abs(z @ moved) < tolerance * np.sqrt(d), axis=0) for z in (x, new))
    return Trained(losses, expected, Losses(*close))


def _factors(nu: Floats, times: Floats, decay: float) -> tuple[Floats, Floats]:
    """What multiplies student and teacher in the error, each (mode, time)."""
    rate = nu + decay
    share = np.where(rate > 0, nu / np.where(rate > 0, rate, 1.0), 0.0)[:, None]
    e = np.exp(-rate[:, None] * times)
    return e, 1 - share + e * share
