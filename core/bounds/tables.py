"""Bounds as tables: what each promised at each size, how often it was broken, what it demands."""

import numpy as np
import pandas as pd

from core.bounds import promises
from core.bounds.populations import Population
from core.bounds.promises import Facts, Promise
from core.bounds.trials import Trials
from core.experiment import Table
from core.theory import Row

# Failure probabilities that every run has besides its own.
ASKED = (0.05, 0.2)

_BOUND = {"bound": "name of the bound"}
_RATE = {
    "violations": "samples in which the gap was larger than the bound allows",
    "trials": "number of samples",
    "rate": "violations / trials",
    "lower": "lower end of the rate's 95 % interval (Clopper–Pearson)",
    "upper": "upper end of that interval",
    "exact": "rate by the exact law of the test statistic; empty where it is not known",
}
GUARANTEES = Table(
    "One bound at one sample size and failure probability; risks and gaps are shares of errors "
    "(for dkw the largest distance of distribution functions).",
    {
        **_BOUND,
        "samples": "number of samples n",
        "delta": "failure probability δ",
        "error": "mean measured error of what the bound is about",
        "risk": "its mean true risk",
        "promised": "mean of the bound minus the measured error",
        "gap": "1 − δ quantile over samples of true risk minus measured error; for the finite "
        "class and thresholds the largest in the class",
        "tightness": "gap / promised",
        **_RATE,
    },
)
VIOLATIONS = Table(
    "How often each bound was broken, samples of all sizes together.",
    {**_BOUND, "delta": "failure probability δ", **_RATE},
)
DEMANDED = Table(
    "Sample size at which a gap of at most ε is guaranteed, and at which it was so.",
    {
        **_BOUND,
        "demanded": "samples that the bound demands, empty beyond 10¹²",
        "sufficed": "samples at which the 1 − δ quantile of the true gap is ε: interpolated, and "
        "beyond the sizes of the run by the law n^(−1/2)",
    },
)

NETWORKS = Table(
    "Stochastic networks while they train, and at the end; empty for classifiers.",
    {
        "samples": "number of samples n",
        "network": "number of the network at its n, from 1",
        "step": "updates so far",
        "draws": "networks drawn to estimate the Gibbs error",
        "error": "Gibbs error on the sample, share of errors of networks drawn",
        "risk": "true Gibbs risk by the same draws, on all rows of a data set, else on fresh samples; "
        "empty before the end",
        "divergence": "KL from the prior per sample, nats",
        "scale": "number j of the prior's variance, 0.1 exp(−j / 100)",
        "limit": "PAC-Bayes limit on the Gibbs risk at the δ asked for; before the end by few draws, "
        "at the price of all",
    },
)


def guarantees(
    people: Population, risk: float, facts: Facts, n: int, found: Trials, delta: float
) -> list[Row]:
    """Rows of `GUARANTEES`: every bound on the samples of n, at `delta` and at those of `ASKED`;
    `risk` is that of the classifier that is tested."""
    made = []
    for level in sorted({*ASKED, delta}):
        exact = promises.exact_rates(people, risk, n, level)
        every = promises.promises(found, facts, n, level)
        made += [row(name, n, level, it, exact.get(name, np.nan)) for name, it in every.items()]
    return made


def frames(
    facts: Facts, n: int, last: Trials, rows: list[Row], delta: float, epsilon: float
) -> dict[str, pd.DataFrame]:
    """The tables of the sizes done so far, from their `rows`; `last` are the samples of the largest
    size, n."""
    every = GUARANTEES.frame(rows)
    needs = []
    for name, need in promises.demanded(last, facts, n, delta, epsilon).items():
        own = every[(every["bound"] == name) & (every["delta"] == delta)]
        sizes = own["samples"].to_numpy()
        enough = promises.sufficed(sizes, own["gap"].to_numpy(), epsilon)
        finite = need if np.isfinite(need) else np.nan
        needs.append({"bound": name, "demanded": finite, "sufficed": enough})
    return {
        "guarantees": every,
        "violations": pooled(every),
        "demanded": DEMANDED.frame(needs),
    }


def pooled(every: pd.DataFrame) -> pd.DataFrame:
    """The table `VIOLATIONS` of a table `GUARANTEES`."""
    found = []
    for (level, name), own in every.groupby(["delta", "bound"], sort=False):
        counts = promises.rate(int(own["violations"].sum()), int(own["trials"].sum()))
        found.append({"bound": name, "delta": level, **counts, "exact": own["exact"].mean(skipna=False)})
    return VIOLATIONS.frame(found)


def row(name: str, n: int, delta: float, it: Promise, exact: float = np.nan) -> Row:
    """A row of `GUARANTEES`."""
    gap, promised = float(np.quantile(it.gap, 1 - delta)), float(it.room.mean())
    return {
        "bound": name,
        "samples": n,
        "delta": delta,
        "error": float(it.error.mean()),
        "risk": float(it.risk.mean()),
        "promised": promised,
        "gap": gap,
        "tightness": gap / promised,
        **promises.rate(it.broken, it.gap.size),
        "exact": exact,
    }
