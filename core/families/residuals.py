"""How far each value lies from where a fitted law expects it, and how far chance alone would move it.

Measurements: the normal score z = Φ⁻¹(F(x)) of the i-th smallest of n less its median, with F(x) of a
law that is true a Beta(i, n + 1 − i) value: a worm plot, with an exact band for each rank alone.
Counts: √observed − √expected in each bin, a hanging rootogram laid flat, with the band of a binomial
number of values. Parameters fitted to the same values make both bands a little too wide.

Sources: van Buuren & Fredriks 2001, Statistics in Medicine 20, 1259; David & Nagaraja 2003, Order
Statistics, section 2.1; Tukey 1977, Exploratory Data Analysis, chapter 17; Kleiber & Zeileis 2016,
American Statistician 70, 296.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core.families.diagnostic_layout import RESIDUALS
from core.families.family import Floats
from core.families.quiet import quiet

# Ranks shown at most, evenly spread by their normal score, so that the tails have theirs.
PLACES = 200
LOW, HIGH = 0.025, 0.975


@quiet()
def worm(family: str, law: Any, ordered: Floats) -> pd.DataFrame:
    """Ordered measurements (n,) against scipy's frozen `law`, as the table `RESIDUALS`."""
    rank, median, low, high = _expected(ordered.size)
    value = ordered[rank - 1]
    # From the nearer tail, where digits are.
    below, above = law.cdf(value), law.sf(value)
    score = np.where(below < 0.5, stats.norm.ppf(below), stats.norm.isf(above))
    return RESIDUALS.frame(
        {
            "family": family,
            "value": value,
            "expected": median,
            "residual": score - median,
            "low": low - median,
            "high": high - median,
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


def ranks(n: int) -> Any:
    """At most `PLACES` of the ranks 1 to n, the first and the last among them."""
    if n <= PLACES:
        return np.arange(1, n + 1)
    end = stats.norm.ppf(0.5 / n)
    p = stats.norm.cdf(np.linspace(end, -end, PLACES))
    return np.unique(np.clip(np.ceil(n * p), 1, n).astype(int))


@lru_cache(maxsize=8)
def _expected(n: int) -> tuple[Any, Floats, Floats, Floats]:
    """Ranks among n, and the median and band of their normal scores: the same for every family."""
    rank = ranks(n)
    median, low, high = (_score_of_rank(p, rank, n) for p in (0.5, LOW, HIGH))
    return rank, median, low, high


def _score_of_rank(p: float, rank: Any, n: int) -> Floats:
    """Φ⁻¹ of the p quantile of the i-th smallest of n uniform values, i = `rank`."""
    low = stats.norm.ppf(stats.beta.ppf(p, rank, n + 1 - rank))
    high = stats.norm.isf(stats.beta.ppf(1 - p, n + 1 - rank, rank))
    return np.asarray(np.where(2 * rank <= n, low, high))
