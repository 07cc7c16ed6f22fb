"""Whether the standard errors of a fit are right: refits to resampled values, at a bounded cost."""

from collections.abc import Callable

import numpy as np

from core.families import registry, resampling
from core.families.resampling import Refits
from core.families.result import Fit

# Values in all refits of one run, and the fewest in one refit, unless the sample has fewer.
WORK, FEWEST = 4_000_000, 10_000


def refitted(
    made: Fit, replicates: int, generator: np.random.Generator, progress: Callable[[float], None]
) -> tuple[Refits | None, list[str]]:
    """`replicates` refits of `made`, none where it has no standard errors or where more than a tenth
    reach no maximum, and sentences on what is missing. `progress` hears the share that is done."""
    if not np.isfinite(made.covariance).all() or registry.find(made.family).closed:
        return None, [f"No refits: {made.family} has no standard errors from observed information here."]
    most = max(FEWEST, WORK // replicates)
    notes = []
    if made.sample.left.size > most:
        scaled = "their deviations are scaled to the whole sample"
        notes.append(f"Refits are made to {most:,} of the {made.n:,.0f} values; {scaled}.")
    parts = []
    for part in resampling.refits(made, replicates, generator, most):
        parts.append(part)
        done = sum(p.natural.shape[0] + p.lost for p in parts)
        progress(done / replicates)
    found = Refits.joined(parts)
    kept = found.lost <= 0.1 * replicates
    if found.lost:
        told = "" if kept else ": its standard errors are not tested"
        notes.append(f"{found.lost} of {replicates} refits of {made.family} reached no maximum{told}.")
    return (found if kept else None), notes
