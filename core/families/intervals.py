"""How well a fit is known: intervals of every kind, profiles and likelihood regions, as tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from core.experiment import Frames
from core.families import registry
from core.families.bootstraps import acceleration, bca, influences, percentiles
from core.families.contours import contours
from core.families.family import Floats
from core.families.interval_layout import CONTOUR, INTERVALS, PROFILE
from core.families.profiles import STIFF, Profiles
from core.families.quantities import Quantity, chosen
from core.families.resampling import Refits
from core.families.result import Fit
from core.families.wald import Normal, critical, inside, normal

# Distinct values up to which profiles are searched: half a second of one core.
VALUES = 50_000
# Distinct values times evaluations of a likelihood region, at most.
REGION = 24_000
# Confidence of the inner one of two likelihood regions.
INNER = 0.5
# Places of a profile on each side, as shares of the distance to the end of the interval.
SHARES = np.array([0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.4])
SIDES = ("lower", "upper")


@dataclass(frozen=True)
class Known:
    """What is known of a fit: `quantities` with their normal `limits`, intervals (q, 2) by kind, how far
    profiles reached (2 q,) in their units, refits of the quantities on their scales (q, r), and
    sentences on what is missing."""

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
) -> Known:
    """Intervals of confidence `level` of the parameters of `fit`, its mean, its quantiles at
    `probabilities` and its chances to exceed `thresholds`; those of the bootstrap from the refits
    `again`."""
    if registry.find(fit.family).closed or not inside(fit).any():
        notes = [f"No intervals: {fit.family} has no standard errors from observed information here."]
        return Known(fit, level, [], [], {}, None, np.empty(0), np.empty((0, 0)), notes)
    quantities, notes = chosen(fit, probabilities, thresholds)
    limits = [normal(fit, one) for one in quantities]
    ends = {"Wald": np.array([b.ends(a, level) for a, b in zip(quantities, limits, strict=True)])}
    profiles, reached = None, np.full(2 * len(quantities), np.nan)
    if fit.sample.left.size <= VALUES or registry.find(fit.family).discrete:
        profiles = Profiles(fit, quantities, limits)
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
                    f"The profile interval of {one.name} of {fit.family} has no {word} end: the likelihood "
                    "never falls far enough."
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
    """Both intervals from refits (q, r), on the quantities' scales and back."""
    moves, weights = influences(fit), fit.sample.weights
    simple, better, short = [], [], []
    for one, limit, row in zip(quantities, limits, replicates, strict=True):
        kept = row[np.isfinite(row)]
        if kept.size < 0.9 * row.size:
            simple, better = [*simple, (np.nan, np.nan)], [*better, (np.nan, np.nan)]
            continue
        simple.append(one.back(np.array(percentiles(kept, level))))
        low, high, held = bca(kept, limit.value, acceleration(moves, weights, limit), level)
        better.append(one.back(np.array([low, high])))
        short += [] if held else [one.name]
    if short:
        notes.append(
            f"BCa intervals of {', '.join(short)} end at the outermost refits: more `replicates` are needed."
        )
    return {"percentile": np.array(simple), "BCa": np.array(better)}


def intervals(found: Known) -> Any:
    """All intervals as the table `INTERVALS`."""
    parts = zip(found.quantities, found.limits, strict=True)
    return INTERVALS.frame(
        [
            {
                "family": found.fit.family,
                "quantity": one.name,
                "kind": kind,
                "estimate": float(one.back(np.array(limit.value))),
                "low": ends[k][0],
                "high": ends[k][1],
                "confidence": found.level,
                "scale": one.scale,
                "standard_error": limit.error,
                "place": k + 1,
            }
            for k, (one, limit) in enumerate(parts)
            for kind, ends in found.ends.items()
            if not np.isnan(ends[k]).all()
        ]
    )


def profile(found: Known) -> Any:
    """The profile of each parameter as the table `PROFILE`; empty where none was searched."""
    if found.profiles is None:
        return PROFILE.empty()
    k = len(found.fit.free)
    which, side = (leaf[: 2 * k] for leaf in found.profiles.sides)
    far = np.abs(found.reached[: 2 * k])
    # Where there is no end, as far as a normal limit's would be.
    far = np.where(np.isfinite(far), far, 1.5 * critical(found.level) ** 0.5)
    d = np.append(((side * far)[:, None] * SHARES).ravel(), np.zeros(k))
    row = np.append(np.repeat(which, SHARES.size), np.arange(k))
    along = np.array([limit.along for limit in found.limits])[row]
    points = found.profiles.at(row, d * (1 + 1 / STIFF), found.fit.peak.u + d[:, None] * along)
    rows = []
    for i in np.flatnonzero(points.good):
        one, limit = found.quantities[row[i]], found.limits[row[i]]
        line = limit.value + points.d[i] * limit.unit
        rows.append(
            {
                "family": found.fit.family,
                "parameter": one.name,
                "value": float(one.back(np.array(line))),
                "ratio": points.ratio[i],
                "normal": (points.d[i] * limit.unit / limit.error) ** 2,
                "critical": critical(found.level),
            }
        )
    made = PROFILE.frame(rows)
    order = {name: place for place, name in enumerate(found.fit.free)}
    keys = made["parameter"].map(order)
    return made.assign(at=keys).sort_values(["at", "value"]).drop(columns="at").reset_index(drop=True)


def regions(found: Known, progress: Callable[[float], None]) -> tuple[Any, list[str]]:
    """The likelihood regions of each two parameters as the table `CONTOUR`, and a sentence where there
    are none."""
    fit = found.fit
    within = np.flatnonzero(inside(fit)).tolist() if found.profiles is not None else []
    pairs = list(combinations(within, 2))
    if not pairs:
        return CONTOUR.empty(), []
    evaluations = len(pairs) * (1 if len(within) == 2 else 4)
    distinct = np.unique(fit.sample.left).size if registry.find(fit.family).discrete else fit.sample.left.size
    if distinct * evaluations > REGION:
        return CONTOUR.empty(), [
            f"No likelihood regions: {distinct:,} values are too many for {len(pairs)} of them."
        ]
    parts: list[dict[str, Any]] = []
    for place, (a, b) in enumerate(pairs):
        progress(place / len(pairs))
        levels = (INNER, found.level)
        edges, ellipses = contours(fit, (a, b), levels)
        first, second = found.quantities[a], found.quantities[b]
        for kind, lines in (("likelihood", edges), ("normal", ellipses)):
            for level, line in zip(levels, lines, strict=True):
                parts += [
                    {
                        "family": fit.family,
                        "first": first.name,
                        "second": second.name,
                        "kind": kind,
                        "confidence": level,
                        "order": order,
                        "x": x,
                        "y": y,
                    }
                    for order, (x, y) in enumerate(
                        zip(first.back(line[:, 0]), second.back(line[:, 1]), strict=True)
                    )
                ]
    return CONTOUR.frame(parts), []


def tables(found: Known, progress: Callable[[float], None]) -> tuple[Frames, list[str]]:
    """The tables `intervals`, `profile` and `contour`, and sentences on what is missing."""
    contour, notes = regions(found, progress)
    made = {"intervals": intervals(found), "profile": profile(found), "contour": contour}
    return made, [*found.notes, *notes]
