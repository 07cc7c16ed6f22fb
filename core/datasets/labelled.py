"""Inputs with a target to learn, from any of the three places data come from: a bundled real
set, a synthetic design in two dimensions, or an uploaded file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets import bundled, uploaded
from core.datasets.frames import described, distinct_names, floats, kind, left_out, listed, pick
from core.datasets.synthetic import synthetic
from core.experiment import Config, InputError

Task = Literal["auto", "classes", "number"]

SYNTHETIC: Mapping[str, str] = {
    "moons": "Two moons",
    "circles": "Circles",
    "xor": "XOR",
    "blobs": "Gaussian blobs",
    "spirals": "Two spirals",
}
BUNDLED: Mapping[str, str] = {**bundled.SETS, **SYNTHETIC}

FEW_INTEGERS = 20
MOST_LEVELS = 20
MOST_CLASSES = 100


@dataclass(frozen=True)
class Labelled:
    """`inputs` float64 (n, d) in their own units, not standardised; `target` int64 class codes (n,)
    that index `classes`, or float64 (n,) with `classes` None; `features`, d names; `notes`,
    sentences on what was assumed and left out."""

    inputs: NDArray[np.float64]
    target: NDArray[np.int64] | NDArray[np.float64]
    classes: tuple[str, ...] | None
    features: tuple[str, ...]
    notes: tuple[str, ...]


def labelled(
    data: str,
    *,
    target: str = "",
    task: Task = "auto",
    samples: int,
    noise: float,
    rng: np.random.Generator,
) -> Labelled:
    """The data set called `data`: a name in `BUNDLED`, or `upload:<digest>`.

    `samples` and `noise` (standard deviation added to both coordinates) are those of the synthetic
    sets. `target` is a column, by default the set's own; an uploaded file has none, so it is needed
    there. `task` "auto" reads text, booleans and at most 20 distinct whole numbers as classes and
    anything else as a number. Every other column is an input; one of text with at most 20 levels
    becomes an indicator a level. Rows with a missing or infinite value are left out and counted.

    Raises:
        InputError: no such data or column; an input or target that is no number and no class; fewer
            than two classes or values; more than 100 classes; no row left.
    """
    if data in SYNTHETIC:
        return _synthetic(data, target, task, samples, noise, rng)
    if data in bundled.SETS:
        return _from_frame(bundled.table(data), target or "target", task, said=bool(target))
    if data.startswith(Config.UPLOAD):
        return _from_frame(uploaded.frame(data.removeprefix(Config.UPLOAD)), target, task, said=True)
    raise InputError(f"`data` must be one of {', '.join(BUNDLED)} or an uploaded file; '{data}' is not.")


def _synthetic(
    data: str, target: str, task: Task, samples: int, noise: float, rng: np.random.Generator
) -> Labelled:
    if target:
        raise InputError(
            f"`target` must be empty for `{data}`, which has its own; '{target}' was given."
        )
    inputs, codes = synthetic(data, samples, noise, rng)
    if task == "number":
        return Labelled(inputs, codes.astype(float), None, ("x", "y"), ())
    classes = tuple(str(c) for c in range(int(codes.max()) + 1))
    return Labelled(inputs, codes, classes, ("x", "y"), ())


def _from_frame(frame: pd.DataFrame, target: str, task: Task, said: bool) -> Labelled:
    distinct_names(frame, "data")
    labels = pick(frame, target, "target")
    features = frame.drop(columns=target)
    if features.columns.empty:
        raise InputError(f"`data` must have an input column besides the target; it has only {target}.")
    blocks = [_block(features[name]) for name in features]
    inputs = np.column_stack([values for _, values in blocks])
    as_classes = task == "classes" or (task == "auto" and looks_like_classes(labels))
    values = np.zeros(len(labels)) if as_classes else floats(labels)
    missing = np.isnan(inputs).any(axis=1) | labels.isna().to_numpy() | np.isnan(values)
    keep = ~missing & np.isfinite(inputs).all(axis=1) & np.isfinite(values)
    # An infinite label of a class column is a value, not a class.
    if as_classes and kind(labels) == "number":
        keep &= np.isfinite(floats(labels))
    _some_left(frame, features, keep)
    notes = left_out("rows", keep.size, int(missing.sum()), int((~missing & ~keep).sum()))
    names = tuple(name for block, _ in blocks for name in block)
    if not as_classes:
        notes += said_number(target, values[keep], said and task == "auto")
        return Labelled(inputs[keep], values[keep], None, names, notes)
    codes, classes = class_codes(labels[keep])
    if said and task == "auto":
        notes += (f"Target `{target}` is read as {len(classes)} classes; `task` can make it a number.",)
    return Labelled(inputs[keep], codes, classes, names, notes)


def _block(series: "pd.Series[Any]") -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and values (n, k) of the inputs that one column becomes."""
    holds = kind(series)
    if holds == "other":
        raise InputError(
            f"column `{series.name}` must hold numbers or text to be an input; "
            f"it holds {described(series)}."
        )
    if holds != "text":
        return (str(series.name),), floats(series)[:, None]
    levels = sorted(str(v) for v in series.dropna().unique())
    if len(levels) > MOST_LEVELS:
        raise InputError(
            f"column `{series.name}` must hold numbers, or at most {MOST_LEVELS} different texts, "
            f"to be an input; it holds {len(levels):,} different texts."
        )
    text = series.astype(str).to_numpy()
    indicators = (text[:, None] == np.array(levels, dtype=object)[None, :]).astype(float)
    indicators[series.isna().to_numpy()] = np.nan
    return tuple(f"{series.name}={level}" for level in levels), indicators


def looks_like_classes(labels: "pd.Series[Any]") -> bool:
    """Whether a target is read as classes: text, booleans, or at most 20 distinct whole numbers."""
    holds = kind(labels)
    if holds != "number":
        return holds in ("text", "boolean")
    values = floats(labels)
    distinct = np.unique(values[np.isfinite(values)])
    return bool(distinct.size <= FEW_INTEGERS and (distinct == np.round(distinct)).all())


def class_codes(labels: "pd.Series[Any]") -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Class codes (n,) and names: a categorical column's order, otherwise sorted.

    Raises:
        InputError: values that are no classes, fewer than 2 classes or more than 100.
    """
    if kind(labels) == "other":
        raise InputError(
            f"`target` must be a column of numbers, text or booleans; `{labels.name}` holds "
            f"{described(labels)}."
        )
    codes, uniques = pd.factorize(labels, sort=True)
    if len(uniques) < 2:
        raise InputError(f"`target` must have at least 2 classes; `{labels.name}` has {len(uniques)}.")
    if len(uniques) > MOST_CLASSES:
        raise InputError(
            f"`target` must have at most {MOST_CLASSES} classes; `{labels.name}` has {len(uniques):,}."
        )
    whole = kind(labels) == "number" and all(float(v) == int(v) for v in uniques)
    return codes.astype(np.int64), tuple(str(int(v) if whole else v) for v in uniques)


def said_number(target: str, values: NDArray[np.float64], say: bool) -> tuple[str, ...]:
    """The note, where one is to `say`, that a target is read as a number.

    Raises:
        InputError: all values are the same.
    """
    distinct = np.unique(values).size
    if distinct < 2:
        raise InputError(
            f"`target` must have at least 2 different values; every `{target}` is {values[0]:g}."
        )
    if not say:
        return ()
    note = f"Target `{target}` is read as a number ({distinct:,} different values); "
    return (note + "`task` can make it classes.",)


def _some_left(frame: pd.DataFrame, features: pd.DataFrame, keep: NDArray[np.bool_]) -> None:
    if keep.any():
        return
    if not len(frame):
        raise InputError(
            f"`data` must have at least one row; it has only column names: {listed(frame)}."
        )
    empty = [str(name) for name in frame if frame[name].isna().all()]
    why = f"column `{empty[0]}` is empty" if empty else "every row has one missing or infinite"
    raise InputError(f"`data` must have at least one row with a finite value in every column; {why}.")
