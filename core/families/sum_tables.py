"""Sums of many terms as the tables that are drawn: gaps from the normal law, their shape, densities and
growth."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import scipy

from core.experiment import Table
from core.families import sums
from core.families.distances import Floats
from core.families.sums import Law

TABLES = {
    "gaps": Table(
        "Largest gap between the distribution of a sum and a normal one, by number of terms.",
        {
            "terms": "number of terms n",
            "gap": "largest |F_n − Φ| over the sums drawn",
            "noise": "largest gap that sums of a normal law would show with probability 5 %",
            "edgeworth": "in theory, from Edgeworth's expansion; empty where it has none",
            "berry_esseen": "bound of Berry and Esseen; empty where there is none",
            "stable": "largest gap from the stable limit; empty where the variance is finite",
        },
    ),
    "difference": Table(
        "F_n − Φ at points.",
        {
            "terms": "number of terms n",
            "x": "standardised sum",
            "difference": "share of sums below x, less that of a normal law",
            "one": "Edgeworth's expansion to order 1/√n",
            "two": "to order 1/n",
        },
    ),
    "density": Table(
        "Distribution of the longest sums in bins of standardised sum.",
        {
            "left": "left end of the bin",
            "right": "right end",
            "density": "share of sums in the bin, per unit",
            "normal": "mean of the normal density in the bin",
            "stable": "mean of the density of the stable limit; empty where the variance is finite",
        },
    ),
    "growth": Table(
        "Interquartile range of sums, by number of terms.",
        {
            "terms": "number of terms n",
            "spread": "interquartile range of the sums drawn, in the unit of a term",
            "normal": "1.349 σ √n; where σ is infinite, √n times the interquartile range of a term",
            "stable": "n^(1/α) times that of the stable limit; empty where the variance is finite",
        },
    ),
}


def standardised(term: Law, sizes: Any, total: Floats, spread: Floats) -> Floats:
    """Sums (s, r) of the numbers of terms `sizes` (s,), less n μ and divided by σ √n; where the variance
    is infinite, less their medians and divided by their interquartile ranges `spread` (s,) / 1.349."""
    if np.isfinite(term.variance):
        return np.asarray((total - sizes[:, None] * term.mean) / np.sqrt(sizes * term.variance)[:, None])
    middle = np.median(total, axis=1, keepdims=True)
    return np.asarray((total - middle) / (spread[:, None] / 1.3489795))


def _largest(ordered: Floats, below: Floats) -> float:
    """sup |F_n − F| of values in order (r,), F at them in `below`; ties count once."""
    r = ordered.size
    first = np.searchsorted(ordered, ordered, side="left") / r
    last = np.searchsorted(ordered, ordered, side="right") / r
    return float(max((last - below).max(), (below - first).max()))


def _stretched(term: Law, n: int, total: Floats) -> Floats:
    """Sums as the stable limit has them."""
    return np.asarray((total - n * term.centre) / (n ** (1 / term.alpha) * term.scale))


@cache
def _limit(alpha: float, beta: float) -> tuple[Floats, Floats]:
    """Points (801,), close where the stable law of scale 1 is steep, and its distribution function."""
    grid = np.sinh(np.linspace(-np.arcsinh(60), np.arcsinh(60), 801))
    return grid, sums.stable_below(grid, alpha, beta)


def _limit_below(term: Law, x: Floats) -> Floats:
    """The stable limit's distribution function at x (m,)."""
    grid, at = _limit(term.alpha, term.beta)
    # Beyond the grid the tails are powers.
    low, high = np.maximum(x / grid[0], 1), np.maximum(x / grid[-1], 1)
    inner = np.interp(x, grid, at)
    right = np.where(x > grid[-1], 1 - (1 - at[-1]) * high**-term.alpha, inner)
    return np.where(x < grid[0], at[0] * low**-term.alpha, right)


def _has_stable(term: Law) -> bool:
    # At index 1 a skewed law needs another centring, and below 1 tails leave the grid.
    return term.alpha < 2 and (term.beta == 0 or abs(term.alpha - 1) > 0.05) and term.alpha > 0.5


def gaps(term: Law, sizes: Any, total: Floats, standard: Floats) -> pd.DataFrame:
    """Largest gaps of sums in order, `total` as drawn and `standard` (s, r), as the table `gaps`."""
    rows = []
    for k, n in enumerate(sizes.tolist()):
        stable = np.nan
        if _has_stable(term):
            x = _stretched(term, n, total[k])
            stable = _largest(x, _limit_below(term, x))
        rows.append(
            {
                "terms": n,
                "gap": _largest(standard[k], scipy.special.ndtr(standard[k])),
                "noise": 1.358 / np.sqrt(total.shape[1]),
                "edgeworth": sums.largest_gap(n, term)
                if np.isfinite([term.skewness, term.excess]).all()
                else np.nan,
                "berry_esseen": sums.BERRY_ESSEEN * term.third / term.variance**1.5 / np.sqrt(n)
                if np.isfinite(term.third)
                else np.nan,
                "stable": stable,
            }
        )
    return TABLES["gaps"].frame(rows)


def difference(term: Law, sizes: Any, standard: Floats) -> pd.DataFrame:
    """F_n − Φ at points of sums in order, `standard` (s, r), as the table `difference`."""
    x = np.linspace(-3.5, 3.5, 71)
    parts = []
    for k, n in enumerate(sizes.tolist()):
        below = np.searchsorted(standard[k], x, side="right") / standard.shape[1]
        row = {"terms": n, "x": x, "difference": below - scipy.special.ndtr(x)}
        made = {name: sums.edgeworth(x, n, term, order) for name, order in (("one", 1), ("two", 2))}
        parts.append(pd.DataFrame({**row, **made}))
    return TABLES["difference"].frame(pd.concat(parts, ignore_index=True))


def density(term: Law, sizes: Any, total: Floats, standard: Floats, spread: Floats) -> pd.DataFrame:
    """The longest sums in bins, as the table `density`."""
    edges = np.linspace(-5, 5, 51)
    z, n = standard[-1], int(sizes[-1])
    stable = np.full(50, np.nan)
    if _has_stable(term):
        at = np.median(total[-1]) + edges * spread[-1] / 1.3489795
        stable = np.diff(_limit_below(term, _stretched(term, n, at))) / np.diff(edges)
    return TABLES["density"].frame(
        {
            "left": edges[:-1],
            "right": edges[1:],
            "density": np.histogram(z, edges)[0] / z.size / np.diff(edges),
            "normal": np.diff(scipy.special.ndtr(edges)) / np.diff(edges),
            "stable": stable,
        }
    )


def growth(term: Law, sizes: Any, spread: Floats) -> pd.DataFrame:
    """Interquartile ranges (s,) as the table `growth`."""
    one = 1.3489795 * np.sqrt(term.variance) if np.isfinite(term.variance) else spread[0]
    stable = np.full(sizes.size, np.nan)
    if _has_stable(term):
        grid, at = _limit(term.alpha, term.beta)
        low, high = np.interp((0.25, 0.75), at, grid)
        stable = (high - low) * term.scale * sizes ** (1 / term.alpha)
    row = {"terms": sizes, "spread": spread, "normal": one * np.sqrt(sizes), "stable": stable}
    return TABLES["growth"].frame(row)
