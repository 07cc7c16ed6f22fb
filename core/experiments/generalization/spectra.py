"""Which eigenvalues of a covariance matrix are signal, and which would noise alone give?

Set-up: n samples of p independent features of variance one, and a few directions in which the
variance is larger, ℓ = 1 + w √(p/n); or a symmetric matrix of noise with w e e' added. Or a table of
real data: the correlation matrix of its columns, and copies in which each column was shuffled on its
own, so that nothing is left between columns.

Theory, as n, p → ∞ at p/n = γ: noise alone has the eigenvalues of the Marchenko–Pastur law, between
(1 ∓ √γ)² (a symmetric matrix: the semicircle between ∓2), whatever the law of the entries; the largest
of them is Tracy–Widom about the edge. A direction of strength w > 1 sends an eigenvalue to

    (1 + w √γ)(1 + √γ / w),   with squared cosine (1 − 1/w²) / (1 + √γ / w) to the truth

(symmetric: w + 1/w and 1 − 1/w²). For w ≤ 1 there is nothing to be seen. Exact at every size: the mean
of tr S²/p is 1 + (p + 1)/n for Gaussian noise, and 1 + (p − 1)/(n − 1) over shuffled copies of
any data. The path of one direction through all strengths is one equation per strength, given one
decomposition; Gaussian largest eigenvalues are drawn as those of tridiagonal matrices.

Sources: Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1(4), 457; Johnstone (2001),
Annals of Statistics 29, 295; Baik, Ben Arous & Péché, arXiv:math/0403022; Benaych-Georges &
Nadakuditi, arXiv:0910.2120; Dumitriu & Edelman, arXiv:math-ph/0206043; Horn (1965), Psychometrika 30.
"""

import time
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core import theory
from core.datasets import bundled
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base
from core.linear import designs

if TYPE_CHECKING:
    from core.linear.designs import Floats
    from core.linear.spectra import Drawn
    from core.linear.spiked import Law

VERSION = 1

SIMULATED = {"data": ("simulated",)}
Ensemble = Literal["covariance", "symmetric"]
# Seconds between reports; most values of a table that is read, most columns.
PAUSE, MOST_VALUES, MOST_COLUMNS = 0.1, 1_000_000, 600
# Matrices in which the path of one direction is compared with a decomposition.
HANDS = 2


class Config(Base):
    data: str = field(
        "simulated",
        "Simulated matrices, a bundled table or a file of your own: its columns of numbers.",
        section="data",
        kind="data",
        names={"simulated": "Simulated", **bundled.SETS},
    )
    leave_out: str = field(
        "",
        "Columns of the file to leave out, such as a target, separated by commas; empty for none.",
        section="data",
        max_length=2000,
        when={"data": ("upload",)},
    )
    matrix: Ensemble = field(
        "covariance",
        "A sample covariance X'X/n, or a symmetric matrix of noise.",
        when=SIMULATED,
        names={"covariance": "Covariance of samples", "symmetric": "Symmetric noise"},
    )
    samples: int = field(
        300,
        "Number of samples n.",
        section="data",
        scale="log",
        when={**SIMULATED, "matrix": ("covariance",)},
        ge=20,
        le=2000,
    )
    features: int = field(
        150,
        "Number of features p, the size of the matrix.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=20,
        le=600,
    )
    directions: int = field(3, "Number of true directions.", when=SIMULATED, ge=0, le=8)
    strength: float = field(
        3.0,
        "Strength w of the strongest direction; the others are evenly spaced below, to 0.",
        unit="detection thresholds",
        when=SIMULATED,
        step=0.1,
        ge=0.0,
        le=10.0,
    )
    design: designs.Design = field(
        "gaussian",
        "Distribution of the features; the theory assumes independent entries of light tails.",
        section="assumption",
        names=designs.NAMES,
        when=SIMULATED,
    )
    correlation: float = field(
        0.3,
        "Correlation ρ of neighbouring features.",
        section="assumption",
        when={**SIMULATED, "design": ("correlated",)},
        ge=0.0,
        le=0.98,
    )
    tail: float = field(
        3.0,
        "Degrees of freedom of the Student t of entries or samples, scaled to variance one.",
        section="assumption",
        when={**SIMULATED, "design": ("entries", "samples")},
        scale="log",
        ge=2.1,
        le=30.0,
    )
    replicates: int = field(
        50, "Independent matrices, or shuffled copies of the data.", section="more", ge=20, le=500
    )
    draws: int = field(
        1000,
        "Largest eigenvalues of Gaussian noise drawn as those of tridiagonal matrices.",
        section="more",
        scale="log",
        when=SIMULATED,
        ge=100,
        le=5000,
    )


_SCALED = "(largest eigenvalue − centre) / scale, of the Tracy–Widom law"
TABLES = {
    "eigenvalues": Table(
        "Eigenvalues of the first matrix, or of the data's correlation matrix; the largest first.",
        {
            "rank": "1 for the largest",
            "eigenvalue": "variance along its direction, in units of a feature's",
            "predicted": "of the same rank among noise, in the limit",
            "noise": "of the same rank among noise matrices or shuffled copies, median",
            "lower": "the same, 5th percentile",
            "upper": "the same, 95th percentile",
            "line": "what the largest of noise exceeds in 5 % of cases, in the limit",
            "above": "whether it and all larger ones are above that line",
            "above_shuffled": "whether it and all larger ones are above the 95th percentile",
        },
    ),
    "spectrum": Table(
        "Histogram of the eigenvalues of all matrices (of data: of all shuffled copies) without zeros.",
        {
            "low": "lower end of the bin, eigenvalue",
            "high": "upper end of the bin, eigenvalue",
            "density": "share of a matrix's eigenvalues per unit of eigenvalue",
            "predicted": "the law of noise at the middle of the bin, per unit of eigenvalue",
        },
    ),
    "outliers": Table(
        "The true directions, the strongest first; empty for data.",
        {
            "rank": "1 for the strongest",
            "strength": "w, in detection thresholds",
            "eigenvalue": "of the same rank, mean over matrices",
            "predicted": "in the limit; the edge where w is at most 1",
            "overlap": "squared cosine of its vector with the direction, mean over matrices",
            "overlap_predicted": "in the limit",
        },
    ),
    "transition": Table(
        "One direction at growing strength, mean over matrices; empty for data.",
        {
            "strength": "w, in detection thresholds",
            "eigenvalue": "the largest",
            "eigenvalue_error": "standard error of the mean",
            "eigenvalue_predicted": "in the limit",
            "overlap": "squared cosine of its vector with the true direction",
            "overlap_error": "standard error of the mean",
            "overlap_predicted": "in the limit",
            "detected": "share of matrices whose largest eigenvalue is above the 95 % line",
        },
    ),
    "edge": Table(
        "How the largest eigenvalue of noise is distributed.",
        {
            "source": "matrices (or shuffled copies), tridiagonal (Gaussian noise of this size) "
            "or limit (Tracy–Widom)",
            "scaled": _SCALED,
            "share": "share of largest eigenvalues at or below",
        },
    ),
    "directions": Table(
        "How many directions stand above noise.",
        {
            "method": "line (Tracy–Widom, 95 %), shuffled (95th percentile of copies, data only) or "
            "visible (true directions of w > 1, simulated only)",
            "count": "directions; mean over matrices",
            "standard_error": "of the mean; empty for data",
            "variance": "share of all variance that the counted directions carry, mean",
        },
    ),
    "loadings": Table(
        "The columns that weigh most in the directions above noise; empty for simulated matrices.",
        {
            "rank": "of the direction, 1 for the largest eigenvalue",
            "column": "of the data",
            "loading": "correlation of the column with the direction",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed or left out.", {"note": "a sentence"}),
}

BREAKS: dict[str, dict[str, Any]] = {
    "Correlated features": {"design": "correlated", "correlation": 0.3},
    "Heavy-tailed entries": {"design": "entries", "tail": 3.0},
    "Samples of random scale": {"design": "samples", "tail": 3.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · p² (n + p)."""
    report(0.0, "computing the limits")
    return _simulated(config, report) if config.data == "simulated" else _data(config, report)


def _simulated(config: Config, report: Report) -> Frames:
    # Imported late: scipy's linear algebra need not load with the list of experiments.
    from core.linear import spectra, spectral_checks, spectral_tables, spiked

    law: Law = spiked.Symmetric(config.features)
    if config.matrix == "covariance":
        law = spiked.Covariance(config.samples, config.features)
    share = np.arange(config.directions, 0, -1) / max(1, config.directions)
    strengths, rho = config.strength * share, config.correlation
    rho = rho if config.design == "correlated" else 0.0
    sampler, *streams = (
        np.random.default_rng(s)
        for s in np.random.SeedSequence(config.seed).spawn(config.replicates + 1)
    )
    drawn: list[Drawn] = []
    tables: Frames = {}
    edge, reported = np.empty(0), time.monotonic()
    for k, rng in enumerate(streams):
        noise = law.noise(config.design, rng, rho=rho, tail=config.tail)
        drawn.append(spectra.measure(law, noise, strengths, by_hand=k < HANDS))
        if time.monotonic() - reported > PAUSE:
            tables = _frames(spectral_tables.simulated(law, strengths, drawn, edge))
            report(0.9 * (k + 1) / len(streams), f"decomposing matrix {k + 1} of {len(streams)}", tables)
            reported = time.monotonic()
    for start in range(0, config.draws, 200):
        edge = np.append(edge, law.sampled(min(200, config.draws - start), sampler))
        report(0.9 + 0.1 * edge.size / config.draws, "drawing largest eigenvalues of noise", tables)
    tables = _frames(spectral_tables.simulated(law, strengths, drawn, edge))
    checks = theory.checks(spectral_checks.simulated(law, drawn, edge))
    return {**tables, "checks": checks, "notes": TABLES["notes"].empty()}


def _data(config: Config, report: Report) -> Frames:
    from core.datasets.numeric import numeric
    from core.linear import spectra, spectral_checks, spectral_tables

    table = numeric(config.data, config.leave_out)
    rng, rows = np.random.default_rng(config.seed), len(table.values)
    values, notes = table.values, list(table.notes)
    if values.shape[1] > MOST_COLUMNS:
        raise InputError(
            f"`data` must have at most {MOST_COLUMNS} columns of numbers; it has {values.shape[1]:,}."
        )
    most = MOST_VALUES // values.shape[1]
    if rows > most:
        values = values[np.sort(rng.choice(rows, most, replace=False))]
        notes.append(f"{most:,} of {rows:,} rows are used, drawn at random.")
    seen = spectra.decomposed(values, table.columns)
    notes += (
        [f"Constant columns are left out: {', '.join(seen.constant[:12])}."] if seen.constant else []
    )
    shuffled: list[Floats] = []
    reported = time.monotonic()
    for k in range(config.replicates):
        shuffled.append(spectra.shuffled(seen, rng))
        if time.monotonic() - reported > PAUSE:
            tables = _frames(spectral_tables.data(seen, np.array(shuffled)))
            report((k + 1) / config.replicates, "shuffling columns", tables)
            reported = time.monotonic()
    copies = np.array(shuffled)
    tables = _frames(spectral_tables.data(seen, copies))
    checks = theory.checks(spectral_checks.data(seen, copies))
    return {**tables, "checks": checks, "notes": TABLES["notes"].frame({"note": notes})}


def _frames(made: dict[str, pd.DataFrame]) -> Frames:
    return {
        name: table.frame(made.get(name, table.empty()))
        for name, table in TABLES.items()
        if name not in ("checks", "notes")
    }
