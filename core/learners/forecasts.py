"""What does the power law forecast, and does the forecast of the largest size hold?"""

from typing import Any

import numpy as np
import pandas as pd

from core import theory
from core.learners.power_law import Floats, Ints, Law, limits, student
from core.learners.setting import Setting

SOURCE = "Viering & Loog, arXiv:2103.10948, section 4"


def limited(low: Floats, high: Floats) -> dict[str, Floats]:
    """Two columns, `lower` and `upper`."""
    return {"lower": low, "upper": high}


def held_out(
    it: Setting, size: int, last: Floats, law: Law, known: int, picks: Ints
) -> tuple[theory.Row, list[Any]]:
    """The check that `law`, of sizes up to `known`, forecasts the mean of `last` (replicate,) at `size`
    samples, and the forecast: name, size, value, 95 % limits, measured. The interval is that of
    forecast minus measured in the bootstrap draws `picks`, put about the forecast."""
    value, drawn = law.at(np.array([float(size)]))
    forecast, measured = float(value[0]), float(last.mean())
    apart = drawn[:, 0] - last[picks].mean(axis=1)
    low, high = limits(value, forecast + (apart - apart.mean())[:, None], law.widening)
    # A share of errors in few test rows can be zero: half an error in all of them stands for it.
    grain = 0.5 / (last.size * it.tested) if it.measure == "error" else 1e-12
    wider = student(0.99, last.size) / student(0.95, last.size)
    width = wider * float(high[0] - low[0]) / 2
    row = theory.empirical_law(
        f"The {it.measure} at {size:,} samples is as forecast from sizes up to {known:,}",
        max(forecast, grain),
        max(measured, grain),
        source=SOURCE,
        tolerance=float(np.log1p(width / max(forecast, grain))),
    )
    error = float(last.std(ddof=1) / np.sqrt(last.size))
    made = ["held out", size, forecast, max(0.0, float(low[0])), float(high[0]), measured]
    return {**row, "standard_error": error}, made


def curves(sizes: Ints, laws: dict[str, Law]) -> pd.DataFrame:
    """Each law with its 95 % limits, from the smallest size to twice the largest."""
    fine = np.unique(np.round(np.geomspace(sizes[0], 2 * sizes[-1], 60)).astype(np.int64))
    made = []
    for name, law in laws.items():
        value, low, high = law.interval(fine)
        made.append(pd.DataFrame({"fit": name, "samples": fine, "value": value, **limited(low, high)}))
    return pd.concat(made, ignore_index=True)
