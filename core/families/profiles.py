"""Profile likelihoods of the parameters of a fit and of functions of them, and the intervals they give.

The profile of a quantity g at a value is the least D = log L(θ̂) − log L(θ) among the θ that have that
value. Adding a penalty ρ (g(θ) − t)² / 2 to D makes this a search without a constraint: its minimum θ*
is also the least D among all θ with g(θ) = g(θ*), so that it lies on the profile exactly, whatever the
target t, and the slope of the profile there is ρ (t − g(θ*)). Targets are moved until 2 D is the
quantile of chi-squared.

Sources: Venzon & Moolgavkar 1988, Applied Statistics 37, 87; Cox & Hinkley 1974, Theoretical
Statistics, section 9.2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.families import registry
from core.families.family import Floats
from core.families.likelihood import ManySamples, Measured, OneSample, bounded, box, held
from core.families.newton import Measure, climb
from core.families.prepare import frequencies, pieces
from core.families.quantities import Quantity
from core.families.result import Fit
from core.families.wald import Normal, critical, steps

# Values times rows between two ticks.
TICKS = 500_000
# Of the penalty, in units of one over the quantity's variance.
STIFF = 4.0
# Looks for an end, how near to it, by what a look may go further than the last, and how far.
LOOKS, NEAR, FURTHER, FARTHEST = 14, 1e-6, 4.0, 1e3
EVALUATIONS = 60
Tick = Callable[[], None]
# A root of 2 D that is rounding's.
LEVEL = 1e-4


@dataclass(frozen=True)
class Points:
    """Points on profiles: parameters `u` (m, k) in unconstrained coordinates, the distance `d` (m,) of
    the quantity from its estimate in its unit, the fall `ratio` = 2 D (m,), the slope of D in d (m,),
    which searches ended well (m,), and which at the edge of the family (m,)."""

    u: Floats
    d: Floats
    ratio: Floats
    slope: Floats
    good: Any
    edge: Any


def still() -> None:
    """What hears of work and does nothing."""


def measure(fit: Fit, tick: Tick = still) -> Measure:
    """Mean negative log-likelihoods of the sample of a fit, at rows of free parameters; `tick` is called
    about every tenth of a second."""
    known, size, done = _measure(fit), fit.sample.left.size, 0

    def ticking(rows: Any, points: Floats) -> Measured:
        nonlocal done
        done += len(points) * size
        if done > TICKS:
            done = 0
            tick()
        return known(rows, points)

    return ticking


def _measure(fit: Fit) -> Measure:
    family, standard, sample = registry.find(fit.family), fit.peak, fit.sample
    free = standard.free
    fixed = held(family, {i: float(v) for i, v in enumerate(standard.theta) if i not in free})
    if sample.partial:
        data = pieces(family, sample, standard.shift, standard.stretch)
        return OneSample(family, free, data, fixed, sample.total)
    x, w = frequencies(family, (sample.left - standard.shift) / standard.stretch, sample.weights)
    return ManySamples(family, free, x, w[None], fixed)


class Profiles:
    """Of the `quantities` of a fit with standard errors, whose normal limits are `limits`."""

    def __init__(
        self,
        fit: Fit,
        quantities: Sequence[Quantity],
        limits: Sequence[Normal],
        tick: Tick = still,
    ) -> None:
        self.fit, self.quantities, self.limits = fit, quantities, limits
        self.steps = steps(fit)
        self.measure = measure(fit, tick)
        self.least = float(self.measure(np.zeros(1, int), fit.peak.u[None])[0][0])
        family = registry.find(fit.family)
        self.box, self.bounded = box(family, fit.peak.free), bounded(family, fit.peak.free)

    def at(self, which: Any, targets: Floats, start: Floats) -> Points:
        """Points of the profiles of quantities `which` (m,) for `targets` (m,) in their units,
        searched from `start` (m, k)."""
        search = _Towards(self, which, targets)
        peaks = climb(search, start, self.box, self.bounded, self.fit.n, most=EVALUATIONS)
        d, loss = search.found(peaks.u)
        ratio = 2 * self.fit.n * (loss - self.least)
        good = np.isfinite(peaks.loss) & (np.abs(peaks.decrement) * self.fit.n < 1e-6)
        return Points(
            peaks.u, d, np.maximum(ratio, 0.0), STIFF * (targets - d), good, peaks.edge.any(axis=1)
        )

    @cached_property
    def sides(self) -> tuple[Any, Floats]:
        """Rows of `reached`: each quantity downwards, then upwards: which (2 q,) and −1 or 1 (2 q,)."""
        q = len(self.quantities)
        return np.repeat(np.arange(q), 2), np.tile([-1.0, 1.0], q)

    def ends(self, reached: Floats) -> Floats:
        """The intervals (q, 2) on the quantities' scales, from `reached` (2 q,)."""
        pairs = zip(self.limits, reached.reshape(-1, 2), strict=True)
        return np.array([limit.value + d * limit.unit for limit, d in pairs])

    def reached(self, level: float) -> Floats:
        """How far each quantity goes down and up, (2 q,) in its unit, until its profile has fallen to
        the end of an interval of confidence `level`: infinite where it never falls so far, not a number
        where the search was lost."""
        (which, side), radius = self.sides, critical(level) ** 0.5
        first = side * radius
        along = np.array([limit.along for limit in self.limits])[which]
        u, target = self.fit.peak.u + first[:, None] * along, first * (1 + 1 / STIFF)
        final = np.full(side.size, np.nan)
        # Of the look before: the target, the distance and the root; and the distance expected next.
        last, before, fell, asked = (np.zeros(side.size) for _ in range(4))
        rows = np.arange(side.size)
        for look in range(LOOKS):
            points = self.at(which[rows], target[rows], u[rows])
            root, gone = np.sqrt(points.ratio), np.abs(points.d)
            close = points.good & (np.abs(root - radius) < NEAR)
            final[rows[close]] = points.d[close]
            # At the edge of the family, or far beyond any use, and still inside the region.
            wanted = asked[rows] - before[rows]
            stuck = points.edge & (wanted > 0) & (gone - before[rows] < 1e-3 * wanted)
            stuck = points.good & (root < radius - 1e-3) & (stuck | (gone > FARTHEST))
            final[rows[stuck]] = (side[rows] * np.inf)[stuck]
            going = points.good & ~close & ~stuck
            rows, points, root = rows[going], _rows(points, going), root[going]
            if not rows.size:
                break
            # The root is nearly linear in d, and its slope is known; where it is level, further.
            gone, slope = np.maximum(np.abs(points.d), 1e-3), np.maximum(points.slope * side[rows], 1e-9)
            change = np.clip((radius - root) * root / slope, -0.5 * gone, FURTHER * gone)
            change = np.where(root < LEVEL, FURTHER * gone, change)
            pull = np.where(root < LEVEL, 0.0, slope * (1 + change / gone))
            aim = gone + change + pull / STIFF
            now = np.abs(target[rows])
            if look:
                # From two targets on a secant is better: it knows what a target gives.
                with np.errstate(divide="ignore", invalid="ignore"):
                    secant = now + (radius - root) * (now - last[rows]) / (root - fell[rows])
                near = np.isfinite(secant) & (np.abs(secant - now) < 0.5 * now) & (root > fell[rows] / 2)
                aim = np.where(near, secant, aim)
            last[rows], fell[rows] = now, root
            asked[rows], before[rows], u[rows] = gone + change, gone, points.u
            target[rows] = side[rows] * aim
        return final


class _Towards:
    """D with its penalties, as `core.families.newton` measures it."""

    def __init__(self, profiles: Profiles, which: Any, targets: Floats) -> None:
        self.of, self.which, self.targets = profiles, which, targets

    def __call__(self, rows: Any, points: Floats) -> Measured:
        value, gradient, hessian = self.of.measure(rows * 0, points)
        d, slope = self._distance(self.which[rows], points)
        off = d - self.targets[rows]
        weight = STIFF / self.of.fit.n
        return (
            value + weight * off**2 / 2,
            gradient + weight * off[:, None] * slope,
            # Without the quantity's own curvature: smaller than the rest by the root of n.
            hessian + weight * slope[:, :, None] * slope[:, None, :],
        )

    def found(self, points: Floats) -> tuple[Floats, Floats]:
        """Distances (m,) and mean losses (m,) at points (m, k)."""
        d, _ = self._distance(self.which, points)
        return d, self.of.measure(np.zeros(len(points), int), points)[0]

    def _distance(self, which: Any, points: Floats) -> tuple[Floats, Floats]:
        d, slopes = np.empty(len(points)), np.empty(points.shape)
        for q in np.unique(which):
            here = which == q
            limit = self.of.limits[q]
            value, slope = self.of.quantities[q].gradient(points[here], self.of.steps)
            d[here], slopes[here] = (value - limit.value) / limit.unit, slope / limit.unit
        return d, slopes


def _rows(points: Points, kept: Any) -> Points:
    return Points(*(leaf[kept] for leaf in vars(points).values()))
