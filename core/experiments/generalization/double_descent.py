"""Why can a model with more parameters than data points still predict well?

Set-up: n samples y = x'β + ε with ε ~ N(0, σ²), and least squares on the first p features for
growing p; where p > n, the interpolating solution of least norm. The seed fixes β; design and noise
are drawn anew in each replicate, and all p share one draw. Risk is the expected squared error on a
new sample, noise included: (b − β)'Σ(b − β) + σ², in closed form given b, so that no test sample
adds noise. The variance of the signal, β'Σβ, is the same for all p.

Exact, for independent Gaussian features, with s = Σ β_j² over the p features in use and
v = σ² + Σ β_j² over the others:

    p ≤ n − 2:  v (n − 1) / (n − p − 1)          p ≥ n + 2:  s (1 − n/p) + v (p − 1) / (p − n − 1)

The k-th moment of the risk is finite only where |p − n| ≥ 2k: no mean at n − 1, n, n + 1; the check
asks for |p − n| ≥ 8, where the standard error has finite variance. The mean squared residual has
the mean v (1 − p/n), and is 0 from p = n on.

Asymptotic, n and p to infinity at p/n = γ: v / (1 − γ) and s (1 − 1/γ) + v γ / (γ − 1). The ridge
penalty λ* = γ v / s is optimal and leaves no peak. For features of covariance Σ, with eigenvalues l
and coefficients b along its eigenvectors, n = Σ l / (l + κ) + nλ/κ gives κ, and the risk is
(κ² Σ l b² / (l + κ)² + v) / (1 − Σ l² / (l + κ)² / n): universal, for entries of any distribution
of finite variance, but not where each sample has a random scale. Derivations in core.linear.risk.

Sources: Belkin, Hsu & Xu, arXiv:1903.07571; Hastie, Montanari, Rosset & Tibshirani,
arXiv:1903.08560; Dobriban & Wager, arXiv:1507.03003; Bordelon, Canatar & Pehlevan, arXiv:2002.02561.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.linear import designs, risk
from core.linear.designs import Floats
from core.linear.measured import Measured, Sweep, joined, mean, measure, streams
from core.linear.truth import Ints, Truth

VERSION = 1

BELKIN, HASTIE = "Belkin, Hsu & Xu, arXiv:1903.07571", "Hastie et al., arXiv:1903.08560"
DOBRIBAN, BORDELON = "Dobriban & Wager, arXiv:1507.03003", "Bordelon et al., arXiv:2002.02561"
RESIDUAL = "chi-squared residuals of least squares, n − p degrees of freedom"

LEAST_GAP = 8
MULTIPLES = np.logspace(-2, 2, 17)


class Config(Base):
    samples: int = field(100, "Number of training samples n.", section="data", ge=20, le=400)
    features: int = field(800, "Largest number of features p of the model.", scale="log", ge=10, le=2000)
    signal: float = field(
        10.0,
        "Variance of the noiseless target.",
        label="Signal variance",
        section="data",
        unit="squared units of the target",
        scale="log",
        ge=0.1,
        le=100.0,
    )
    noise: float = field(
        1.0,
        "Standard deviation σ of the noise in the target.",
        section="data",
        unit="units of the target",
        scale="log",
        ge=0.05,
        le=10.0,
    )
    model: Literal["well_specified", "misspecified"] = field(
        "well_specified",
        "Whether the truth uses the p features of the model, or all while the model sees the first p.",
        names={
            "well_specified": "Truth grows with the model",
            "misspecified": "Truth uses all features",
        },
    )
    decay: float = field(
        1.0,
        "Exponent a of the true coefficients, whose squares fall as j^−a.",
        when={"model": ("misspecified",)},
        ge=0.0,
        le=4.0,
    )
    penalty: Literal["none", "optimal", "fixed"] = field(
        "none",
        "Ridge penalty λ: none (least norm), the optimal λ* at each p, or one value for all p.",
        names={"none": "None (ridgeless)", "optimal": "Optimal ridge", "fixed": "Fixed ridge"},
    )
    ridge: float = field(
        0.1,
        "The fixed penalty λ, of mean squared error + λ‖b‖².",
        label="Ridge penalty",
        when={"penalty": ("fixed",)},
        scale="log",
        ge=1e-4,
        le=100.0,
    )
    design: designs.Design = field(
        "gaussian",
        "Distribution of the features; the exact theory assumes independent Gaussian ones.",
        section="assumption",
        names=designs.NAMES,
    )
    correlation: float = field(
        0.9,
        "Correlation ρ of neighbouring features.",
        section="assumption",
        when={"design": ("correlated",)},
        ge=0.0,
        le=0.98,
    )
    tail: float = field(
        3.0,
        "Degrees of freedom of the Student t of entries or samples, scaled to variance one.",
        label="Tail: degrees of freedom",
        section="assumption",
        when={"design": ("entries", "samples")},
        scale="log",
        ge=2.1,
        le=30.0,
    )
    replicates: int = field(
        200, "Independent draws of design and noise.", section="training", scale="log", ge=20, le=500
    )


_UNIT = "squared units of the target"
_AT = {
    "split": "train: mean squared residual; test: mean squared error on new samples, noise included",
    "features": "number of features p in use",
    "ratio": "p / n",
}
_MEAN = {"risk": f"mean over replicates, {_UNIT}", "standard_error": f"of the mean, {_UNIT}"}
TABLES = {
    "risk": Table(
        "Risk of one replicate at one number of features.",
        {"replicate": "number of the replicate, from 0", **_AT, "risk": f"risk, {_UNIT}"},
    ),
    "summary": Table(
        "Risk over replicates. Without a penalty the test risk has no mean at n − 1, n and n + 1 "
        "features, and is empty there.",
        {
            **_AT,
            **_MEAN,
            "median": f"median over replicates, {_UNIT}",
            "lower": f"10th percentile over replicates, {_UNIT}",
            "upper": f"90th percentile over replicates, {_UNIT}",
        },
    ),
    "theory": Table(
        "What theory predicts for the mean risk.",
        {
            **_AT,
            "formula": "exact (finite n, independent Gaussian features), asymptotic (its limit), "
            "universal (the limit for the covariance in use), ridge (the limit at the optimal penalty)",
            "risk": f"predicted, noise included, {_UNIT}",
        },
    ),
    "ridge": Table(
        "Mean test risk against the ridge penalty, at up to three numbers of features.",
        {
            "features": _AT["features"],
            "ratio": _AT["ratio"],
            "multiple": "penalty as a multiple of the optimum λ*",
            **_MEAN,
            "predicted": f"limit for independent features, {_UNIT}",
        },
    ),
    "checks": CHECKS,
}

BREAKS = {
    "Correlated features": {"design": "correlated", "correlation": 0.95},
    "Samples of random scale": {"design": "samples", "tail": 3.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · n² (features + n)."""
    n, grid, truth = config.samples, _grid(config), _truth(config)
    tables: Frames = {"theory": _theory(config, grid)}
    report(0.0, "theory", tables)
    explained = truth.explained(grid)
    best = risk.optimal_penalty(grid / n, *explained)
    sweep = Sweep(_penalty(config, grid / n, *explained), best, _swept(n, grid), MULTIPLES)
    # About 100 ms of work a chunk.
    size = int(np.clip(3e8 / (n**2 * config.features + 30.0 * n**3), 1, 64))
    parts: list[Measured] = []
    for rngs in streams(config.seed, config.replicates, size):
        parts.append(measure(truth, config.design, n, grid, sweep, rngs, tail=config.tail))
        measured = joined(parts)
        done = len(measured.test)
        tables |= _tables(config, grid, measured)
        report(done / config.replicates, f"{done} of {config.replicates} replicates", tables)
    return {**tables, "checks": theory.checks(_checks(config, grid, measured))}


def _truth(config: Config) -> Truth:
    rho = config.correlation if config.design == "correlated" else 0.0
    decay = config.decay if config.model == "misspecified" else None
    return Truth(config.features, config.signal, config.noise, rho, decay, config.seed)


def _grid(config: Config) -> Ints:
    """Numbers of features, dense towards p = n, up to the largest."""
    n, most = config.samples, config.features
    below = n - np.geomspace(LEAST_GAP, 0.9 * n, 10)
    above = n + np.geomspace(LEAST_GAP, max(most - n, LEAST_GAP), 14)
    near = n + np.array([-4, -2, 0, 2, 4])
    grid = np.unique(np.round(np.concatenate([below, near, above, [most]])).astype(np.int64))
    return grid[(grid >= 1) & (grid <= most)]


def _swept(n: int, grid: Ints) -> Ints:
    """The numbers of features nearest to n/2, n and 2n, where the penalty is varied."""
    wanted = n * np.array([0.5, 1.0, 2.0])
    return np.unique(grid[np.abs(grid[:, None] - wanted).argmin(axis=0)])


def _penalty(config: Config, ratio: Floats, signal: Floats, noise: Floats) -> Floats:
    if config.penalty == "optimal":
        return risk.optimal_penalty(ratio, signal, noise)
    return np.full(ratio.shape, config.ridge if config.penalty == "fixed" else 0.0)


def _limits(config: Config, grid: Ints) -> tuple[Floats, Floats]:
    """Limits of the mean risk with the penalty in use: for independent features, and universal."""
    n, truth = config.samples, _truth(config)
    independent = grid / n, *replace(truth, rho=0.0).explained(grid)
    limit = risk.isotropic(*independent, _penalty(config, *independent))
    if config.design == "gaussian":
        return limit, limit
    penalties = _penalty(config, grid / n, *truth.explained(grid))
    return limit, truth.universal(n, grid, penalties)


def _theory(config: Config, grid: Ints) -> pd.DataFrame:
    """Curves for independent features at many p, and the universal one at the p measured."""
    n, most = config.samples, config.features
    near = np.round(np.geomspace(2, max(n, most), 100)).astype(np.int64)
    fine = np.unique(np.concatenate([n - near, grid, n + near]))
    fine = fine[(fine >= 1) & (fine <= most)]
    signal, noise = replace(_truth(config), rho=0.0).explained(fine)
    best = risk.optimal_penalty(fine / n, signal, noise)
    curves = [
        ("test", "asymptotic", fine, _limits(config.model_copy(update={"design": "gaussian"}), fine)[0]),
        ("test", "ridge", fine, risk.isotropic(fine / n, signal, noise, best)),
    ]
    if config.penalty == "none":
        curves.append(("test", "exact", fine, risk.exact(n, fine, signal, noise)))
        curves.append(("train", "exact", fine, risk.train(n, fine, noise)))
    if config.design != "gaussian":
        curves.append(("test", "universal", grid, _limits(config, grid)[1]))
    drawn = pd.concat([_curve(n, *curve) for curve in curves], ignore_index=True)
    return TABLES["theory"].frame(drawn.replace(np.inf, np.nan))


def _curve(n: int, split: str, formula: str, p: Ints, values: Floats) -> pd.DataFrame:
    columns = {"split": split, "features": p, "ratio": p / n, "formula": formula, "risk": values}
    return pd.DataFrame(columns)


def _tables(config: Config, grid: Ints, measured: Measured) -> Frames:
    n, count, swept = config.samples, len(measured.test), _swept(config.samples, grid)
    every, summary = [], []
    for split, values in (("train", measured.train), ("test", measured.test)):
        at = pd.DataFrame({"split": split, "features": grid, "ratio": grid / n})
        copies = pd.concat([at] * count, ignore_index=True)
        every.append(
            copies.assign(replicate=np.repeat(np.arange(count), grid.size), risk=values.ravel())
        )
        average, error = mean(values)
        if split == "test" and config.penalty == "none":
            average, error = (np.where(np.abs(grid - n) < 2, np.nan, a) for a in (average, error))
        lower, median, upper = np.quantile(values, [0.1, 0.5, 0.9], axis=0)
        spread = {"median": median, "lower": lower, "upper": upper}
        summary.append(at.assign(risk=average, standard_error=error, **spread))
    return {
        "risk": TABLES["risk"].frame(pd.concat(every, ignore_index=True)),
        "summary": TABLES["summary"].frame(pd.concat(summary, ignore_index=True)),
        "ridge": _ridge(config, swept, measured.ridge),
    }


def _ridge(config: Config, swept: Ints, values: Floats) -> pd.DataFrame:
    average, error = mean(values)
    gamma = swept[:, None] / config.samples
    signal, noise = (a[:, None] for a in replace(_truth(config), rho=0.0).explained(swept))
    penalties = risk.optimal_penalty(gamma, signal, noise) * MULTIPLES
    columns = {
        "features": np.repeat(swept, MULTIPLES.size),
        "ratio": np.repeat(gamma, MULTIPLES.size),
        "multiple": np.tile(MULTIPLES, swept.size),
        "risk": average.ravel(),
        "standard_error": error.ravel(),
        "predicted": risk.isotropic(gamma, signal, noise, penalties).ravel(),
    }
    return TABLES["ridge"].frame(columns)


def _checks(config: Config, grid: Ints, measured: Measured) -> list[theory.Row]:
    n, apart = config.samples, np.abs(grid - config.samples) >= LEAST_GAP
    p, rows, shrinks = grid[apart], [], None
    average, error = mean(measured.test[:, apart])
    limit, universal = _limits(config, p)
    if config.penalty == "none":
        signal, noise = replace(_truth(config), rho=0.0).explained(p)
        near, far = (risk.exact(k * n, k * p, signal, noise) for k in (1, 4))
        shrinks = bool(np.median(np.abs(far / limit - 1)) < np.median(np.abs(near / limit - 1)))
        claim = f"Mean test risk at each of {p.size} p is that of independent Gaussian features"
        rows.append(theory.exact(claim, near, average, error, source=BELKIN))
        under = p < n
        claim = f"Mean training risk at each of {under.sum()} p < n is v (1 − p/n)"
        left = risk.train(n, p[under], noise[under])
        rows.append(
            theory.exact(claim, left, *mean(measured.train[:, apart][:, under]), source=RESIDUAL)
        )
    claim = "Mean test risk is near its limit for independent features" + ", and nearer at 4n" * bool(
        shrinks
    )
    rows.append(theory.asymptotic(claim, limit, average, source=HASTIE, tolerance=0.05, shrinks=shrinks))
    if config.design != "gaussian":
        claim = "Mean test risk is near the universal formula for the covariance in use"
        rows.append(theory.asymptotic(claim, universal, average, source=BORDELON, tolerance=0.05))
    claim = "At λ* the mean risk of ridge has slope 0 in log λ, at p near n/2, n and 2n"
    zero = np.zeros(measured.slope.shape[1])
    return [*rows, theory.exact(claim, zero, *mean(measured.slope), source=DOBRIBAN)]
