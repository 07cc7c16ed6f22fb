"""Series whose extremes are known exactly: values of one law, independent or in clusters.

In clusters of k each value is the largest of k consecutive draws, whose law is chosen so that single
values keep theirs: its extremal index is 1/k, and block maxima have a distribution function in closed
form all the same.

Source: Leadbetter, Lindgren & Rootzén 1983, Extremes and Related Properties, chapter 3.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from scipy import stats

from core.families.family import Floats

Parent = Literal["pareto", "student-t", "exponential", "normal", "lognormal"]
NAMES = {
    "pareto": "generalised Pareto",
    "student-t": "Student t",
    "lognormal": "log-normal",
}


def law(parent: Parent, tail: float, df: float) -> Any:
    """scipy's distribution of one value."""
    laws: dict[Parent, Callable[[], Any]] = {
        "pareto": lambda: stats.genpareto(tail),
        "student-t": lambda: stats.t(df),
        "exponential": stats.expon,
        "normal": stats.norm,
        "lognormal": lambda: stats.lognorm(1.0),
    }
    return laws[parent]()


def tail_index(parent: Parent, tail: float, df: float) -> float:
    """The limit ξ of maxima and of exceedances."""
    return tail if parent == "pareto" else 1 / df if parent == "student-t" else 0.0


def series(made: Any, blocks: int, block: int, cluster: int, rng: np.random.Generator) -> Floats:
    """Values (blocks, block) of the law `made`, in clusters of `cluster`."""
    n = blocks * block
    u = rng.random(n + cluster - 1)
    largest = np.lib.stride_tricks.sliding_window_view(u, cluster).max(axis=1) if cluster > 1 else u
    # The largest of k uniform values has the distribution function u^k.
    above = -np.expm1(cluster * np.log(largest))
    return np.asarray(made.isf(above)).reshape(blocks, block)


def return_level(made: Any, period: Any, block: int, cluster: int) -> Any:
    """The level that the maximum of a block exceeds with probability 1 / `period`, exactly."""
    power = (block + cluster - 1) / cluster
    below = np.log1p(-1 / np.asarray(period, float)) / power
    return made.isf(-np.expm1(below))
