"""Which parameter makes a learner more or less flexible, and over which values?"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.experiment import InputError

Capacity = Literal["width", "weight_decay", "steps"]
CAPACITIES = {"width": "Width of the hidden layers", "weight_decay": "Weight decay", "steps": "Steps"}


class Range(NamedTuple):
    """The parameter, a field of core.learners.models.Model, its range, whether larger values are
    simpler, and whether it is a whole number."""

    parameter: str
    low: float
    high: float
    larger_is_simpler: bool
    whole: bool

    def grid(self, points: int) -> NDArray[np.float64]:
        """At most so many values, evenly spread on a log scale, ascending."""
        found = np.geomspace(self.low, self.high, points)
        return np.unique(np.round(found)) if self.whole else found


_RANGES = {
    "ridge": Range("penalty", 1e-2, 1e4, True, False),
    "logistic": Range("penalty", 1e-4, 1e3, True, False),
    "lasso": Range("penalty", 1e-2, 1e3, True, False),
    "knn": Range("neighbours", 1, 500, True, True),
    "tree": Range("depth", 1, 16, False, True),
    "forest": Range("trees", 1, 500, False, True),
    "gradient-boosting": Range("trees", 1, 500, False, True),
    "svm": Range("cost", 1e-3, 1e3, False, False),
}
_NETWORK = {
    "width": Range("width", 1, 128, False, True),
    "weight_decay": Range("weight_decay", 1e-2, 10, True, False),
    "steps": Range("steps", 10, 2000, False, True),
}


def capacity(learner: str, of_network: Capacity, *, trees: int, largest: int) -> Range:
    """The parameter of a learner; of a network, the one that is asked for. There are at most `trees`
    trees, and at most half as many neighbours as the `largest` number of training rows.

    Raises:
        InputError: a learner without such a parameter.
    """
    if learner == "network":
        return _NETWORK[of_network]
    if learner not in _RANGES:
        raise InputError(f"`learner` must have a parameter to vary; {learner} has none.")
    found = _RANGES[learner]
    if found.parameter == "trees":
        return found._replace(high=trees)
    if found.parameter == "neighbours":
        return found._replace(high=max(2, min(found.high, largest // 2)))
    return found
