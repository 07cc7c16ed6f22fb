"""The distribution of a censored sample with no family assumed: Kaplan & Meier 1958, JASA 53, 457, where
values are censored on one side, and Turnbull 1976, JRSS B 38, 290, in general.

Its mass lies on cells: single values, and intervals within which the sample does not say how it lies.
"""

from typing import NamedTuple

import numpy as np

from core.experiment import InputError
from core.families.family import Floats

# Steps of expectation and maximisation, and by how much a cell's derivative may still exceed 1.
STEPS, ENOUGH = 50_000, 1e-7


class Cells(NamedTuple):
    """Cells in order from `low` to `high` (m,), equal for a value, infinite where open, with the mass
    up to each, `before` (m,), and with it, `after` (m,)."""

    low: Floats
    high: Floats
    before: Floats
    after: Floats


def cells(left: Floats, right: Floats, weights: Floats) -> Cells:
    """The estimate from values in (left, right] (n,), exact where equal, infinite where open."""
    exact = left == right
    # Ends in order: a value begins before it ends; what is known to lie above it begins after.
    starts, ends = np.where(exact, 0, 2), np.ones(left.size)
    order = np.lexsort((np.r_[starts, ends], np.r_[left, right]))
    is_end = order >= left.size
    opened = np.flatnonzero(~is_end[:-1] & is_end[1:])
    both = np.r_[left, right][order]
    low, high = both[opened], both[opened + 1]
    # The cells that each value may lie in, by place in the order: `first` to `last`.
    place = np.empty(order.size, int)
    place[order] = np.arange(order.size)
    first = np.searchsorted(opened, place[: left.size])
    last = np.searchsorted(opened + 1, place[left.size :], side="right") - 1
    mass = _mass(first, last, weights, low.size)
    after = np.minimum(np.cumsum(mass), 1.0)
    after[-1] = 1.0
    return Cells(low, high, np.r_[0.0, after[:-1]], after)


def _mass(first: np.ndarray, last: np.ndarray, weights: Floats, m: int) -> Floats:
    if ((first == last) | (last == m - 1)).all():
        return _product_limit(first, last, weights, m)
    if ((first == last) | (first == 0)).all():
        return _product_limit(m - 1 - last, m - 1 - first, weights, m)[::-1]
    mass = np.full(m, 1.0 / m)
    total = float(weights.sum())
    for _ in range(STEPS):
        upto = np.r_[0.0, np.cumsum(mass)]
        share = weights / (upto[last + 1] - upto[first])
        steps = np.bincount(first, share, m + 1) - np.bincount(last + 1, share, m + 1)
        slope = np.cumsum(steps[:m]) / total
        mass = mass * slope
        if slope.max() < 1 + ENOUGH:
            return np.asarray(mass / mass.sum())
    raise InputError(
        f"`sample` has {m:,} intervals that overlap too much for its distribution to be found "
        f"without a family; use mle."
    )


def _product_limit(first: np.ndarray, last: np.ndarray, weights: Floats, m: int) -> Floats:
    """Kaplan and Meier's, for values that are known or lie from some cell on."""
    known = first == last
    died = np.bincount(first[known], weights[known], m)
    # One that lies from a cell on left before it: it was at risk in the cells before.
    left = np.bincount(np.where(known, first, first - 1) + 1, weights, m + 1)[1:]
    at_risk = np.cumsum(left[::-1])[::-1]
    alive = np.cumprod(1 - died / np.where(at_risk > 0, at_risk, 1.0))
    alive[-1] = 0.0
    return np.asarray(-np.diff(np.r_[1.0, alive]))
