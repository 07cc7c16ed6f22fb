"""One column of numbers to describe or fit: bundled, or from an uploaded file."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets import bundled, uploaded
from core.datasets.frames import distinct_names, floats, kind, left_out, listed, pick
from core.experiment import Config, InputError


@dataclass(frozen=True)
class Source:
    """Where a bundled column is kept, what it is with its unit, and who published it."""

    label: str
    table: str
    column: str
    source: str


SOURCES: Mapping[str, Source] = {
    "faithful-waiting": Source(
        "Old Faithful: waiting time between eruptions, minutes (272)",
        "faithful_waiting.csv",
        "minutes",
        "Azzalini & Bowman (1990), Applied Statistics 39:357",
    ),
    "ball-bearings": Source(
        "Ball bearings: life, million revolutions (23)",
        "ball_bearings.csv",
        "million_revolutions",
        "Lieblein & Zelen (1956), J. Res. National Bureau of Standards 57:273; "
        "with 48.48 where some copies have 48.40, as in Lawless (1982)",
    ),
    "aluminium-fatigue": Source(
        "6061-T6 aluminium: fatigue life, thousand cycles (101)",
        "aluminium_fatigue.csv",
        "cycles",
        "NIST/SEMATECH e-Handbook of Statistical Methods, BIRNSAUN.DAT; Birnbaum & Saunders (1958)",
    ),
    "exam-grades": Source(
        "Exam grades, points of 100 (120)",
        "exam_grades.csv",
        "grade",
        "scipy, stats/tests/data (BSD licence)",
    ),
    "tumour-area": Source(
        "Breast cancer: mean area of cell nuclei, pixels (569)",
        "breast-cancer",
        "mean area",
        "Wisconsin Diagnostic Breast Cancer, UCI; through scikit-learn",
    ),
    "wine-proline": Source(
        "Wine: proline (178)",
        "wine",
        "proline",
        "Wine recognition data, UCI; through scikit-learn",
    ),
    "iris-sepal-length": Source(
        "Iris: sepal length, cm (150)",
        "iris",
        "sepal length (cm)",
        "Fisher (1936), Annals of Eugenics 7:179; through scikit-learn",
    ),
    "diabetes-progression": Source(
        "Diabetes: progression after one year, score (442)",
        "diabetes",
        "target",
        "Efron, Hastie, Johnstone & Tibshirani (2004), Annals of Statistics 32:407; "
        "through scikit-learn",
    ),
}
BUNDLED: Mapping[str, str] = {name: source.label for name, source in SOURCES.items()}


@dataclass(frozen=True)
class Column:
    """`values` float64 (n,), all finite, in the file's order; `name` of the column; `notes`,
    sentences on what was assumed and left out."""

    values: NDArray[np.float64]
    name: str
    notes: tuple[str, ...]


def column(data: str, name: str = "") -> Column:
    """Column `name` of the data set called `data`: a name in `BUNDLED`, or `upload:<digest>`.

    A bundled data set is one column. In an uploaded file with exactly one column of numbers
    `name` may be empty. Missing and infinite values are left out and counted in the notes.

    Raises:
        InputError: no such data or column; a column of text; no finite value, or only one distinct.
    """
    notes: tuple[str, ...] = ()
    if data in SOURCES:
        series = _bundled(data, name)
    elif data.startswith(Config.UPLOAD):
        frame = uploaded.frame(data.removeprefix(Config.UPLOAD))
        distinct_names(frame, "data")
        chosen = name or _only(frame)
        series = pick(frame, chosen, "column")
        if not name and frame.shape[1] > 1:
            notes = (f"Column `{chosen}` is taken, the only one of numbers.",)
    else:
        raise InputError(
            f"`data` must be one of {', '.join(SOURCES)} or an uploaded file; '{data}' is not."
        )
    values = floats(series)
    missing, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    finite = values[np.isfinite(values)]
    if np.unique(finite).size < 2:
        every = f"all {finite.size:,} are {finite[0]:g}" if finite.size else "there is none"
        raise InputError(
            f"column `{series.name}` must hold at least 2 different finite values; {every}."
        )
    notes += left_out("values", values.size, missing, infinite)
    return Column(finite, str(series.name), notes)


def _bundled(data: str, name: str) -> "pd.Series[Any]":
    source = SOURCES[data]
    if name not in ("", source.column):
        raise InputError(
            f"`column` must be empty or '{source.column}' for `{data}`; '{name}' was given."
        )
    if source.table in bundled.SETS:
        frame = bundled.table(source.table)
    else:
        with resources.files("core.datasets").joinpath(source.table).open(encoding="utf-8") as file:
            frame = pd.read_csv(file)
    series: pd.Series[Any] = frame[source.column]
    return series


def _only(frame: pd.DataFrame) -> str:
    numeric = [str(name) for name in frame if kind(frame[name]) == "number"]
    if len(numeric) == 1:
        return numeric[0]
    if not numeric:
        raise InputError(
            f"`column` must name a column of numbers; the data hold only others: {listed(frame)}."
        )
    shown = listed(frame[numeric])
    raise InputError(
        f"`column` must say which of the {len(numeric)} columns of numbers to use: {shown}."
    )
