"""Samples drawn from a fitted family and fitted again, many together: the parametric bootstrap.

A sample censored at one limit on a side (a detection limit, the end of a trial) is drawn and censored
at the same limit, and one truncated at two points is drawn between them. Where each value has a limit of
its own, the limits of values that were seen are not known, and no sample can be drawn as the data were.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families import registry
from core.families.family import Floats
from core.families.fitting import CONVERGED
from core.families.incomplete import Incomplete, Part
from core.families.likelihood import ManySamples, bounded, box, held, unconstrained
from core.families.newton import Measure, climb
from core.families.quiet import quiet
from core.families.result import Fit
from core.families.window import Seen, Window

# Values of a batch at once, and samples.
ROOM, SAMPLES = 2**17, 64
# Counts up to here are fitted as a table of frequencies, others value by value.
TABLED = 4096
# Of a search from the fit, which takes 5 to 8 where it succeeds.
EVALUATIONS = 50


@dataclass(frozen=True)
class Redraws:
    """A batch of samples on the standardised scale, `x` (r, n), each row in order, the parameters
    `theta` (r, p) fitted to each, and which of the fits reached a maximum, `good` (r,)."""

    x: Floats
    theta: Floats
    good: Any


@dataclass(frozen=True)
class Limits:
    """Where values stop being seen, on the standardised scale; infinite where they never do."""

    low: float = -np.inf
    high: float = np.inf

    @property
    def none(self) -> bool:
        """Whether every value is seen."""
        return bool(np.isinf(self.low) and np.isinf(self.high))


def limits(fit: Fit) -> Limits:
    """The limits at which the sample of `fit` is censored.

    Raises:
        InputError: the limits differ between values, values are seen beyond them, or they are counts.
    """
    sample, standard = fit.sample, fit.peak
    if sample.censored and registry.find(fit.family).discrete:
        raise InputError("`sample` must not hold censored counts for a p-value.")
    exact = sample.exact
    inner = ~exact & ~np.isnan(sample.left) & ~np.isnan(sample.right)
    # An interval from the end of the support is a value below a limit.
    inner &= sample.left > registry.find(fit.family).support.low
    if inner.any():
        raise InputError(
            f"`sample` must be censored at one limit on a side for a p-value, but {int(inner.sum())} "
            "values are known by intervals."
        )
    above, below = sample.left[~exact & np.isnan(sample.right)], sample.right[~exact]
    below = below[~np.isnan(below)]
    low, high = (_limit(a, side) for a, side in ((below, "left"), (above, "right")))
    seen = sample.left[exact]
    if seen.size and (seen.min() < low or seen.max() > high):
        value, end = (seen.min(), low) if seen.min() < low else (seen.max(), high)
        raise InputError(
            f"`sample` must be censored at one limit on a side for a p-value, but the value {value:g} "
            f"is seen beyond the limit {end:g}."
        )
    return Limits(*((end - standard.shift) / standard.stretch for end in (low, high)))


def _limit(bounds: Floats, side: str) -> float:
    if not bounds.size:
        return -np.inf if side == "left" else np.inf
    if bounds.min() != bounds.max():
        raise InputError(
            f"`sample` must be censored at one limit on a side for a p-value, but its {side} limits go "
            f"from {bounds.min():g} to {bounds.max():g}."
        )
    return float(bounds[0])


def size(fit: Fit) -> int:
    """The number of values that a sample has.

    Raises:
        InputError: weights that are not numbers of values.
    """
    weights = fit.sample.weights
    if (weights != np.round(weights)).any():
        wrong = weights[weights != np.round(weights)][0]
        raise InputError(f"`weights` must be whole numbers of values for a p-value, not {wrong:g}.")
    return int(weights.sum())


def drawn(fit: Fit) -> Any:
    """The law of the values that are seen, on the standardised scale."""
    family, standard = registry.find(fit.family), fit.peak
    law = family.frozen(dict(zip(family.names, standard.theta.tolist(), strict=True)))
    inside = window(fit)
    if inside.open:
        return law
    return Seen(lambda name, x: getattr(law, name)(x), inside, family.discrete)


def window(fit: Fit) -> Window:
    """The points between which values are seen, on the standardised scale."""
    standard = fit.peak
    inside = fit.sample.window.of(registry.find(fit.family))
    return inside.standardised(standard.shift, standard.stretch)


def redraws(fit: Fit, generator: np.random.Generator) -> Iterator[Redraws]:
    """Samples of the size of `fit`'s own, fitted again from its estimates, batch after batch without
    an end. The draws do not depend on how many batches are taken."""
    family, n, ends = registry.find(fit.family), size(fit), limits(fit)
    law = drawn(fit)
    batch = int(np.clip(ROOM // n, 1, SAMPLES))
    refit = _closed if family.closed else _tabled if family.discrete else _valued
    while True:
        with quiet():
            x = np.sort(np.asarray(law.rvs((batch, n), random_state=generator), float), axis=1)
        yield refit(fit, x, ends)


def _closed(fit: Fit, x: Floats, ends: Limits) -> Redraws:
    """Maxima that are known."""
    family, free = registry.find(fit.family), fit.peak.free
    assert family.closed is not None
    held = {i: float(v) for i, v in enumerate(fit.peak.theta) if i not in free}
    ones = np.ones(x.shape[1])
    theta = np.array([family.closed(row, ones, held) for row in x])
    return Redraws(x, theta, np.isfinite(theta).all(axis=1))


def _tabled(fit: Fit, x: Floats, ends: Limits) -> Redraws:
    """Counts, as frequencies of the counts that occur."""
    r, low = len(x), x.min()
    wide = int(x.max() - low) + 1
    if wide > TABLED:
        return _valued(fit, x, ends)
    cells = (x - low).astype(np.int64) + wide * np.arange(r)[:, None]
    seen = np.bincount(cells.ravel(), minlength=r * wide).reshape(r, wide).astype(float)
    return _found(fit, x, _incomplete(fit, x, ends, _many(fit, low + np.arange(float(wide)), seen)))


def _valued(fit: Fit, x: Floats, ends: Limits) -> Redraws:
    """Measurements, value by value; those beyond a limit as their number."""
    if ends.none:
        return _found(fit, x, _incomplete(fit, x, ends, _many(fit, x, None)))
    inside = _inside(x, ends)
    # A place that is not read needs a value at which derivatives are finite.
    middle = float(x[inside].mean()) if inside.any() else float(np.median(x))
    seen = _many(fit, np.where(inside, x, middle), inside.astype(float))
    return _found(fit, x, _incomplete(fit, x, ends, seen))


def _inside(x: Floats, ends: Limits) -> Any:
    return (x > ends.low) & (x < ends.high)


def _incomplete(fit: Fit, x: Floats, ends: Limits, seen: Measure) -> Measure:
    """What `seen` measures, with the values beyond the limits and the probability of being seen."""
    within, (r, n) = window(fit), x.shape
    parts = []
    if np.isfinite(ends.low):
        parts.append(Part(within.low, ends.low, (x <= ends.low).sum(axis=1)))
    if np.isfinite(ends.high):
        parts.append(Part(ends.high, within.high, (x >= ends.high).sum(axis=1)))
    if not within.open:
        parts.append(Part(within.low, within.high, np.full(r, -float(n))))
    if not parts:
        return seen
    family = registry.find(fit.family)
    full = unconstrained(family, fit.peak.theta)
    return Incomplete(family, fit.peak.free, full, seen, _inside(x, ends).sum(axis=1), n, parts)


def _many(fit: Fit, x: Floats, weights: Floats | None) -> Measure:
    standard = fit.peak
    family = registry.find(fit.family)
    fixed = {i: float(v) for i, v in enumerate(standard.theta) if i not in standard.free}
    return ManySamples(family, standard.free, x, weights, held(family, fixed))


def _found(fit: Fit, x: Floats, measure: Measure) -> Redraws:
    """The samples with the parameters at which `measure`, searched from the fit, is least."""
    standard, family = fit.peak, registry.find(fit.family)
    free = standard.free
    start = np.tile(standard.u, (len(x), 1))
    edges = box(family, free)
    peaks = climb(measure, start, edges, bounded(family, free), x.shape[1], most=EVALUATIONS)
    theta = np.tile(standard.theta, (len(x), 1))
    for k, i in enumerate(free):
        theta[:, i] = family.parameters[i].value(peaks.u[:, k])
    # At an edge of the family the decrement is that of the directions that are left.
    good = np.isfinite(peaks.loss) & (np.abs(peaks.decrement) < CONVERGED)
    return Redraws(x, theta, np.asarray(good))
