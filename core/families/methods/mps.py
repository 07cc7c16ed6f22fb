"""Maximum product of spacings: parameters at which the probabilities between neighbouring values have
the largest product (Cheng & Amin 1983, JRSS B 45, 394). Between equal values there is no probability:
there the density stands for it, as their limit does (Cheng & Stephens 1989, Biometrika 76, 385), where
dropping ties would move the estimate far off. A censored value adds the logarithm of the probability of
its interval (Ng, Luo, Hu & Duan 2012, J. Statistical Computation and Simulation 82, 1661)."""

import numpy as np

from core.families.family import Floats
from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet


def criterion(problem: Problem) -> Criterion:
    """Minus the mean logarithm of the spacings."""
    problem.need_continuous()
    sample = problem.sample
    exact = sample.exact
    x, w = sample.left[exact], sample.weights[exact]
    first = np.nan_to_num(sample.left[~exact], nan=-np.inf)
    last = np.nan_to_num(sample.right[~exact], nan=np.inf)
    times = sample.weights[~exact]
    if not exact.any():
        raise problem.refuse("no value is known exactly")
    if (sample.weights != np.round(sample.weights)).any():
        raise problem.refuse("its weights must be whole numbers, which count equal values")
    values, group = np.unique(x, return_inverse=True)
    ties = np.bincount(group, w) - 1
    n = sample.total

    def spread(law: Law) -> float:
        with quiet():
            below, above = law("cdf", values), law("sf", values)
            low = below < 0.5
            # In the upper half differences of 1 − F keep their digits.
            ends = np.r_[below[0], np.where(low[1:], np.diff(below), -np.diff(above)), above[-1]]
            tied = float(np.dot(ties[ties > 0], law("logpdf", values[ties > 0])))
            within = float(np.dot(times, np.log(probability(law, first, last)))) if times.size else 0.0
            found = -(float(np.sum(np.log(ends))) + tied + within) / (n + 1)
        return found if np.isfinite(found) else np.inf

    return spread


def probability(law: Law, low: Floats, high: Floats) -> Floats:
    """P(low < X ≤ high) (m,), by the tail in which a difference keeps its digits."""
    below, above = law("cdf", low), law("sf", low)
    return np.asarray(np.where(below < 0.5, law("cdf", high) - below, above - law("sf", high)))
