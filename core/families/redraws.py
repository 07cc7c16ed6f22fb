"""Samples drawn from a fitted family and fitted again: the parametric bootstrap, many samples in one
compiled program.

A sample censored at one limit on a side (a detection limit, the end of a trial) is drawn and censored
at the same limit. Where each value has a limit of its own, the limits of values that were seen are not
known, and no sample can be drawn as the data were.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.experiment import InputError
from core.families import registry, search
from core.families.family import Family, Floats
from core.families.fitting import CONVERGED
from core.families.quiet import quiet
from core.families.result import Fit
from core.families.search import Data

# Values of a batch at once, and samples.
ROOM, ROWS = 2**17, 64
# Counts up to here are fitted as a table of frequencies, others value by value.
TABLED = 4096


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
        InputError: the limits differ between values, or values are seen beyond them.
    """
    sample, standard = fit.sample, fit.peak
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


def redraws(fit: Fit, generator: np.random.Generator) -> Iterator[Redraws]:
    """Samples of the size of `fit`'s own, fitted again from its estimates, batch after batch without
    an end. The draws do not depend on how many batches are taken."""
    family, standard, n = registry.find(fit.family), fit.peak, size(fit)
    ends = limits(fit)
    law = family.frozen(dict(zip(family.names, standard.theta.tolist(), strict=True)))
    batch = int(np.clip(ROOM // n, 1, ROWS))
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
    r = len(x)
    top = int(x.max()) + 1
    if top > TABLED:
        _check_inside(fit)
        return _valued(fit, x, ends)
    wide = max(64, 1 << (top - 1).bit_length())
    cells = x.astype(np.int64) + wide * np.arange(r)[:, None]
    seen = np.bincount(cells.ravel(), minlength=r * wide).reshape(r, wide).astype(float)
    counts = np.arange(float(wide))
    # A count that no row has still needs a value at which the density is finite.
    counts[counts > top - 1] = top - 1
    standard = fit.peak
    found, _ = search.refit(
        registry.find(fit.family), standard.free, counts, seen, standard.theta, standard.u
    )
    return _found(fit, x, found)


def _check_inside(fit: Fit) -> None:
    """Large counts at an edge of a family leave a likelihood that is flat to its last digits."""
    standard, family = fit.peak, registry.find(fit.family)
    for k, i in enumerate(standard.free):
        p = family.parameters[i]
        if not p.box[0] < standard.u[k] < p.box[1]:
            raise InputError(
                f"`sample` must not hold counts above {TABLED - 1:,} for a p-value of {fit.family} "
                f"where {p.name} is at its edge of {standard.theta[i]:,.6g}: test the limit there."
            )


def _valued(fit: Fit, x: Floats, ends: Limits) -> Redraws:
    """Measurements, value by value."""
    family, standard = registry.find(fit.family), fit.peak
    r, n = x.shape
    wide = _padded(n)
    values = np.empty((r, wide))
    values[:, :n], values[:, n:] = x, x[:, n // 2, None]
    weights = np.zeros((r, wide))
    weights[:, :n] = 1.0
    if not ends.none:
        family = _within(family)
        inside = (x > ends.low) & (x < ends.high)
        middle = x[:, n // 2, None].mean()
        values = np.where((values > ends.low) & (values < ends.high), values, middle)
        edges = np.tile([v if np.isfinite(v) else middle for v in (ends.low, ends.high)], (r, 1))
        beyond = np.column_stack([(x <= ends.low).sum(axis=1), (x >= ends.high).sum(axis=1)])
        weights[:, :n] = inside
        values, weights = np.hstack([edges, values]), np.hstack([beyond, weights])
    found = _refit(family, standard.free, values, weights, standard.theta, standard.u)
    return _found(fit, x, found)


def _padded(n: int) -> int:
    """The next of a few sizes, which share compiled programs."""
    return 1 << max(6, (n - 1).bit_length() + ((n - 1).bit_length() % 2 if n <= 1024 else 0))


def _found(fit: Fit, x: Floats, peaks: search.Peak) -> Redraws:
    standard = fit.peak
    u = np.asarray(peaks.u)
    theta = np.tile(standard.theta, (len(u), 1))
    moving = registry.find(fit.family).parameters
    for k, i in enumerate(standard.free):
        theta[:, i] = np.asarray(moving[i].natural(jnp.asarray(u[:, k])))
    # At an edge of the family the decrement is that of the directions that are left.
    good = np.isfinite(peaks.loss) & (np.abs(peaks.decrement) < CONVERGED)
    return Redraws(x, theta, np.asarray(good))


@partial(jax.jit, static_argnames=("family", "free"))
def _refit(
    family: Family, free: tuple[int, ...], x: Array, weights: Array, fixed: Array, start: Array
) -> search.Peak:
    """Searches from one `start` (k,) on each row of x and weights (r, n)."""

    def one(values: Array, w: Array) -> search.Peak:
        peaks = search.climb(family, free, Data(values, w), fixed, start[None])
        found: search.Peak = jax.tree.map(lambda leaf: leaf[0], peaks)
        return found

    return jax.vmap(one)(x, weights)


@cache
def _within(family: Family) -> Family:
    """The family of (low limit, high limit, value, value, …): the first two stand for the values that
    lie beyond them, so that those cost as much as two values."""

    def log_density(x: Array, *theta: Array) -> Array:
        below, above = family.log_below(x[:1], *theta), family.log_above(x[1:2], *theta)
        return jnp.concatenate([below, above, family.log_density(x[2:], *theta)])

    return dataclasses.replace(family, log_density=log_density)
