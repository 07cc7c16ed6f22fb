"""What a method of estimation is given: the sample, the family, and how many parameters are free."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from core.experiment import InputError
from core.families.family import Family, Floats
from core.families.sample import Sample
from core.families.turnbull import Cells, cells
from core.families.window import OPEN, Seen, Window


@dataclass(frozen=True)
class Law:
    """A family at parameters, as scipy's distribution: a frozen one takes longer to make than to use."""

    family: Family
    theta: tuple[float, ...]
    inside: Window = OPEN

    def __call__(self, function: str, x: Any) -> Any:
        """The function of this name at x, whatever its shape, of the law of the values that are seen."""
        if self.inside.open:
            return self._whole(function, x)
        return getattr(Seen(self._whole, self.inside, self.family.discrete), function)(x)

    def _whole(self, function: str, x: Any) -> Any:
        shapes, location, scale = self.family.to_scipy(*self.theta)
        known: Any = self.family.law or getattr(stats, self.family.scipy)
        place = (location,) if self.family.discrete else (location, scale)
        return getattr(known, function)(x, *shapes, *place)

    def moments(self) -> Floats:
        """Mean, variance, skewness and excess kurtosis."""
        shapes, location, scale = self.family.to_scipy(*self.theta)
        known: Any = self.family.law or getattr(stats, self.family.scipy)
        place = {"loc": location} if self.family.discrete else {"loc": location, "scale": scale}
        return np.array([float(v) for v in known.stats(*shapes, **place, moments="mvsk")])


Criterion = Callable[[Law], Any]


@dataclass(frozen=True)
class Problem:
    """A `method` with its `argument`, asked for a family with so many `free` parameters; of `start`,
    near which the answer lies, parameters that are free can move."""

    method: str
    argument: str
    family: Family
    sample: Sample
    free: int
    start: Law

    @cached_property
    def ordered(self) -> tuple[Floats, Floats]:
        """Values (n,) from the smallest on, and their weights."""
        order = np.argsort(self.sample.left, kind="stable")
        return self.sample.left[order], self.sample.weights[order]

    def refuse(self, why: str) -> InputError:
        """The error that says that the method cannot be had."""
        return InputError(f"`method` must not be {self.method} here: {why}.")

    @cached_property
    def cells(self) -> Cells:
        """The distribution of a censored sample, no family assumed. What is seen ends at its points."""
        sample, inside = self.sample, self.start.inside
        left, right = np.nan_to_num(sample.left, nan=-np.inf), np.nan_to_num(sample.right, nan=np.inf)
        return cells(np.maximum(left, inside.low), np.minimum(right, inside.high), sample.weights)

    def need_continuous(self) -> None:
        """Raises InputError for counts."""
        if self.family.discrete:
            raise self.refuse(f"{self.family.name} is a family of counts, for which it is not defined")
