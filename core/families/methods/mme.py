"""Moments: parameters at which the family's first moments are the sample's (divisor n throughout).

As many of mean, variance, skewness and kurtosis as there are free parameters; without the skewness
where the family is symmetric whatever its parameters.
"""

import numpy as np

from core.families.family import Floats
from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet

NAMES = ("mean", "variance", "skewness", "kurtosis")


def criterion(problem: Problem) -> Criterion:
    """Differences of the moments, each in a scale of its own."""
    if problem.sample.censored or not problem.start.inside.open:
        raise problem.refuse(
            "a censored or truncated sample does not have the moments of all values; mle, qme, mge "
            "and mps are defined for it"
        )
    x, w = problem.ordered
    centre = float(np.average(x, weights=w))
    deviation = x - centre
    variance = float(np.average(deviation**2, weights=w))
    third, fourth = (float(np.average((deviation / variance**0.5) ** k, weights=w)) for k in (3, 4))
    target = np.array([centre, variance, third, fourth - 3])
    used = _used(problem)

    def gap(law: Law) -> Floats:
        with quiet():
            found = law.moments()
            difference = found - target
            difference[0] /= variance**0.5
            difference[1] = np.log(found[1] / variance)
        return np.where(np.isfinite(difference), difference, 1e3)[used]

    return gap


def _used(problem: Problem) -> list[int]:
    """Which moments are matched."""
    with quiet():
        known = problem.start.moments()
    symmetric = abs(known[2]) < 1e-9
    order = [0, 1, 3] if symmetric else [0, 1, 2, 3]
    if problem.free > len(order):
        raise problem.refuse(
            f"{problem.family.name} has {problem.free} free parameters, too many for it"
        )
    used = order[: problem.free]
    missing = [NAMES[k] for k in used if not np.isfinite(known[k])]
    if missing:
        raise problem.refuse(f"{problem.family.name} has no finite {missing[0]} near its mle")
    return used
