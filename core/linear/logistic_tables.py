"""The tables of logistic regression at p / n that does not vanish, from what was measured."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.experiment import Frames, Table
from core.linear.designs import Floats

# Imported late, by what needs them: parts of SciPy take long to load.
if TYPE_CHECKING:
    from core.linear.logistic_limit import Limit
    from core.linear.logistic_measured import Fits, Ints

BINS = 12
CRITICAL = 3.841458820694124  # 95 % of a χ² of one degree of freedom lie below

_P = {"features": "number of features p", "ratio": "p / n"}
_SPREAD = "√n times the standard deviation of β̂ around slope · β"
TABLES = {
    "risk": Table(
        "Risk of one fit, where a maximum exists.",
        {
            "replicate": "number of the replicate, from 0",
            "split": "train or test (new samples)",
            **_P,
            "risk": "mean loss, nats",
        },
    ),
    "theory": Table(
        "The limit of the risk.",
        {"split": "train or test", "ratio": "p / n", "formula": "limit", "risk": "mean loss, nats"},
    ),
    "fits": Table(
        "One fit at one number of features; slope and spread are empty where no maximum exists.",
        {
            "replicate": "number of the replicate, from 0",
            **_P,
            "exists": "1 where a maximum exists, 0 where the classes can be separated",
            "slope": "of β̂ on β",
            "spread": _SPREAD,
        },
    ),
    "summary": Table(
        "Over the replicates in which a maximum exists; standard errors are of the mean.",
        {
            **_P,
            "exists": "share of replicates in which a maximum exists",
            "slope": "mean slope of β̂ on β",
            "slope_error": "its standard error",
            "spread": f"mean of {_SPREAD}",
            "spread_error": "its standard error",
            "statistic": "mean of twice the log-likelihood ratio of a null coefficient",
            "statistic_error": "its standard error",
            "rejected": "share of null coefficients that the test at 5 % rejects",
            "rejected_error": "its standard error",
        },
    ),
    "limit": Table(
        "What theory predicts, and the textbook beside it.",
        {
            "ratio": "p / n",
            "slope": "α, 1 in the textbook",
            "spread": f"σ: {_SPREAD}",
            "textbook_spread": "the same by Fisher's information",
            "statistic": "κ σ² / λ: mean of twice the log-likelihood ratio",
            "rejected": "share of null coefficients that the test at 5 % rejects",
        },
    ),
    "boundary": Table("Where maxima cease to exist.", {"ratio": "κ*, p / n"}),
    "coefficients": Table(
        "The first fit with a maximum at the p / n that is shown.",
        {"feature": "number, from 1", "true": "β", "fitted": "β̂", "limit": "α β"},
    ),
    "calibration": Table(
        "Probabilities of new samples at the p / n that is shown, in bins of the fitted one.",
        {
            "said": "mean fitted probability",
            "true": "mean true probability",
            "standard_error": "of the true one, over replicates",
            "limit": "true probability by theory",
            "samples": "number of new samples in the bin",
        },
    ),
}


def measured(
    n: int, grid: "Ints", found: "list[Fits]", place: int, shown: "Limit", beta: Floats
) -> Frames:
    """All tables of fits of `n` samples at each p of the `grid`. Coefficients and probabilities are
    those at `place` in the grid, where `shown` is the limit and `beta` (p,) the truth."""
    risk, fits, every = [], [], []
    for p, one in zip(grid, found, strict=True):
        at = {"features": p, "ratio": p / n}
        here = pd.DataFrame({"replicate": np.arange(len(one.exists)), **at})
        exists = one.exists == 1
        risk += [
            here[exists].assign(split=split, risk=getattr(one, split)[exists])
            for split in ("train", "test")
        ]
        fits.append(here.assign(exists=one.exists, slope=one.slope, spread=one.spread))
        every.append({**at, "exists": one.exists.mean(), **summary(one)})
    made = {
        "risk": pd.concat(risk),
        "fits": pd.concat(fits),
        "summary": every,
        "coefficients": _coefficients(beta, shown, found[place]),
        "calibration": _calibration(shown, found[place]),
    }
    return {name: TABLES[name].frame(frame).reset_index(drop=True) for name, frame in made.items()}


def summary(one: "Fits") -> dict[str, float]:
    """Means and standard errors of one p, by the names of the table summary."""
    lost = one.lost.mean(axis=1)
    rejected = np.where(np.isnan(lost), np.nan, (one.lost > CRITICAL).mean(axis=1))
    named = {"slope": one.slope, "spread": one.spread, "statistic": lost, "rejected": rejected}
    made: dict[str, float] = {}
    for name, values in named.items():
        made[name], made[f"{name}_error"] = mean(values)
    return made


def mean(values: Floats) -> tuple[float, float]:
    """Mean and standard error over the replicates in which a maximum exists."""
    there = values[~np.isnan(values)]
    if there.size < 2:
        return (float(there[0]) if there.size else np.nan), np.nan
    return float(there.mean()), float(there.std(ddof=1) / np.sqrt(there.size))


def _coefficients(beta: Floats, shown: "Limit", one: "Fits") -> pd.DataFrame:
    there = np.flatnonzero(one.exists)
    if not there.size:
        return pd.DataFrame()
    fitted = one.coefficients[there[0]]
    columns = {"true": beta, "fitted": fitted, "limit": shown.slope * beta}
    return pd.DataFrame({"feature": np.arange(1, beta.size + 1), **columns})


def _calibration(shown: "Limit", one: "Fits") -> pd.DataFrame:
    """In bins of the fitted probability with equally many samples each."""
    from core.linear import logistic_limit

    there = one.exists == 1
    if not there.any():
        return pd.DataFrame()
    said, true = one.said[there], one.true[there]
    edges = np.unique(np.quantile(said, np.linspace(0, 1, BINS + 1)))
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, max(0, edges.size - 2))
    rows = []
    for b in range(max(1, edges.size - 1)):
        inside = place == b
        counts = inside.sum(axis=1)
        each = np.where(counts > 0, (true * inside).sum(axis=1) / np.maximum(1, counts), np.nan)
        rows.append(
            {
                "said": said[inside].mean(),
                "true": true[inside].mean(),
                "standard_error": mean(each)[1],
                "limit": logistic_limit.calibrated_on(shown, said[inside]),
                "samples": int(counts.sum()),
            }
        )
    return pd.DataFrame(rows)


def predicted(strength: float, edge: float, limits: "list[Limit]") -> Frames:
    """Tables of the limits at `strength` γ, with the boundary `edge`."""
    from core.linear import logistic_limit

    at = [limit for limit in limits if np.isfinite(limit.slope)]
    textbook = logistic_limit.spread_of_textbook(strength)
    rows = [
        {
            "ratio": limit.ratio,
            "slope": limit.slope,
            "spread": limit.spread,
            "textbook_spread": textbook,
            "statistic": limit.inflation,
            "rejected": logistic_limit.rejected(limit),
        }
        for limit in at
    ]
    risks = {"train": logistic_limit.training_risk, "test": logistic_limit.test_risk}
    risk = [
        {"split": split, "ratio": limit.ratio, "formula": "limit", "risk": of(limit)}
        for split, of in risks.items()
        for limit in at
    ]
    made = {"theory": risk, "limit": rows, "boundary": [{"ratio": edge}]}
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}
