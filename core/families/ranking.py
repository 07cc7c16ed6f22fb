"""Many families fitted to one sample and ranked by AICc.

Akaike weights exp(−Δ/2) / Σ exp(−Δ/2), and families with Δ ≤ 2 called practically tied: Burnham &
Anderson 2002, Model Selection and Multimodel Inference, section 2.6. A family that holds another of
the ranking as a special case is no rival of it: where the special case does as well, its note says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families import registry
from core.families.fitting import fit
from core.families.names import CONTINUOUS, COUNTS
from core.families.result import Fit
from core.families.sample import Given, Sample, read

TIED = 2.0


@dataclass(frozen=True)
class Entry:
    """A family in a ranking: its fit, or in `note` a sentence on why there is none. `delta` is AICc
    above the best, `weight` the Akaike weight, `rank` counts from 1; NaN and 0 without a fit."""

    family: str
    fit: Fit | None
    note: str
    rank: int = 0
    delta: float = float("nan")
    weight: float = float("nan")

    @property
    def tied(self) -> bool:
        """Whether it is practically as good as the best."""
        return bool(self.delta <= TIED)


def rank(
    sample: Given,
    families: Sequence[str] | None = None,
    weights: Given = None,
    method: str = "mle",
    truncated: Any = None,
) -> list[Entry]:
    """Fits of `families` (by default the usual ones for measurements or for counts, see
    `look_like_counts`), best AICc first, families without a fit last.

    Raises:
        InputError: an unusable sample, an unknown family, or counts mixed with measurements.
    """
    given = read(sample, weights, truncated)
    names = families or default_families(given)
    check_comparable(names)
    return ordered(attempt(given, name, method=method) for name in names)


def attempt(sample: Given, family: str, weights: Given = None, method: str = "mle") -> Entry:
    """One family's entry, not yet ranked: a fit, or why there is none."""
    try:
        made = fit(sample, family, method, weights=weights)
    except InputError as error:
        return Entry(registry.find(family).name, None, str(error))
    return Entry(made.family, made, "; ".join(made.notes))


def ordered(entries: Iterable[Entry]) -> list[Entry]:
    """The entries ranked by AICc; those without one stand last."""
    distinct = {e.family: e for e in entries}
    aicc = {name: e.fit.aicc if e.fit else float("nan") for name, e in distinct.items()}
    best = min((v for v in aicc.values() if np.isfinite(v)), default=float("nan"))
    total = sum(np.exp(-(v - best) / 2) for v in aicc.values() if np.isfinite(v))
    names = sorted(distinct, key=lambda n: aicc[n] if np.isfinite(aicc[n]) else np.inf)
    return [
        replace(
            distinct[name],
            rank=position if np.isfinite(aicc[name]) else 0,
            delta=aicc[name] - best,
            weight=float(np.exp(-(aicc[name] - best) / 2) / total) if total else float("nan"),
            note=_note(distinct[name], aicc),
        )
        for position, name in enumerate(names, 1)
    ]


def _note(entry: Entry, aicc: Mapping[str, float]) -> str:
    """What is said of a fit, and which of its special cases in the ranking does as well."""
    if entry.fit is None:
        return entry.note
    enough = [
        f"its special case {name} ({condition}) does as well"
        for name, condition in registry.find(entry.family).special_cases.items()
        if aicc.get(name, np.inf) <= aicc[entry.family]
    ]
    return "; ".join((*entry.fit.notes, *enough))


def default_families(sample: Sample) -> tuple[str, ...]:
    """The families to try on a sample when none are named."""
    ends = np.concatenate([sample.left, sample.right, [sample.window.low, sample.window.high]])
    whole = look_like_counts(sample.left[sample.exact]) and look_like_counts(ends[np.isfinite(ends)])
    return COUNTS if whole else CONTINUOUS


def look_like_counts(x: np.ndarray) -> bool:
    """Whether the values are taken as counts: whole numbers of 0 or more, with a 0 among them.

    Measurements rounded to whole units (grams, minutes) hardly ever hold a 0; counts mostly do.
    """
    return bool((x >= 0).all() and (x == 0).any() and (x == np.round(x)).all())


def kind_of(x: np.ndarray, values: str) -> tuple[bool, tuple[str, ...]]:
    """Whether `x` (n,) are counts, and sentences on how that was found: as `values` says, `counts` or
    `measurements`, or by itself where that is `automatic`."""
    if values != "automatic":
        return values == "counts", ()
    if look_like_counts(x):
        return True, (
            f"All {x.size:,} values are whole numbers and some are 0: they are taken as counts. "
            "If they are rounded measurements, set `values` to measurements.",
        )
    if (x == np.round(x)).all() and (x >= 0).all():
        return False, (
            "All values are whole numbers above 0, taken as rounded measurements. "
            "If they count something, set `values` to counts.",
        )
    return False, ()


def check_comparable(families: Sequence[str]) -> None:
    """Raises InputError when the densities of some and the probabilities of others would be
    compared."""
    kinds = {registry.find(name).discrete: name for name in families}
    if len(kinds) == 2:
        raise InputError(
            f"`families` must be all of measurements or all of counts, not {kinds[False]} together "
            f"with {kinds[True]}: a density and a probability cannot be ranked together."
        )
