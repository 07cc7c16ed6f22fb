"""Stephens' tables: p-values with estimated parameters without simulation, where they exist.

The statistics are modified so that one law serves every n of 10 and more, and are compared with
percentage points for Kolmogorov–Smirnov and with the limiting law (`core.families.limiting`, which gives
the printed points of the other two) for Cramér–von Mises and Anderson–Darling. D'Agostino & Stephens
1986, Goodness-of-fit techniques, chapter 4: normal (and log-normal by its logarithm), exponential,
Gumbel (and Weibull by its logarithm), logistic. The tables of the normal are for the standard deviation
with divisor n − 1; its Kolmogorov–Smirnov point at 2.5 % is 0.955, as simulation confirms, where some
copies have 0.995.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.families import limiting, rowwise
from core.families.distances import TESTS, Floats, between

if TYPE_CHECKING:
    from core.families.result import Fit

FAMILIES = ("normal", "lognormal", "exponential", "gumbel", "weibull", "logistic")
LEVELS = (0.15, 0.10, 0.05, 0.025, 0.01)
# Modified statistics that are exceeded with those probabilities.
_KS: Mapping[str, tuple[float, ...]] = {
    "normal": (0.775, 0.819, 0.895, 0.955, 1.035),
    "exponential": (0.926, 0.990, 1.094, 1.190, 1.308),
}
_SAME = {"lognormal": "normal", "weibull": "gumbel"}


def tabled(test: str, family: str) -> bool:
    """Whether there is a table."""
    return family in FAMILIES and (test in ("cvm", "ad") or _SAME.get(family, family) in _KS)


def points(family: str) -> dict[float, float]:
    """Percentage points by level of the modified Kolmogorov–Smirnov statistic."""
    return dict(zip(LEVELS, _KS[_SAME.get(family, family)], strict=True))


def statistics(x: Floats, family: str) -> dict[str, Floats]:
    """`ks`, `cvm`, `ad` (r,) of rows x (r, n), with the estimates that the tables of `family` assume."""
    known = rowwise.FAMILIES[family]
    ordered = np.sort(x, axis=1)
    found = [p[:, None] for p in known.fit(ordered)]
    if _SAME.get(family, family) == "normal":
        n = x.shape[1]
        found[1] = found[1] * np.sqrt(n / (n - 1))
    return between(known.below(ordered, *found))


def modified(test: str, statistic: Floats, n: int, family: str) -> Floats:
    """The statistic as the tables want it; `ks` is sup |F_n − F|."""
    root, kind = np.sqrt(n), _SAME.get(family, family)
    if (test, kind) == ("cvm", "logistic"):
        return np.asarray((n * statistic - 0.08) / (n - 1))
    if (test, kind) == ("ks", "exponential"):
        return np.asarray((statistic - 0.2 / n) * (root + 0.26 + 0.5 / root))
    factor = {
        ("ks", "normal"): root - 0.01 + 0.85 / root,
        ("cvm", "normal"): 1 + 0.5 / n,
        ("ad", "normal"): 1 + 0.75 / n + 2.25 / n**2,
        ("cvm", "exponential"): 1 + 0.16 / n,
        ("ad", "exponential"): 1 + 0.6 / n,
        ("cvm", "gumbel"): 1 + 0.2 / root,
        ("ad", "gumbel"): 1 + 0.2 / root,
        ("ad", "logistic"): 1 + 0.25 / n,
    }
    return np.asarray(statistic * factor[test, kind])


def p_values(fit: "Fit") -> dict[str, tuple[float, float]]:
    """p-values of `fit` as (low, high) by test: equal for `cvm` and `ad`; for `ks` the levels of the
    table on either side, 0 or 1 past its ends. Empty where no table is for this family, for parameters
    held fixed, for weights, or for a censored or truncated sample."""
    sample = fit.sample
    whole = fit.family in FAMILIES and len(fit.free) == len(fit.parameters)
    if not whole or sample.partial or (sample.weights != 1).any():
        return {}
    n = sample.left.size
    found = statistics(sample.left[None], fit.family)
    made = {}
    for test in (t for t in TESTS if tabled(t, fit.family)):
        value = modified(test, found[test], n, fit.family)
        made[test] = (
            _between(float(value[0]), fit.family) if test == "ks" else _exact(test, value, fit.family)
        )
    return made


def _exact(test: str, value: Floats, family: str) -> tuple[float, float]:
    law = limiting.estimated("cvm" if test == "cvm" else "ad", family)
    p = float(limiting.exceedance(law, value)[0])
    return p, p


def _between(value: float, family: str) -> tuple[float, float]:
    table = points(family)
    above = [level for level, point in table.items() if value >= point]
    below = [level for level, point in table.items() if value < point]
    return max(below, default=0.0), min(above, default=1.0)
