"""Distances between many samples and their laws at once, a sample a row: Kolmogorov–Smirnov,
Cramér–von Mises and Anderson–Darling where the values are measured, the same and Pearson's
chi-squared where they are counted in classes."""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

TESTS = ("ks", "cvm", "ad")
COUNT_TESTS = (*TESTS, "chi2")


def between(u: Floats, low: Any = 0.0, high: Any = 1.0) -> dict[str, Floats]:
    """`ks`, `cvm`, `ad` (r,) of rows of probabilities F(x), each row in order, u (r, n).

    With c_j = j / n the height of the step function from the j-th value of a row to the next,

        ks = sup |F_n − F|,  cvm = n ∫ (F_n − F)² dF,  ad = n ∫ (F_n − F)² / (F (1 − F)) dF

    between the probabilities `low` and `high` (r,) within which values were seen. A value out there
    is known only to be out there: it counts in F_n and is moved to that end. D'Agostino & Stephens
    1986, Goodness-of-fit techniques, sections 4.2 and 4.7.
    """
    if np.ndim(low) == np.ndim(high) == 0 and (low, high) == (0.0, 1.0):
        return _whole(u)
    r, n = u.shape
    ends = [np.broadcast_to(np.asarray(end, float), (r,))[:, None] for end in (low, high)]
    knots = np.concatenate([ends[0], np.clip(u, *ends), ends[1]], axis=1)
    level = np.arange(n + 1) / n
    left, right = knots[:, :-1] - level, knots[:, 1:] - level
    far = np.where(knots[:, 1:] > knots[:, :-1], np.maximum(np.abs(left), np.abs(right)), 0.0)
    # An antiderivative of (c − u)² / (u (1 − u)) is c² log u − (1 − c)² log(1 − u) − u; the sum over
    # the steps is taken by parts.
    inner, odd = knots[:, 1:-1], 2 * np.arange(1, n + 1) - 1
    first, last = ends[0][:, 0], ends[1][:, 0]
    with np.errstate(divide="ignore"):
        parts = (odd * np.log(inner)).sum(axis=1) + (odd[::-1] * np.log1p(-inner)).sum(axis=1)
    gain = np.log(last) + np.log1p(-first) - (last - first) - parts / n**2
    return {
        "ks": far.max(axis=1),
        "cvm": n / 3 * (right * right * right - left * left * left).sum(axis=1),
        "ad": n * gain,
    }


def _whole(u: Floats) -> dict[str, Floats]:
    """The same where every value is seen, by the usual sums over the values."""
    n = u.shape[1]
    gap = np.arange(1, n + 1) / n - u
    middle = gap - 0.5 / n
    odd = 2.0 * np.arange(1, n + 1) - 1
    with np.errstate(divide="ignore"):
        parts = np.log(u) @ odd + np.log1p(-u) @ odd[::-1]
    return {
        "ks": np.maximum(gap.max(axis=1), 1 / n - gap.min(axis=1)),
        "cvm": np.einsum("ij,ij->i", middle, middle) + 1 / (12 * n),
        "ad": -n - parts / n,
    }


def counted(seen: Floats, expected: Floats, pools: Floats) -> dict[str, Floats]:
    """`ks`, `cvm`, `ad`, `chi2` (r,) of counts by class, seen (r, c), against probabilities of the
    classes, expected (r, c), whose order is that of the values.

    cvm = Σ Z² p / n and ad = Σ Z² p / (n H (1 − H)), Z the difference of the cumulative counts, H the
    cumulative probability (Choulakian, Lockhart & Stephens 1994, Canadian J. Statistics 22, 125).
    Pearson's Σ (O − E)² / E is over the classes joined by `pools` (c,), the index of each one's pool.
    """
    n = seen.sum(axis=1, keepdims=True)
    below = np.minimum(np.cumsum(expected, axis=1), 1.0)
    gap = np.cumsum(seen, axis=1) - n * below
    square = gap**2 * expected
    spread = below * (1 - below)
    starts = np.flatnonzero(np.r_[True, np.diff(pools) > 0])
    o, e = (np.add.reduceat(a, starts, axis=1) for a in (seen, n * expected))
    with np.errstate(divide="ignore", invalid="ignore"):
        ad = np.where(spread > 1e-15, square / spread, 0.0).sum(axis=1)
        pearson = np.where(e > 0, (o - e) ** 2 / e, np.where(o > 0, np.inf, 0.0)).sum(axis=1)
    scale = n[:, 0]
    return {
        "ks": np.abs(gap).max(axis=1) / scale,
        "cvm": square.sum(axis=1) / scale,
        "ad": ad / scale,
        "chi2": pearson,
    }
