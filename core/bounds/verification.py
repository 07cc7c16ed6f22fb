"""Bounds held against what was measured: how often they were broken, and by which exact laws."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core import theory
from core.bounds.populations import Population
from core.bounds.promises import CLAIMS, SOURCES, Floats
from core.bounds.tables import ASKED

# Violations that must be expected for their number to be nearly normal.
FEWEST = 10
# Error of a measured complexity, as a share of its upper bound, that is not taken for a violation.
SPREAD = 0.1

Tables = Mapping[str, pd.DataFrame]


def bounds(tables: Tables, delta: float) -> list[theory.Row]:
    """A row a bound: how often it was broken at the δ asked for, samples of all sizes together, and
    what it promised beside the gap at the largest size."""
    rows, every = [], tables["guarantees"]
    pooled = tables["violations"]
    pooled = pooled[pooled["delta"] == delta].set_index("bound")
    for name, source in SOURCES.items():
        last = every[(every["bound"] == name) & (every["delta"] == delta)].iloc[-1]
        counts = {c: int(pooled[c][name]) for c in ("violations", "trials")}
        claim = f"{CLAIMS[name]} is broken in at most δ of samples (gap / bound {last['tightness']:.2g})"
        rows.append(
            theory.bound(claim, last["promised"], last["gap"], **counts, allowed=delta, source=source)
        )
    return rows


def exact(people: Population, squares: Floats, ratios: Floats, tables: Tables) -> list[theory.Row]:
    """The rates of those test-set bounds that are expected to be broken ten times or more at
    δ = 0.2; of the sums whose mean norm is the Rademacher complexity the second moment; and `ratios`
    of a sample's complexity, measured by random signs, to its upper bound."""
    rows, every = [], tables["guarantees"]
    known = every[(every["delta"] == ASKED[-1]) & every["exact"].notna()]
    known = known.assign(variance=known["exact"] * (1 - known["exact"]) / known["trials"])
    by = known.groupby("bound", sort=False)
    mean = by[["exact", "rate"]].mean().assign(error=by["variance"].sum() ** 0.5 / by.size())
    mean = mean[mean["exact"] * by["trials"].sum() >= FEWEST]
    if len(mean):
        claim = "How often the test-set bounds are broken at δ = 0.2 follows their exact laws"
        source = "binomial tails; Kolmogorov's law at finite n (scipy.stats.kstwo)"
        rows.append(theory.exact(claim, mean["exact"], mean["rate"], mean["error"], source=source))
    error = squares.std(ddof=1) / np.sqrt(squares.size)
    claim = "E ‖Σ σᵢ xᵢ‖² / n is E ‖x‖² for random signs σ: n times the square of the Rademacher bound"
    source = "Bartlett & Mendelson (2002), Lemma 22"
    rows.append(theory.exact(claim, people.square, squares.mean(), error, source=source))
    least = float(np.sqrt(0.5))
    claim = "The Rademacher complexity of a sample is at least 1/√2 of its upper bound"
    source = "Khintchine's inequality, constant of Latała & Oleszkiewicz (1994), Studia Math. 109"
    counts = {"violations": int((ratios < least - SPREAD).sum()), "trials": ratios.size}
    middle = float(np.median(ratios))
    return [*rows, theory.bound(claim, least, middle, **counts, allowed=0.0, source=source)]
