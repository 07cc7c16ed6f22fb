"""How many random labels a hyperplane can give, and when the logistic estimate exists: replicates,
tables and checks."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames, Report
from core.linear.separability import cover, last, logistic_threshold, separable
from core.networks.memory_tables import TABLES, point, theory
from core.theory import Row, asymptotic, exact

Floats = NDArray[np.float64]

COVER, CANDES = "Cover (1965), IEEE Trans. EC-14", "Candès & Sur, arXiv:1804.09753"
# Replicates between one partial table and the next.
TOLD = 10


def hyperplane(
    largest: int, twins: float, replicates: int, seed: int, report: Report
) -> tuple[Frames, list[Row]]:
    """Points with random labels, one by one, as long as a hyperplane separates them, in up to
    `largest` dimensions; the share `twins` of them copy earlier points."""
    sizes = sorted({max(2, round(largest * share)) for share in (0.25, 0.5, 1.0)})
    held = np.full((replicates, len(sizes)), np.nan)
    tables: Frames = {}
    for i, rng in enumerate(np.random.default_rng([seed, 0]).spawn(replicates)):
        for j, d in enumerate(sizes):
            z = _points(6 * d + 40, d, twins, rng)
            held[i, j] = last(partial(_separates, z), 1, len(z))
            done = (i + j / len(sizes)) / replicates
            report(done, f"drawing points, {i + 1} of {replicates}", tables or None)
        if i % TOLD == 0 or i + 1 == replicates:
            tables = _hyperplane_tables(sizes, held[: i + 1])
    rows = []
    for d, values in zip(sizes, held.T, strict=True):
        points = np.unique(np.round(d * np.array([1.5, 1.75, 2.0, 2.25, 2.5])).astype(int))
        claim = f"Random labels of n points in d = {d} are separable as often as Cover's count says"
        rows.append(
            _shares(claim, cover(points, d), (values[:, None] >= points).mean(axis=0), replicates)
        )
    claim = "Points come in one by one: 2d fit on average, at every d"
    # The variance of the number that fits is 2d too.
    expected = 2 * np.array(sizes, float)
    errors = np.sqrt(expected / replicates)
    return tables, [*rows, exact(claim, expected, held.mean(axis=0), errors, source=COVER)]


def logistic(
    samples: int, strongest: float, twins: float, replicates: int, seed: int, report: Report
) -> tuple[Frames, list[Row]]:
    """Samples of a logistic model with more and more features, until a hyperplane separates them, at
    signals from 0 to `strongest`; the share `twins` of the samples copy others."""
    n, signals = samples, np.linspace(0, strongest, 5)
    report(0.0, "computing the theory")
    tables = {"theory": _logistic_theory(n, strongest)}
    held = np.full((replicates, signals.size), np.nan)
    for i, rng in enumerate(np.random.default_rng([seed, 0]).spawn(replicates)):
        for j, signal in enumerate(signals):
            z = _labelled(n, signal, twins, rng)
            # Copies may not be separable with all the features there are.
            held[i, j] = 1 + last(partial(_exists, z), 0, n + 1)
            done = (i + j / signals.size) / replicates
            report(done, f"drawing data, {i + 1} of {replicates}", tables)
        if i % TOLD == 0 or i + 1 == replicates:
            made = _logistic_tables(n, signals, held[: i + 1])
            tables = {"measured": made, "theory": tables["theory"]}
    return tables, _logistic_checks(n, signals, held)


def _logistic_checks(n: int, signals: Floats, held: Floats) -> list[Row]:
    first, count = held[:, 0], len(held)
    near = np.unique(np.round(n * np.array([0.45, 0.475, 0.5, 0.525, 0.55])).astype(int))
    claim = "At γ = 0 data of n samples are separable as often as Cover's count says, around p = n/2"
    limits = np.array([logistic_threshold(signal) for signal in signals])
    return [
        _shares(claim, cover(n, near), (first[:, None] <= near).mean(axis=0), count),
        exact(
            "At γ = 0 the number of features from which on they are is (n + 1)/2 on average",
            (n + 1) / 2,
            first.mean(),
            np.sqrt((n - 1) / 4 / count),
            source=COVER,
        ),
        asymptotic(
            "The estimate ceases to exist at p/n = κ*(γ), at signals γ from 0",
            limits,
            held.mean(axis=0) / n,
            source=CANDES,
            tolerance=0.05,
        ),
    ]


def _shares(claim: str, expected: Floats, seen: Floats, count: int) -> Row:
    """Shares of independent draws; their error is the one that theory gives them."""
    errors = np.sqrt(expected * (1 - expected) / count)
    return exact(claim, expected, seen, errors, source=COVER)


def _separates(signed: Floats, points: int) -> bool:
    return separable(signed[:points])


def _exists(signed: Floats, features: int) -> bool:
    return not separable(signed[:, :features])


def _points(count: int, dimension: int, twins: float, rng: np.random.Generator) -> Floats:
    """Points times labels ±1, with copies of earlier points under labels of their own."""
    x = rng.standard_normal((count, dimension))
    copy, of = rng.random(count) < twins, (rng.random(count) * np.arange(count)).astype(int)
    for i in np.flatnonzero(copy):
        x[i] = x[of[i]]
    found: Floats = x * rng.choice([-1.0, 1.0], count)[:, None]
    return found


def _labelled(n: int, signal: float, twins: float, rng: np.random.Generator) -> Floats:
    """Features (n, n) times labels ±1 of a logistic model; the last samples copy the first."""
    x = rng.standard_normal((n, n))
    copies = min(round(twins * n), n // 2)
    if copies:
        x[-copies:] = x[:copies]
    chance = 1 / (1 + np.exp(-signal * x[:, 0]))
    found: Floats = x * np.where(rng.random(n) < chance, 1.0, -1.0)[:, None]
    return found


def _hyperplane_tables(sizes: Sequence[int], held: Floats) -> Frames:
    parts, curves = [], []
    for d, values in zip(sizes, held.T, strict=True):
        name = f"d = {d}"
        for n in np.unique(np.round(np.linspace(1, 3.5, 21) * d).astype(int)):
            parts.append(point("separable", name, n / d, (values >= n).astype(float)))
        fine = np.unique(np.round(np.linspace(1, 3.5, 61) * d).astype(int))
        chances = cover(fine, d)
        curves += [("separable", name, n / d, "exact", c) for n, c in zip(fine, chances, strict=True)]
        parts.append(point("capacity", "", d, values / d))
        curves.append(("capacity", "", d, "exact", 2.0))
    return {"measured": TABLES["measured"].frame(parts), "theory": theory(curves)}


def _logistic_theory(n: int, strongest: float) -> pd.DataFrame:
    fine = np.linspace(0, strongest, 21)
    curves = [("threshold", "", g, "asymptotic", logistic_threshold(g)) for g in fine]
    p = np.unique(np.round(np.linspace(0.02, 0.8, 79) * n).astype(int))
    chances = 1 - cover(n, p)
    return theory(
        [*curves, *(("exists", "γ = 0", q / n, "exact", c) for q, c in zip(p, chances, strict=True))]
    )


def _logistic_tables(n: int, signals: Floats, held: Floats) -> pd.DataFrame:
    parts = []
    for signal, values in zip(signals, held.T, strict=True):
        parts.append(point("threshold", "", signal, values / n))
        for p in np.unique(np.round(np.linspace(0.02, 0.8, 40) * n).astype(int)):
            parts.append(point("exists", f"γ = {signal:g}", p / n, (values > p).astype(float)))
    return TABLES["measured"].frame(parts)
