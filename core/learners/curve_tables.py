"""Tables of a learning curve: what is in them, and those that are measured."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import CHECKS, Frames, Table

# Imported late, by what needs them: SciPy and scikit-learn take a second to load.
if TYPE_CHECKING:
    from core.learners.setting import Setting

_AT = {"split": "train or test", "samples": "number of training samples n"}
_LIMITS = {"lower": "lower limit of the 95 % interval", "upper": "upper limit of the 95 % interval"}
_VALUE = "nats, squared units of the target, or a share for the error"
TABLES = {
    "risk": Table(
        "Risk of one replicate's fit to its first n training rows.",
        {
            "replicate": "number of the replicate, from 1",
            **_AT,
            "risk": "nats for classes, squared units of the target for a number; empty for a learner "
            "without probabilities",
            "error": "share of rows put in the wrong class; empty for a number",
        },
    ),
    "summary": Table(
        "Mean over replicates.",
        {
            **_AT,
            "measure": "risk or error, whichever the curve is of",
            "value": f"mean, {_VALUE}",
            "standard_error": "of the mean over replicates, same unit",
        },
    ),
    "curve": Table(
        "The power law a n^−b + c, fitted to all sizes and to those up to half of the largest.",
        {
            "fit": "all or half",
            "samples": _AT["samples"],
            "value": f"fitted mean test risk, {_VALUE}",
            **_LIMITS,
        },
    ),
    "fit": Table(
        "Parameters of the power law for all sizes.",
        {
            "parameter": "a, b or c",
            "value": "b has no unit; c as risk; a as risk × samples^b",
            **_LIMITS,
        },
    ),
    "forecast": Table(
        "Test risk as forecast, and as measured where it is.",
        {
            "forecast": "held out: at larger sizes from those up to half of the largest; twice: with "
            "twice the data from all sizes",
            "samples": _AT["samples"],
            "value": f"forecast mean, {_VALUE}",
            **_LIMITS,
            "measured": "mean measured there; empty where it is not",
        },
    ),
    "limits": Table(
        "What the test risk at the largest size is made of.",
        {
            "limit": "data, capacity or noise",
            "value": f"this part of the risk, {_VALUE}",
            **_LIMITS,
            "sure": "share of bootstrap draws in which this part is the largest",
            "rival": "the learner whose risk says what capacity could save",
        },
    ),
    "theory": Table(
        "What theory predicts for the mean test risk or error.",
        {
            "formula": "exact (finite n) or limit",
            "name": "what the formula is of",
            "samples": _AT["samples"],
            "value": f"predicted, {_VALUE}",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or went wrong.", {"note": "a sentence"}),
}


def measured(it: "Setting", sizes: NDArray[np.int64], found: NDArray[np.float64]) -> Frames:
    replicates = len(found)
    index = pd.MultiIndex.from_product(
        [range(1, replicates + 1), ("train", "test"), sizes], names=["replicate", "split", "samples"]
    )
    risk = pd.DataFrame(found.reshape(-1, 2), columns=["risk", "error"], index=index).reset_index()
    risk = risk[risk[it.measure].notna()]
    grouped = risk.groupby(["split", "samples"], sort=False)[it.measure]
    summary = grouped.agg(value="mean", standard_error="sem").reset_index().assign(measure=it.measure)
    return {"risk": TABLES["risk"].frame(risk), "summary": TABLES["summary"].frame(summary)}
