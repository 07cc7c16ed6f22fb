"""The tables of what networks, hyperplanes and associative memories hold: free of JAX."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Table

Curve = tuple[str, str, float, str, float]

_AT = {
    "curve": "what is shown: error, training risk or steps (network), separable or capacity "
    "(hyperplane), threshold or exists (logistic), bit error or overlap (hopfield)",
    "series": "which of several: train, test or nearest neighbour; ρ, d or γ; empty where there is one",
    "position": "share ρ of random labels, or step; points per dimension n/d, or dimension d; signal "
    "γ, or p/n; patterns per unit P/N",
}
TABLES = {
    "risk": Table(
        "Each network while it trains; empty for other models.",
        {
            "replicate": "number of the network at its share, from 1",
            "random": "share ρ of random labels",
            "split": "train (labels as given) or test (true labels)",
            "step": "updates so far",
            "risk": "mean −log probability of the label, nats; empty from where it diverged",
            "error": "share of rows whose label is not the most probable one",
        },
    ),
    "measured": Table(
        "What was measured, over replicates.",
        {
            **_AT,
            "value": "mean over replicates: share of rows, nats, steps, share of draws, points per "
            "dimension, p/n, share of bits or overlap",
            "standard_error": "of that mean",
            "lower": "10th percentile of replicates",
            "upper": "90th percentile of replicates",
        },
    ),
    "theory": Table(
        "What theory predicts.",
        {
            **_AT,
            "formula": "exact, asymptotic (a limit), or chance",
            "value": "predicted, in the unit of the measured value",
        },
    ),
    "sizes": Table(
        "Numbers of the run.",
        {"quantity": "rows, classes, inputs, weights or diverged networks", "value": "how many"},
    ),
}


def theory(curves: Sequence[Curve]) -> pd.DataFrame:
    """The table theory of these rows."""
    return TABLES["theory"].frame(pd.DataFrame(list(curves), columns=list(TABLES["theory"].columns)))


def point(curve: str, series: str, position: float, values: NDArray[np.float64]) -> dict[str, Any]:
    """A row of the table measured, of the replicates' values that are not NaN."""
    kept = values[~np.isnan(values)]
    lower, upper = np.quantile(kept, [0.1, 0.9]) if kept.size else (np.nan, np.nan)
    return {
        "curve": curve,
        "series": series,
        "position": float(position),
        "value": float(kept.mean()) if kept.size else np.nan,
        "standard_error": error(kept),
        "lower": float(lower),
        "upper": float(upper),
    }


def error(values: NDArray[np.float64]) -> float:
    """The standard error of the mean of these values."""
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else np.nan
