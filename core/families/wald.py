"""Intervals from standard errors: a normal limit and the delta method.

Source: Wald 1943, Transactions of the AMS 54, 426; van der Vaart 1998, Asymptotic Statistics, chapter 3.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from core.families.family import Floats
from core.families.quantities import STEP, Quantity
from core.families.result import Fit

# A factor of e: further than a standard error can be trusted on a logarithm.
WIDEST = 1.0


class Normal(NamedTuple):
    """A quantity at the maximum, on its own scale: its value, its standard error (not a number for a
    parameter at the edge of the family), slopes (k,), and for its profile the `unit` in which distances
    are measured (the standard error, unless that is too wide) and the direction (k,) in which the
    parameters move `along` it, for one unit."""

    value: float
    error: float
    slope: Floats
    unit: float
    along: Floats

    def ends(self, level: float) -> tuple[float, float]:
        """The interval of confidence `level`, on the quantity's scale."""
        half = self.error * critical(level) ** 0.5
        return self.value - half, self.value + half


def critical(level: float, degrees: int = 1) -> float:
    """What twice the log-likelihood falls by at the end of a region: a quantile of chi-squared."""
    return float(stats.chi2.ppf(level, degrees))


def inside(fit: Fit) -> Any:
    """Which free parameters lie inside the family, (k,): those with a variance."""
    return np.isfinite(np.diag(fit.covariance))


def covariance(fit: Fit) -> Floats:
    """Covariance (k, k) of the free parameters in unconstrained coordinates, 0 for those at an edge."""
    kept = inside(fit)
    spread = np.zeros((kept.size, kept.size))
    spread[np.ix_(kept, kept)] = np.linalg.inv(fit.peak.hessian[np.ix_(kept, kept)] * fit.n)
    return spread


def steps(fit: Fit) -> Floats:
    """Steps (k,) of differences in the free parameters."""
    spread = np.sqrt(np.diag(covariance(fit)))
    return STEP * np.minimum(np.where(spread > 0, spread, WIDEST), WIDEST)


def normal(fit: Fit, quantity: Quantity) -> Normal:
    """What the delta method says of a quantity of a fit with standard errors."""
    spread = covariance(fit)
    value, slope = quantity.gradient(fit.peak.u[None], steps(fit))
    moved = spread @ slope[0]
    error = float(np.sqrt(slope[0] @ moved))
    if error == 0:
        # A parameter at an edge moves alone.
        return Normal(float(value[0]), np.nan, slope[0], WIDEST, WIDEST * slope[0])
    unit = error if quantity.scale == "itself" else min(error, WIDEST)
    return Normal(float(value[0]), error, slope[0], unit, moved * (unit / error**2))
