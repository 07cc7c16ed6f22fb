"""Kernel and random-feature regression on one drawn sample, at many sizes and widths, and the exponent
of a curve that falls as a power law."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.linear.power_laws import Spectrum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# The least penalty, of the kernel matrix's largest possible eigenvalue: rounding does no harm then.
LEAST = 1e-13


class Measured(NamedTuple):
    """At each size (n,): squared error on new samples without their noise, and mean squared residual."""

    test: Floats
    train: Floats


class Slope(NamedTuple):
    """An exponent b of n^−b and its standard error, NaN for a single replicate."""

    exponent: float
    standard_error: float


def by_size(phi: Floats, y: Floats, of: Spectrum, sizes: Ints, penalties: Floats) -> Measured:
    """Kernel regression on the first n rows of the eigenfunctions `phi` (sample, j) and targets `y`
    (sample,), for each n of `sizes`, with δ in `penalties`."""
    gram = (phi * of.eigenvalues) @ phi.T
    test, train = np.empty(sizes.size), np.empty(sizes.size)
    for i, (n, delta) in enumerate(zip(sizes, penalties, strict=True)):
        dual = np.linalg.solve(gram[:n, :n] + max(delta, LEAST * n) * np.eye(n), y[:n])
        found = of.eigenvalues * (phi[:n].T @ dual)
        test[i] = ((found - of.target) ** 2).sum()
        train[i] = delta**2 * (dual**2).mean()
    return Measured(test, train)


def by_width(
    phi: Floats, y: Floats, of: Spectrum, widths: Ints, delta: float, rng: np.random.Generator
) -> Floats:
    """Test error (width,) of ridge regression on the first N of some random features, each a Gaussian
    combination of the √λ_j φ_j with variance 1/N; `widths` ascend."""
    mixed = rng.standard_normal((int(widths[-1]), of.target.size)) * np.sqrt(of.eigenvalues)
    seen, n = phi @ mixed.T, len(y)
    outer, last, errors = np.zeros((n, n)), 0, np.empty(widths.size)
    for i, width in enumerate(widths):
        new = seen[:, last:width]
        outer, last = outer + new @ new.T, int(width)
        scaled = width * max(delta, LEAST * n)
        if width < n:
            used = seen[:, :width]
            weights = np.linalg.solve(used.T @ used + scaled * np.eye(width), used.T @ y)
        else:
            weights = seen[:, :width].T @ np.linalg.solve(outer + scaled * np.eye(n), y)
        errors[i] = ((mixed[:width].T @ weights - of.target) ** 2).sum()
    return errors


def slope(sizes: Ints, risks: Floats) -> Slope:
    """Least squares of the log mean of `risks` (replicate, n) on log n. The sizes of a replicate share
    rows, so that each replicate counts as one observation (the delta method)."""
    log = np.log(sizes)
    weights = -(log - log.mean()) / ((log - log.mean()) ** 2).sum()
    mean, count = risks.mean(axis=0), len(risks)
    spread = (risks / mean @ weights).std(ddof=1) if count > 1 else np.nan
    return Slope(float(weights @ np.log(mean)), float(spread / np.sqrt(count)))
