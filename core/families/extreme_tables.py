"""The extremes of one series, and the tables that the experiment `extremes` gives of their fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.experiment import InputError
from core.families import returns
from core.families.extreme_layout import ESTIMATES, MAXIMA, PROFILE, SAMPLING, STABILITY
from core.families.family import Floats
from core.families.returns import Levels, Method

METHODS: tuple[Method, ...] = ("maxima", "exceedances")
# Fewer values have no fit worth the name.
FEWEST = 10
Fits = dict[Method, Levels]


@dataclass(frozen=True)
class Parts:
    """Block maxima (1, m) and excesses over `threshold` (1, k) of one series, and their number in each
    block (m,)."""

    maxima: Floats
    excesses: Floats
    threshold: float
    counts: Floats

    def of(self, method: Method) -> Floats:
        return self.maxima if method == "maxima" else self.excesses

    def base(self, method: Method) -> float:
        """Where levels are counted from."""
        return 0.0 if method == "maxima" else self.threshold


def parts(values: Floats, share: float) -> Parts:
    """The maxima of the blocks (rows) of `values` (m, b), and the excesses of their `share` that is
    largest over the next value.

    Raises:
        InputError: too few values would be left.
    """
    k = round(share * values.size)
    if k < FEWEST:
        raise InputError(
            f"`share` must leave at least {FEWEST} of the {values.size:,} values above the threshold; "
            f"{share:g} leaves {k}."
        )
    order = np.argpartition(values, values.size - k - 1, axis=None)
    threshold = float(values.flat[order[values.size - k - 1]])
    largest = order[values.size - k :]
    counts = np.bincount(largest // values.shape[1], minlength=len(values))
    return Parts(
        values.max(axis=1)[None],
        (values.flat[largest] - threshold)[None],
        threshold,
        np.asarray(counts, np.float64),
    )


def maxima(found: Parts) -> pd.DataFrame:
    """The table `MAXIMA`."""
    ordered = np.sort(found.maxima[0])
    rank = np.arange(1, ordered.size + 1)
    period = (ordered.size + 1) / (ordered.size + 1 - rank)
    return MAXIMA.frame({"rank": rank, "value": ordered, "period": period})


def estimates(found: Parts, fits: Fits) -> pd.DataFrame:
    """The table `ESTIMATES`."""
    return ESTIMATES.frame(
        [
            {
                "method": method,
                "values": found.of(method).size,
                "threshold": found.threshold if method == "exceedances" else np.nan,
                "xi": made.xi[0],
                "xi_error": made.xi_error[0],
                "sigma": made.sigma[0],
                "level": found.base(method) + made.level[0],
                "level_error": made.error[0],
            }
            for method, made in fits.items()
        ]
    )


def stability(values: Floats, share: float) -> pd.DataFrame:
    """The table `STABILITY`: thresholds from half of the values above down to a few."""
    rows = []
    for part in np.geomspace(0.5, min(share, max(20 / values.size, share / 8)), 10):
        if round(part * values.size) < FEWEST:
            continue
        at = parts(values, float(part))
        made = returns.levels("exceedances", at.excesses, 100.0)
        rows.append(
            {
                "threshold": at.threshold,
                "exceedances": at.excesses.size,
                "xi": made.xi[0],
                "xi_error": made.xi_error[0],
                "scale": made.sigma[0] - made.xi[0] * at.threshold,
            }
        )
    return STABILITY.frame(rows)


def profiles(found: Parts, fits: Fits, ratios: dict[Method, float]) -> pd.DataFrame:
    """The table `PROFILE`; `ratios` are those of `core.families.returns.ratio`."""
    frames = []
    for method, made in fits.items():
        ratio = ratios[method]
        low, high = returns.interval(method, found.of(method)[0], ratio, made)
        top = min(high, made.level[0] + 20 * made.error[0])
        reach = top - low
        level = np.linspace(max(low - 0.2 * reach, 0.2 * low), top + 0.3 * reach, 61)
        many = np.broadcast_to(found.of(method), (level.size, found.of(method).size))
        near = Levels(*(np.repeat(leaf, level.size) for leaf in vars(made).values()))
        largest = returns.profile(method, np.array(many), ratio, level, near)
        fall = 2 * (made.log_likelihood[0] - largest)
        frames.append(
            pd.DataFrame(
                {
                    "method": method,
                    "level": found.base(method) + level,
                    "fall": np.where(np.isfinite(fall), fall, np.nan),
                    "quadratic": ((level - made.level[0]) / made.error[0]) ** 2,
                }
            )
        )
    return PROFILE.frame(pd.concat(frames, ignore_index=True))


def level(found: Parts, method: Method, period: float, ratio: float) -> dict[str, Any]:
    """A row of the table `RETURNS`, but for the true level."""
    made, base = returns.levels(method, found.of(method), ratio), found.base(method)
    low, high = returns.interval(method, found.of(method)[0], ratio, made)
    at, reach = base + made.level[0], returns.USUAL * made.error[0]
    return {
        "method": method,
        "period": period,
        "level": at,
        "low": base + low,
        "high": base + high,
        "wald_low": at - reach,
        "wald_high": at + reach,
    }


def sampling(
    batch: Sequence[Parts], method: Method, ratio: float, true: float, first: int
) -> pd.DataFrame:
    """Rows of the table `SAMPLING`: fits of one method to a batch of series whose return level is
    `true`, numbered from `first`."""
    x = np.concatenate([p.of(method) for p in batch])
    base = np.array([p.base(method) for p in batch])
    made, held = returns.levels(method, x, ratio), true - base
    possible = held > 0 if method == "exceedances" else np.ones(len(x), bool)
    fall = np.full(len(x), np.inf)
    if possible.any():
        near = Levels(*(leaf[possible] for leaf in vars(made).values()))
        largest = returns.profile(method, x[possible], ratio, held[possible], near)
        fall[possible] = 2 * (made.log_likelihood[possible] - largest)
    counts = np.array([p.counts for p in batch])
    dispersion = counts.var(axis=1, ddof=1) / counts.mean(axis=1)
    near_enough = np.abs(made.level - held) < returns.USUAL * made.error
    return SAMPLING.frame(
        {
            "replicate": np.arange(first, first + len(batch)),
            "method": method,
            "xi": np.where(made.good, made.xi, np.nan),
            "level": np.where(made.good, base + made.level, np.nan),
            "profile_covers": np.where(made.good, fall < returns.CRITICAL, np.nan),
            "wald_covers": np.where(made.good, near_enough, np.nan),
            "dispersion": dispersion if method == "exceedances" else np.nan,
        }
    )
