"""Which rows train and which test.

Training rows are ordered such that the first n of them are the sample of size n: sizes are nested.
Rows of a class are spread evenly over the order, so that a short beginning has every class that it
can have; rows of a group stand together and on one side; with times, the latest rows test.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.experiment import InputError
from core.learners.rows import Rows

Ints = NDArray[np.int64]
FEWEST = 12
FEW_GROUPS = 10


class Split(NamedTuple):
    """Rows (indices): `train` in the order of growing samples, and `test`."""

    train: Ints
    test: Ints


def check(rows: Rows) -> tuple[str, ...]:
    """What must be said of the rows before they are split.

    Raises:
        InputError: fewer than 12 rows, one group, or classes too few to learn from.
    """
    if rows.count < FEWEST:
        raise InputError(f"`data` must have at least {FEWEST} rows with a target; it has {rows.count}.")
    notes = []
    if rows.classes is not None:
        counts = np.bincount(rows.target, minlength=len(rows.classes))
        if (counts > 0).sum() < 2:
            raise InputError(
                "`target` must have at least 2 classes in the rows that are used; it has 1."
            )
        if np.sort(counts)[-2] < 2:
            raise InputError("`target` must have at least 2 classes with 2 rows or more; it has 1.")
        single = [rows.classes[i] for i in np.flatnonzero(counts == 1)]
        if single:
            shown = ", ".join(single[:5]) + (" and others" if len(single) > 5 else "")
            notes.append(f"Classes of one row are never tested, only trained on: {shown}.")
    if rows.groups is not None:
        groups = int(rows.groups.max()) + 1
        if groups < 2:
            raise InputError(
                "`group` must have at least 2 groups, one to train and one to test; it has 1."
            )
        if groups < FEW_GROUPS:
            notes.append(
                f"There are only {groups} groups: splits differ in little but the group tested."
            )
    return tuple(notes)


def split(rows: Rows, share: float, rng: np.random.Generator) -> Split:
    """A random split with about `share` of the rows for testing, at least one on each side."""
    if rows.times is not None:
        # Ties in random order; how many rows are latest is the same in each split.
        order = np.lexsort((rng.random(rows.count), rows.times))
        cut = _part(rows.count, 1 - share)
        return Split(_spread(rows, order[:cut], rng), order[cut:])
    if rows.groups is not None:
        return _by_group(rows, share, rng)
    if rows.classes is None:
        order = rng.permutation(rows.count)
        cut = _part(rows.count, share)
        return Split(order[cut:], order[:cut])
    order = _spread(rows, np.arange(rows.count), rng)
    counts = np.bincount(rows.target)
    # Evenly spread classes: any stretch of the order has each class at its share.
    free = order[counts[rows.target[order]] > 1]
    test = free[: _part(free.size, share)]
    train = order[~np.isin(order, test)]
    if np.unique(rows.target[train]).size < 2:
        train, test = order[:-1], order[-1:]
    return Split(_spread(rows, train, rng), test)


def _part(count: int, share: float) -> int:
    return int(np.clip(round(count * share), 1, count - 1))


def _spread(rows: Rows, at: Ints, rng: np.random.Generator) -> Ints:
    """`at` in a random order in which each class is spread evenly."""
    at = rng.permutation(at)
    if rows.classes is None:
        return at
    labels = rows.target[at]
    place = np.empty(at.size)
    for code in np.unique(labels):
        mine = np.flatnonzero(labels == code)
        place[mine] = (np.arange(mine.size) + rng.random(mine.size)) / mine.size
    return at[np.argsort(place, kind="stable")]


def _by_group(rows: Rows, share: float, rng: np.random.Generator) -> Split:
    assert rows.groups is not None
    order = rng.permutation(int(rows.groups.max()) + 1)
    sizes = np.bincount(rows.groups)[order]
    # Whole groups up to the share, at least one on each side.
    cut = int(np.clip(np.searchsorted(np.cumsum(sizes), share * rows.count) + 1, 1, order.size - 1))
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    mixed = rng.permutation(rows.count)
    place = rank[rows.groups[mixed]]
    sorted_rows = mixed[np.argsort(place, kind="stable")]
    tested = int((place < cut).sum())
    return Split(sorted_rows[tested:], sorted_rows[:tested])
