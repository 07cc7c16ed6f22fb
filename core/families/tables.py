"""What fits give to read and to draw, as tidy tables: each is declared beside what makes it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from core.experiment import Table
from core.families import goodness, registry
from core.families.family import Floats
from core.families.histogram import edges
from core.families.quiet import quiet
from core.families.ranking import Entry
from core.families.resampling import Refits
from core.families.result import Fit

POINTS, PLACES = 200, 200

FITS = Table(
    "A family a row, best first.",
    {
        "family": "the field's name of the family",
        "rank": "1 is the best AICc; empty without one",
        "aicc": "corrected Akaike information criterion, nats × 2",
        "bic": "Bayesian information criterion, nats × 2",
        "delta": "AICc above the best",
        "weight": "Akaike weight; all sum to 1",
        "log_likelihood": "log-likelihood at the estimates, nats",
        "ks": "Kolmogorov–Smirnov distance; empty for counts",
        "cvm": "Cramér–von Mises statistic; empty for counts",
        "ad": "Anderson–Darling statistic; empty for counts",
        "samples": "number of values n",
        "free_parameters": "number of estimated parameters",
        "tied": "whether delta is at most 2",
        "note": "what to know of the fit, or why there is none",
    },
)
PARAMETERS = Table(
    "Maximum likelihood estimates.",
    {
        "family": "family",
        "parameter": "the field's name of the parameter",
        "estimate": "estimate; scales and locations in the unit of the values",
        "standard_error": "from the observed information; empty where theory gives none",
    },
)
HISTOGRAM = Table(
    "The values in bins (Freedman–Diaconis; whole numbers for counts).",
    {
        "left": "left end of the bin, in the unit of the values",
        "right": "right end",
        "count": "values in the bin",
        "density": "count / (all values × width)",
    },
)
DENSITY = Table(
    "Fitted densities over the range of the histogram; probabilities for counts.",
    {
        "family": "family",
        "x": "value",
        "density": "density, per unit of the values",
        "cumulative": "probability of a value up to x",
    },
)
TRUTH = Table(
    "The density that simulated values are drawn from; empty for real ones.",
    {name: DENSITY.columns[name] for name in ("x", "density", "cumulative")},
)
QUANTILES = Table(
    f"Ordered values against fitted ones, at {PLACES} places at most; each count once.",
    {
        "family": "family",
        "probability": "(i − ½) / n of the i-th value; for counts the mean over the values equal to it",
        "observed": "i-th smallest value",
        "fitted": "fitted quantile at that probability",
        "fitted_probability": "fitted probability of a value up to the observed one; for counts less "
        "half of the probability of that one",
    },
)
SAMPLING = Table(
    f"Refits of the assumed family to resampled values, at {PLACES} places a parameter at most.",
    {
        "family": "family",
        "parameter": "parameter",
        "estimate": "estimate in a refit, ordered",
        "deviation": "its distance from the estimate on the values themselves, in standard errors "
        "(on the logarithm of parameters above 0)",
        "expected": "what a normal distribution of standard deviation 1 predicts at its rank",
    },
)


def fits(entries: Sequence[Entry]) -> pd.DataFrame:
    """Ranked entries as the table `FITS`."""
    return FITS.frame([_row(e) for e in entries])


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
        "note": entry.note,
    }


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
