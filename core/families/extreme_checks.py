"""What theory says of extremes, held against one series and against many of a known law."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core import theory
from core.families.extreme_tables import METHODS, Fits, Parts
from core.families.returns import USUAL, Method

# Relative errors allowed, for 200 series: of a spread 5 % is one standard error, of a coverage of 95 %
# 1.6 %, of a median return level 1.6 %, and three of them are allowed. The median is also 2 % low with
# 50 blocks (0.3 % with 200): over 3,000 series each.
SPREAD, COVERAGE, MIDDLE = 0.15, 0.05, 0.07
COLES = "Coles 2001, An Introduction to Statistical Modeling of Extreme Values"
LAWS = {"maxima": "genextreme", "exceedances": "genpareto"}
Row = dict[str, Any]


def identities(found: Parts, fits: Fits, ratios: dict[Method, float]) -> list[Row]:
    """A return level in place of the location or the scale changes no likelihood."""
    rows = []
    for method, made in fits.items():
        ratio = ratios[method]
        grown = (ratio ** made.xi[0] - 1) / made.xi[0] if made.xi[0] else np.log(ratio)
        location = made.level[0] - made.sigma[0] * grown if method == "maxima" else 0.0
        shape = -made.xi[0] if method == "maxima" else made.xi[0]
        known = getattr(stats, LAWS[method]).logpdf(found.of(method)[0], shape, location, made.sigma[0])
        rows.append(
            theory.identity(
                f"Log-likelihood of the {method} by return level = by location and scale (scipy)",
                float(known.sum()),
                made.log_likelihood[0],
                source=f"{COLES}, section 3.3.3",
            )
        )
    return rows


def measured(sampling: pd.DataFrame, true: float, xi: float, k: float, n: int) -> list[Row]:
    """What theory says of fresh series (n values, k of them exceedances) of a law with return level
    `true` and tail index `xi`, measured on the table `SAMPLING`."""
    rows = []
    for method in METHODS:
        its = sampling[sampling["method"] == method].dropna(subset=["xi"])
        covered = its["profile_covers"]
        rows.append(
            theory.asymptotic(
                f"Share of 95 % profile intervals of {method} that hold the true return level",
                0.95,
                covered.mean(),
                source=f"{COLES}, section 2.6.6",
                tolerance=COVERAGE,
                standard_error=covered.std(ddof=1) / np.sqrt(len(its)),
            )
        )
        rows.append(
            theory.asymptotic(
                f"Median return level of {method}, in the unit of the values",
                true,
                its["level"].median(),
                source=f"{COLES}, sections 3.1.3 and 4.2.1",
                tolerance=MIDDLE,
                standard_error=1.2533 * its["level"].std(ddof=1) / np.sqrt(len(its)),
            )
        )
    its = sampling[sampling["method"] == "exceedances"]
    spread = its["xi"].std(ddof=1)
    rows.append(
        theory.asymptotic(
            "Spread of the tail index over series = (1 + ξ) / √k",
            (1 + xi) / np.sqrt(k),
            spread,
            source="Smith 1987, Annals of Statistics 15, 1174",
            tolerance=SPREAD,
            standard_error=spread / np.sqrt(2 * len(its)),
        )
    )
    index = its["dispersion"]
    error = index.std(ddof=1) / np.sqrt(len(its))
    rows.append(_dispersed(k, n, index.mean(), error, len(its)))
    return rows


def compared(n: int, found: Parts, fits: Fits) -> list[Row]:
    """What can be said of one series whose law nobody knows."""
    m, total = found.counts.size, float(found.counts.sum())
    index = float(found.counts.var(ddof=1) / found.counts.mean())
    error = float(np.sqrt(2 / (m - 1)))
    rows = [_dispersed(total, n, index, error, None)] if n > m and total > m else []
    ours = [found.base(method) + fits[method].level[0] for method in METHODS]
    errors = [fits[method].error[0] for method in METHODS]
    away = USUAL * float(np.hypot(*errors))
    if np.isfinite(away):
        rows.append(
            theory.asymptotic(
                "Return level by exceedances = by maxima (tolerance: 1.96 standard errors)",
                ours[0],
                ours[1],
                source=f"{COLES}, section 4.2.3",
                tolerance=away / abs(ours[0]),
                standard_error=errors[1],
            )
        )
    return rows


def _dispersed(k: float, n: int, measured: float, error: float, replicates: int | None) -> Row:
    """The largest k of n independent values stand at places drawn without replacement."""
    return theory.exact(
        "Variance over mean of the number of exceedances in a block = (n − k) / (n − 1)",
        (n - k) / (n - 1),
        measured,
        error,
        source="hypergeometric law of the places of the largest k of n values; derived here",
        replicates=replicates,
    )
