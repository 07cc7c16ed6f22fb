"""Are stopping early, dropping inputs out and adding noise to them anything but a ridge penalty?

Set-up: least squares on n samples of p correlated features, fixed for the run; coefficients and noise
are new in each replicate. Every method multiplies the least squares coefficient along a principal
direction of the samples, of variance s, by a factor: ridge s/(s + λ), gradient flow stopped at
t = 1/λ 1 − e^(−s/λ), principal components 1 or 0; the lasso shrinks coefficients one by one instead.
Of real data the risk is that of random splits, a third held out, on columns standardised by the rest.

Theory, given the samples. For coefficients of mean square τ² along every direction the mean excess
risk of a method with factors f is Σ w (τ² (1 − f)² + σ² f² / (n s)), w the variance of new samples
along the direction (core.linear.shrinkage). Flow has at most 1.6862 times the risk of ridge at
t = 1/λ, and at most 1.22 times if each is tuned. Dropout of a share λ/(1 + λ), and noise of variance λ
on inputs, add λ Σ m_j b_j² and λ ‖b‖² to the mean loss, m_j the mean square of column j: on
standardised columns their mean gradient is zero at the ridge solution. Copies with noise are
augmentation. Weight decay in gradient descent has factor s (1 − (1 − η(s + λ))^k) / (s + λ).
Logistic regression on labels smoothed by ε predicts (1 − ε) ȳ + ε/2 on average.

Sources: Ali, Kolter & Tibshirani, arXiv:1810.10082; Bishop (1995), Neural Computation 7, 108; Wager,
Wang & Liang, arXiv:1307.1493; Tibshirani (1996), JRSS B 58, 267; Szegedy et al., arXiv:1512.00567.
"""

import time
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base

if TYPE_CHECKING:
    from core.linear.shrunken import Copies, Sample

VERSION = 1

SIMULATED = {"data": ("simulated",)}
# Seconds between reports; what is read of a table.
PAUSE, MOST_SPLITS = 0.1, 50
LEAST_ROWS, MOST_ROWS, MOST_COLUMNS = 20, 2000, 200


class Config(Base):
    data: str = field(
        "simulated",
        "Simulated samples, or a table with a number to predict.",
        section="data",
        kind="data",
        names={"simulated": "Simulated", "diabetes": "Diabetes progression after a year (442 patients)"},
    )
    target: str = field(
        "",
        "Column to be predicted, a number; empty for a bundled set's own target.",
        section="data",
        kind="column",
        when={"data": ("upload",)},
    )
    samples: int = field(
        100, "Number of samples n.", section="data", scale="log", when=SIMULATED, ge=20, le=1000
    )
    features: int = field(
        40, "Number of features p.", section="data", scale="log", when=SIMULATED, ge=5, le=200
    )
    noise: float = field(
        1.0,
        "Standard deviation σ of the noise; the noiseless target has variance about 1.",
        section="data",
        unit="units of the target",
        scale="log",
        when=SIMULATED,
        ge=0.1,
        le=10.0,
    )
    correlation: float = field(
        0.6,
        "Correlation ρ of neighbouring features: the larger, the more the directions differ.",
        section="data",
        when=SIMULATED,
        step=0.05,
        ge=0.0,
        le=0.95,
    )
    penalty: float = field(
        0.2,
        "Penalty λ at which the methods are compared direction by direction.",
        unit="mean variance of a column",
        scale="log",
        ge=0.001,
        le=10.0,
    )
    truth: Literal["isotropic", "strong", "weak"] = field(
        "isotropic",
        "Along which directions the true coefficients lie; the theory assumes all alike.",
        section="assumption",
        when=SIMULATED,
        names={
            "isotropic": "All directions alike",
            "strong": "The strongest quarter",
            "weak": "The weakest quarter",
        },
    )
    scale: Literal["standardised", "raw"] = field(
        "standardised",
        "Columns of mean square 1, or in units of their own; dropout is ridge on the former alone.",
        section="assumption",
        names={"standardised": "Standardised columns", "raw": "Columns in their own units"},
    )
    copies: int = field(
        200,
        "Copies of the samples with dropout, and with noise on the inputs.",
        section="training",
        scale="log",
        ge=20,
        le=1000,
    )
    replicates: int = field(
        100,
        "Draws of coefficients and noise; of data, at most 50 random splits.",
        section="more",
        ge=20,
        le=500,
    )


_UNIT = "squared units of the target"
_AT = {
    "method": "ridge, flow (gradient flow stopped at t = 1/λ), components or lasso",
    "penalty": "λ, in units of the mean variance of a column; of the lasso, share of the least penalty "
    "that leaves no coefficient",
    "freedom": "effective number of coefficients: Σ factors, of the lasso the mean number not zero",
}
TABLES = {
    "risk": Table(
        "Risk of one replicate.",
        {
            "replicate": "number of the replicate, from 0",
            "split": "test: mean squared error on new samples (of data: held-out rows)",
            **_AT,
            "risk": f"noise included, {_UNIT}",
        },
    ),
    "summary": Table(
        "Risk over replicates; the lasso's over the first 20.",
        {**_AT, "risk": f"mean, {_UNIT}", "standard_error": f"of the mean, {_UNIT}"},
    ),
    "theory": Table(
        "Mean risk given the samples, by theory; empty for data.",
        {**_AT, "risk": f"predicted, noise included, {_UNIT}"},
    ),
    "ratio": Table(
        "Excess risk of gradient flow at t = 1/λ over that of ridge; of data, test risks.",
        {
            "penalty": "λ, in units of the mean variance of a column",
            "measured": "ratio of means over replicates",
            "predicted": "by theory; empty for data",
        },
    ),
    "factors": Table(
        "By what a method multiplies the least squares coefficient along a principal direction.",
        {
            "rank": "of the direction, 1 for the largest variance",
            "variance": "of the samples along it, in units of the mean variance of a column",
            "method": "ridge, flow, descent (steps of gradient descent carried out), decay (with weight "
            "decay), dropout, noise (both on copies) or components",
            "factor": "between 0 and 1",
        },
    ),
    "paths": Table(
        "Coefficients of the columns that weigh most, on all samples of the first replicate.",
        {
            "method": "ridge or lasso",
            "column": "of the data",
            "size": "sum of absolute coefficients, as a share of the largest on the path",
            "coefficient": "units of the target per standard deviation of the column",
        },
    ),
    "smoothing": Table(
        "Logistic regression of the target above its upper quartile, on smoothed labels.",
        {
            "smoothing": "ε: labels are 1 − ε/2 and ε/2",
            "norm": "length of the coefficients",
            "confidence": "mean probability of the likelier class on the samples",
            "cap": "1 − ε/2, what a separated class would be given",
            "mean": "mean probability of the upper class",
            "predicted": "the same by theory",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or sampled.", {"note": "a sentence"}),
}

BREAKS: dict[str, dict[str, Any]] = {
    "Coefficients along the weakest directions": {"truth": "weak"},
    "Columns in units of their own": {"scale": "raw"},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · p² and copies · n · p²."""
    # Imported late: scikit-learn and scipy need not load with the list of experiments.
    from core.linear import shrunken, shrunken_checks, shrunken_tables

    report(0.0, "reading the data" if config.data != "simulated" else "drawing the samples")
    sample, notes = _simulated(config) if config.data == "simulated" else _table(config)
    tables = {name: table.empty() for name, table in TABLES.items()}
    tables |= _frames(shrunken_tables.of_sample(sample))
    report(0.02, "fitting along the path", tables)
    rng, reported = np.random.default_rng([config.seed, 1]), time.monotonic()
    if sample.covariance is not None:
        of, risks = config.replicates, shrunken.simulate(sample, config.replicates, rng)
    else:
        of = min(config.replicates, MOST_SPLITS)
        risks = shrunken.split(sample, of, rng)
    for measured in risks:
        done = len(measured.risk.get("ridge", ()))
        if time.monotonic() - reported > PAUSE:
            tables |= _frames(shrunken_tables.of_risk(sample, measured))
            report(0.02 + 0.6 * done / of, f"fitting replicate {done} of {of}", tables)
            reported = time.monotonic()
    tables |= _frames(shrunken_tables.of_risk(sample, measured))
    copies: dict[str, Copies] = {}
    for k, kind in enumerate(("dropout", "noise")):
        for share, seen in shrunken.copies(sample, kind, config.copies, config.seed):
            copies[kind] = seen
            report(0.62 + 0.19 * (k + share), f"fitting copies with {kind}", tables)
    factors = [tables["factors"], shrunken_tables.of_copies(sample, copies)]
    tables["factors"] = pd.concat(factors, ignore_index=True)
    tables["checks"] = theory.checks(shrunken_checks.checks(sample, measured, copies))
    tables["notes"] = TABLES["notes"].frame({"note": notes})
    return tables


def _frames(made: Frames) -> Frames:
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}


def _simulated(config: Config) -> "tuple[Sample, list[str]]":
    from core.linear import designs, shrinkage
    from core.linear.shrunken import Sample

    n, p = config.samples, config.features
    rng = np.random.default_rng([config.seed, 0])
    x = designs.draw("correlated", n, p, rng, rho=config.correlation, tail=5.0)
    index = np.arange(p)
    covariance = config.correlation ** np.abs(index[:, None] - index)
    scale = 1 / np.sqrt((x**2).mean(axis=0))
    if config.scale == "raw":
        scale = scale * rng.permutation(np.geomspace(0.25, 4.0, p))
    x, covariance = x * scale, covariance * scale[:, None] * scale
    at, unit = shrinkage.directions(x), float((x**2).mean())
    spread, quarter = np.ones(p), max(1, min(n, p) // 4)
    if config.truth != "isotropic":
        first = 0 if config.truth == "strong" else min(n, p) - quarter
        spread = np.where((index >= first) & (index < first + quarter), p / quarter, 0.0)
    spread = spread / (p * unit)
    b = at.vectors @ (rng.standard_normal(p) * np.sqrt(spread))
    y = x @ b + config.noise * rng.standard_normal(n)
    names = tuple(f"x{k + 1}" for k in range(p))
    penalty, noise = config.penalty * unit, config.noise**2
    return Sample(x, y, names, at, unit, penalty, covariance, noise, spread), []


def _table(config: Config) -> "tuple[Sample, list[str]]":
    from core.datasets.labelled import labelled
    from core.linear import shrinkage
    from core.linear.shrunken import Sample

    if config.data not in ("diabetes",) and not config.uploads():
        raise InputError(
            f"`data` must be simulated, diabetes or an uploaded file; '{config.data}' is not."
        )
    rng = np.random.default_rng([config.seed, 0])
    known = labelled(config.data, target=config.target, task="number", samples=0, noise=0.0, rng=rng)
    x, y, notes = known.inputs, np.asarray(known.target, float), list(known.notes)
    if len(x) < LEAST_ROWS:
        raise InputError(f"`data` must have at least {LEAST_ROWS} complete rows; it has {len(x)}.")
    if len(x) > MOST_ROWS:
        kept = np.sort(rng.choice(len(x), MOST_ROWS, replace=False))
        notes.append(f"{MOST_ROWS:,} of {len(x):,} rows are used, drawn at random.")
        x, y = x[kept], y[kept]
    varies = np.ptp(x, axis=0) > 1e-12 * np.abs(x).max(axis=0)
    names = tuple(name for name, one in zip(known.features, varies, strict=True) if one)
    if not 2 <= len(names) <= MOST_COLUMNS:
        raise InputError(
            f"`data` must have 2 to {MOST_COLUMNS} input columns that vary; it has {len(names)}."
        )
    if len(names) < varies.size:
        notes.append(f"{varies.size - len(names)} constant columns are left out.")
    x, y = x[:, varies] - x[:, varies].mean(axis=0), y - y.mean()
    if not y.any():
        raise InputError("`target` must have at least 2 different values among the rows used.")
    if config.scale == "standardised":
        x = x / np.sqrt((x**2).mean(axis=0))
    unit, p = float((x**2).mean()), x.shape[1]
    penalty = config.penalty * unit
    at = shrinkage.directions(x)
    return Sample(x, y, names, at, unit, penalty, None, 0.0, np.zeros(p)), notes
