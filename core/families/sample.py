"""A sample as the fitting code takes it: checked, weighted, exact or censored."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families.family import Family, Floats
from core.families.window import OPEN, Window, check_inside, window

Given = Any  # an array, a list, a series, or a pair (left, right) of those


@dataclass(frozen=True)
class Sample:
    """`left` and `right` (n,) are equal where a value is known exactly, NaN where a bound is open;
    `weights` (n,) are positive. Both bounds of a count belong to it. Values outside `window` were
    never seen."""

    left: Floats
    right: Floats
    weights: Floats
    window: Window = OPEN

    @cached_property
    def exact(self) -> Any:
        """Which values are known exactly, (n,) bool."""
        return self.left == self.right

    @cached_property
    def censored(self) -> bool:
        """Whether any value is known only by bounds."""
        return not self.exact.all()

    @property
    def partial(self) -> bool:
        """Whether it is censored or truncated."""
        return self.censored or not self.window.open

    @property
    def total(self) -> float:
        """n as the information criteria count it: the sum of the weights."""
        return float(self.weights.sum())

    def representative(self) -> tuple[Floats, Floats]:
        """Values (n,) and weights that stand for the sample where only a rough picture is needed:
        an interval by its middle, an open one by its bound."""
        if not self.censored:
            return self.left, self.weights
        middle = np.where(np.isnan(self.left), self.right, self.left)
        inner = ~np.isnan(self.left) & ~np.isnan(self.right)
        return np.where(inner, 0.5 * self.left + 0.5 * self.right, middle), self.weights


def read(sample: Given, weights: Given = None, truncated: Any = None) -> Sample:
    """The checked sample; values of weight 0 are left out. One that was read before stays as it is.

    Raises:
        InputError: not numbers, empty, missing or infinite values, one distinct value, bounds in
            the wrong order, all values open on the same side, unusable weights, or values outside
            the points of `truncated`, a pair as in `core.families.window.window`.
    """
    if isinstance(sample, Sample):
        return sample
    pair = isinstance(sample, tuple) and len(sample) == 2 and all(np.ndim(s) == 1 for s in sample)
    left, right = (_numbers(s, "sample") for s in (sample if pair else (sample, sample)))
    if left.size == 0 or right.size == 0:
        raise InputError("`sample` must hold at least one value, not none.")
    if left.size != right.size:
        raise InputError(
            f"`sample` must have as many left as right bounds, not {left.size} and {right.size}."
        )
    _check_bounds(left, right) if pair else _check_finite(left)
    given = _weights(weights, left.size)
    kept = given > 0
    made = Sample(left[kept], right[kept], given[kept], window(truncated))
    _check_distinct(made)
    check_inside(made.window, made.left, made.right)
    return made


def check_support(sample: Sample, family: Family) -> None:
    """Raises InputError when the family cannot produce some of the values."""
    bounds = np.concatenate([sample.left, sample.right[~sample.exact]])
    wrong = family.support.outside(bounds[np.isfinite(bounds)])
    if sample.censored:
        # An interval may start at the very end of the support.
        wrong = wrong[(wrong != family.support.low) & (wrong != family.support.high)]
    if wrong.size:
        raise InputError(
            f"`sample` must hold {family.support.words} for {family.name}, not {wrong[0]:g} "
            f"({wrong.size} of {sample.left.size} values lie outside)."
        )


def _numbers(values: Given, name: str) -> Floats:
    given = np.asarray(values)
    if given.ndim != 1:
        raise InputError(
            f"`{name}` must be one column of values, not an array of {given.ndim} dimensions."
        )
    try:
        # Text that looks like a number is text all the same: it is for the reader of files to parse.
        if given.dtype.kind not in "biufO" or any(isinstance(v, str) for v in _objects(given)):
            raise TypeError
        return np.asarray(given, np.float64)
    except (TypeError, ValueError):
        text = next((v for v in given.tolist() if not isinstance(v, int | float)), given[0])
        raise InputError(f"`{name}` must hold numbers, not {text!r}.") from None


def _objects(given: np.ndarray[Any, Any]) -> list[Any]:
    return list(given) if given.dtype.kind == "O" else []


def _check_finite(x: Floats) -> None:
    wrong = int((~np.isfinite(x)).sum())
    if wrong:
        raise InputError(
            f"`sample` must be finite, but {wrong} of {x.size} values are missing or infinite."
        )


def _check_bounds(left: Floats, right: Floats) -> None:
    if np.isinf(left).any() or np.isinf(right).any():
        raise InputError("`sample` must mark an open bound as missing (NaN), not as infinite.")
    empty = int((np.isnan(left) & np.isnan(right)).sum())
    if empty:
        raise InputError(f"`sample` must have a bound for every value, but {empty} have neither.")
    swapped = np.flatnonzero(left > right)
    if swapped.size:
        a, b = left[swapped[0]], right[swapped[0]]
        raise InputError(
            f"`sample` must have left bounds at or below right ones, not {a:g} and {b:g} "
            f"({swapped.size} of {left.size})."
        )
    if np.isnan(left).all() or np.isnan(right).all():
        side = "left" if np.isnan(left).all() else "right"
        raise InputError(
            f"`sample` must have some bound on the {side}, but all {left.size} values are open there, "
            f"so that no likelihood has a maximum."
        )


def _check_distinct(sample: Sample) -> None:
    bounds = np.concatenate([sample.left, sample.right])
    low, high = np.nanmin(bounds), np.nanmax(bounds)
    if low == high:
        raise InputError(f"`sample` must have at least two distinct values, not only {low:g}.")


def _weights(weights: Given, size: int) -> Floats:
    if weights is None:
        return np.ones(size)
    given = _numbers(weights, "weights")
    if given.size != size:
        raise InputError(f"`weights` must be as many as the values, {size}, not {given.size}.")
    if not np.isfinite(given).all() or (given < 0).any():
        wrong = given[~np.isfinite(given) | (given < 0)][0]
        raise InputError(f"`weights` must be 0 or more and finite, not {wrong:g}.")
    if not (given > 0).any():
        raise InputError(f"`weights` must not all be 0, but all {size} are.")
    return given
