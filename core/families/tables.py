"""What fits give to read and to draw, as the tidy tables of `core.families.layout`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core.families import goodness, registry
from core.families.family import Floats
from core.families.histogram import edges
from core.families.layout import (
    DENSITY,
    FITS,
    HISTOGRAM,
    PARAMETERS,
    PLACES,
    QUANTILES,
    SAMPLING,
)
from core.families.quiet import quiet
from core.families.ranking import Entry
from core.families.resampling import Refits
from core.families.result import Fit
from core.families.snippet import statement

# Points of a drawn curve.
POINTS = 200


def fits(
    entries: Sequence[Entry],
    p: Mapping[str, float] = MappingProxyType({}),
    scores: Mapping[str, tuple[float, float]] = MappingProxyType({}),
) -> pd.DataFrame:
    """Ranked entries as the table `FITS`, with p-values `p` and log `scores` by family."""
    unknown = (np.nan, np.nan)
    return FITS.frame(
        [
            {
                **_row(e),
                "p_value": p.get(e.family, np.nan),
                "log_score": scores.get(e.family, unknown)[0],
                "log_score_error": scores.get(e.family, unknown)[1],
            }
            for e in entries
        ]
    )


def _row(entry: Entry) -> dict[str, Any]:
    made = entry.fit
    values = {n: getattr(made, n) if made else np.nan for n in ("aicc", "bic", "log_likelihood")}
    return {
        "family": entry.family,
        "rank": entry.rank or np.nan,
        **values,
        "delta": entry.delta,
        "weight": entry.weight,
        **(made.statistics if made else goodness.UNDEFINED),
        "samples": made.n if made else np.nan,
        "free_parameters": len(made.free if made else registry.find(entry.family).parameters),
        "tied": entry.tied,
        "python": statement(made.family, made.parameters) if made else "",
        "note": entry.note,
    }


def fitted(
    entries: Sequence[Entry], curves: Sequence[Mapping[str, pd.DataFrame]]
) -> dict[str, pd.DataFrame]:
    """The tables of the families fitted so far: `fits`, `parameters`, and the joined `density` and
    `quantiles` of each."""
    empty = {"density": DENSITY.empty(), "quantiles": QUANTILES.empty()}
    joined = {
        name: pd.concat([c[name] for c in curves], ignore_index=True) if curves else none
        for name, none in empty.items()
    }
    made = [e.fit for e in entries if e.fit]
    return {"fits": fits(entries), "parameters": parameters(made), **joined}


def parameters(made: Sequence[Fit]) -> pd.DataFrame:
    """Estimates as the table `PARAMETERS`."""
    return PARAMETERS.frame(
        [
            {"family": f.family, "parameter": n, "estimate": v, "standard_error": f.standard_errors[n]}
            for f in made
            for n, v in f.parameters.items()
        ]
    )


def histogram(x: Floats, counts: bool) -> pd.DataFrame:
    """Values (n,) as the table `HISTOGRAM`; it may leave outliers out."""
    cuts = edges(x, counts)
    count, _ = np.histogram(x, cuts)
    density = count / (x.size * np.diff(cuts))
    return HISTOGRAM.frame({"left": cuts[:-1], "right": cuts[1:], "count": count, "density": density})


@quiet()
def curve(law: Any, bins: pd.DataFrame, counts: bool) -> dict[str, Floats]:
    """`x, density, cumulative` of scipy's frozen `law` over the bins."""
    low, high = bins["left"].iloc[0], bins["right"].iloc[-1]
    if counts:
        x = np.unique(np.round(np.linspace(low + 0.5, high - 0.5, POINTS)))
        return {"x": x, "density": law.pmf(x), "cumulative": law.cdf(x)}
    # Midpoints keep off a support's end, where a density can be infinite.
    x = low + (high - low) * (np.arange(POINTS) + 0.5) / POINTS
    return {"x": x, "density": law.pdf(x), "cumulative": law.cdf(x)}


def density(family: str, law: Any, bins: pd.DataFrame, counts: bool) -> pd.DataFrame:
    """The curve of a frozen law as rows of the table `DENSITY`."""
    return DENSITY.frame({"family": family, **curve(law, bins, counts)})


@quiet()
def quantiles(family: str, law: Any, ordered: Floats, counts: bool) -> pd.DataFrame:
    """Values in order (n,) beside a frozen law's quantiles, as rows of the table `QUANTILES`.

    Counts are compared by their mid-distribution function P(X < x) + P(X = x) / 2 (Parzen 2004,
    Statistical Science 19, 652), by which a law lies on its own diagonal, ties or not.
    """
    if counts:
        observed, times = np.unique(ordered, return_counts=True)
        at = _places(observed.size)
        p = ((np.cumsum(times) - times / 2) / ordered.size)[at]
        observed = observed[at]
        below = law.cdf(observed) - law.pmf(observed) / 2
    else:
        at = _places(ordered.size)
        p, observed = (at + 0.5) / ordered.size, ordered[at]
        below = law.cdf(observed)
    return QUANTILES.frame(
        {
            "family": family,
            "probability": p,
            "observed": observed,
            "fitted": law.ppf(p),
            "fitted_probability": below,
        }
    )


def sampling(made: Fit, again: Refits) -> pd.DataFrame:
    """Refits of `made`, each parameter in order beside normal quantiles, as the table `SAMPLING`."""
    r = again.natural.shape[0]
    at = _places(r)
    deviation = (again.unconstrained - made.peak.u) / made.peak.errors(made.n)
    parts = [
        pd.DataFrame(
            {
                "family": made.family,
                "parameter": name,
                "estimate": np.sort(again.natural[:, k])[at],
                "deviation": np.sort(deviation[:, k])[at],
                "expected": stats.norm.ppf((at + 0.5) / r),
            }
        )
        for k, name in enumerate(made.free)
    ]
    return SAMPLING.frame(pd.concat(parts, ignore_index=True))


def _places(n: int) -> Any:
    return np.unique(np.round(np.linspace(0, n - 1, PLACES)).astype(int))
