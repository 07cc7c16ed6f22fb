"""The tables of risk against the size of a model, the number of samples, or the steps of training."""

from typing import Any

import numpy as np
import pandas as pd

from core.experiment import Frames, Table
from core.linear.designs import Floats
from core.linear.measured import Points, mean

_UNIT = "squared units of the target, summed over the classes where there are more than two"
_SIZES = {
    "samples": "number of training samples n",
    "features": "features that the output is linear in: p of a linear model, a network's hidden units",
    "parameters": "number p of a linear model's features, or of a network's weights and biases",
    "ratio": "parameters over training values: p / n, or p / (n K) for K outputs of a network",
}
_LABELS = {"labels": "noisy, or true where the same networks are trained without label noise"}
_STEP = {"step": "step of training; empty where the solution is in closed form"}
_AT = {
    "split": "train: mean squared residual; test: error on new samples, noise included for linear "
    "models, on true labels for networks",
    **_LABELS,
    **_SIZES,
    **_STEP,
}
_MEAN = {"risk": f"mean over replicates, {_UNIT}", "standard_error": f"of the mean, {_UNIT}"}
TABLES = {
    "risk": Table(
        "Risk of one replicate at one size, or one step.",
        {"replicate": "number of the replicate, from 0", **_AT, "risk": f"risk, {_UNIT}"},
    ),
    "summary": Table(
        "Risk over replicates; empty where it has no mean: ridgeless test risk at |p − n| < 2.",
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
            "split": "train or test, as in risk",
            **_SIZES,
            "formula": "exact (finite n, independent Gaussian features), asymptotic (its limit), "
            "universal (the limit for the covariance in use), ridge (the limit at the optimal "
            "penalty), mean (always predicting the mean of the labels)",
            "risk": f"predicted, noise included as in risk, {_UNIT}",
        },
    ),
    "thresholds": Table(
        "Networks: where theory counts as many parameters as training values, where the mean training "
        "risk passes 5 % of that of the mean of the labels, and where the mean test risk is "
        "highest past its first minimum.",
        {
            **_LABELS,
            "axis": "what the three are in: ratio, samples or step",
            "predicted": "where parameters are as many as training values; empty against steps",
            "interpolation": "where the training risk passes 5 %; empty where it is never below",
            "peak": "where the mean test risk is highest",
            "risk": f"mean test risk there, {_UNIT}",
        },
    ),
    "networks": Table(
        "The networks, a row each.",
        {
            "replicate": "number of the replicate, from 0",
            **_LABELS,
            "width": "hidden units",
            **_SIZES,
            "diverged_step": "step at which training diverged; empty where it did not",
        },
    ),
    "ridge": Table(
        "Mean test risk against the ridge penalty, at up to three sizes.",
        {
            **_SIZES,
            "multiple": "penalty as a multiple of the optimum λ*",
            **_MEAN,
            "predicted": f"limit for independent features or inputs, {_UNIT}",
        },
    ),
}


def measured(points: Points, train: Floats, test: Floats, *, penalized: bool) -> Frames:
    """The tables risk and summary, from risks (replicate, point). Without penalty the mean test risk is
    left empty next to p = n, where there is none."""
    sizes = _sizes(points)
    every, summary = [], []
    for split, values in (("train", train), ("test", test)):
        at = pd.DataFrame({"split": split, "labels": "noisy", **sizes, "step": np.nan})
        copies = pd.concat([at] * len(test), ignore_index=True)
        index = np.repeat(np.arange(len(test)), len(at))
        every.append(copies.assign(replicate=index, risk=values.ravel()))
        average, error = mean(values)
        if split == "test" and not penalized:
            average, error = (np.where(points.apart < 2, np.nan, a) for a in (average, error))
        lower, median, upper = np.quantile(values, [0.1, 0.5, 0.9], axis=0)
        at = at.assign(risk=average, standard_error=error)
        summary.append(at.assign(median=median, lower=lower, upper=upper))
    made = {"risk": every, "summary": summary}
    return {
        name: TABLES[name].frame(pd.concat(parts, ignore_index=True)) for name, parts in made.items()
    }


def _sizes(points: Points) -> dict[str, Any]:
    p = points.features
    return {"samples": points.samples, "features": p, "parameters": p, "ratio": points.ratio}


def ridge(
    points: Points, multiples: Floats, average: Floats, error: Floats, predicted: Floats
) -> pd.DataFrame:
    """The table ridge, from means, standard errors and limits (point, multiple)."""
    each = multiples.size
    columns = {
        **{name: np.repeat(values, each) for name, values in _sizes(points).items()},
        "multiple": np.tile(multiples, points.samples.size),
        "risk": average.ravel(),
        "standard_error": error.ravel(),
        "predicted": predicted.ravel(),
    }
    return TABLES["ridge"].frame(columns)


def theory(curves: list[tuple[str, str, Points, Floats]]) -> pd.DataFrame:
    """The table theory, from split, formula, points and predicted risks of each curve."""
    made = [
        pd.DataFrame(
            {
                "split": split,
                **_sizes(points),
                "formula": formula,
                "risk": values,
            }
        )
        for split, formula, points, values in curves
    ]
    return TABLES["theory"].frame(pd.concat(made, ignore_index=True).replace(np.inf, np.nan))
