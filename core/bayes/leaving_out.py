"""How well a model predicts values that it has not seen, from draws of its posterior.

With ℓ the log-density of a value at a draw: leave-one-out by Pareto-smoothed importance sampling
(ArviZ's), and WAIC = Σ log mean exp ℓ − Σ var ℓ. The Monte Carlo error of the sum of leave-one-out
log-densities −log mean exp(−ℓ) is, to first order, that of the mean over draws s of
Σᵢ exp(−ℓᵢₛ) / mean exp(−ℓᵢ), which allows for the draws' dependence.

Sources: Vehtari, Gelman & Gabry 2017, Statistics and Computing 27, 1413; Vehtari et al., JMLR 25(72)
(2024); Watanabe 2010, JMLR 11, 3571.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from arviz_stats.base.array import array_stats
from scipy.special import logsumexp

from core.bayes.conjugate import Floats

# Beyond this k̂ importance weights are too heavy-tailed to be trusted.
RELIABLE = 0.7
# Values that are smoothed between two reports.
BATCH = 100


class LeftOut(NamedTuple):
    """Of each value (m,): log-density given the others and its Pareto k̂ (not a number where the draws
    hardly move), what WAIC makes of it, and
    the variance of ℓ; `lppd` given all values; `error` is the Monte Carlo error of the weighted sum."""

    elpd: Floats
    pareto_k: Floats
    lppd: Floats
    variance: Floats
    error: float

    @property
    def waic(self) -> Floats:
        """WAIC's log-density of each value, (m,)."""
        return self.lppd - self.variance


def left_out(logs: Floats, weights: Floats, watch: Callable[[float], None]) -> LeftOut:
    """From log-densities (chain, draw, m) of values that stand for `weights` (m,) values each."""
    count = logs.shape[-1]
    found = []
    for first in range(0, count, BATCH):
        part = np.moveaxis(logs[:, :, first : first + BATCH], -1, 0)
        found.append(_smoothed(part))
        watch((first + part.shape[0]) / count)
    elpd, k = (np.concatenate(each) for each in zip(*found, strict=True))
    flat = logs.reshape(-1, count)
    lppd = logsumexp(flat, axis=0) - np.log(len(flat))
    inverse = logsumexp(-flat, axis=0) - np.log(len(flat))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        influence = np.exp(-logs - inverse) @ weights
        error = float(array_stats.mcse(influence, chain_axis=0, draw_axis=1, method="mean"))
    return LeftOut(elpd, k, lppd, flat.var(axis=0, ddof=1), error)


def _smoothed(logs: Floats) -> tuple[Floats, Floats]:
    """Leave-one-out log-densities (b,) and k̂ (b,) from log-densities (b, chain, draw)."""
    # Chains that hardly move have tails of one value, which ArviZ divides by or refuses.
    with np.errstate(all="ignore"):
        try:
            elpd, k, _ = array_stats.loo(logs, chain_axis=1, draw_axis=2)
        except ValueError:
            if len(logs) == 1:
                return np.array([np.nan]), np.array([np.nan])
            parts = zip(*(_smoothed(one[None]) for one in logs), strict=True)
            elpd, k = (np.concatenate(part) for part in parts)
    return elpd, k
