"""What a learner sees of a data set: a table of numbers with gaps, a target, and which rows belong
together. Nothing here is estimated from the rows beyond the names of levels and classes."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets import labelled, uploaded
from core.datasets.frames import distinct_names, floats, kind, pick
from core.experiment import Config, InputError
from core.learners import known
from core.learners.names import KNOWN, SYNTHETIC

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """`inputs` float64 (n, d) in their own units, NaN where missing; of the columns `levels`, codes
    of texts. `target` int64 codes (n,) that index `classes`, or float64 (n,) with `classes` None.
    `groups` int64 (n,) and `times` float64 (n,) where a column was named. `notes`, sentences."""

    inputs: Floats
    target: NDArray[Any]
    classes: tuple[str, ...] | None
    levels: tuple[int, ...] = ()
    groups: Ints | None = None
    times: Floats | None = None
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of rows."""
        return len(self.target)


@dataclass(frozen=True)
class Source:
    """Where rows come from; the fields of a `Config` that `fields` declares."""

    data: str
    target: str = ""
    task: labelled.Task = "auto"
    group: str = ""
    time: str = ""
    rows: int = 5000
    samples: int = 800
    features: int = 20
    noise: float = 0.5
    distance: float = 2.0

    @property
    def fresh(self) -> bool:
        """Whether each draw gives new rows, so that replicates are independent."""
        return self.data in SYNTHETIC

    def draw(self, rng: np.random.Generator) -> Rows:
        """The rows; of a synthetic design new ones, of more than `rows` a random sample.

        Raises:
            InputError: no such data or column, or a target that cannot be learnt.
        """
        if self.data in KNOWN:
            inputs, target = known.draw(
                self.data, self.samples, self.features, self.noise, self.distance, rng
            )
            return Rows(inputs, target, None if self.data == "linear-model" else ("0", "1"))
        if self.data.startswith(Config.UPLOAD):
            return self._uploaded(uploaded.frame(self.data.removeprefix(Config.UPLOAD)), rng)
        found = labelled.labelled(
            self.data,
            target=self.target,
            task=self.task,
            samples=self.samples,
            noise=self.noise,
            rng=rng,
        )
        made = Rows(found.inputs, found.target, found.classes, notes=found.notes)
        if made.count <= self.rows:
            return made
        at = np.sort(rng.choice(made.count, self.rows, replace=False))
        note = _sampled(self.rows, made.count)
        return replace(made, inputs=made.inputs[at], target=made.target[at], notes=(*made.notes, note))

    def _uploaded(self, frame: pd.DataFrame, rng: np.random.Generator) -> Rows:
        distinct_names(frame, "data")
        labels, notes = pick(frame, self.target, "target"), []
        named = {"group": self.group, "time": self.time}
        for parameter, name in named.items():
            if name and name == self.target:
                raise InputError(f"`{parameter}` must be another column than `target`; both are {name}.")
            if name:
                pick(frame, name, parameter)
        apart = {self.target, *filter(None, named.values())}
        columns = [c for c in frame if c not in apart]
        if not columns:
            raise InputError(
                f"`data` must have an input column besides the target; it has only {self.target}."
            )
        keep = np.flatnonzero(
            _known(labels)
            & np.logical_and.reduce(
                [frame[n].notna().to_numpy() for n in named.values() if n] or [np.ones(len(frame), bool)]
            )
        )
        if keep.size < len(frame):
            what = " or ".join(f"`{n}`" for n in (self.target, self.group, self.time) if n)
            notes.append(
                f"{len(frame) - keep.size:,} of {len(frame):,} rows without {what} are left out."
            )
        if not keep.size:
            raise InputError(f"`target` must have values; column `{self.target}` has none.")
        if keep.size > self.rows:
            notes.append(_sampled(self.rows, keep.size))
            keep = np.sort(rng.choice(keep, self.rows, replace=False))
        # Of many rows only those drawn are copied.
        labels, frame = labels.iloc[keep], frame.iloc[keep]
        inputs, levels, said = _inputs(frame[columns])
        target, classes, more = _target(labels, self.task)
        return Rows(
            inputs,
            target,
            classes,
            levels,
            pd.factorize(frame[self.group])[0].astype(np.int64) if self.group else None,
            _times(frame[self.time]) if self.time else None,
            (*notes, *said, *more),
        )


def _sampled(used: int, of: int) -> str:
    return f"{used:,} of {of:,} rows are used, drawn at random; `rows` says how many."


def _known(labels: "pd.Series[Any]") -> NDArray[np.bool_]:
    there = labels.notna().to_numpy()
    return there & np.isfinite(floats(labels)) if kind(labels) == "number" else there


def _target(
    labels: "pd.Series[Any]", task: labelled.Task
) -> tuple[NDArray[Any], tuple[str, ...] | None, tuple[str, ...]]:
    name, auto = str(labels.name), task == "auto"
    if task == "classes" or (auto and labelled.looks_like_classes(labels)):
        codes, classes = labelled.class_codes(labels)
        said = f"Target `{name}` is read as {len(classes)} classes; `task` can make it a number."
        return codes, classes, (said,) if auto else ()
    values = floats(labels)
    return values, None, labelled.said_number(name, values, auto)


def _inputs(features: pd.DataFrame) -> tuple[Floats, tuple[int, ...], tuple[str, ...]]:
    """Values (n, d), which columns hold codes of texts, and what was done with the columns."""
    columns: list[Floats] = []
    levels: list[int] = []
    left: list[str] = []
    notes: list[str] = []
    for name in features:
        series, holds = features[name], kind(features[name])
        if holds == "text":
            codes, found = pd.factorize(series)
            if len(found) > max(20, len(series) // 2):
                left.append(f"`{name}`")
                continue
            levels.append(len(columns))
            columns.append(np.where(codes < 0, np.nan, codes.astype(float)))
        elif holds == "other":
            left.append(f"`{name}`")
        else:
            values = floats(series)
            columns.append(np.where(np.isfinite(values), values, np.nan))
    if not columns:
        raise InputError("`data` must have an input column of numbers or of few texts; it has none.")
    inputs = np.column_stack(columns)
    gaps = int(np.isnan(inputs).sum())
    if left:
        notes.append(f"Left out, neither numbers nor few texts: {', '.join(left)}.")
    if gaps:
        notes.append(
            f"{gaps:,} missing or infinite values: the training part's median stands for a number, a "
            "level of its own for a text."
        )
    if levels:
        notes.append(
            f"{len(levels)} columns of text become an indicator a level, for at most 20 levels of the "
            "training part."
        )
    constant = int(
        (np.nanmax(inputs, axis=0, initial=-np.inf) <= np.nanmin(inputs, axis=0, initial=np.inf)).sum()
    )
    if constant:
        notes.append(f"{constant} columns are constant and teach nothing.")
    return inputs, tuple(levels), tuple(notes)


def _times(series: "pd.Series[Any]") -> Floats:
    if kind(series) == "number":
        return floats(series)
    found = pd.to_datetime(series, errors="coerce", format="mixed")
    if found.isna().any():
        bad = series[found.isna()].iloc[0]
        raise InputError(f"`time` must be a column of numbers or dates; `{series.name}` holds '{bad}'.")
    return found.to_numpy().astype("datetime64[ns]").astype(np.int64).astype(float)
