"""Quantiles averaged over the families that are supported, with what not knowing the family adds.

With Akaike weights w_m, the families' quantiles q_m and their variances v_m,

    q̄ = Σ w_m q_m,    s.e.(q̄) = Σ w_m √(v_m + (q_m − q̄)²)

(Burnham & Anderson 2002, Model Selection and Multimodel Inference, eq. 4.1 and 4.9). v_m is by the delta
method from the observed information. Intervals are q̄ ± 1.96 s.e., and where all values are above 0 a
factor, exp(±1.96 √log(1 + (s.e. / q̄)²)), so that they stay there (Burnham et al. 1987, Design and
Analysis Methods for Fish Survival Experiments).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.families import registry
from core.families.family import Floats
from core.families.quiet import quiet
from core.families.ranking import Entry
from core.families.result import Fit

LEVELS = np.array([0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995])
# Families further than this from the best AICc have weights of less than 1 %.
SUPPORTED = 10.0
# Of a standard error: differences of the quantiles are then linear to 1e-6 of themselves.
STEP = 1e-3
Z = 1.959963984540054


@dataclass(frozen=True)
class Quantiles:
    """Quantiles at `probability` (q,) with standard errors, by family (m, q), their `weights` (m,), and
    the averaged ones with unconditional standard errors and intervals, (q,) each. `left_out` are
    families without standard errors."""

    probability: Floats
    families: tuple[str, ...]
    weights: Floats
    each: Floats
    each_error: Floats
    quantile: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    left_out: tuple[str, ...]


def quantiles(entries: Sequence[Entry], probability: Floats = LEVELS) -> Quantiles | None:
    """Averaged quantiles of ranked entries; None for counts, whose quantiles are whole numbers, and
    where no supported family has standard errors."""
    near = [e for e in entries if e.fit and e.delta <= SUPPORTED]
    if not near or registry.find(near[0].family).discrete:
        return None
    found = [(e, *delta(e.fit, probability)) for e in near if e.fit]
    kept = [f for f in found if np.isfinite(f[1]).all() and np.isfinite(f[2]).all()]
    if not kept:
        return None
    w = np.array([e.weight for e, _, _ in kept])
    w = w / w.sum()
    q, error = (np.array([f[i] for f in kept]) for i in (1, 2))
    mean = w @ q
    whole = w @ np.sqrt(error**2 + (q - mean) ** 2)
    above = all(registry.find(e.family).support.low >= 0 for e, _, _ in kept)
    lower, upper = _interval(mean, whole, above)
    return Quantiles(
        probability,
        tuple(e.family for e, _, _ in kept),
        w,
        q,
        error,
        mean,
        whole,
        lower,
        upper,
        tuple(e.family for e in near if e.family not in {k[0].family for k in kept}),
    )


@quiet()
def delta(fit: Fit, probability: Floats) -> tuple[Floats, Floats]:
    """Quantiles (q,) of a fit and their standard errors by the delta method, NaN where the parameters
    have none."""
    family = registry.find(fit.family)
    at = np.asarray(fit.distribution.ppf(probability))
    slopes = []
    for k, name in enumerate(fit.free):
        error = float(np.sqrt(fit.covariance[k, k]))
        if not np.isfinite(error) or error == 0:
            return at, np.full(at.shape, np.nan)
        value = fit.parameters[name]
        step = STEP * min(error, abs(value) or error)
        ends = [
            family.frozen({**fit.parameters, name: value + sign * step}).ppf(probability)
            for sign in (1, -1)
        ]
        slopes.append((ends[0] - ends[1]) / (2 * step))
    slope = np.array(slopes)
    return at, np.sqrt(np.einsum("kq,kl,lq->q", slope, fit.covariance, slope))


def _interval(mean: Floats, error: Floats, above: bool) -> tuple[Floats, Floats]:
    if not above:
        return mean - Z * error, mean + Z * error
    factor = np.exp(Z * np.sqrt(np.log1p((error / mean) ** 2)))
    return mean / factor, mean * factor
