"""Maximum product of spacings: parameters at which the probabilities between neighbouring values have
the largest product (Cheng & Amin 1983, JRSS B 45, 394). Between equal values there is no probability:
there the density stands for it, as their limit does (Cheng & Stephens 1989, Biometrika 76, 385), where
dropping ties would move the estimate far off."""

import numpy as np

from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet


def criterion(problem: Problem) -> Criterion:
    """Minus the mean logarithm of the spacings."""
    problem.need_exact()
    problem.need_continuous()
    x, w = problem.ordered
    if (w != np.round(w)).any():
        raise problem.refuse("its weights must be whole numbers, which count equal values")
    values, group = np.unique(x, return_inverse=True)
    ties = np.bincount(group, w) - 1
    n = float(w.sum())

    def spread(law: Law) -> float:
        with quiet():
            below, above = law("cdf", values), law("sf", values)
            low = below < 0.5
            # In the upper half differences of 1 − F keep their digits.
            ends = np.r_[below[0], np.where(low[1:], np.diff(below), -np.diff(above)), above[-1]]
            tied = float(np.dot(ties[ties > 0], law("logpdf", values[ties > 0])))
            found = -(float(np.sum(np.log(ends))) + tied) / (n + 1)
        return found if np.isfinite(found) else np.inf

    return spread
