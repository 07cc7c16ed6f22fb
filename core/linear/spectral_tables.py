"""The tables of a run on spectra."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.linear import spectra, tracy_widom
from core.linear.designs import Floats
from core.linear.spiked import Law

BINS, POINTS, TOP = 80, 200, 6
Frames = dict[str, pd.DataFrame]


def simulated(law: Law, strengths: Floats, drawn: Sequence[spectra.Drawn], edge: Floats) -> Frames:
    """Of matrices with directions of these `strengths`, and largest eigenvalues `edge` of noise."""
    values = np.array([one.eigenvalues for one in drawn])[:, ::-1]
    noise = np.array([one.inner for one in drawn])[:, ::-1]
    # The inner matrix lacks a feature: its last eigenvalue stands for the missing one.
    noise = np.concatenate([noise, noise[:, -1:]], axis=1)
    largest = np.array([one.path.eigenvalue[0] for one in drawn])
    return {
        "eigenvalues": _ranked(law, values[0], noise, shuffled=False),
        "spectrum": _histogram(law, values),
        "outliers": _outliers(law, strengths, values, np.array([one.overlaps for one in drawn])),
        "transition": _transition(law, drawn),
        "edge": _edge(law, {"matrices": largest, "tridiagonal": edge}),
        "directions": _found(law, values, int((strengths > 1).sum())),
    }


def data(seen: spectra.Seen, copies: Floats) -> Frames:
    """Of a table, and the eigenvalues `copies` (replicates, p) of its shuffled copies."""
    law = spectra.noise_of(seen)
    eigenvalues = _ranked(law, seen.eigenvalues, copies, shuffled=True)
    made = []
    for method, column in (("line", "above"), ("shuffled", "above_shuffled")):
        count = int(eigenvalues[column].sum())
        carried = float(seen.eigenvalues[:count].sum() / seen.eigenvalues.sum())
        made.append(
            {"method": method, "count": float(count), "standard_error": np.nan, "variance": carried}
        )
    return {
        "eigenvalues": eigenvalues,
        "spectrum": _histogram(law, copies),
        "edge": _edge(law, {"matrices": copies[:, 0]}),
        "directions": pd.DataFrame(made),
        "loadings": _loadings(seen, int(eigenvalues["above"].sum())),
    }


def _ranked(law: Law, values: Floats, noise: Floats, *, shuffled: bool) -> pd.DataFrame:
    p, line = values.size, spectra.line(law)
    shares = 1 - (np.arange(law.rank) + 0.5) / law.rank
    predicted = np.concatenate([law.quantiles(shares), np.zeros(p - law.rank)])
    lower, middle, upper = np.quantile(noise, [0.05, 0.5, 0.95], axis=0)
    ranks = np.arange(1, p + 1)
    return pd.DataFrame(
        {
            "rank": ranks,
            "eigenvalue": values,
            "predicted": predicted,
            "noise": middle,
            "lower": lower,
            "upper": upper,
            "line": line,
            "above": ranks <= spectra.leading(values > line),
            "above_shuffled": ranks <= spectra.leading(values > upper) if shuffled else np.nan,
        }
    )


def _histogram(law: Law, values: Floats) -> pd.DataFrame:
    low, high = law.edges()
    kept = values[:, : law.rank].ravel()
    edges = np.linspace(
        min(low, kept.min(), 0.95 * low), max(1.05 * high, 1.02 * float(kept.max())), BINS + 1
    )
    counts, _ = np.histogram(kept, edges)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "density": counts / (values.size * np.diff(edges)),
            "predicted": law.density((edges[1:] + edges[:-1]) / 2),
        }
    )


def _outliers(law: Law, strengths: Floats, values: Floats, overlaps: Floats) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rank": np.arange(1, strengths.size + 1),
            "strength": strengths,
            "eigenvalue": values[:, : strengths.size].mean(axis=0),
            "predicted": law.eigenvalue(strengths),
            "overlap": overlaps.mean(axis=0),
            "overlap_predicted": law.overlap(strengths),
        }
    )


def _transition(law: Law, drawn: Sequence[spectra.Drawn]) -> pd.DataFrame:
    made: dict[str, Floats] = {"strength": spectra.STRENGTHS}
    for name, limit in (("eigenvalue", law.eigenvalue), ("overlap", law.overlap)):
        values = np.array([getattr(one.path, name) for one in drawn])
        many = len(values) > 1
        made[name] = values.mean(axis=0)
        spread = values.std(axis=0, ddof=1) if many else np.full(values.shape[1], np.nan)
        made[f"{name}_error"] = spread / np.sqrt(len(values))
        made[f"{name}_predicted"] = limit(spectra.STRENGTHS)
    tops = np.array([one.path.eigenvalue for one in drawn])
    return pd.DataFrame({**made, "detected": (tops > spectra.line(law)).mean(axis=0)})


def _edge(law: Law, sources: dict[str, Floats]) -> pd.DataFrame:
    centre, scale = law.largest()
    made = []
    for source, values in sources.items():
        if not values.size:
            continue
        ordered = np.sort((values - centre) / scale)
        at = np.unique(np.linspace(0, ordered.size - 1, POINTS).round().astype(np.int64))
        share = (at + 1) / ordered.size
        made.append(pd.DataFrame({"source": source, "scaled": ordered[at], "share": share}))
    grid = np.linspace(-5, 4, 91)
    made.append(pd.DataFrame({"source": "limit", "scaled": grid, "share": tracy_widom.cdf(grid)}))
    return pd.concat(made, ignore_index=True)


def _found(law: Law, values: Floats, visible: int) -> pd.DataFrame:
    counts = np.array([spectra.leading(one > spectra.line(law)) for one in values])
    total = np.abs(values).sum(axis=1)
    carried = np.array([abs(one[:k]).sum() for one, k in zip(values, counts, strict=True)]) / total
    error = counts.std(ddof=1) / np.sqrt(counts.size) if counts.size > 1 else np.nan
    real = np.abs(values[:, :visible]).sum(axis=1) / total
    return pd.DataFrame(
        {
            "method": ["line", "visible"],
            "count": [counts.mean(), float(visible)],
            "standard_error": [error, np.nan],
            "variance": [carried.mean(), real.mean()],
        }
    )


def _loadings(seen: spectra.Seen, found: int) -> pd.DataFrame:
    made = []
    for k in range(min(found, seen.vectors.shape[1])):
        loading = seen.vectors[:, k] * np.sqrt(seen.eigenvalues[k])
        heavy: NDArray[np.int64] = np.argsort(-np.abs(loading))[:TOP]
        # The sign of a direction means nothing; its heaviest column is given the positive one.
        loading = loading * np.sign(loading[heavy[0]])
        made += [{"rank": k + 1, "column": seen.columns[j], "loading": loading[j]} for j in heavy]
    return pd.DataFrame(made)
