"""Truncation: values are seen only between two points, and how many lie outside is not known.

A value that is seen has the law of the family given that it lies inside: its density divided by
F(high) − F(low), a count's probability by that of `low` to `high`, both included (Cohen 1991, Truncated
and Censored Samples, section 1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families.family import Family, Floats


@dataclass(frozen=True)
class Window:
    """The points between which values are seen; infinite where there is none."""

    low: float = -np.inf
    high: float = np.inf

    @property
    def open(self) -> bool:
        """Whether every value is seen."""
        return bool(np.isinf(self.low) and np.isinf(self.high))

    def of(self, family: Family) -> "Window":
        """The same without a point that leaves out nothing of the family's support; for counts the
        first and the last that are seen."""
        low, high = self.low, self.high
        if family.discrete:
            low, high = np.ceil(low), np.floor(high)
        return Window(
            low if low > family.support.low else -np.inf, high if high < family.support.high else np.inf
        )

    def standardised(self, shift: float, stretch: float) -> "Window":
        """The points of z, where x = shift + stretch · z."""
        return Window((self.low - shift) / stretch, (self.high - shift) / stretch)


OPEN = Window()


def window(truncated: Any) -> Window:
    """The points given as a pair, of which either may be None or not a number.

    Raises:
        InputError: not two numbers, or in the wrong order.
    """
    if truncated is None:
        return Window()
    try:
        low, high = (np.nan if point is None else float(point) for point in truncated)
    except (TypeError, ValueError):
        raise InputError(
            f"`truncated` must be two numbers, the lower point and the upper (None for none), "
            f"not {truncated!r}."
        ) from None
    made = Window(-np.inf if np.isnan(low) else low, np.inf if np.isnan(high) else high)
    if not made.low < made.high:
        raise InputError(
            f"`truncated` must have its lower point below the upper one, not {low:g} and {high:g}."
        )
    return made


def check_inside(inside: Window, left: Floats, right: Floats) -> None:
    """Raises InputError for values, or intervals from `left` to `right`, that lie outside."""
    exact = left == right
    beyond = (left > inside.high) | (~exact & (left == inside.high))
    short = (right < inside.low) | (~exact & (right == inside.low))
    wrong = np.flatnonzero(beyond | short)
    if wrong.size:
        value = left[wrong[0]] if beyond[wrong[0]] else right[wrong[0]]
        raise InputError(
            f"`truncated` must have every value between its points, {inside.low:g} and "
            f"{inside.high:g}, not {value:g} ({wrong.size} of {left.size} lie outside)."
        )


class Seen:
    """The law of the values that are seen, with the methods of scipy's frozen distributions that
    fits and their pictures use. `call(name, x)` gives the family's own."""

    def __init__(self, call: Callable[[str, Any], Any], inside: Window, discrete: bool) -> None:
        self._call, self._discrete = call, discrete
        self._low, self._high = inside.low, inside.high
        # P(X < low) and P(X > high) of the family.
        first = self._low - 1 if discrete else self._low
        self._first = first
        self._below = float(call("cdf", first)) if np.isfinite(first) else 0.0
        self._beyond = float(call("sf", self._high)) if np.isfinite(self._high) else 0.0
        self._mass = float(self._between(first, self._high))

    def _between(self, low: Any, high: Any) -> Any:
        """P(low < X ≤ high), by the tail in which a difference keeps its digits."""
        with np.errstate(invalid="ignore"):
            upper = self._call("sf", low) - self._call("sf", high)
            lower = self._call("cdf", high) - self._call("cdf", low)
        return np.where(self._below > 0.5, upper, lower)

    def cdf(self, x: Any) -> Any:
        """The probability of a value up to x."""
        return self._between(self._first, np.clip(x, self._first, self._high)) / self._mass

    def sf(self, x: Any) -> Any:
        """The probability of a value above x."""
        return self._between(np.clip(x, self._first, self._high), self._high) / self._mass

    def logpdf(self, x: Any) -> Any:
        """The logarithm of the density."""
        return self._log("logpdf", x)

    def pdf(self, x: Any) -> Any:
        """The density."""
        return np.exp(self.logpdf(x))

    def logpmf(self, x: Any) -> Any:
        """The logarithm of a count's probability."""
        return self._log("logpmf", x)

    def pmf(self, x: Any) -> Any:
        """A count's probability."""
        return np.exp(self.logpmf(x))

    def _log(self, name: str, x: Any) -> Any:
        inside = (np.asarray(x) >= self._low) & (np.asarray(x) <= self._high)
        return np.where(inside, self._call(name, x) - np.log(self._mass), -np.inf)

    def ppf(self, p: Any) -> Any:
        """The value up to which the probability is p."""
        p = np.asarray(p, float)
        if self._below > 0.5:
            found = self._call("isf", self._beyond + (1 - p) * self._mass)
        else:
            found = self._call("ppf", self._below + p * self._mass)
        return np.clip(found, self._low, self._high)

    def isf(self, p: Any) -> Any:
        """The value above which the probability is p."""
        p = np.asarray(p, float)
        if self._below > 0.5:
            return np.clip(self._call("isf", self._beyond + p * self._mass), self._low, self._high)
        return self.ppf(1 - p)

    def median(self) -> Any:
        """The middle."""
        return self.ppf(0.5)

    def rvs(self, size: Any, random_state: np.random.Generator) -> Floats:
        """Values drawn by their quantiles."""
        return np.asarray(self.ppf(random_state.random(size)), float)
