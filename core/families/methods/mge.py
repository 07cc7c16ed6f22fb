"""Minimum distance (maximum goodness of fit): parameters at which the fitted distribution function is
nearest to the sample's, by one of eight distances: Luceño 2006, CSDA 51, 904; D'Agostino & Stephens
1986, Goodness-of-fit techniques.

F_n steps by weight / sum of weights at each value, from `before` to `after`; each integral over the
steps is known, so that ties and weights need nothing of their own.

Of a censored sample F_n is Kaplan and Meier's or Turnbull's (`core.families.turnbull`), as in Koziol &
Green 1976, Biometrika 63, 465; within an interval that no value divides its mass is taken to lie as the
fitted law has it there, so that F_n − F is linear in F between the ends.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.families.family import Floats
from core.families.methods.problem import Criterion, Law, Problem
from core.families.quiet import quiet

# Gauss–Legendre on (0, 1).
_NODES, _WEIGHTS = (np.polynomial.legendre.leggauss(8) + np.array([[1.0], [0.0]])) / 2


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
    problem.need_continuous()
    if problem.sample.censored:
        return _censored(problem)
    x, w = problem.ordered
    after = np.minimum(np.cumsum(w) / np.sum(w), 1.0)
    after[-1] = 1.0
    before = np.r_[0.0, after[:-1]]

    def far(law: Law) -> float:
        with quiet():
            found = distance(Steps(before, after, law("cdf", x), law("sf", x)))
        return found if np.isfinite(found) else np.inf

    return far


def _censored(problem: Problem) -> Criterion:
    """The distance between ends of cells."""
    low, high, before, after = problem.cells
    x, level = np.ravel([low, high], "F"), np.ravel([before, after], "F")

    def far(law: Law) -> float:
        with quiet():
            found = between(problem.argument, law("cdf", x), law("sf", x), level)
        return found if np.isfinite(found) else np.inf

    return far


def between(name: str, below: Floats, above: Floats, level: Floats) -> float:
    """The distance `name` where F_n − F is linear in F between places at which F is `below` (k,), 1 − F
    is `above` and F_n is `level`, and 0 at both ends."""
    u, v = np.r_[0.0, below, 1.0], np.r_[1.0, above, 0.0]
    # In the upper half from 1 − F, which keeps its digits.
    gap = np.r_[0.0, np.where(below < 0.5, level - below, above - (1 - level)), 0.0]
    if name == "KS":
        return float(np.max(np.abs(gap)))
    if name == "CvM":
        a, b = gap[:-1], gap[1:]
        return float(np.sum(np.diff(u) * (a * a + a * b + b * b))) / 3
    power = 2 if name.startswith("AD2") else 1
    right = 0.0 if name.endswith("L") else _weighted(v[::-1], gap[::-1], power)
    left = 0.0 if name.endswith("R") else _weighted(u, gap, power)
    return left + right


def _weighted(u: Floats, gap: Floats, power: int) -> float:
    """∫ gap² / u^power du of a gap that is linear between its values at u (k,), which do not fall."""
    a, b, da, db = u[:-1], u[1:], gap[:-1], gap[1:]
    width = b - a
    some = width > 0
    a, b, da, db, width = a[some], b[some], da[some], db[some], width[some]
    # Where the weight hardly changes the antiderivative's terms would cancel.
    narrow = b < 1.5 * a
    place = a + width * _NODES[:, None]
    near = (
        np.sum(_WEIGHTS[:, None] * (da + (db - da) * _NODES[:, None]) ** 2 / place**power, axis=0)
        * width
    )
    slope = (db - da) / width
    rest = np.where(a > 0, da - slope * a, 0.0)
    log = np.where(a > 0, np.log(b / np.where(a > 0, a, 1.0)), 0.0)
    if power == 1:
        wide = rest**2 * log + 2 * rest * slope * width + slope**2 * (b**2 - a**2) / 2
    else:
        ends = np.where(a > 0, 1 / np.where(a > 0, a, 1.0) - 1 / b, 0.0)
        wide = rest**2 * ends + 2 * rest * slope * log + slope**2 * width
    return float(np.sum(np.where(narrow, near, wide)))
