"""The mixture in which EM's rate has a formula: halves of N(m, 1) and N(−m, 1), m unknown.

A step is m → mean of x tanh(m x). Its derivative at the fixed point m̂ is the mean of x² sech²(m̂ x),
which tends to E[x² sech²(m x)] as the sample grows (Dempster, Laird & Rubin 1977 for the principle;
derived here).
"""

from dataclasses import dataclass

import numpy as np

from core.mixtures.kinds import Floats

# Half distances of the means, and values drawn for each.
HALVES, DRAWN = np.array([0.4, 0.7, 1.0, 1.4, 1.8, 2.2]), 4000

# The normal density is below 1e-31 of its peak beyond.
_REACH = np.linspace(-12.0, 12.0, 4001)


def population_rate(m: Floats) -> Floats:
    """E[x² sech²(m x)] for each m > 0, (g,): under N(m, 1), which is enough by symmetry. The
    trapezoidal rule has all digits for an analytic integrand that dies out at both ends."""
    x = m[:, None] + _REACH
    density = np.exp(-0.5 * _REACH**2) / np.sqrt(2 * np.pi)
    inner = x**2 / np.cosh(np.minimum(np.abs(m[:, None] * x), 300.0)) ** 2
    return np.asarray((inner * density).sum(axis=1) * (_REACH[1] - _REACH[0]))


def draw(m: float, n: int, generator: np.random.Generator) -> Floats:
    """n values of the mixture."""
    return np.where(generator.random(n) < 0.5, m, -m) + generator.normal(size=n)


@dataclass(frozen=True)
class Symmetric:
    """EM's fixed point on a sample, the formula's rate there with its standard error as an estimate
    of the population's, and the rate at which EM itself came near."""

    m: float
    formula: float
    error: float
    measured: float


def fixed_point(x: Floats, start: float, steps: int = 400) -> Symmetric:
    """EM on x (n,) from `start` until it moves by less than 1e-9; the measured rate is the ratio of
    its last two moves."""
    m, moves = start, [np.inf]
    while len(moves) <= steps and abs(moves[-1]) > 1e-9:
        after = float(np.mean(x * np.tanh(m * x)))
        moves.append(after - m)
        m = after
    # EM may still be on its way where the components overlap: Newton goes to the end.
    for _ in range(20):
        m += (float(np.mean(x * np.tanh(m * x))) - m) / (1 - _slope(m, x).mean())
    each = _slope(m, x)
    rate = float(each.mean())
    # What one value adds to the estimate m̂, and through it to the rate.
    influence = (x * np.tanh(m * x) - m) / (1 - rate)
    bend = float(np.mean(-2 * x * np.tanh(m * x) * each))
    error = float(np.std(each + bend * influence) / np.sqrt(x.size))
    return Symmetric(m, rate, error, moves[-1] / moves[-2])


def _slope(m: float, x: Floats) -> Floats:
    return np.asarray(x**2 / np.cosh(np.minimum(np.abs(m * x), 300.0)) ** 2)


def halves(generator: np.random.Generator) -> list[tuple[float, Symmetric]]:
    """EM on a sample of each of the mixtures with m in `HALVES`, with that m."""
    return [(float(m), fixed_point(draw(m, DRAWN, generator), 2 * m)) for m in HALVES]
