"""The record of a training: what was measured at each position, as columns of tidy tables."""

from collections.abc import Mapping, Sequence
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
from numpy.typing import NDArray

from core.networks.measures import Measures, measure
from core.networks.problem import Replicates
from core.networks.tables import OVERALL
from core.networks.training import DIVERGED, Program, State

SPLITS = ("train", "test")
Columns = dict[str, Any]


def positions(total: int, most: int) -> list[int]:
    """At most `most` + 1 step numbers from 0 to `total`, closer together early on."""
    return sorted({round(total * share**2) for share in np.linspace(0, 1, most + 1)})


class History:
    """Measures of all replicates, appended at each position. A replicate's values are NaN from
    where it diverged. Without `gradients` their norms are NaN and cost nothing."""

    def __init__(self, program: Program, group: Replicates, gradients: bool = True) -> None:
        self._program, self._group, self._gradients = program, group, gradients
        self._per_epoch = program.per_epoch(int(group.train.rows))
        self._steps: list[int] = []
        # (replicate, split, [loss, error, entropy]) and (replicate, layer) at each position.
        self._values: list[NDArray[np.float64]] = []
        self._norms: list[NDArray[np.float64]] = []
        self._last: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self._steps)

    def add(self, state: State) -> None:
        """Measures the networks as they are."""
        networks = state.networks()
        train, test = (
            measure(
                self._program,
                networks,
                self._group.measured[split],
                split == "train" and self._gradients,
            )
            for split in SPLITS
        )
        values = np.stack([self._in_units(train, "train"), self._in_units(test, "test")], axis=1)
        # The loss of the next step tells that this one diverged: here it is known already.
        lost = (np.asarray(state.diverged) >= 0) | ~(np.asarray(train.loss) <= DIVERGED)
        self._steps.append(int(state.step))
        self._values.append(np.where(lost[:, None, None], np.nan, values))
        self._last = None
        self._norms.append(np.where(lost[:, None], np.nan, np.asarray(train.gradient_norms, float)))

    def close(self, state: State) -> None:
        """Makes the networks of `state` the ones that count in the end, the curves staying as they
        are: for early stopping, where networks go back to an earlier step."""
        curves = self._steps.copy(), self._values.copy(), self._norms.copy()
        self.add(state)
        last = self._values[-1]
        self._steps, self._values, self._norms = curves
        self._last = last

    def record(self) -> dict[str, NDArray[Any]]:
        """All of it as arrays, from which `restore` makes it again."""
        return {
            "steps": np.array(self._steps, np.int64),
            "values": np.array(self._values),
            "norms": np.array(self._norms),
        }

    def restore(self, record: Mapping[str, NDArray[Any]]) -> None:
        """Takes up what `record` gave."""
        self._steps = [int(step) for step in record["steps"]]
        self._values, self._norms = list(record["values"]), list(record["norms"])

    def risk(self) -> Columns:
        """The columns of `RISK`."""
        values = np.stack(self._values)
        index = np.indices(values.shape[:3]).reshape(3, -1)
        columns = dict(zip(("risk", "error", "entropy"), values.reshape(-1, 3).T, strict=True))
        return {
            "replicate": index[1] + 1,
            "split": np.array(SPLITS)[index[2]],
            **self._at(index[0]),
            **columns,
        }

    def gradients(self) -> Columns:
        """The columns of `GRADIENTS`."""
        norms = np.stack(self._norms)
        index = np.indices(norms.shape).reshape(3, -1)
        return {
            "replicate": index[1] + 1,
            "layer": index[2] + 1,
            **self._at(index[0]),
            "gradient_norm": norms.ravel(),
        }

    def summary(self, state: State) -> Columns:
        """The columns of `SUMMARY`."""
        last = self._end()
        return {
            "replicate": np.arange(1, len(last) + 1),
            "train_risk": last[:, 0, 0],
            "test_risk": last[:, 1, 0],
            "test_error": last[:, 1, 1],
            "diverged_step": self.diverged(state),
        }

    def overall(self, state: State) -> list[Columns]:
        """The rows of `OVERALL`."""
        last = self._end()
        train, test, error = last[:, 0, 0], *last[:, 1, :2].T
        gaussian = self._program.likelihood == "gaussian"
        unit = "squared units of the target" if gaussian else "nats"
        rows = [
            ("train risk", *mean_and_error(train), unit),
            ("test risk", *mean_and_error(test), unit),
            ("gap", *mean_and_error(test - train), unit),
            ("test error", *mean_and_error(error), "share of test rows"),
            ("diverged", float(np.isfinite(self.diverged(state)).sum()), np.nan, f"of {len(test)}"),
        ]
        return [dict(zip(OVERALL.columns, row, strict=True)) for row in rows]

    def diverged(self, state: State) -> NDArray[np.float64]:
        """The step (replicate,) at which each replicate diverged; NaN where it did not."""
        steps = np.asarray(state.diverged, float)
        lost = np.isnan(self._values[-1][:, 0, 0])
        return np.where(steps >= 0, steps, np.where(lost, float(self._steps[-1]), np.nan))

    def notes(self, state: State) -> list[str]:
        """Sentences on the replicates that diverged."""
        steps = self.diverged(state)
        lost = np.flatnonzero(np.isfinite(steps))
        if not lost.size:
            return []
        said = (
            f"{lost.size} of {steps.size} replicates diverged, the first at step "
            f"{int(steps[lost].min())}: from there on its risk is left out. A smaller `learning_rate` "
            f"may keep the loss finite."
        )
        if lost.size < steps.size:
            return [said]
        none = (
            "No replicate is left: there are no figures and no predictions, and a curve only where "
            "there was more than one point before."
        )
        return [said, none]

    def _end(self) -> NDArray[np.float64]:
        return self._values[-1] if self._last is None else self._last

    def _in_units(self, found: Measures, split: str) -> NDArray[np.float64]:
        rows = int(self._group.measured[split].rows)
        losses = np.asarray(found.loss, float)
        risks = [s.risk(v, split, rows) for s, v in zip(self._group.samples, losses, strict=True)]
        return np.stack([risks, np.asarray(found.error, float), np.asarray(found.entropy, float)], 1)

    def _at(self, position: NDArray[np.int64]) -> Columns:
        steps = np.array(self._steps)[position]
        return {"epoch": steps / self._per_epoch, "step": steps}


def mean_and_error(values: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard error of the values that are not NaN; NaN where there are too few."""
    kept = np.asarray(values, float)
    kept = kept[~np.isnan(kept)]
    mean = float(kept.mean()) if kept.size else np.nan
    return mean, float(kept.std(ddof=1) / np.sqrt(kept.size)) if kept.size > 1 else np.nan
