"""What is learnt from which rows: the data, the splits and the learner of all replicates of a run."""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np

from core.experiment import InputError, Report
from core.learners import splits
from core.learners.models import Model
from core.learners.names import KNOWN
from core.learners.rows import Rows, Source
from core.learners.splits import Split

Measure = Literal["risk", "error"]


@dataclass(frozen=True)
class Setting:
    """Rows and split of each replicate; `measure` is what curves are of; `fresh` says whether each
    replicate has rows of its own; `notes`, what was assumed of the rows."""

    rows: tuple[Rows, ...]
    splits: tuple[Split, ...]
    model: Model
    measure: Measure
    fresh: bool
    notes: tuple[str, ...]

    @property
    def classes(self) -> bool:
        """Whether the target is classes."""
        return self.rows[0].classes is not None

    @property
    def largest(self) -> int:
        """Training rows that every replicate has."""
        return min(cut.train.size for cut in self.splits)

    @property
    def tested(self) -> int:
        """Test rows of a replicate, the least of all."""
        return min(cut.test.size for cut in self.splits)

    @property
    def overlap(self) -> float:
        """Test rows per training row where replicates are splits of the same rows, else 0."""
        return 0.0 if self.fresh else self.splits[0].test.size / self.splits[0].train.size


def setting(config: Any, rngs: list[np.random.Generator], report: Report) -> Setting:
    """The setting of a `Config` with the fields that core.learners.fields declares: `rngs` are one for
    the data and one for each replicate.

    Raises:
        InputError: data, columns, a learner or a measure that cannot be used, or too few rows.
    """
    source: Source = Source(**_values(config, Source))
    model: Model = Model(**_values(config, Model))
    shared = None if source.fresh else source.draw(rngs[0])
    rows: list[Rows] = []
    cuts: list[Split] = []
    for rng in rngs[1:]:
        rows.append(shared or source.draw(rng))
        if len(rows) == 1:
            notes = splits.check(rows[0])
            measure = _measure(config, model, rows[0])
        cuts.append(splits.split(rows[-1], config.test_share, rng))
        report(0.0, "splitting the data")
    model = replace(model, room=min(cut.train.size for cut in cuts))
    return Setting(tuple(rows), tuple(cuts), model, measure, source.fresh, (*rows[0].notes, *notes))


def _values(config: Any, kind: type[Any]) -> dict[str, Any]:
    names = [field.name for field in fields(kind)]
    return {name: getattr(config, name) for name in names if hasattr(config, name)}


def _measure(config: Any, model: Model, rows: Rows) -> Measure:
    classes = rows.classes is not None
    # A learner that cannot learn this target is refused here.
    model.estimator(classes, 2, 0)
    asked: str = config.measure
    if not classes and asked == "error":
        raise InputError("`measure` must be auto or risk for a target that is a number; it was error.")
    if classes and model.name(True) in ("ridge", "svm", "hebb"):
        if asked == "risk":
            raise InputError(
                "`measure` must be auto or error for a learner without probabilities; it was risk."
            )
        return "error"
    # The known curves of classes are of errors.
    known = classes and config.data in KNOWN and asked == "auto"
    return "error" if asked == "error" or known else "risk"
