"""How well the assumed family is known, whole: intervals, profiles, regions, and another method."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames, InputError
from core.families import interval_checks, interval_tables, intervals, other_methods
from core.families.interval_layout import INTERVALS
from core.families.resampling import Refits
from core.families.result import Fit


@dataclass(frozen=True)
class Asked:
    """What is asked for: `confidence` of intervals, `probabilities` of quantiles, thresholds `above`
    which a chance is wanted, and a `method`."""

    confidence: float
    probabilities: Sequence[float]
    above: Sequence[float]
    method: str


@dataclass(frozen=True)
class Certainty:
    """The tables `intervals`, `profile`, `contour` and `estimates`, checks, and sentences."""

    tables: Frames
    checks: list[theory.Row]
    notes: list[str]


def certainty(
    fit: Fit,
    asked: Asked,
    again: Refits | None,
    generator: np.random.Generator,
    progress: Callable[[str, float], None],
) -> Certainty:
    """Of `fit`, with its refits `again` where there are some. `progress` hears the share that is done.

    Raises:
        InputError: a method that does not exist.
    """
    furthest = 0.0

    def onward(words: str, share: float) -> None:
        nonlocal furthest
        furthest = max(furthest, share)
        progress(words, furthest)

    said = f"intervals of {fit.family}"
    onward(said, 0.0)
    found = intervals.known(
        fit, asked.confidence, asked.probabilities, asked.above, again, lambda: onward(said, 0.1)
    )
    tables, notes = interval_tables.tables(found, lambda s: onward("finding regions", 0.3 + 0.2 * s))
    checks, untested = interval_checks.rows(found)
    other = _other(fit, asked, generator, notes, onward)
    if other and found.quantities:
        lines = other_methods.lines(fit, other, asked.confidence)
        rows = INTERVALS.frame([interval_tables.row(found, *line) for line in lines])
        tables["intervals"] = pd.concat([tables["intervals"], rows], ignore_index=True)
    tables["estimates"] = other_methods.estimates(fit, other)
    return Certainty(tables, checks, [*notes, *untested])


def _other(
    fit: Fit,
    asked: Asked,
    generator: np.random.Generator,
    notes: list[str],
    progress: Callable[[str, float], None],
) -> other_methods.Other | None:
    """The fit by another method, if one is asked for; where it is not defined a note says why."""
    if not other_methods.asked(asked.method):
        return None
    said = f"refitting {fit.family} by {asked.method}"
    try:
        found = other_methods.by(asked.method, fit, generator, lambda s: progress(said, 0.5 + 0.5 * s))
    except InputError as error:
        notes.append(str(error))
        return None
    notes += found.notes
    return found
