"""How well a fit is known: intervals of every kind, for parameters and what follows from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.families import registry
from core.families.bootstraps import acceleration, bca, influences, percentiles
from core.families.family import Floats
from core.families.profiles import Profiles, Tick, still
from core.families.quantities import Quantity, chosen
from core.families.resampling import Refits
from core.families.result import Fit
from core.families.wald import Normal, inside, normal

# Distinct values up to which profiles are searched: half a second of one core.
VALUES = 50_000
SIDES = ("lower", "upper")


@dataclass(frozen=True)
class Known:
    """What is known of a fit: `quantities` with their normal `limits`, the `ends` (q, 2) of intervals by
    kind and refits (q, r), both on the quantities' scales, how far profiles reached (2 q,) in their
    units, and sentences on what is missing."""

    fit: Fit
    level: float
    quantities: list[Quantity]
    limits: list[Normal]
    ends: dict[str, Floats]
    profiles: Profiles | None
    reached: Floats
    replicates: Floats
    notes: list[str]


def known(
    fit: Fit,
    level: float,
    probabilities: Sequence[float] = (),
    thresholds: Sequence[float] = (),
    again: Refits | None = None,
    tick: Tick = still,
) -> Known:
    """Intervals of confidence `level` of the parameters of `fit`, its mean, its quantiles at
    `probabilities` and its chances to exceed `thresholds`; those of the bootstrap from the refits
    `again`. `tick` is called while it works."""
    if registry.find(fit.family).closed or not inside(fit).any():
        notes = [f"No intervals: {fit.family} has no standard errors from observed information here."]
        return Known(fit, level, [], [], {}, None, np.empty(0), np.empty((0, 0)), notes)
    quantities, notes = chosen(fit, probabilities, thresholds)
    limits = [normal(fit, one) for one in quantities]
    ends = {"Wald": np.array([limit.ends(level) for limit in limits])}
    profiles, reached = None, np.full(2 * len(quantities), np.nan)
    if fit.sample.left.size <= VALUES or registry.find(fit.family).discrete:
        profiles = Profiles(fit, quantities, limits, tick)
        reached = profiles.reached(level)
        ends["profile"] = profiles.ends(reached)
        notes += _open(fit, quantities, reached)
    else:
        notes.append(
            f"Above {VALUES:,} values there are no profile intervals: they would differ from Wald's by "
            "a small part of their width."
        )
    replicates = np.empty((len(quantities), 0))
    if again is not None:
        replicates = np.array([one.line(again.unconstrained) for one in quantities])
        ends |= _bootstraps(fit, quantities, limits, replicates, level, notes)
    return Known(fit, level, quantities, limits, ends, profiles, reached, replicates, notes)


def _open(fit: Fit, quantities: Sequence[Quantity], reached: Floats) -> Iterator[str]:
    for k, one in enumerate(quantities):
        for side, word in enumerate(SIDES):
            far = reached[2 * k + side]
            if np.isinf(far):
                yield (
                    f"The profile interval of {one.name} of {fit.family} has no {word} end: the "
                    "likelihood never falls far enough."
                )
            elif np.isnan(far):
                yield f"No {word} end of the profile interval of {one.name} of {fit.family} was found."


def _bootstraps(
    fit: Fit,
    quantities: Sequence[Quantity],
    limits: Sequence[Normal],
    replicates: Floats,
    level: float,
    notes: list[str],
) -> dict[str, Floats]:
    """Both intervals from refits (q, r), all on the quantities' scales."""
    moves, weights = influences(fit), fit.sample.weights
    simple: list[Any] = []
    better: list[Any] = []
    short: list[str] = []
    for one, limit, row in zip(quantities, limits, replicates, strict=True):
        kept = row[np.isfinite(row)]
        if kept.size < 0.9 * row.size:
            simple.append((np.nan, np.nan))
            better.append((np.nan, np.nan))
            continue
        simple.append(percentiles(kept, level))
        low, high, held = bca(kept, limit.value, acceleration(moves, weights, limit), level)
        better.append((low, high))
        short += [] if held else [one.name]
    if short:
        notes.append(
            f"BCa intervals of {', '.join(short)} end at the outermost refits: more `replicates` are "
            "needed."
        )
    return {"percentile": np.array(simple), "BCa": np.array(better)}
