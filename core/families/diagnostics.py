"""The diagnostic pictures of a set of fits: moments, residuals, return levels, and what they check."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames
from core.families import cullen_frey, moment_plane, residuals, return_levels
from core.families.diagnostic_layout import MOMENT_THEORY
from core.families.family import Floats
from core.families.result import Fit

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Diagnosed:
    """The tables `moments`, `moment_theory`, `residuals` and `return_levels`, and rows of checks."""

    tables: Frames
    checks: list[theory.Row]


def diagnosed(
    fits: list[Fit],
    assumed: Fit,
    ordered: Floats,
    bins: pd.DataFrame,
    counts: bool,
    generator: np.random.Generator,
    progress: Progress,
) -> Diagnosed:
    """Of uncensored `fits` to the values `ordered` (n,), whose histogram has these `bins`; samples are
    drawn from the one that is `assumed`. `progress` hears what is done, and the share done."""
    of_families = _of_families(fits, ordered, bins, counts, progress)
    again, draws = generator.spawn(2)
    resamples = cullen_frey.resampled(
        ordered, again, lambda share: progress("resampling moments", 0.3 + 0.2 * share)
    )
    drawn = cullen_frey.drawn(
        assumed, draws, lambda share: progress(f"drawing from {assumed.family}", 0.5 + 0.5 * share)
    )
    own = np.column_stack(cullen_frey.moments(ordered[None]))
    made = cullen_frey.table(fits, own, resamples, drawn, assumed.family)
    reach = np.concatenate([own, resamples])
    # Values that are all equal have neither.
    possible = np.isfinite(own).all()
    plane = (
        moment_plane.plane(reach[np.isfinite(reach).all(axis=1)], counts=counts)
        if possible
        else MOMENT_THEORY.empty()
    )
    rows = list(cullen_frey.checks(made, own, drawn, assumed.family)) if possible else []
    return Diagnosed({"moments": made, "moment_theory": plane, **of_families}, rows)


def _of_families(
    fits: list[Fit], ordered: Floats, bins: pd.DataFrame, counts: bool, progress: Progress
) -> Frames:
    far, levels = [], [return_levels.observed(ordered, counts)]
    at = residuals.ranked(ordered)
    for place, fit in enumerate(fits):
        progress(f"residuals of {fit.family}", 0.3 * place / len(fits))
        law = fit.distribution
        far.append(
            residuals.rootogram(fit.family, law, bins, ordered.size)
            if counts
            else residuals.worm(fit.family, law, at)
        )
        levels.append(return_levels.fitted(fit))
    return {
        "residuals": pd.concat(far, ignore_index=True),
        "return_levels": pd.concat(levels, ignore_index=True),
    }
