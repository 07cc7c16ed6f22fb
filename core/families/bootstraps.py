"""Intervals from refits to resampled values: percentiles, and percentiles corrected for bias and
acceleration (BCa).

Source: Efron 1987, JASA 82, 171; DiCiccio & Efron 1996, Statistical Science 11, 189, sections 2 and 6.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from core.families import jets, registry
from core.families.family import Floats
from core.families.likelihood import unconstrained
from core.families.result import Fit
from core.families.wald import Normal, covariance


def percentiles(replicates: Floats, level: float) -> tuple[float, float]:
    """The interval of confidence `level` from estimates in resamples (r,), in their unit."""
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bca(
    replicates: Floats, estimate: float, acceleration: float, level: float
) -> tuple[float, float, bool]:
    """The BCa interval of confidence `level` from estimates in resamples (r,), around the `estimate`;
    and whether its ends lie within the resamples, and not beyond the least or the largest of them."""
    below = np.mean(replicates < estimate) / 2 + np.mean(replicates <= estimate) / 2
    if not 0 < below < 1:
        return np.nan, np.nan, False
    z0 = ndtri(below)
    z = z0 + ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    share = ndtr(z0 + z / (1 - acceleration * z))
    low, high = np.quantile(replicates, share)
    r = replicates.size
    return float(low), float(high), bool(share[0] >= 0.5 / r and share[1] <= 1 - 0.5 / r)


def influences(fit: Fit) -> Floats:
    """How much each value (n,) of an uncensored sample moves each free parameter (n, k), times n."""
    family, standard = registry.find(fit.family), fit.peak
    z = (fit.sample.left - standard.shift) / standard.stretch
    scores = jets.scores(family, z, unconstrained(family, standard.theta))[:, list(standard.free)]
    return np.asarray(scores @ covariance(fit) * fit.n)


def acceleration(moves: Floats, weights: Floats, limit: Normal) -> float:
    """A sixth of the skewness of a quantity's influence values: from those of the parameters (n, k)."""
    psi = moves @ limit.slope
    second, third = np.dot(weights, psi**2), np.dot(weights, psi**3)
    return float(third / (6 * second**1.5))
