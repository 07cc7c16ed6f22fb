"""Maximum likelihood by direct search, for censored and truncated samples of families whose density has
a corner, where no Newton step climbs: Laplace's, and Pareto I at a known scale."""

import numpy as np

from core.families.methods.mps import probability
from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet


def criterion(problem: Problem) -> Criterion:
    """Minus the mean log-likelihood."""
    sample = problem.sample
    exact = sample.exact
    x, w, times = sample.left[exact], sample.weights[exact], sample.weights[~exact]
    first = np.nan_to_num(sample.left[~exact], nan=-np.inf)
    last = np.nan_to_num(sample.right[~exact], nan=np.inf)

    def loss(law: Law) -> float:
        with quiet():
            within = float(np.dot(times, np.log(probability(law, first, last)))) if times.size else 0.0
            found = -(float(np.dot(w, law("logpdf", x))) + within) / sample.total
        return found if np.isfinite(found) else np.inf

    return loss
