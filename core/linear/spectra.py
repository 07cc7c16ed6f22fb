"""What is measured on spectra: of noise matrices with a few true directions, and of the correlation
matrix of a table against copies of it in which each column was shuffled on its own.

Of a table, an eigenvalue counts if it and all larger ones exceed the 95 % quantile of the largest
eigenvalue of noise, which is Tracy–Widom in the limit for correlation matrices too (Bao, Pan & Zhou,
arXiv:1110.5208); or, without a law, the 95th percentile of the eigenvalue of the same rank among the
shuffled copies (parallel analysis: Horn 1965, Psychometrika 30, 179).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.experiment import InputError
from core.linear import tracy_widom
from core.linear.designs import Floats
from core.linear.spiked import Covariance, Law, Path

LEVEL = 0.95
STRENGTHS = np.linspace(0, 4, 21)
# Where the path of one direction is compared with a matrix that has it.
BY_HAND = 10


class Drawn(NamedTuple):
    """Of one matrix: `eigenvalues` (p,) with all directions, ascending; `overlaps` (directions,) of
    the largest with the true ones; of its noise, `inner` (p − 1,) eigenvalues without the first
    feature and `square` = tr S² / p; the `path` of one direction at `STRENGTHS`; `by_hand`, the
    largest eigenvalue of the matrix itself at one of them."""

    eigenvalues: Floats
    overlaps: Floats
    inner: Floats
    square: float
    path: Path
    by_hand: float


def measure(law: Law, noise: Floats, strengths: Floats, *, by_hand: bool = False) -> Drawn:
    """One matrix of `noise` (p, p) with directions of these `strengths` (k,); 0 ≤ k < p."""
    values, vectors = np.linalg.eigh(law.lifted(noise, strengths))
    index = np.arange(strengths.size)
    overlaps = vectors[index, vectors.shape[1] - 1 - index] ** 2
    inner = np.linalg.eigh(noise[1:, 1:])
    path = law.path(noise, STRENGTHS, inner)
    again = np.nan
    if by_hand:
        again = float(np.linalg.eigvalsh(law.lifted(noise, STRENGTHS[BY_HAND : BY_HAND + 1]))[-1])
    return Drawn(values, overlaps, inner[0], float((noise**2).sum() / len(noise)), path, again)


class Seen(NamedTuple):
    """A table: `standard` (n, p), its columns that are not constant, standardised; their names
    `columns`, those of the `constant` ones; `eigenvalues` (p,) of their correlation matrix, the
    largest first, and `vectors` (p, m) of the first m ≤ 6 of them."""

    standard: Floats
    columns: tuple[str, ...]
    constant: tuple[str, ...]
    eigenvalues: Floats
    vectors: Floats


def decomposed(values: Floats, names: tuple[str, ...]) -> Seen:
    """The table of `values` (n, d).

    Raises:
        InputError: fewer than 2 columns that are not constant.
    """
    # Exactly zero in a constant column, and of order one in any other.
    moved = values / np.maximum(np.abs(values).max(axis=0), np.finfo(float).tiny)
    moved = moved - moved[0]
    varies = np.ptp(moved, axis=0) > 1e-12
    if varies.sum() < 2:
        raise InputError(
            f"`data` must have at least 2 columns that are not constant; it has {varies.sum()}."
        )
    centred = moved[:, varies] - moved[:, varies].mean(axis=0)
    standard = centred / np.sqrt((centred**2).mean(axis=0))
    if _wide(standard):
        vectors = np.linalg.svd(standard, full_matrices=False)[2].T
    else:
        vectors = np.linalg.eigh(standard.T @ standard)[1][:, ::-1]
    used = tuple(name for name, one in zip(names, varies, strict=True) if one)
    constant = tuple(name for name, one in zip(names, varies, strict=True) if not one)
    return Seen(standard, used, constant, eigenvalues(standard), np.asarray(vectors[:, :6]))


def eigenvalues(standard: Floats) -> Floats:
    """Eigenvalues (p,) of the correlation matrix of standardised columns (n, p), the largest first;
    from the n-th on they are 0."""
    n, p = standard.shape
    gram = standard @ standard.T if _wide(standard) else standard.T @ standard
    found = np.linalg.eigvalsh(gram / n)[::-1][: n - 1]
    every = np.zeros(p)
    every[: found.size] = np.maximum(found, 0.0)
    return every


def shuffled(seen: Seen, rng: np.random.Generator) -> Floats:
    """Eigenvalues (p,) after each column was put in an order of its own."""
    return eigenvalues(rng.permuted(seen.standard, axis=0))


def line(law: Law) -> float:
    """The height that the largest eigenvalue of noise exceeds in 5 % of cases, in the limit."""
    centre, scale = law.largest()
    return centre + scale * float(tracy_widom.quantile(LEVEL))


def noise_of(seen: Seen) -> Covariance:
    """Noise of the size of the table; the means are estimated, which leaves n − 1 samples."""
    return Covariance(len(seen.standard) - 1, len(seen.columns))


def leading(above: NDArray[np.bool_]) -> int:
    """How many stand above before the first that does not."""
    return int(above.size if above.all() else above.argmin())


def _wide(standard: Floats) -> bool:
    return bool(standard.shape[1] > standard.shape[0])
