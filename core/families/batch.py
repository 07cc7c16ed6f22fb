"""Many columns described by families at once, their p-values adjusted for their number."""

from typing import Any

import numpy as np
import pandas as pd

from core.datasets import bundled, uploaded
from core.datasets.frames import distinct_names, floats, kind, listed
from core.experiment import InputError
from core.families import columns, mistakes
from core.families.distances import Floats

Column = tuple[str, Floats, str]

TIED = 2.0
# Columns at most, values of one at most, different values at least, values drawn for one at most.
MOST, VALUES, FEWEST, VALUES_DRAWN = 100, 2000, 8, 1_000_000


def read(config: Any, rng: np.random.Generator, notes: list[str]) -> list[Column]:
    """Name, finite values and true family of each column.

    Raises:
        InputError: more other columns than columns, or no column of numbers that differ.
    """
    if config.data == "simulated":
        return _simulated(config, rng)
    if config.data in bundled.SETS:
        frame = bundled.table(config.data).drop(columns="target")
    elif config.data.startswith(config.UPLOAD):
        frame = uploaded.frame(config.data.removeprefix(config.UPLOAD))
    else:
        raise InputError(
            f"`data` must be simulated, one of {', '.join(bundled.SETS)} or an uploaded file; "
            f"'{config.data}' is not."
        )
    distinct_names(frame, "data")
    found: list[Column] = []
    other = []
    for name in map(str, frame):
        x = floats(frame[name]) if kind(frame[name]) == "number" else np.empty(0)
        x = x[np.isfinite(x)]
        if np.unique(x).size < FEWEST:
            other.append(name)
        else:
            found.append((name, x, ""))
    if not found:
        raise InputError(
            f"`data` must have a column of numbers with {FEWEST} different ones; it has none."
        )
    if other:
        said = listed(pd.DataFrame(columns=other))
        notes.append(f"Left out, with fewer than {FEWEST} different numbers: {said}.")
    if len(found) > MOST:
        notes.append(f"Of {len(found):,} columns the first {MOST} are fitted.")
    large = [name for name, x, _ in found[:MOST] if x.size > VALUES]
    if large:
        notes.append(
            f"Of {len(large)} columns with more than {VALUES:,} values so many, at random, are fitted."
        )
    return [
        (name, x if x.size <= VALUES else rng.choice(x, VALUES, replace=False), truth)
        for name, x, truth in found[:MOST]
    ]


def _simulated(config: Any, rng: np.random.Generator) -> list[Column]:
    if config.others >= config.columns:
        raise InputError(
            f"`others` must be below the number of columns, {config.columns}; it was {config.others}."
        )
    z, truths = mistakes.table(config, config.columns, config.others, config.samples, 1, rng)
    scale = np.exp(rng.normal(1.0, 1.0, config.columns))
    made = []
    for j, truth in enumerate(truths):
        x = z[0, j]
        if truth == "lognormal":
            x = np.exp(0.6 * x)
        elif truth == "weibull":
            x = np.exp(-x / 1.8)
        else:
            x = x + 10
        made.append((f"x{j + 1}", x * scale[j], truth))
    return made


def described(
    config: Any,
    name: str,
    x: Floats,
    truth: str,
    rng: np.random.Generator,
    known: dict[Any, Floats],
    m: int,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row of `columns` of one column and its rows of `fits`. References that serve other columns
    too are kept in `known`."""
    made = columns.fitted(x, config.families)
    distinct = int(np.unique(x).size)
    row: dict[str, Any] = dict.fromkeys(("aicc", "weight", "p_value"), np.nan)
    row |= {"column": name, "samples": x.size, "distinct": distinct, "truth": truth}
    row |= {"family": "", "tied": "", "parameters": "", "note": ""}
    if not made:
        return row | {"note": "none of the families can have values of 0 or less"}, []
    best = made[0]
    delta = np.array([f.aicc - best.aicc for f in made])
    weight = np.exp(-delta / 2) / np.exp(-delta / 2).sum()
    b = int(min(mistakes.draws(config.level, m), max(199, VALUES_DRAWN // x.size)))
    law = columns.SAME_LAW.get(best.family, best.family)
    key = (law, x.size, best.parameters if law == "gamma" else ())
    if key not in known:
        known[key] = mistakes.reference(config, best.family, best.parameters, b, x.size, rng)
    told = zip(columns.PARAMETERS[best.family], best.parameters, strict=True)
    row |= {
        "family": best.family,
        "tied": ", ".join(f.family for f, d in zip(made[1:], delta[1:], strict=True) if d <= TIED),
        "parameters": ", ".join(f"{n} {v:.4g}" for n, v in told),
        "aicc": best.aicc,
        "weight": weight[0],
        "p_value": float(columns.share_above(known[key], np.array([best.ad]))[0]),
        "note": "many equal values: its p-value may speak of rounding" if 2 * distinct < x.size else "",
    }
    fits = [
        {
            "column": name,
            "family": f.family,
            "delta": d,
            "weight": w,
            "log_likelihood": f.log_likelihood,
            "ad": f.ad,
        }
        for f, d, w in zip(made, delta, weight, strict=True)
    ]
    return row, fits


def judged(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """With the columns `adjusted` and `verdict`."""
    p = table["p_value"].to_numpy(float)
    tested = np.isfinite(p)
    changed = np.full(p.size, np.nan)
    changed[tested] = columns.adjusted(p[tested])
    said = np.where(p > level, "consistent", "rejected only by itself")
    said = np.where(changed <= level, "not of this family", said)
    rank = np.full(p.size, np.nan)
    rank[np.argsort(np.where(tested, p, np.inf), kind="stable")[: tested.sum()]] = (
        np.arange(tested.sum()) + 1
    )
    return table.assign(
        adjusted=changed,
        rank=rank,
        threshold=level * rank / max(1, int(tested.sum())),
        verdict=np.where(tested, said, "not fitted"),
    )
