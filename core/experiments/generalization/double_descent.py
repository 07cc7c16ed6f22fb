"""Why can a model with more parameters than data points still predict well?

Set-up: n samples y = x'β + ε with noise of variance σ², and least squares on the first p features
for growing p; where p > n, the interpolating solution of least norm. The seed fixes β; design and
noise are new in each replicate and shared by all p. Risk is the mean squared error on new samples,
noise included: (b − β)'Σ(b − β) + σ², in closed form, so that no test sample adds noise.

Theory, for independent Gaussian features, with s the signal variance carried by the p features in
use and v = σ² + that of the others (derived in core.linear.risk):

    p ≤ n − 2:  v (n − 1) / (n − p − 1)          p ≥ n + 2:  s (1 − n/p) + v (p − 1) / (p − n − 1)

The k-th moment is finite only where |p − n| ≥ 2k: no mean at n − 1, n, n + 1. Checks ask for
|p − n| ≥ 8, where the standard error has finite variance, and ≥ n/8, where skewness is below 2 and
a mean of replicates is nearly normal. Training risk is v (1 − p/n), then 0.
The limit at p/n = γ is v / (1 − γ), then s (1 − 1/γ) + v γ / (γ − 1); ridge with the best penalty
λ* = γ v / s has no peak. The universal formula extends the limit to any covariance of the features
and any law of their entries with moments beyond the fourth, but not to samples of random scale.

With random features the model is linear in p features ReLU(u'x) of d inputs in random directions u,
and the truth in the inputs; the limit as n, p and d grow together is in core.linear.random_features.

Sources: Belkin, Hsu & Xu, arXiv:1903.07571; Hastie, Montanari, Rosset & Tibshirani,
arXiv:1903.08560; Dobriban & Wager, arXiv:1507.03003; Bordelon, Canatar & Pehlevan, arXiv:2002.02561;
Mei & Montanari, arXiv:1908.05355.
"""

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.linear import choices, descent_tables, designs, random_features, risk
from core.linear.designs import Floats
from core.linear.measured import Measured, Sweep, joined, mean, measure, streams
from core.linear.truth import Ints, Truth

VERSION = 1

BELKIN, HASTIE = "Belkin, Hsu & Xu, arXiv:1903.07571", "Hastie et al., arXiv:1903.08560"
DOBRIBAN, BORDELON = "Dobriban & Wager, arXiv:1507.03003", "Bordelon et al., arXiv:2002.02561"
MEI = "Mei & Montanari, arXiv:1908.05355, theorem 2"
RESIDUAL = "chi-squared residuals of least squares, n − p degrees of freedom"
LEAST_GAP = 8
MULTIPLES = np.logspace(-2, 2, 17)


class Config(Base):
    samples: int = field(100, "Number of training samples n.", section="data", ge=20, le=400)
    features: int = field(800, "Largest number of features p of the model.", scale="log", ge=10, le=2000)
    signal: float = field(
        10.0,
        "Variance of the noiseless target.",
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
    regressors: Literal["inputs", "random_features"] = field(
        "inputs",
        "What the model regresses on: the inputs, or ReLU features of them in random directions.",
        label="Regress on",
        names={"inputs": "The inputs themselves", "random_features": "Random ReLU features"},
    )
    inputs: int = field(
        50,
        "Number d of inputs that random features are made of, all used by the truth.",
        when={"regressors": ("random_features",)},
        ge=5,
        le=400,
    )
    model: Literal["well_specified", "misspecified"] = field(
        "well_specified",
        "Whether the truth uses the p features of the model, or all while the model sees the first p.",
        when={"regressors": ("inputs",)},
        names={"well_specified": "Truth grows with model", "misspecified": "Truth uses all features"},
    )
    decay: float = field(
        1.0,
        "Exponent a of the true coefficients, whose squares fall as j^−a.",
        when={"model": ("misspecified",), "regressors": ("inputs",)},
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
        when={"penalty": ("fixed",)},
        scale="log",
        ge=1e-4,
        le=100.0,
    )
    design: designs.Design = choices.design(
        "Distribution of the features; the exact theory assumes independent Gaussian ones."
    )
    correlation: float = choices.correlation(0.9)
    tail: float = choices.tail()
    replicates: int = field(
        200, "Independent draws of design and noise.", section="training", scale="log", ge=20, le=500
    )


TABLES = {**descent_tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Correlated features": {"design": "correlated", "correlation": 0.95},
    "Samples of random scale": {"design": "samples", "tail": 3.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · n² (features + n)."""
    if config.regressors == "random_features":
        return _random(config, report)
    n, grid = config.samples, _grid(config)
    report(0.0, "computing the theory")
    tables: Frames = {"theory": _theory(config, grid)}
    truth, sweep, parts = _truth(config), _sweep(config, grid), []
    for rngs in streams(config.seed, config.replicates, n, config.features):
        parts.append(measure(truth, config.design, n, grid, sweep, rngs, tail=config.tail))
        measured = joined(parts)
        tables = {**tables, **_tables(config, grid, measured)}
        done, of = len(measured.test), config.replicates
        report(done / of, f"drawing design {done} of {of}", tables)
    return {**tables, "checks": theory.checks(_checks(config, grid, measured))}


def _random(config: Config, report: Report) -> Frames:
    """The tables of a run on random features, whose truth is linear in the inputs."""
    n, grid, most = config.samples, _grid(config), config.features
    report(0.0, "computing the theory")
    fine = np.unique(np.concatenate([grid, np.round(np.geomspace(grid[0], most, 80)).astype(np.int64)]))
    levels = _random_penalty(config, fine)
    limits = random_features.limit(fine, n, config.inputs, config.signal, config.noise**2, levels)
    if config.penalty == "none":
        limits = np.where(fine == n, np.nan, limits)
    columns = {"split": "test", "features": fine, "ratio": fine / n, "formula": "asymptotic"}
    tables: Frames = {"theory": TABLES["theory"].frame(pd.DataFrame({**columns, "risk": limits}))}
    truth = replace(_truth(config), features=config.inputs, decay=None)
    used = _random_penalty(config, grid) if config.penalty != "none" else np.zeros(grid.size)
    parts = []
    for rngs in streams(config.seed, config.replicates, n, 2 * (most + config.inputs)):
        part = random_features.measure(truth, config.design, n, grid, used, rngs, tail=config.tail)
        parts.append(part)
        every = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        measured = random_features.Measured(*every)
        tables = {**tables, **_tables(config, grid, measured)}
        tables = {name: tables[name] for name in TABLES if name in tables}
        done, of = len(measured.test), config.replicates
        report(done / of, f"drawing features {done} of {of}", tables)
    apart = np.abs(grid - n) >= max(LEAST_GAP, n / 8)
    limits = limits[np.searchsorted(fine, grid[apart])]
    claim = "Mean test risk of random features of independent Gaussian inputs is near its limit"
    found = measured.test[:, apart].mean(axis=0)
    row = theory.asymptotic(claim, limits, found, source=MEI, tolerance=0.1)
    return {**tables, "checks": theory.checks([row])}


def _random_penalty(config: Config, p: Ints) -> Floats:
    if config.penalty == "optimal":
        return random_features.optimal_penalty(
            p, config.samples, config.inputs, config.signal, config.noise**2
        )
    return np.full(p.shape, config.ridge if config.penalty == "fixed" else random_features.PENALTIES[0])


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


def _sweep(config: Config, grid: Ints) -> Sweep:
    """The penalties of the run, and the p nearest to n/2, n and 2n, where the penalty is varied."""
    near = np.abs(grid[:, None] - config.samples * np.array([0.5, 1.0, 2.0])).argmin(axis=0)
    seen = grid / config.samples, *_truth(config).explained(grid)
    best = risk.optimal_penalty(*seen)
    return Sweep(_penalty(config, *seen), best, grid[np.unique(near)], MULTIPLES)


def _penalty(config: Config, ratio: Floats, signal: Floats, noise: Floats) -> Floats:
    if config.penalty == "optimal":
        return risk.optimal_penalty(ratio, signal, noise)
    return np.full(ratio.shape, config.ridge if config.penalty == "fixed" else 0.0)


def _independent(config: Config, p: Ints) -> tuple[Floats, Floats, Floats]:
    """p / n, and the signal and noise of p features, were they independent."""
    return p / config.samples, *replace(_truth(config), rho=0.0).explained(p)


def _theory(config: Config, grid: Ints) -> pd.DataFrame:
    """Curves for independent features at many p, and the universal one at the p measured."""
    n, most = config.samples, config.features
    near = np.round(np.geomspace(2, max(n, most), 100)).astype(np.int64)
    fine = np.unique(np.concatenate([n - near, grid, n + near]))
    fine = fine[(fine >= grid[0]) & (fine <= most)]
    seen = _independent(config, fine)
    curves = [
        ("test", "asymptotic", fine, risk.isotropic(*seen, _penalty(config, *seen))),
        ("test", "ridge", fine, risk.isotropic(*seen, risk.optimal_penalty(*seen))),
    ]
    if config.penalty == "none":
        curves.append(("test", "exact", fine, risk.exact(n, fine, *seen[1:])))
        curves.append(("train", "exact", fine, risk.train(n, fine, seen[2])))
    if config.design != "gaussian":
        penalties = _sweep(config, grid).penalties
        curves.append(("test", "universal", grid, _truth(config).universal(n, grid, penalties)))
    made = [
        pd.DataFrame({"split": split, "features": p, "ratio": p / n, "formula": formula, "risk": values})
        for split, formula, p, values in curves
    ]
    return TABLES["theory"].frame(pd.concat(made, ignore_index=True).replace(np.inf, np.nan))


def _tables(config: Config, grid: Ints, measured: Measured | random_features.Measured) -> Frames:
    ridge = pd.DataFrame()
    if isinstance(measured, Measured):
        ridge = _ridge(config, _sweep(config, grid).at, measured.ridge)
    found = descent_tables.measured(
        config.samples, grid, measured.train, measured.test, penalized=config.penalty != "none"
    )
    return {**found, "ridge": TABLES["ridge"].frame(ridge)}


def _ridge(config: Config, swept: Ints, values: Floats) -> pd.DataFrame:
    average, error = mean(values)
    gamma, signal, noise = (a[:, None] for a in _independent(config, swept))
    penalties = risk.optimal_penalty(gamma, signal, noise) * MULTIPLES
    columns = {
        "features": np.repeat(swept, MULTIPLES.size),
        "ratio": np.repeat(gamma, MULTIPLES.size),
        "multiple": np.tile(MULTIPLES, swept.size),
        "risk": average.ravel(),
        "standard_error": error.ravel(),
        "predicted": risk.isotropic(gamma, signal, noise, penalties).ravel(),
    }
    return pd.DataFrame(columns)


def _checks(config: Config, grid: Ints, measured: Measured) -> list[theory.Row]:
    n, apart = config.samples, np.abs(grid - config.samples) >= max(LEAST_GAP, config.samples / 8)
    p, rows, shrinks = grid[apart], [], None
    exact = partial(theory.exact, replicates=config.replicates)
    average, error = mean(measured.test[:, apart])
    seen = _independent(config, p)
    limit = risk.isotropic(*seen, _penalty(config, *seen))
    if config.penalty == "none":
        near, far = (risk.exact(k * n, k * p, *seen[1:]) for k in (1, 4))
        shrinks = bool(np.median(np.abs(far / limit - 1)) < np.median(np.abs(near / limit - 1)))
        claim = "Mean test risk at each p is that of independent Gaussian features"
        rows.append(exact(claim, near, average, error, source=BELKIN))
        claim, under = "Mean training risk at each p < n is v (1 − p/n)", p < n
        left, train = risk.train(n, p[under], seen[2][under]), measured.train[:, apart][:, under]
        rows.append(exact(claim, left, *mean(train), source=RESIDUAL))
    nearer = "" if shrinks is None else ", and nearer at 4n"
    claim = f"Mean test risk is near its limit for independent features{nearer}"
    rows.append(theory.asymptotic(claim, limit, average, source=HASTIE, tolerance=0.05, shrinks=shrinks))
    if config.design != "gaussian":
        claim = "Mean test risk is near the universal formula for the covariance in use"
        universal = _truth(config).universal(n, p, _sweep(config, p).penalties)
        rows.append(theory.asymptotic(claim, universal, average, source=BORDELON, tolerance=0.05))
    claim = "At λ* the mean risk of ridge has slope 0 in log λ, at p near n/2, n and 2n"
    return [*rows, exact(claim, 0.0, *mean(measured.slope), source=DOBRIBAN)]
