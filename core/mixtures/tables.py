"""What mixtures give to read and to draw, as the tidy tables of `core.mixtures.layout`."""

from collections.abc import Iterator, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
import pandas as pd

from core.families import tables as fits
from core.families.layout import HISTOGRAM
from core.mixtures import em, layout
from core.mixtures.choosing import Choice, Ratio
from core.mixtures.following import Path
from core.mixtures.information import Maximum, ordered
from core.mixtures.kinds import Floats, Kind
from core.mixtures.symmetric import Symmetric, population_rate

# Points of a drawn curve, steps at which a density is drawn, rows of a chart.
POINTS, SHOWN, ROWS = 160, (0, 1, 2, 5, 10, 20, 50, 100, 200, 500), 4000
# Bins at most, and a gap in nats below which a density looks as at the end.
FINEST, ALIKE = 40, 1e-3


def histogram(x: Floats, family: str) -> pd.DataFrame:
    """The values (n,) in bins: for measurements two or three times as many as for one peak, since the
    rule by which a single family is drawn takes the distance of two peaks for spread."""
    made = fits.histogram(x, family == "poisson")
    if family == "poisson":
        return made
    low, high = made["left"].iloc[0], made["right"].iloc[-1]
    cuts = np.linspace(low, high, int(np.clip(1.5 * np.sqrt(x.size), len(made), FINEST)) + 1)
    count, _ = np.histogram(x, cuts)
    density = count / (x.size * np.diff(cuts))
    return HISTOGRAM.frame({"left": cuts[:-1], "right": cuts[1:], "count": count, "density": density})


def truth(kind: Kind, mixture: Floats | None, bins: pd.DataFrame) -> pd.DataFrame:
    """The density of a known mixture over the bins."""
    if mixture is None:
        return layout.TRUTH.empty()
    x = _places(kind, bins)
    return layout.TRUTH.frame({"x": x, "density": _densities(kind, mixture, x).sum(axis=0)})


def _places(kind: Kind, bins: pd.DataFrame) -> Floats:
    low, high = float(bins["left"].iloc[0]), float(bins["right"].iloc[-1])
    if kind.support.startswith("whole"):
        return np.asarray(np.unique(np.round(np.linspace(low + 0.5, high - 0.5, POINTS))))
    x = low + (high - low) * (np.arange(POINTS) + 0.5) / POINTS
    return np.asarray(x[np.asarray(kind.allows(x))])


def _densities(kind: Kind, mixture: Floats, x: Floats) -> Floats:
    """Of each component times its weight, (k, n)."""
    return np.asarray(np.exp(np.asarray(em.joint(kind, jnp.asarray(x), jnp.asarray(mixture)))))


def selection(choice: Choice) -> pd.DataFrame:
    """The best mixture of each size."""
    sizes = np.arange(1, choice.bic.size + 1)
    return layout.SELECTION.frame(
        {
            "components": sizes,
            "free_parameters": choice.free,
            "log_likelihood": choice.log_likelihood,
            "bic": choice.bic,
            "delta": choice.bic - choice.bic[choice.chosen - 1],
            "floored": choice.found.floored[choice.row],
            "chosen": sizes == choice.chosen,
        }
    )


def ratios(made: Sequence[Ratio]) -> pd.DataFrame:
    """Likelihood ratios of the sample and of simulated ones."""
    return layout.RATIO.frame(
        [
            {"components": r.null, "ratio": value, "source": source, "p": r.p}
            for r in made
            for source, values in (("sample", [r.statistic]), ("simulated", r.simulated))
            for value in values
        ]
    )


def rate(halves: Sequence[tuple[float, Symmetric]]) -> pd.DataFrame:
    """EM's rate for the symmetric mixture, by formula and measured."""
    m = np.linspace(0.2, 2.5, 60)
    curve = [
        {"distance": 2 * a, "rate": b, "standard_error": np.nan, "formula": "population"}
        for a, b in zip(m, population_rate(m), strict=True)
    ]
    points = [
        {"distance": 2 * m, "rate": value, "standard_error": error, "formula": formula}
        for m, s in halves
        for formula, value, error in (("sample", s.formula, s.error), ("measured", s.measured, np.nan))
    ]
    return layout.RATE.frame(curve + points)


def fitted(
    kind: Kind,
    choice: Choice,
    path: Path,
    top: Maximum | None,
    true: Floats | None,
    bins: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """All that is drawn and told of the mixture with the chosen number of components."""
    mixture = top.mixture if top else ordered(kind, choice.mixture(choice.chosen))
    x = _places(kind, bins)
    share = np.asarray(em.responsibilities(kind, jnp.asarray(x), jnp.asarray(mixture)))
    return {
        "density": _by_step(kind, path, mixture, x),
        "climb": _climb(path),
        "decay": _decay(path, top),
        "landings": _landings(kind, path),
        "components": _components(kind, mixture, top, true),
        "responsibility": layout.RESPONSIBILITY.frame(
            pd.concat(
                [
                    pd.DataFrame({"x": x, "component": j + 1, "probability": p})
                    for j, p in enumerate(share)
                ]
            )
        ),
    }


def _by_step(kind: Kind, path: Path, mixture: Floats, x: Floats) -> pd.DataFrame:
    last = len(path.mixtures) - 1
    alike = np.append(path.log_likelihood[:, path.best], path.goal) > path.goal - ALIKE
    parts = []
    until = min(last, int(np.argmax(alike)))
    for step in sorted({s for s in SHOWN if s < until} | {last}):
        y = _densities(kind, path.mixtures[step, path.best], x).sum(axis=0)
        parts.append(pd.DataFrame({"step": step, "component": 0, "x": x, "density": y}))
    for j, y in enumerate(_densities(kind, mixture, x), start=1):
        parts.append(pd.DataFrame({"step": last, "component": j, "x": x, "density": y}))
    return layout.DENSITY.frame(pd.concat(parts, ignore_index=True))


def _climb(path: Path) -> pd.DataFrame:
    steps, starts = path.log_likelihood.shape
    few = max(20, ROWS // starts)
    at = np.unique(np.round(np.linspace(0, steps - 1, min(few, steps))).astype(int))
    value = path.log_likelihood[at]
    return layout.CLIMB.frame(
        {
            "start": np.tile(np.arange(1, starts + 1), at.size),
            "step": np.repeat(at, starts),
            "log_likelihood": value.ravel(),
            "gap": (path.goal - value).ravel(),
        }
    )


def _decay(path: Path, top: Maximum | None) -> pd.DataFrame:
    """The line of slope 2 log λ through the last gap that rounding leaves readable."""
    gap = path.goal - path.log_likelihood[:, path.best]
    readable = np.flatnonzero(gap > 1e-8 * (1 + abs(path.goal)) * 1e-2)
    if top is None or not 0 < top.missing[0] < 1 or not readable.size or readable[-1] < 5:
        return layout.DECAY.empty()
    last = int(readable[-1])
    steps = np.arange(0, last + 1)
    line = gap[last] * top.missing[0] ** (2.0 * (steps - last))
    shown = line < 10 * gap.max()
    few = np.unique(np.round(np.linspace(0, shown.sum() - 1, min(200, int(shown.sum())))).astype(int))
    return layout.DECAY.frame({"step": steps[shown][few], "gap": line[shown][few]})


def _landings(kind: Kind, path: Path) -> pd.DataFrame:
    rows = []
    for start in range(path.mixtures.shape[1]):
        mixture = path.mixtures[-1, start]
        mean = kind.mean(mixture[1:])
        place = np.argsort(np.argsort(mean, kind="stable"))
        for label in range(mean.size):
            rows.append(
                {
                    "start": start + 1,
                    "label": label + 1,
                    "place": int(place[label]) + 1,
                    "mean": mean[label],
                    "weight": mixture[0, label],
                    "gap": path.goal - path.log_likelihood[-1, start],
                }
            )
    return layout.LANDINGS.frame(rows)


def _components(kind: Kind, mixture: Floats, top: Maximum | None, true: Floats | None) -> pd.DataFrame:
    errors = top.errors if top else np.full(mixture.shape, np.nan)
    known = true if true is not None and true.shape == mixture.shape else np.full(mixture.shape, np.nan)
    rows: list[dict[str, Any]] = []
    for j in range(mixture.shape[1]):
        for i, name in enumerate(("weight", *kind.parameters)):
            told = {"estimate": mixture[i, j], "standard_error": errors[i, j], "truth": known[i, j]}
            rows.append({"component": j + 1, "parameter": name, **told})
    return layout.COMPONENTS.frame(rows)


def said(kind: Kind, choice: Choice, top: Maximum | None) -> Iterator[str]:
    """What a reader must know of the fits."""
    sizes = np.flatnonzero(choice.found.floored[choice.row]) + 1
    if sizes.size:
        yield (
            f"With {', '.join(map(str, sizes))} components one stands at the floor in every start: the "
            "likelihood would rise without end as it shrinks onto a few values. Raise `floor`, or take "
            "fewer components."
        )
    if top is None:
        yield (
            "The chosen mixture has no maximum inside: the likelihood is flat or still rising, or a "
            "component is at an edge. There are no standard errors."
        )
    if choice.chosen == choice.bic.size:
        yield f"The number chosen is the largest tried, {choice.chosen}: raise `most` to try more."
