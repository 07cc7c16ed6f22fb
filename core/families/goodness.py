"""How far a sample lies from a distribution: Kolmogorov–Smirnov, Cramér–von Mises and
Anderson–Darling statistics, with weights. They are distances, not p-values: with estimated
parameters the usual tables do not apply (Lilliefors 1967, JASA 62, 399)."""

from typing import Any

import numpy as np
from scipy.special import xlogy

from core.families.family import Floats
from core.families.quiet import quiet


def statistics(x: Floats, weights: Floats, distribution: Any) -> dict[str, float]:
    """`ks` = sup |F_n − F|, `cvm` = n ∫ (F_n − F)² dF, `ad` = n ∫ (F_n − F)² / (F (1 − F)) dF.

    `x` and `weights` have shape (n,); F_n steps by weight / sum of weights, and n is that sum.
    The integrals are sums over the steps; D'Agostino & Stephens 1986, Goodness-of-fit techniques.
    """
    order = np.argsort(x, kind="stable")
    n = float(weights.sum())
    after = np.minimum(np.cumsum(weights[order]) / n, 1.0)
    after[-1] = 1.0
    before = np.concatenate([[0.0], after[:-1]])
    with quiet():
        below, above = distribution.cdf(x[order]), distribution.sf(x[order])
    # Between two steps F_n is constant, so each integral has an antiderivative at every value.
    cvm = n / 3 * float(np.sum((after - below) ** 3 - (before - below) ** 3))
    gain = xlogy(after**2 - before**2, below) + xlogy((1 - before) ** 2 - (1 - after) ** 2, above)
    return {
        "ks": float(np.max(np.maximum(after - below, below - before))),
        "cvm": cvm,
        "ad": -n * (1 + float(np.sum(gain))),
    }


UNDEFINED = {"ks": float("nan"), "cvm": float("nan"), "ad": float("nan")}
