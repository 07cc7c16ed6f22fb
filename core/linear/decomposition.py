"""Bias, variance and noise of predictions: exact for linear smoothers, measured over replicates.

For weights S(x) and targets f + ε with independent noise of variance σ², at one input x

    bias² = (f(x) − S(x)'f)²        variance = σ² ‖S(x)‖²        error on a new target = both + σ²

Measured over R replicates, the square of the mean deviation is too large by variance / R, which is
taken off. Source: Hastie, Tibshirani & Friedman (2009), section 7.3.
"""

from typing import NamedTuple

import numpy as np

from core.linear.designs import Floats


class Parts(NamedTuple):
    """Bias², variance, test error (noise included) and training error at each setting (c,)."""

    bias: Floats
    variance: Floats
    test: Floats
    train: Floats


def exact(on_grid: Floats, on_sample: Floats, truth: Floats, sample: Floats, noise: float) -> Parts:
    """What linear smoothers have on average: weights at the grid (c, m, n) and at the sample
    (c, n, n), noiseless targets `truth` (m,) and `sample` (n,), and the noise's variance. Means over
    the grid; the training error is the mean over the sample."""
    bias = ((on_grid @ sample - truth) ** 2).mean(axis=1)
    variance = noise * (on_grid**2).sum(axis=2).mean(axis=1)
    left = np.eye(sample.size) - on_sample
    train = ((left @ sample) ** 2).mean(axis=1) + noise * (left**2).sum(axis=2).mean(axis=1)
    return Parts(bias, variance, bias + variance + noise, train)


class Measured(NamedTuple):
    """Unbiased `bias` and `variance` at each setting (c,), the standard error of each, each
    replicate's share of the variance `spread` (r, c), whose mean it is, and the squared distance of
    each replicate to the truth `distance` (r, c), whose mean is bias + variance."""

    bias: Floats
    variance: Floats
    bias_error: Floats
    variance_error: Floats
    spread: Floats
    distance: Floats


def measured(predictions: Floats, truth: Floats) -> Measured:
    """The decomposition of predictions (r, c, m), at least three replicates, about `truth` (m,)."""
    count, _, points = predictions.shape
    away = predictions - truth
    total = away.sum(axis=0)
    distance = (away**2).mean(axis=2)
    square, sum_of = (total**2).mean(axis=1), distance.sum(axis=0)
    bias = (square - sum_of) / (count * (count - 1))
    spread = ((away - total / count) ** 2).mean(axis=2) * count / (count - 1)
    # The same estimate of bias² without each replicate in turn: its jackknife error.
    inner = np.einsum("rcm,cm->rc", away, total) / points
    without = (square - 2 * inner + distance) - (sum_of - distance)
    without /= (count - 1) * (count - 2)
    jackknife = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    error = spread.std(axis=0, ddof=1) / np.sqrt(count)
    return Measured(bias, spread.mean(axis=0), jackknife, error, spread, distance)
