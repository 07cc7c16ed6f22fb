"""How far each value lies from where a fitted law expects it, and how far chance alone would move it.

Measurements: the normal score z = Φ⁻¹(F(x)) of the i-th smallest of n less its median, with F(x) of a
law that is true a Beta(i, n + 1 − i) value: a worm plot, with an exact band for each rank alone.
Equal values stand at their mean rank.
Counts: √observed − √expected in each bin, a hanging rootogram laid flat, with the band of a binomial
number of values. Parameters fitted to the same values make both bands a little too wide.

Sources: van Buuren & Fredriks 2001, Statistics in Medicine 20, 1259; David & Nagaraja 2003, Order
Statistics, section 2.1; Tukey 1977, Exploratory Data Analysis, chapter 17; Kleiber & Zeileis 2016,
American Statistician 70, 296.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core.families.diagnostic_layout import RESIDUALS
from core.families.family import Floats
from core.families.quiet import quiet

# Values shown at most, evenly spread by their normal score, so that the tails have theirs.
PLACES = 200
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True)
class Ranked:
    """Distinct ordered values, with the median, 2.5 % and 97.5 % quantile (k,) of the normal score of
    each at its rank, were the law true: the same for every law."""

    value: Floats
    median: Floats
    low: Floats
    high: Floats


def ranked(ordered: Floats) -> Ranked:
    """At most `PLACES` of the ordered values (n,); equal ones stand once, at their mean rank."""
    n = ordered.size
    value, first, times = np.unique(ordered, return_index=True, return_counts=True)
    rank = first + (times + 1) / 2
    if rank.size > PLACES:
        end = stats.norm.ppf(0.5 / n)
        wanted = np.ceil(n * stats.norm.cdf(np.linspace(end, -end, PLACES)))
        at = np.unique(np.searchsorted(rank, np.clip(wanted, rank[0], rank[-1])))
        value, rank = value[at], rank[at]
    return Ranked(value, *(_score_of_rank(p, rank, n) for p in (0.5, LOW, HIGH)))


@quiet()
def worm(family: str, law: Any, at: Ranked) -> pd.DataFrame:
    """Measurements against scipy's frozen `law`, as the table `RESIDUALS`."""
    # From the nearer tail, where digits are.
    below, above = law.cdf(at.value), law.sf(at.value)
    score = np.where(below < 0.5, stats.norm.ppf(below), stats.norm.isf(above))
    return RESIDUALS.frame(
        {
            "family": family,
            "value": at.value,
            "expected": at.median,
            "residual": score - at.median,
            "low": at.low - at.median,
            "high": at.high - at.median,
        }
    )


@quiet()
def rootogram(family: str, law: Any, bins: pd.DataFrame, n: int) -> pd.DataFrame:
    """The bins of a histogram of n counts against scipy's frozen `law`, as the table `RESIDUALS`."""
    left, right = bins["left"].to_numpy(), bins["right"].to_numpy()
    # Bins end half-way between whole numbers.
    share = np.maximum(law.cdf(np.floor(right)) - law.cdf(np.floor(left)), 0.0)
    expected = np.sqrt(n * share)
    low, high = (np.sqrt(stats.binom.ppf(p, n, share)) - expected for p in (LOW, HIGH))
    return RESIDUALS.frame(
        {
            "family": family,
            "value": (left + right) / 2,
            "expected": expected,
            "residual": np.sqrt(bins["count"].to_numpy()) - expected,
            "low": low,
            "high": high,
        }
    )


def _score_of_rank(p: float, rank: Any, n: int) -> Floats:
    """Φ⁻¹ of the p quantile of the i-th smallest of n uniform values, i = `rank`."""
    low = stats.norm.ppf(stats.beta.ppf(p, rank, n + 1 - rank))
    high = stats.norm.isf(stats.beta.ppf(1 - p, n + 1 - rank, rank))
    return np.asarray(np.where(2 * rank <= n, low, high))
