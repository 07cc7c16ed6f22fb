"""The tables and sentences of a training, as far as it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets.labelled import Labelled
from core.experiment import Frames
from core.networks.history import History
from core.networks.mlp import nth
from core.networks.problem import MEASURED, Problem, Replicates
from core.networks.program import Program, State
from core.networks.stopping import EarlyStopping
from core.networks.surface import named, points, surface
from core.networks.tables import (
    GRADIENTS,
    INPUTS,
    OVERALL,
    POINTS,
    RISK,
    SUMMARY,
    SURFACE,
    THEORY,
    VALIDATION,
)
from core.networks.verification import null_name, null_risks


@dataclass(frozen=True)
class Fitting:
    """All that the tables of a training are made from."""

    known: Labelled
    problem: Problem
    group: Replicates
    program: Program
    history: History
    stopping: EarlyStopping | None = None

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return self.program.per_epoch(int(self.group.train.rows))

    def record(self) -> dict[str, NDArray[Any]]:
        """What was measured so far, as arrays, for a checkpoint."""
        looked = {} if self.stopping is None else self.stopping.record()
        return {**self.history.record(), **looked}

    def resumed(self, state: State, record: Mapping[str, NDArray[Any]]) -> State:
        """The `state` of a checkpoint, with what was measured until then taken up."""
        self.history.restore(record)
        if self.stopping is not None:
            self.stopping.restore(record, state)
        return state


def frames(it: Fitting, state: State) -> Frames:
    """The tables as far as training has come."""
    made = {"surface": SURFACE.empty(), "points": POINTS.empty(), "inputs": INPUTS.empty()}
    if it.problem.inputs.shape[1] == 2:
        sound = np.isnan(it.history.diverged(state))
        first = int(np.argmax(sound))
        sample, inputs, classes = it.group.samples[first], it.problem.inputs, it.known.classes
        made["points"] = points(sample, inputs, classes)
        made["inputs"] = named(it.known.features)
        if sound[first]:
            network = nth(state.networks(), first)
            made["surface"] = surface(it.program, network, sample, inputs, classes)
    null = {"name": null_name(it.group), "epoch": 0.0, "risk": float(null_risks(it.group).mean())}
    return {
        "risk": RISK.frame(it.history.risk()),
        "theory": THEORY.frame([null]),
        "gradients": GRADIENTS.frame(it.history.gradients()),
        "validation": _validation(it),
        **made,
        "summary": SUMMARY.frame(it.history.summary(state)),
        "overall": OVERALL.frame(it.history.overall(state)),
    }


def notes(it: Fitting, state: State, batch_size: int) -> list[str]:
    """Sentences on what was assumed and what went wrong; `batch_size` as it was asked for."""
    group, rows = it.group, int(it.group.train.rows)
    said = []
    if batch_size > rows:
        said.append(
            f"`batch_size` {batch_size:,} is more than the {rows:,} training rows: "
            f"each step uses all of them."
        )
    if max(r.size for r in group.samples[0].rows.values()) > MEASURED:
        said.append(f"Risk is measured on at most {MEASURED:,} rows of a part, chosen at random.")
    if it.program.optimizer == "lbfgs":
        said.append("L-BFGS finds its own step size: `learning_rate` is not used.")
    return [*said, *_missing(it), *_stopped(it), *it.history.notes(state)]


def _missing(it: Fitting) -> list[str]:
    """On classes that no training row has."""
    names = it.known.classes or ()
    without = [
        [name for code, name in enumerate(names) if code not in sample.targets["train"]]
        for sample in it.group.samples
    ]
    lacking = [missing for missing in without if missing]
    if not lacking:
        return []
    return [
        f"In {len(lacking)} of {len(without)} replicates no training row is of class "
        f"{', '.join(lacking[0][:3])}: the network learns that there is none."
    ]


def _stopped(it: Fitting) -> list[str]:
    if it.stopping is None:
        return []
    best = it.stopping.best / it.per_epoch
    said = f"Networks are as they were at epoch {best.mean():.3g} in the mean ({best.min():.3g} to "
    said += f"{best.max():.3g}), where risk on the validation rows was least."
    running = int((~it.stopping.ended).sum())
    if not running:
        return [said]
    return [f"{said} In {running} of {best.size} replicates it might still have fallen."]


def _validation(it: Fitting) -> pd.DataFrame:
    if it.stopping is None or not it.stopping.looks:
        return VALIDATION.empty()
    found = it.stopping.curves()
    rows = int(it.group.measured["validation"].rows)
    samples = it.group.samples
    risk = [
        samples[r].risk(loss, "validation", rows)
        for r, loss in zip(found["replicate"], found["loss"], strict=True)
    ]
    best = found["step"] == it.stopping.best[found["replicate"]]
    return VALIDATION.frame(
        {
            "replicate": found["replicate"] + 1,
            "epoch": found["step"] / it.per_epoch,
            "step": found["step"],
            "risk": risk,
            "best": best.astype(int),
        }
    )
