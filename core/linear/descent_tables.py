"""The tables of risk against the number of features."""

import numpy as np
import pandas as pd

from core.experiment import Frames, Table
from core.linear.designs import Floats
from core.linear.measured import mean
from core.linear.truth import Ints

_UNIT = "squared units of the target"
_P = {"features": "number of features p in use", "ratio": "p / n"}
_AT = {"split": "train: mean squared residual; test: error on new samples, noise included", **_P}
_MEAN = {"risk": f"mean over replicates, {_UNIT}", "standard_error": f"of the mean, {_UNIT}"}
TABLES = {
    "risk": Table(
        "Risk of one replicate at one number of features.",
        {"replicate": "number of the replicate, from 0", **_AT, "risk": f"risk, {_UNIT}"},
    ),
    "summary": Table(
        "Risk over replicates; empty where it has no mean: ridgeless test risk at n − 1, n and n + 1.",
        {
            **_AT,
            **_MEAN,
            "median": f"over replicates, {_UNIT}",
            "lower": f"10th percentile, {_UNIT}",
            "upper": f"90th percentile, {_UNIT}",
        },
    ),
    "theory": Table(
        "What theory predicts for the mean risk.",
        {
            **_AT,
            "formula": "exact (finite n, independent Gaussian features), asymptotic (its limit), "
            "universal (the limit for the covariance in use), ridge (the limit at the optimal penalty)",
            "risk": f"predicted, noise included, {_UNIT}",
        },
    ),
    "ridge": Table(
        "Mean test risk against the ridge penalty, at up to three numbers of features.",
        {
            **_P,
            "multiple": "penalty as a multiple of the optimum λ*",
            **_MEAN,
            "predicted": f"limit for independent features, {_UNIT}",
        },
    ),
}


def measured(n: int, grid: Ints, train: Floats, test: Floats, *, penalized: bool) -> Frames:
    """The tables risk and summary of `n` samples, from risks (replicate, p) at each p of the `grid`.
    Without penalty the mean test risk is left empty next to p = n, where there is none."""
    every, summary = [], []
    for split, values in (("train", train), ("test", test)):
        at = pd.DataFrame({"split": split, "features": grid, "ratio": grid / n})
        copies = pd.concat([at] * len(test), ignore_index=True)
        index = np.repeat(np.arange(len(test)), grid.size)
        every.append(copies.assign(replicate=index, risk=values.ravel()))
        average, error = mean(values)
        if split == "test" and not penalized:
            average, error = (np.where(np.abs(grid - n) < 2, np.nan, a) for a in (average, error))
        lower, median, upper = np.quantile(values, [0.1, 0.5, 0.9], axis=0)
        at = at.assign(risk=average, standard_error=error)
        summary.append(at.assign(median=median, lower=lower, upper=upper))
    made = {"risk": every, "summary": summary}
    return {
        name: TABLES[name].frame(pd.concat(parts, ignore_index=True)) for name, parts in made.items()
    }
