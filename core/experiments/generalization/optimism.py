"""How far can the error on the training data be trusted, and which correction finds the right model?

Set-up: n targets y = f + ε, noise of variance σ², on a fixed design of p features of which the first
few have an effect; new noise in each replicate. Models: least squares on the first 0, 1, … p features,
or ridge on all at falling penalties. For each, the error on new targets at the same inputs, and what
estimates it from the training data alone. Besides, the mean of normal values estimated by James–Stein.

Theory, exact at every n, for fits H y linear in the targets, with df = tr H:

    E (error on new targets − training error) = 2 σ² df / n                     optimism
    Cp = training error + 2 σ² df / n, without bias for that error
    leave-one-out residual = (y_i − (H y)_i) / (1 − h_ii)                        no refitting
    E ‖(I − A) y‖² / n = ‖(I − A) f‖² / n + σ² ‖I − A‖² / n     training, leave-one-out, K-fold, by A

With Gaussian noise of known variance, criteria that add c for each coefficient (AIC 2, BIC log n)
choose i orders too many with probability a_i b_(K−i), as long as no true effect is missed: AIC does
so however large n, BIC ever less. James–Stein has risk p − (p − 2)² E 1/(p − 2 + 2K), K Poisson of
mean ‖θ‖²/2, below p at every θ once p ≥ 3.

Assumed: noise of one known variance, uncorrelated; Gaussian, and effects that stand out, for the order.

Sources: Efron (2004), JASA 99, 619–632; Mallows (1973), Technometrics 15, 661–675; Hastie, Tibshirani
& Friedman (2009), sections 7.4 to 7.10; Shibata (1976), Biometrika 63, 117–126; James & Stein (1961),
Proc. Fourth Berkeley Symposium 1, 361–379.
"""

from collections.abc import Iterator
from typing import Literal

import numpy as np

from core.experiment import Config as Base
from core.experiment import Frames, InputError, Report, field
from core.linear import noises, selection, selection_tables
from core.linear.designs import Floats
from core.linear.selection_tables import Measured, Problem

VERSION = 1

# Samples that are left out by refitting, at most, to hold the shortcut against.
REFITTED = 50


class Config(Base):
    model: selection.Model = field(
        "subsets",
        "Least squares on the first features, one more at a time, or ridge on all of them.",
        names={"subsets": "Least squares, feature by feature", "ridge": "Ridge, penalty by penalty"},
    )
    design: Literal["gaussian", "cosines"] = field(
        "gaussian",
        "Features: independent Gaussian ones, or cosines of rising frequency along the samples.",
        section="data",
        names={"gaussian": "Independent Gaussian", "cosines": "Cosines, slow to fast"},
    )
    samples: int = field(60, "Number of samples n.", section="data", ge=20, le=200)
    features: int = field(20, "Number of features p.", section="data", ge=1, le=40)
    order: int = field(
        5, "Number of features that have an effect, the first ones.", section="data", ge=0, le=40
    )
    effect: float = field(
        1.0,
        "Coefficient of each of these features.",
        section="data",
        unit="multiples of σ",
        ge=0.0,
        le=5.0,
        step=0.1,
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
    folds: int = field(5, "Number of folds K of cross-validation.", ge=2, le=20)
    dimension: int = field(
        10, "Number of means that James–Stein estimates together.", section="more", ge=3, le=50
    )
    noise_law: noises.Noise = field(
        "gaussian",
        "How the noise is distributed, along the samples in their order.",
        section="assumption",
        names=noises.NAMES,
    )
    assumed: float = field(
        1.0,
        "Variance of the noise that Cp, AIC and BIC are told.",
        section="assumption",
        unit="multiples of σ²",
        scale="log",
        ge=0.1,
        le=10.0,
    )
    replicates: int = field(
        500, "Independent draws of the noise.", section="training", scale="log", ge=50, le=2000
    )


TABLES = selection_tables.TABLES
BREAKS = {
    "Correlated noise, slow features": {"design": "cosines", "noise_law": "correlated"},
    "Half the noise variance is told": {"assumed": 0.5},
    "Effects too weak to be seen": {"effect": 0.2},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as settings · n² · replicates."""
    # Imported late: SciPy takes a while to load.
    from core import theory

    report(0.0, "computing the theory")
    problem = _problem(config)
    tables: Frames = {"theory": selection_tables.theory(problem)}
    parts: list[Measured] = []
    done = 0
    for y, new in _targets(config, problem):
        parts.append(selection_tables.measure(problem, y, new))
        done += len(y)
        if done < config.replicates:
            some = selection_tables.tables(problem, selection_tables.joined(parts))
            report(done / config.replicates, f"fitting {done} of {config.replicates}", some)
    found = selection_tables.joined(parts)
    report(1.0, "shrinking means")
    rng = np.random.default_rng([config.seed, 3])
    shrinkage = selection_tables.shrinkage(config.dimension, 20 * config.replicates, rng)
    tables = {**selection_tables.tables(problem, found), "shrinkage": shrinkage}
    rows = selection_tables.checks(problem, found)
    rows.append(selection_tables.shrinks(shrinkage, config.dimension))
    return {**tables, "checks": theory.checks(rows)}


def _problem(config: Config) -> Problem:
    n, p = config.samples, config.features
    held = -(-n // config.folds)
    if p > n - held - 2:
        raise InputError(
            f"`features` must be at most {n - held - 2}, two fewer than the {n - held} samples that are "
            f"left when one of {config.folds} folds is held out; it was {p}."
        )
    if config.order > p:
        raise InputError(f"`order` must be at most the number of features, {p}; it was {config.order}.")
    rng = np.random.default_rng([config.seed, 0])
    x = _design(config, rng)
    folds = np.array_split(rng.permutation(n), config.folds)
    truth = x[:, : config.order].sum(axis=1) * config.effect * config.noise
    settings = np.arange(p + 1.0) if config.model == "subsets" else np.logspace(4, -1, 16)
    fitted = selection.weights(config.model, x, x, settings)
    checked = np.arange(0, n, -(-n // REFITTED))
    refitted = selection.held_out(config.model, x, settings, [np.array([i]) for i in checked])
    return Problem(
        model=config.model,
        settings=settings,
        order=config.order,
        truth=truth,
        noise=config.noise**2,
        told=config.assumed * config.noise**2,
        fitted=fitted,
        left_out=selection.leave_one_out(fitted),
        checked=checked,
        refitted=refitted[:, checked],
        held_out=selection.held_out(config.model, x, settings, folds),
    )


def _design(config: Config, rng: np.random.Generator) -> Floats:
    n, p = config.samples, config.features
    if config.design == "gaussian":
        return rng.standard_normal((n, p))
    at = (np.arange(n) + 0.5) / n
    return np.asarray(np.sqrt(2.0) * np.cos(np.pi * np.arange(1, p + 1) * at[:, None]))


def _targets(config: Config, problem: Problem) -> Iterator[tuple[Floats, Floats]]:
    """Targets (r, n) and new ones of the same inputs, in chunks of roughly 50 ms of work."""
    n, at = config.samples, (np.arange(config.samples) + 0.5) / config.samples
    size = int(np.clip(4e7 / (problem.settings.size * n**2), 16, 500))
    streams = np.random.SeedSequence([config.seed, 1]).spawn(config.replicates)
    for start in range(0, config.replicates, size):
        rngs = [np.random.default_rng(stream) for stream in streams[start : start + size]]
        noise = np.array(
            [[noises.draw(config.noise_law, at, config.noise, r) for r in rngs] for _ in "yn"]
        )
        yield problem.truth + noise[0], problem.truth + noise[1]
