"""Estimates on many samples as the tables that are drawn: variances, tests, distributions, intervals.

Estimates come as arrays (s, r) by name, at each of s sizes on each of r samples: `mean`, `median` and
`likelihood` of a location; `squares` and `fourth`, the mean square and fourth power of distances from
the mean; `slopes` and `edge`, the likelihood ratios 2 log Λ; `end`, n (1 − the largest) of a uniform.
"""

from typing import Any

import numpy as np
import pandas as pd
import scipy

from core.experiment import Table
from core.families import precision
from core.families.distances import Floats
from core.families.precision import Known

SLOPES = 3

TABLES = {
    "precision": Table(
        "Variance of estimators over samples, by sample size.",
        {
            "estimator": "mean, median or likelihood (maximum likelihood), of the location",
            "samples": "number of values n",
            "scaled": "n times the variance over samples, squared units of the values",
            "standard_error": "standard error of that",
            "exact": "the same in theory, at this n; empty where only the limit is known",
            "limit": "the same in the limit of large n",
            "cramer_rao": "1 / Fisher's information: the least of an unbiased estimator",
        },
    ),
    "tests": Table(
        "Share of samples in which a likelihood-ratio test rejects a true hypothesis.",
        {
            "test": "slopes (χ²₃), bartlett (the same, divided by its mean), edge (the law in use)",
            "samples": "number of values n",
            "level": "nominal level",
            "size": "share rejected",
            "standard_error": "standard error of that",
            "exact": "probability of rejection in theory",
        },
    ),
    "laws": Table(
        "Distribution of estimates at the largest n, in bins.",
        {
            "estimator": "mean, median, likelihood: √n times the error; end: n (θ − max) / θ",
            "left": "left end of the bin",
            "right": "right end",
            "density": "share of samples in the bin, per unit",
            "predicted": "density of the limit at the middle of the bin",
        },
    ),
    "intervals": Table(
        "Share of 95 % intervals for the variance that hold it.",
        {
            "source": "information or sandwich",
            "samples": "number of values n",
            "coverage": "share of samples",
            "standard_error": "standard error of that",
            "limit": "coverage in the limit of large n",
        },
    ),
}


def spread(values: Floats) -> tuple[Floats, Floats]:
    """Variances (s,) over samples (s, r), and their standard errors."""
    away = values - values.mean(axis=1, keepdims=True)
    second, fourth = (away**2).mean(axis=1), (away**4).mean(axis=1)
    r = values.shape[1]
    return second * r / (r - 1), np.sqrt(np.maximum(fourth - second**2, 0.0) / r)


def precision_table(law: Known, sizes: Any, found: dict[str, Floats]) -> pd.DataFrame:
    """Variances over samples beside theory, as the table `precision`."""
    bound, limit = 1 / law.information, 1 / (4 * law.middle**2)
    median = np.array([n * precision.median_variance(law, n) for n in sizes.tolist()])
    # The Laplace law's likelihood is highest at the median, the normal's at the mean.
    own = {"laplace": median, "normal": np.full(sizes.size, law.variance)}
    exact = {
        "mean": np.full(sizes.size, law.variance),
        "median": median,
        "likelihood": own.get(law.name, np.full(sizes.size, np.nan)),
    }
    limits = {"mean": law.variance, "median": limit, "likelihood": bound}
    parts = []
    for name in exact:
        variance, error = spread(found[name])
        row = {"estimator": name, "samples": sizes, "scaled": sizes * variance, "cramer_rao": bound}
        row |= {"standard_error": sizes * error, "exact": exact[name], "limit": limits[name]}
        parts.append(pd.DataFrame(row))
    return TABLES["precision"].frame(pd.concat(parts, ignore_index=True))


def tests_table(sizes: Any, found: dict[str, Floats], *, mixed: bool) -> pd.DataFrame:
    """Shares of samples in which a test rejects, as the table `tests`. `mixed` gives the test at the
    edge the law of half a χ²₁ and half 0, and otherwise χ²₁."""
    rows = []
    r = found["slopes"].shape[1]
    for k, n in enumerate(sizes.tolist()):
        factor = precision.ratio_mean(n, SLOPES) / SLOPES
        for level in (0.01, 0.05, 0.1):
            point = float(scipy.stats.chi2.isf(level, SLOPES))
            # P(half χ²₁ > c) = α where χ²₁ exceeds c with 2 α.
            edge = float(scipy.stats.chi2.isf(2 * level if mixed else level, 1))
            for test, size, exact in (
                (
                    "slopes",
                    found["slopes"][k] > point,
                    precision.ratio_above(n, SLOPES, np.array(point)),
                ),
                (
                    "bartlett",
                    found["slopes"][k] > factor * point,
                    precision.ratio_above(n, SLOPES, np.array(factor * point)),
                ),
                ("edge", found["edge"][k] > edge, level),
            ):
                share = float(size.mean())
                inside = np.clip(share, 1 / r, 1 - 1 / r)
                error = float(np.sqrt(inside * (1 - inside) / r))
                row = {"test": test, "samples": n, "level": level, "size": share}
                rows.append({**row, "standard_error": error, "exact": float(exact)})
    return TABLES["tests"].frame(rows)


def laws_table(law: Known, sizes: Any, found: dict[str, Floats]) -> pd.DataFrame:
    """Estimates at the largest size in bins, as the table `laws`."""
    n = int(sizes[-1])
    variances = {
        "mean": law.variance,
        "median": 1 / (4 * law.middle**2),
        "likelihood": 1 / law.information,
    }
    # Scales of one chart, so that the widths can be compared.
    top = 4 * np.sqrt(max(v for v in variances.values() if np.isfinite(v)))
    parts = []
    for name, variance in variances.items():
        edges = np.linspace(-top, top, 41)
        share = np.histogram(np.sqrt(n) * found[name][-1], edges)[0] / found[name].shape[1]
        middle = (edges[1:] + edges[:-1]) / 2
        density = np.exp(-(middle**2) / variance / 2) / np.sqrt(2 * np.pi * variance)
        parts.append(_bins(name, edges, share, density))
    edges = np.linspace(0, 6, 31)
    share = np.histogram(found["end"][-1], edges)[0] / found["end"].shape[1]
    parts.append(_bins("end", edges, share, np.exp(-(edges[1:] + edges[:-1]) / 2)))
    return TABLES["laws"].frame(pd.concat(parts, ignore_index=True))


def _bins(name: str, edges: Floats, share: Floats, predicted: Floats) -> pd.DataFrame:
    row = {"estimator": name, "left": edges[:-1], "right": edges[1:], "predicted": predicted}
    return pd.DataFrame({**row, "density": share / np.diff(edges)})


def intervals_table(law: Known, sizes: Any, found: dict[str, Floats]) -> pd.DataFrame:
    """Coverage of intervals for the variance, as the table `intervals`."""
    square, r = found["squares"], found["squares"].shape[1]
    n = sizes[:, None]
    errors = {
        "information": square * np.sqrt(2 / n),
        "sandwich": np.sqrt(np.maximum(found["fourth"] - square**2, 0.0) / n),
    }
    narrow = np.sqrt(2 / (law.kurtosis - 1))
    limits = {"information": 1 - 2 * float(scipy.stats.norm.sf(1.96 * narrow)), "sandwich": 0.95}
    parts = []
    for source, error in errors.items():
        held = (np.abs(square - law.variance) <= 1.96 * error).mean(axis=1)
        spread = np.sqrt(np.clip(held * (1 - held), 1 / r, None) / r)
        row = {"source": source, "samples": sizes, "coverage": held, "standard_error": spread}
        parts.append(
            pd.DataFrame({**row, "limit": limits[source] if np.isfinite(law.kurtosis) else np.nan})
        )
    return TABLES["intervals"].frame(pd.concat(parts, ignore_index=True))
