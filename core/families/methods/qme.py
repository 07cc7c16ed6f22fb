"""Quantiles: parameters at which as many of the family's quantiles as there are free parameters are
the sample's. These are interpolated between values (type 7 of Hyndman & Fan 1996, American
Statistician 50, 361), a value of weight w standing for w values.

Of a censored sample they are those of Kaplan & Meier or Turnbull (`core.families.turnbull`). Where one
falls into an interval that no value divides, the family's law says how its mass lies there.
"""

import numpy as np

from core.families.family import Floats
from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet


def criterion(problem: Problem) -> Criterion:
    """Differences of the quantiles, in interquartile ranges."""
    p = probabilities(problem)
    problem.need_continuous()
    if problem.sample.censored:
        return _censored(problem, p)
    x, w = problem.ordered
    target = quantiles(x, w, p)
    if np.unique(target).size < p.size:
        raise problem.refuse(f"the sample's quantiles at {problem.argument} are equal, because of ties")
    width = np.ptp(quantiles(x, w, np.array([0.25, 0.75]))) or np.ptp(x)

    def gap(law: Law) -> Floats:
        with quiet():
            difference = (law("ppf", p) - target) / width
        return np.where(np.isfinite(difference), difference, 1e3)

    return gap


def _censored(problem: Problem, p: Floats) -> Criterion:
    """Differences of the probabilities at the quantiles."""
    low, high, before, after = problem.cells
    at = np.searchsorted(after, p - 1e-12)
    low, high, before, after = low[at], high[at], before[at], after[at]
    unknown = np.isinf(low) | np.isinf(high) | ((low < high) & (np.bincount(at)[at] > 1))
    if unknown.any():
        raise problem.refuse(
            f"the sample's quantile at {p[unknown][0]:g} lies where values are known by bounds only"
        )
    if np.unique(at).size < at.size:
        raise problem.refuse(f"the sample's quantiles at {problem.argument} are equal, because of ties")
    # How far into its cell each quantile lies; a single value has no width.
    into = np.where(low < high, (p - before) / (after - before), 0.0)

    def gap(law: Law) -> Floats:
        with quiet():
            start = law("cdf", low)
            difference = start + into * (law("cdf", high) - start) - p
        return np.where(np.isfinite(difference), difference, 1e3)

    return gap


def probabilities(problem: Problem) -> Floats:
    """The probabilities that the argument names."""
    parts = [s for s in problem.argument.split(",") if s.strip()]
    try:
        p = np.array([float(s) for s in parts])
    except ValueError:
        raise problem.refuse("its probabilities must be numbers, as in qme:0.25,0.75") from None
    if not ((p > 0) & (p < 1)).all() or np.unique(p).size < p.size:
        raise problem.refuse("its probabilities must differ and lie between 0 and 1")
    if p.size != problem.free:
        raise problem.refuse(
            f"it needs as many probabilities as {problem.family.name} has free parameters, "
            f"{problem.free}, not {p.size}"
        )
    return p


def quantiles(x: Floats, w: Floats, p: Floats) -> Floats:
    """Quantiles at p of values in order (n,) with weights (n,)."""
    ends = np.cumsum(w)
    place = (ends[-1] - 1) * p
    below = np.floor(place)
    at = [np.minimum(np.searchsorted(ends, k, side="right"), x.size - 1) for k in (below, below + 1)]
    return np.asarray(x[at[0]] + (place - below) * (x[at[1]] - x[at[0]]))
