"""A sample of a file of the user's as its columns give it: values or bounds, and weights."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets import uploaded
from core.datasets.columns import Column, column
from core.datasets.frames import distinct_names, floats, kind, left_out, pick
from core.experiment import Config, InputError

Floats = NDArray[np.float64]
# A value below or above a limit of detection, as laboratories write it.
BOUND = re.compile(r"^\s*([<>])=?\s*(.+?)\s*$")


@dataclass(frozen=True)
class Observed:
    """`left` and `right` (n,), equal where a value is known, NaN where a bound is open, or None for
    `right` where all are known; `weights` (n,) or None; the column's `name`; and `notes`, sentences
    on what was assumed and left out."""

    left: Floats
    right: Floats | None
    weights: Floats | None
    name: str
    notes: tuple[str, ...]

    @property
    def sample(self) -> Floats | tuple[Floats, Floats]:
        """As `core.families.fit` takes it."""
        return self.left if self.right is None else (self.left, self.right)


def observed(data: str, name: str = "", upper: str = "", weights: str = "") -> Observed:
    """The sample in column `name` of `data`, as `core.datasets.columns.column` finds it.

    Where `upper` names a column, `name` has lower bounds and that one upper bounds: equal where a
    value is known, empty or infinite where a bound is open. Without it a column in which some
    values are written as <0.5 or >10 holds bounds too. `weights` names a column that says how often
    each row counts. Rows without a value or a weight are left out and counted in the notes.

    Raises:
        InputError: no such column, a column without numbers, bounds in the wrong order, weights that
            are negative or all 0, or fewer than 2 different values.
    """
    marked = name if not upper and data.startswith(Config.UPLOAD) else ""
    frame = uploaded.frame(data.removeprefix(Config.UPLOAD)) if data.startswith(Config.UPLOAD) else None
    if frame is None or not (upper or weights or (marked and _has_bounds(frame, marked))):
        return _plain(column(data, name))
    distinct_names(frame, "data")
    notes: tuple[str, ...] = ()
    chosen = pick(frame, name, "column")
    if upper:
        left, right = floats(chosen), floats(pick(frame, upper, "upper"))
        _check_order(left, right, name, upper)
    elif _has_bounds(frame, name):
        left, right, notes = _marked(chosen)
    else:
        left = right = floats(chosen)
    infinite = ~np.isfinite(left) & ~np.isfinite(right) & ~(np.isnan(left) & np.isnan(right))
    left, right = (np.where(np.isfinite(side), side, np.nan) for side in (left, right))
    missing = np.isnan(left) & np.isnan(right) & ~infinite
    times = None
    if weights:
        times = _weights(floats(pick(frame, weights, "weights")), weights)
        missing |= np.isnan(times)
    kept = ~missing & ~infinite
    notes += left_out("values", kept.size, int(missing.sum()), int((infinite & ~missing).sum()))
    left, right, times = left[kept], right[kept], None if times is None else times[kept]
    bounds = np.concatenate([left, right])
    if np.unique(bounds[np.isfinite(bounds)]).size < 2:
        raise InputError(f"column `{name}` must hold at least 2 different finite values; it does not.")
    known = bool((left == right).all())
    if not known:
        notes += (f"{int((left != right).sum()):,} of {left.size:,} values are known by bounds only.",)
    return Observed(left, None if known else right, times, name, notes)


def _plain(read: Column) -> Observed:
    return Observed(read.values, None, None, read.name, read.notes)


def _has_bounds(frame: pd.DataFrame, name: str) -> bool:
    """Whether some value of a column of text is written as a bound."""
    if name not in frame.columns or kind(frame[name]) != "text":
        return False
    return bool(frame[name].dropna().astype(str).str.match(BOUND).any())


def _marked(series: "pd.Series[str]") -> tuple[Floats, Floats, tuple[str, ...]]:
    """Bounds from numbers of which some are written as <0.5 or >10."""
    text = series.astype("string")
    found = text.str.extract(BOUND)
    plain = found[1].fillna(text).rename(str(series.name))
    value = pd.to_numeric(plain, errors="coerce").to_numpy(float, na_value=np.nan)
    if (np.isnan(value) & text.notna().to_numpy()).any():
        floats(plain)
    below, above = ((found[0] == mark).fillna(False).to_numpy(bool) for mark in "<>")
    left, right = np.where(below, np.nan, value), np.where(above, np.nan, value)
    some = next(v for v in text.dropna() if BOUND.match(v))
    note = f"Values of `{series.name}` such as '{some}' are read as bounds: censored there."
    return left, right, (note,)


def _check_order(left: Floats, right: Floats, name: str, upper: str) -> None:
    wrong = np.flatnonzero(left > right)
    if wrong.size:
        row = wrong[0]
        raise InputError(
            f"column `{upper}` must be at or above column `{name}`; in row {row + 1} it holds "
            f"{right[row]:g}, below {left[row]:g}."
        )


def _weights(found: Floats, name: str) -> Floats:
    wrong = np.flatnonzero((found < 0) | np.isinf(found))
    if wrong.size:
        raise InputError(
            f"column `{name}` must hold weights of 0 or more; it holds {found[wrong[0]]:g} in row "
            f"{wrong[0] + 1}."
        )
    if not (found > 0).any():
        raise InputError(f"column `{name}` must hold a weight above 0; all are 0 or missing.")
    return found
