"""Probability families: density, maximum likelihood, standard errors, goodness of fit, resampling.

`fit(sample, family)` fits one family; `core.families.ranking` compares many.
"""

from typing import TYPE_CHECKING

from core.rooms import on_first_use

if TYPE_CHECKING:
    from core.families import (
        certainty,
        checks,
        choice,
        consistency,
        diagnostics,
        estimation,
        noticed,
        pictures,
        ranking,
        resampling,
        significance,
        simulation,
        stability,
        stephens,
        tables,
    )
    from core.families.family import Family
    from core.families.fitting import fit
    from core.families.registry import families, find
    from core.families.result import Fit
else:
    __getattr__ = on_first_use(
        __name__, Family="family", Fit="result", families="registry", find="registry", fit="fitting"
    )

__all__ = [
    "Family",
    "Fit",
    "certainty",
    "checks",
    "choice",
    "consistency",
    "diagnostics",
    "estimation",
    "families",
    "find",
    "fit",
    "noticed",
    "pictures",
    "ranking",
    "resampling",
    "significance",
    "simulation",
    "stability",
    "stephens",
    "tables",
]
