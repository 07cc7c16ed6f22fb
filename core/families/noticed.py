"""What a column of numbers shows before anything is fitted: rounding, ties, and piles at its ends."""

import numpy as np

from core.families.family import Floats

# A pile at an end is so many values, this share of all, and this many times as many as at any other.
PILE, SHARE, TIMES = 5, 0.03, 3
# Fewer different values than this share of all, of at least so many, are heavy ties.
DIFFERENT, ENOUGH = 0.5, 10


def noticed(x: Floats, counts: bool) -> tuple[str, ...]:
    """Sentences on the values x (n,), which are taken as counts or as measurements."""
    values, times = np.unique(x, return_counts=True)
    notes = [_pile(values, times, end) for end in (0, -1) if values.size > 2]
    if not counts and (x == np.round(x)).all():
        notes.append(
            "All values are whole numbers: densities take them as exact, which rounding to 1 permits "
            "where the spread is many times 1."
        )
    if not counts and x.size >= ENOUGH and values.size < DIFFERENT * x.size:
        notes.append(
            f"Only {values.size:,} of {x.size:,} values differ: ties add to the distances ks, cvm and "
            "ad, and p-values, whose draws have none, come out too small."
        )
    return tuple(filter(None, notes))


def _pile(values: Floats, times: np.ndarray, end: int) -> str:
    count = int(times[end])
    others = int(np.max(np.delete(times, end)))
    if count < max(PILE, SHARE * times.sum()) or count < TIMES * others:
        return ""
    side, limit = ("least", "detection limit") if end == 0 else ("largest", "limit of the scale")
    return (
        f"{count:,} of {int(times.sum()):,} values equal the {side}, {values[end]:g}: that looks like a "
        f"{limit}; if it is one, give them as censored."
    )
