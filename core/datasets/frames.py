"""What a column of a table holds, and its values as numbers."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from core.experiment import InputError

Kind = Literal["number", "boolean", "text", "other"]

_OBJECTS: dict[str, Kind] = {
    "string": "text",
    "boolean": "boolean",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "empty": "number",
}


def kind(series: "pd.Series[Any]") -> Kind:
    """Whether a column holds numbers, booleans, text (or categories), or something else."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return "text"
    if types.is_bool_dtype(series.dtype):
        return "boolean"
    if types.is_complex_dtype(series.dtype):
        return "other"
    if types.is_numeric_dtype(series.dtype):
        return "number"
    if series.dtype == object:
        return _OBJECTS.get(types.infer_dtype(series, skipna=True), "other")
    return "text" if types.is_string_dtype(series.dtype) else "other"


def pick(frame: pd.DataFrame, name: str, parameter: str) -> "pd.Series[Any]":
    """Column `name` of the frame.

    Raises:
        InputError: there is none; the message names `parameter` and lists the columns.
    """
    if name not in frame.columns:
        given = f"'{name}' is not one" if name else "none was given"
        raise InputError(f"`{parameter}` must name a column of the data ({listed(frame)}); {given}.")
    found: pd.Series[Any] = frame[name]
    return found


def floats(series: "pd.Series[Any]") -> NDArray[np.float64]:
    """A column of numbers or booleans as float64 (n,), NaN where a value is missing.

    Raises:
        InputError: it holds text or something else than numbers.
    """
    holds = kind(series)
    if holds == "text":
        known = series.dropna().astype(str)
        bad = known[pd.to_numeric(known, errors="coerce").isna()]
        shown = f", for example '{bad.iloc[0]}' in row {_row(series, bad)}" if len(bad) else ""
        raise InputError(f"column `{series.name}` must hold numbers; it holds text{shown}.")
    if holds == "other":
        raise InputError(f"column `{series.name}` must hold numbers; it holds {described(series)}.")
    if series.dtype == object:
        return np.array([np.nan if pd.isna(v) else float(v) for v in series], dtype=float)
    return series.to_numpy(dtype=float, na_value=np.nan)


def distinct_names(frame: pd.DataFrame, parameter: str) -> None:
    """Refuses a frame in which two columns share a name.

    Raises:
        InputError: they do; the message names `parameter` and the first such column.
    """
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        times = int((frame.columns == repeated[0]).sum())
        raise InputError(
            f"`{parameter}` must have column names that differ; '{repeated[0]}' occurs {times} times."
        )


def described(series: "pd.Series[Any]") -> str:
    """What a column that is neither numbers nor text holds, in words."""
    found = types.infer_dtype(series, skipna=True)
    return "dates" if found in ("date", "datetime", "datetime64") else f"values of type {found}"


def listed(frame: pd.DataFrame, most: int = 12) -> str:
    """The column names for a message, the first few of many."""
    names = [str(name) for name in frame.columns]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def left_out(what: str, total: int, missing: int, infinite: int) -> tuple[str, ...]:
    """One sentence that counts the values or rows left out; nothing if there are none."""
    if not missing + infinite:
        return ()
    counts = [f"{missing:,} with missing values"] if missing else []
    counts += [f"{infinite:,} with infinite values"] if infinite else []
    return (f"{missing + infinite:,} of {total:,} {what} are left out: {' and '.join(counts)}.",)


def _row(series: "pd.Series[Any]", bad: "pd.Series[Any]") -> int:
    """The row of the first bad value, counted from 1 below the header."""
    return int(np.flatnonzero(series.index == bad.index[0])[0]) + 1
