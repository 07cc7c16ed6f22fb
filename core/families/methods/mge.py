"""Minimum distance (maximum goodness of fit): parameters at which the fitted distribution function is
nearest to the sample's, by one of eight distances: Luceño 2006, CSDA 51, 904; D'Agostino & Stephens
1986, Goodness-of-fit techniques.

F_n steps by weight / sum of weights at each value, from `before` to `after`; each integral over the
steps is known, so that ties and weights need nothing of their own.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.families.family import Floats
from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet


class Steps(NamedTuple):
    """F_n before and after each value, (n,), with F and 1 − F there."""

    before: Floats
    after: Floats
    below: Floats
    above: Floats

    @property
    def low(self) -> Floats:
        """∫ 2 u du over a step: (2 i − 1) / n² of the i-th of n values."""
        return self.after**2 - self.before**2

    @property
    def high(self) -> Floats:
        """∫ 2 (1 − u) du over a step."""
        return (1 - self.before) ** 2 - (1 - self.after) ** 2

    @property
    def step(self) -> Floats:
        """The height of a step."""
        return self.after - self.before


def _ks(s: Steps) -> float:
    return float(np.max(np.maximum(s.after - s.below, s.below - s.before)))


def _cvm(s: Steps) -> float:
    return float(np.sum((s.after - s.below) ** 3 - (s.before - s.below) ** 3)) / 3


def _right(s: Steps) -> float:
    return 0.5 - float(np.sum(2 * s.step * s.below + s.high * np.log(s.above)))


def _left(s: Steps) -> float:
    return -1.5 + float(np.sum(2 * s.step * s.below - s.low * np.log(s.below)))


def _right_squared(s: Steps) -> float:
    return float(np.sum(2 * s.step * np.log(s.above) + s.high / s.above))


def _left_squared(s: Steps) -> float:
    return float(np.sum(2 * s.step * np.log(s.below) + s.low / s.below))


# Divided by n: the integrals of (F_n − F)² times 1, 1 / (F (1 − F)), 1 / (1 − F), 1 / F, 1 / (1 − F)²,
# 1 / F², and the sum of the last two; the first is the greatest distance.
DISTANCES: dict[str, Callable[[Steps], float]] = {
    "KS": _ks,
    "CvM": _cvm,
    "AD": lambda s: _right(s) + _left(s),
    "ADR": _right,
    "ADL": _left,
    "AD2R": _right_squared,
    "AD2L": _left_squared,
    "AD2": lambda s: _right_squared(s) + _left_squared(s),
}


def criterion(problem: Problem) -> Criterion:
    """The distance that the argument names."""
    distance = DISTANCES.get(problem.argument)
    if distance is None:
        raise problem.refuse(f"its distance must be one of {', '.join(DISTANCES)}, as in mge:AD")
    problem.need_exact()
    problem.need_continuous()
    x, w = problem.ordered
    after = np.minimum(np.cumsum(w) / np.sum(w), 1.0)
    after[-1] = 1.0
    before = np.r_[0.0, after[:-1]]

    def far(law: Law) -> float:
        with quiet():
            found = distance(Steps(before, after, law("cdf", x), law("sf", x)))
        return found if np.isfinite(found) else np.inf

    return far
