"""How large the largest of many values will be, by each fitted law: levels by their return period.

The level x_T is exceeded once in T values on average: P(X > x_T) = 1 / T. Its 95 % interval is by the
delta method from the observed information, of log x_T for values above 0. An observed value of rank i
among n stands at the period (n + 1) / (n + 1 − i).

Source: Coles 2001, An Introduction to Statistical Modeling of Extreme Values, sections 2.6.4 and 4.3.3.
"""

import numpy as np
import pandas as pd

from core.families import registry
from core.families.diagnostic_layout import RETURN_LEVELS
from core.families.family import Floats
from core.families.quiet import quiet
from core.families.result import Fit
from core.families.returns import USUAL

# Periods, from nearly every value to this many times the sample; and observed values shown at most.
PERIODS, SHORTEST, BEYOND, SHOWN = 50, 1.1, 10.0, 150
# Of a derivative, in standard errors of the parameter.
STEP = 1e-3


def fitted(fit: Fit) -> pd.DataFrame:
    """Levels of one fit as rows of the table `RETURN_LEVELS`."""
    period = np.geomspace(SHORTEST, BEYOND * max(fit.n, 10.0), PERIODS)
    with quiet():
        level = _levels(fit, fit.parameters, period)
        low, high = _interval(fit, period, level)
    return _frame("fitted", fit.family, period, level, low, high)


def observed(ordered: Floats, counts: bool) -> pd.DataFrame:
    """Ordered values (n,) as rows of the table `RETURN_LEVELS`; of equal counts the last one."""
    n = ordered.size
    rank = np.flatnonzero(np.diff(ordered, append=np.inf)) + 1 if counts else np.arange(1, n + 1)
    period = (n + 1) / (n + 1 - rank)
    # Evenly on the axis of periods, which is logarithmic.
    kept = np.unique(np.searchsorted(period, np.geomspace(SHORTEST, period[-1], SHOWN)))
    kept = kept[kept < rank.size]
    none = np.full(kept.size, np.nan)
    return _frame("observed", "", period[kept], ordered[rank[kept] - 1], none, none)


def _levels(fit: Fit, parameters: dict[str, float], period: Floats) -> Floats:
    return np.asarray(registry.find(fit.family).frozen(parameters).isf(1 / period))


def _interval(fit: Fit, period: Floats, level: Floats) -> tuple[Floats, Floats]:
    none = np.full(period.size, np.nan)
    family = registry.find(fit.family)
    # A count's level goes by steps, and has no derivative.
    if family.discrete or not np.isfinite(fit.covariance).all():
        return none, none
    slopes = []
    for name in fit.free:
        step = STEP * fit.standard_errors[name]
        ends = [
            _levels(fit, {**fit.parameters, name: fit.parameters[name] + side * step}, period)
            for side in (-1, 1)
        ]
        slopes.append((ends[1] - ends[0]) / (2 * step))
    slope = np.array(slopes)
    reach = USUAL * np.sqrt(np.einsum("it,ij,jt->t", slope, fit.covariance, slope))
    if family.support.low == 0:
        ratio = np.exp(reach / level)
        return level / ratio, level * ratio
    return level - reach, level + reach


def _frame(
    source: str, family: str, period: Floats, level: Floats, low: Floats, high: Floats
) -> pd.DataFrame:
    columns = {"period": period, "level": level, "low": low, "high": high}
    return RETURN_LEVELS.frame({"source": source, "family": family, **columns})
