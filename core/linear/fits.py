"""Least squares and ridge on growing numbers of features, or of samples, for many replicates at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fits:
    """Fits on `used` (replicate, n, p), whose smaller Gram matrix `gram` is that of the features
    where p ≤ n and that of the samples otherwise. A penalty λ is that of mean squared error +
    λ‖b‖²; 0 gives least squares, and the interpolating solution of least norm where p > n."""

    used: Floats
    gram: Floats

    def coefficients(self, y: Floats, penalty: float) -> Floats:
        """Of targets `y` (replicate, n): (replicate, p)."""
        ridged = self.gram + self.used.shape[1] * penalty * np.eye(self.gram.shape[-1])
        return self._coefficients(np.linalg.solve(ridged, self._right(y)))[..., 0]

    def path(self, y: Floats, penalties: Floats) -> tuple[Floats, Floats]:
        """Coefficients along positive `penalties` (k,), and their derivatives in log λ: each
        (replicate, p, k)."""
        values, vectors = np.linalg.eigh(self.gram)
        along = vectors.mT @ self._right(y)
        delta = self.used.shape[1] * penalties
        ridged = values[..., None] + delta
        paths = along / ridged, -delta * along / ridged**2
        first, second = (self._coefficients(vectors @ path) for path in paths)
        return first, second

    def _right(self, y: Floats) -> Floats:
        return self.used.mT @ y[..., None] if self._primal else y[..., None]

    def _coefficients(self, solved: Floats) -> Floats:
        return solved if self._primal else self.used.mT @ solved

    @property
    def _primal(self) -> bool:
        return bool(self.used.shape[2] <= self.used.shape[1])


def growing(x: Floats, grid: Iterable[int]) -> Iterator[Fits]:
    """Fits on the first p columns of `x` (replicate, n, features) for each p of an increasing grid.
    Gram matrices grow with p instead of being computed anew."""
    replicates, n, _ = x.shape
    inner = x[:, :, :n].mT @ x[:, :, :n]
    outer, last = np.zeros((replicates, n, n)), 0
    for p in grid:
        outer, last = outer + x[:, :, last:p] @ x[:, :, last:p].mT, p
        yield Fits(x[:, :, :p], inner[:, :p, :p] if p <= n else outer)


def lengthening(x: Floats, grid: Iterable[int]) -> Iterator[Fits]:
    """Fits on the first n rows of `x` (replicate, samples, p) for each n of an increasing grid. Gram
    matrices grow with n instead of being computed anew."""
    replicates, _, p = x.shape
    outer = x[:, :p] @ x[:, :p].mT
    inner, last = np.zeros((replicates, p, p)), 0
    for n in grid:
        inner, last = inner + x[:, last:n].mT @ x[:, last:n], n
        yield Fits(x[:, :n], outer[:, :n, :n] if n < p else inner)
