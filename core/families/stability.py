"""Whether the standard errors of a fit are right: refits to resampled values, within a time."""

from collections.abc import Callable

import numpy as np

from core.families import registry, resampling
from core.families.resampling import Refits
from core.families.result import Fit

# Values times refits in one run: about 10 s of one core.
WORK = 20_000_000


def refitted(
    made: Fit, asked: int, generator: np.random.Generator, progress: Callable[[float], None]
) -> tuple[Refits | None, list[str]]:
    """At most `asked` refits of `made`, none where it has no standard errors or where more than a tenth
    reach no maximum, and sentences on what is missing. `progress` hears the share that is done."""
    if not np.isfinite(made.covariance).all() or registry.find(made.family).closed:
        return None, [f"No refits: {made.family} has no standard errors from observed information here."]
    notes = []
    replicates = int(min(asked, max(20, WORK / made.n)))
    if replicates < asked:
        said = f"{replicates} refits of the {asked} asked for"
        notes.append(f"At {made.n:,.0f} values the standard errors are tested with {said}.")
    parts = []
    for part in resampling.refits(made, replicates, generator):
        parts.append(part)
        done = sum(p.natural.shape[0] + p.lost for p in parts)
        progress(done / replicates)
    found = Refits.joined(parts)
    kept = found.lost <= 0.1 * replicates
    if found.lost:
        told = "" if kept else ": its standard errors are not tested"
        notes.append(f"{found.lost} of {replicates} refits of {made.family} reached no maximum{told}.")
    return (found if kept else None), notes
