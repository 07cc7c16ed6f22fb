"""Intervals, profiles and likelihood regions of a fit, as the tidy tables of `interval_layout`."""

from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from core.experiment import Frames
from core.families import registry
from core.families.contours import contours
from core.families.family import Floats
from core.families.interval_layout import CONTOUR, INTERVALS, PROFILE
from core.families.intervals import Known
from core.families.profiles import STIFF
from core.families.wald import critical, inside

# Distinct values times evaluations of a likelihood region, at most.
REGION = 24_000
# Confidence of the inner one of two likelihood regions.
INNER = 0.5
# Places of a profile on each side, as shares of the distance to the end of the interval.
SHARES = np.array([0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.4])


def intervals(found: Known) -> pd.DataFrame:
    """All intervals as the table `INTERVALS`."""
    return INTERVALS.frame(
        [
            row(found, k, kind, found.limits[k].value, lines[k])
            for k in range(len(found.quantities))
            for kind, lines in found.ends.items()
            if not np.isnan(lines[k]).all()
        ]
    )


def row(found: Known, k: int, kind: str, estimate: float, ends: Floats) -> dict[str, Any]:
    """A row of `INTERVALS`: quantity k, its estimate and `ends` (2,) on its scale."""
    one, limit = found.quantities[k], found.limits[k]
    value, low, high = one.back(np.array([estimate, *ends]))
    near, far = (np.asarray(ends) - limit.value) / limit.error
    return {
        "family": found.fit.family,
        "quantity": one.name,
        "kind": kind,
        "estimate": float(value),
        "low": float(low),
        "high": float(high),
        "confidence": found.level,
        "scale": one.scale,
        "standard_error": limit.error,
        "low_distance": float(near),
        "high_distance": float(far),
        "place": k + 1,
    }


def profile(found: Known) -> pd.DataFrame:
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
                "distance": points.d[i] * limit.unit / limit.error,
                "ratio": points.ratio[i],
                "normal": (points.d[i] * limit.unit / limit.error) ** 2,
                "critical": critical(found.level),
            }
        )
    made = PROFILE.frame(rows)
    order = {name: place for place, name in enumerate(found.fit.free)}
    keys = made["parameter"].map(order)
    return made.assign(at=keys).sort_values(["at", "value"]).drop(columns="at").reset_index(drop=True)


def regions(found: Known, progress: Callable[[float], None]) -> tuple[pd.DataFrame, list[str]]:
    """The likelihood regions of each two parameters as the table `CONTOUR`, and a sentence where there
    are none."""
    fit = found.fit
    within = np.flatnonzero(inside(fit)).tolist() if found.profiles is not None else []
    pairs = list(combinations(within, 2))
    if not pairs:
        return CONTOUR.empty(), []
    evaluations = len(pairs) * (1 if len(within) == 2 else 4)
    distinct = (
        np.unique(fit.sample.left).size if registry.find(fit.family).discrete else fit.sample.left.size
    )
    if distinct * evaluations > REGION:
        return CONTOUR.empty(), [
            f"No likelihood regions: {distinct:,} values are too many for {len(pairs)} of them."
        ]
    parts: list[dict[str, Any]] = []
    for place, (a, b) in enumerate(pairs):
        progress(place / len(pairs))
        levels = (INNER, found.level)
        edges, ellipses = contours(fit, (a, b), levels, partial(progress, place / len(pairs)))
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
