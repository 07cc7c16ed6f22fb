"""Checks: the five kinds of prediction, and how each is held against a measurement.

Each function returns one row of the table `checks`. A number of its own for each kind:

- `identity`       max relative residual: equal up to rounding, or up to an optimiser's tolerance
- `exact`          max |z| over the grid, against a Bonferroni-corrected normal quantile
- `asymptotic`     median relative error over the grid, and whether it shrinks with size
- `bound`          rate of violations against the rate allowed; tightness is in the words
- `empirical_law`  |log(measured / predicted)| of the median over seeds

A value that is not finite on either side never holds.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import ArrayLike

from core.experiment import CHECKS

Row = dict[str, Any]


def identity(
    prediction: str, predicted: ArrayLike, measured: ArrayLike, *, source: str, tolerance: float = 1e-9
) -> Row:
    """Two sides of an equation. Agreement is max |measured − predicted| / max(1, |predicted|)."""
    p, m = _pair(predicted, measured)
    with np.errstate(invalid="ignore"):
        residual = np.abs(m - p) / np.maximum(1.0, np.abs(p))
    at = _worst(residual)
    return _row(prediction, "identity", p[at], m[at], np.nan, tolerance, residual[at], source)


def exact(
    prediction: str,
    predicted: ArrayLike,
    measured: ArrayLike,
    standard_error: ArrayLike,
    *,
    source: str,
    level: float = 0.002,
    replicates: int | None = None,
) -> Row:
    """An exact expectation against means with standard errors, over a grid of points.

    Agreement is max |z|; the tolerance is the two-sided normal quantile at `level` divided by the
    number of points (Bonferroni): 3.09 for one point. Standard errors estimated from few
    `replicates` make it Student's quantile, on one degree of freedom less. Predicted and measured
    are shown at the point that disagrees most.
    """
    p, m = _pair(predicted, measured)
    se = np.broadcast_to(np.asarray(standard_error, float), p.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(m - p) / se
    at = _worst(z)
    tail = level / 2 / max(1, p.size)
    law = scipy.stats.norm if replicates is None else scipy.stats.t(replicates - 1)
    tolerance = float(law.isf(tail))
    return _row(prediction, "exact", p[at], m[at], se[at], tolerance, z[at], source)


def asymptotic(
    prediction: str,
    predicted: ArrayLike,
    measured: ArrayLike,
    *,
    source: str,
    tolerance: float,
    standard_error: float = np.nan,
    shrinks: bool | None = None,
) -> Row:
    """A limit against finite sizes. Agreement is the median relative error over the grid.

    `shrinks` says whether the error fell as the size grew, where that was measured; a limit that
    is not approached does not hold however small its error. Predicted and measured are shown at
    the point of median error.
    """
    p, m = _pair(predicted, measured)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(m - p) / np.abs(p)
    at = int(np.argsort(error)[(error.size - 1) // 2]) if np.isfinite(error).all() else _worst(error)
    agreement = float(np.median(error))
    row = _row(prediction, "asymptotic", p[at], m[at], standard_error, tolerance, agreement, source)
    return row if shrinks is None else {**row, "holds": bool(row["holds"] and shrinks)}


def bound(
    prediction: str,
    bound_value: float,
    measured: float,
    *,
    violations: int,
    trials: int,
    allowed: float,
    source: str,
) -> Row:
    """A bound and how often it was broken. It holds unless the Clopper–Pearson lower limit (99 %)
    of the violation rate exceeds the rate `allowed`. A loose bound is never called agreement."""
    rate = violations / trials
    low = float(scipy.stats.beta.ppf(0.01, violations, trials - violations + 1)) if violations else 0.0
    error = float(np.sqrt(rate * (1 - rate) / trials))
    row = _row(prediction, "bound", bound_value, measured, error, allowed, rate, source)
    return {**row, "holds": bool(low <= allowed)}


def empirical_law(
    prediction: str, predicted: float, measured: ArrayLike, *, source: str, tolerance: float
) -> Row:
    """A regularity without a proof: the median over seeds against the law, on a log scale. The
    standard error is 1.2533 sd / √seeds, that of a median of normal values."""
    m = np.atleast_1d(np.asarray(measured, float))
    middle = float(np.median(m))
    with np.errstate(divide="ignore", invalid="ignore"):
        agreement = float(np.abs(np.log(middle / predicted)))
        error = 1.2533 * float(m.std(ddof=1)) / np.sqrt(m.size) if m.size > 1 else np.nan
    return _row(prediction, "empirical_law", predicted, middle, error, tolerance, agreement, source)


def checks(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as the table `checks`."""
    return CHECKS.frame(list(rows))


def _row(
    prediction: str,
    kind: str,
    predicted: float,
    measured: float,
    standard_error: float,
    tolerance: float,
    agreement: float,
    source: str,
) -> Row:
    finite = np.isfinite([predicted, measured, agreement]).all()
    return {
        "prediction": prediction,
        "kind": kind,
        "predicted": float(predicted),
        "measured": float(measured),
        "standard_error": float(standard_error),
        "tolerance": float(tolerance),
        "agreement": float(agreement),
        "holds": bool(finite and agreement <= tolerance),
        "source": source,
    }


def _pair(predicted: ArrayLike, measured: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    p, m = np.broadcast_arrays(np.asarray(predicted, float), np.asarray(measured, float))
    return p.ravel(), m.ravel()


def _worst(values: np.ndarray) -> int:
    """Where the largest value stands; one that is not a number counts as the largest."""
    return int(np.argmax(np.where(np.isnan(values), np.inf, values)))
