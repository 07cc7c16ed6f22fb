"""Tables of a scaling law: risk by sample size and by width, and its exponents."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.experiment import CHECKS, Frames, Table
from core.linear import machines
from core.linear.machines import Floats, Ints, Measured
from core.linear.measured import mean

_UNIT = "variances of the target"
_N = {"samples": "number of training samples n"}
_SPLIT = {
    "split": "train: mean squared residual; test: squared error on new samples, their noise left out"
}
_MEAN = {"risk": f"mean over replicates, {_UNIT}", "standard_error": f"of the mean, {_UNIT}"}
TABLES = {
    "risk": Table(
        "Risk of one replicate at one sample size.",
        {"replicate": "number of the replicate, from 0", **_SPLIT, **_N, "risk": f"risk, {_UNIT}"},
    ),
    "summary": Table(
        "Risk over replicates.",
        {
            **_SPLIT,
            **_N,
            **_MEAN,
            "lower": f"10th percentile, {_UNIT}",
            "upper": f"90th percentile, {_UNIT}",
            "predicted": f"limit of the mean, {_UNIT}",
        },
    ),
    "theory": Table(
        "What theory predicts for the mean risk.", {**_SPLIT, **_N, "risk": f"risk, {_UNIT}"}
    ),
    "exponents": Table(
        "Exponent b of the test risk, where it falls as n^−b, with 95 % intervals.",
        {
            "fit": "all: over sizes from a fifth of the largest; local: between two neighbouring sizes",
            **_N,
            "exponent": "measured, on the mean over replicates; samples is the geometric mean of sizes",
            "lower": "lower end of the interval",
            "upper": "upper end of the interval",
            "predicted": "of the predicted curve at the same sizes",
            "limit": "of the predicted curve as n → ∞, for an endless spectrum",
        },
    ),
    "width": Table(
        "Test risk by width: random features at half the largest sample size, students at a quarter.",
        {
            **_N,
            "machine": "random features, or network: trained students",
            "features": "number of random features, or units of the student, N",
            **_MEAN,
            "predicted": f"limit of the mean, {_UNIT}; empty where there is none",
            "kernel": f"predicted for endless features, {_UNIT}; empty for a network",
        },
    ),
    "checks": CHECKS,
}


def measured(sizes: Ints, found: Measured, predicted: Floats, limit: float, large: Ints) -> Frames:
    """The tables risk, summary and exponents of `found` (replicate, size) with the `predicted` means
    (size, split), test first; exponents of the sizes `large` together, beside their `limit`."""
    every, summary, count = [], [], len(found.test)
    for i, split in enumerate(("test", "train")):
        at = pd.DataFrame({"split": split, "samples": sizes})
        index = np.repeat(np.arange(count), sizes.size)
        copies = pd.concat([at] * count, ignore_index=True)
        every.append(copies.assign(replicate=index, risk=found[i].ravel()))
        average, error = mean(found[i])
        lower, upper = np.quantile(found[i], [0.1, 0.9], axis=0)
        at = at.assign(risk=average, standard_error=error, lower=lower, upper=upper)
        summary.append(at.assign(predicted=predicted[:, i]))
    return {
        "risk": TABLES["risk"].frame(pd.concat(every, ignore_index=True)),
        "summary": TABLES["summary"].frame(pd.concat(summary, ignore_index=True)),
        "exponents": _exponents(sizes, found.test, predicted[:, 0], limit, large),
    }


def curve(splits: Sequence[str], sizes: Ints, risks: Floats) -> pd.DataFrame:
    """The table theory of `risks` (size, split)."""
    parts = [{"split": split, "samples": sizes, "risk": risks[:, i]} for i, split in enumerate(splits)]
    return TABLES["theory"].frame(pd.concat(map(pd.DataFrame, parts), ignore_index=True))


def width(
    machine: str,
    samples: int,
    widths: Sequence[int] | Ints,
    errors: Floats,
    predicted: Floats | float,
    kernel: float,
) -> pd.DataFrame:
    """Rows of the table width: `errors` (replicate, width) of a machine at so many samples."""
    average, error = mean(errors)
    columns = {"features": widths, "risk": average, "standard_error": error, "predicted": predicted}
    frame = pd.DataFrame(columns).assign(samples=samples, machine=machine, kernel=kernel)
    return TABLES["width"].frame(frame)


def _exponents(sizes: Ints, test: Floats, predicted: Floats, limit: float, large: Ints) -> pd.DataFrame:
    picked = [("all", np.asarray(large))]
    picked += [("local", np.array([i, i + 1])) for i in range(sizes.size - 1)]
    rows = []
    for fit, at in picked:
        found, error = machines.slope(sizes[at], test[:, at])
        rows.append(
            {
                "fit": fit,
                "samples": float(np.exp(np.log(sizes[at]).mean())),
                "exponent": found,
                "lower": found - 1.96 * error,
                "upper": found + 1.96 * error,
                "predicted": machines.slope(sizes[at], predicted[None, at]).exponent,
                "limit": limit,
            }
        )
    return TABLES["exponents"].frame(rows)
