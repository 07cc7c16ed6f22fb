"""Does cross-validation of the training rows have the risk of half as many?

In two folds a learner of one half of the training rows is tested on the other half. A random split makes
those rows exchangeable with the test rows, so that its expected risk is exactly the test risk at half of
the size (Luntz & Brailovsky 1969 for one row left out). It is not where rows of a group stay together or
the latest rows test, nor where what rows are told changes with their place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import theory
from core.learners.fitting import fit
from core.learners.setting import Setting

FEWEST = 8
SOURCE = "Luntz & Brailovsky (1969), Technicheskaya Kibernetica 3; exchangeable rows"


def crossed(it: Setting, size: int) -> bool:
    """Whether folds of `size` rows are exchangeable with the test rows, and not too few."""
    rows = it.rows[0]
    if rows.groups is not None or rows.times is not None or size < FEWEST:
        return False
    # A class of one row is never tested.
    return rows.classes is None or int(np.bincount(rows.target).min()) > 1


def folds(
    it: Setting, told: NDArray[Any], replicate: int, size: int, tick: Callable[[], None]
) -> NDArray[np.float64]:
    """Risk or error (2,) of learners of the first and of the last `size` training rows, about half, on
    the rest of them; the training rows are `told` (n,)."""
    rows, cut = it.rows[replicate], it.splits[replicate]
    train = cut.train[: it.largest]
    ends = (train[:size], train[size:]), (train[-size:], train[:-size])
    found = [fit(rows, told, it.model, *end, replicate, tick).test for end in ends]
    return np.array([getattr(risks, it.measure) for risks in found])


def check(it: Setting, size: int, tested: NDArray[np.float64], found: NDArray[np.float64]) -> theory.Row:
    """The folds' risks `found` (replicate, 2) against the test risks `tested` (replicate,) at `size`."""
    apart, count = found.mean(axis=1) - tested, len(tested)
    error = max(float(apart.std(ddof=1) / np.sqrt(count)), 1e-12)
    return theory.exact(
        f"Two-fold cross-validation of the training rows has the mean {it.measure} of {size:,} samples",
        float(tested.mean()),
        float(found.mean()),
        error,
        source=SOURCE,
        replicates=count,
    )
