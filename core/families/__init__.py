"""Probability families: density, maximum likelihood, standard errors, goodness of fit, resampling.

`fit(sample, family)` fits one family; `core.families.ranking` compares many.
"""

import core.numerics  # noqa: F401  before any family imports jax: it turns 64-bit mode on
from core.families.family import Family
from core.families.fitting import fit
from core.families.registry import families, find
from core.families.result import Fit

__all__ = ["Family", "Fit", "families", "find", "fit"]
