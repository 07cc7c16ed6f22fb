"""How flexible should a model be: where do bias and variance balance?

Set-up: n targets y = f(x) + ε on [0, 1] with noise of standard deviation σ. A learner is fitted at a
range of settings, from simple to flexible, to the same inputs x with new noise in each replicate.
Bias², variance and error on new targets are means over a grid of 100 inputs; the training error is
the mean over the sample. Measured bias² has variance / R taken off, the part that R replicates add.

Theory, exact at every n for learners linear in the targets, with prediction S(x)'y:

    bias²(x) = (f(x) − S(x)'f)²      variance(x) = σ² ‖S(x)‖²      test error = bias² + variance + σ²
    training error = ‖(I − H) f‖² / n + σ² ‖I − H‖² / n            degrees of freedom = tr H

with H the rows S(xᵢ). Trees, forests, boosting, support vector machines and networks choose their
weights by the targets: for them bias² and variance are measured only. A forest is a mean of B trees
alike in law, of variance s² and correlation ρ, so its variance is ρ s² + (1 − ρ) s² / B: ρ and s²,
estimated in the first half of the replicates, predict the second half.

Assumed: noise of one variance, uncorrelated, and inputs that stay the same. Its law does not matter.

Sources: Geman, Bienenstock & Doursat (1992), Neural Computation 4, 1–58; Hastie, Tibshirani &
Friedman, The Elements of Statistical Learning (2009), sections 7.3, 15.2; Breiman (2001), Machine
Learning 45, 5–32.
"""

import time
from collections.abc import Callable, Iterator
from typing import Literal, cast

import numpy as np

from core.experiment import Config as Base
from core.experiment import Frames, Report, field
from core.linear import curves, decomposition, decomposition_tables, learners, noises, smoothers
from core.linear.decomposition_tables import GRID, Fit, Known
from core.linear.designs import Floats
from core.linear.learners import Learner
from core.linear.smoothers import Smoother

VERSION = 1

# Widths of networks, and samples that train side by side.
WIDTHS, TOGETHER = (1, 2, 3, 4, 6, 8, 12, 16, 32), 20
LINEAR = ("polynomial", "spline", "neighbours", "ridge", "kernel")


class Config(Base):
    learner: Literal[
        "polynomial",
        "spline",
        "neighbours",
        "ridge",
        "kernel",
        "tree",
        "forest",
        "boosting",
        "network",
        "support_vector",
    ] = field(
        "polynomial",
        "What is fitted; its setting runs from simple to flexible.",
        names={
            "polynomial": "Polynomial",
            "spline": "Cubic spline",
            "neighbours": "Nearest neighbours",
            "ridge": "Ridge on polynomials",
            "kernel": "Kernel ridge",
            "tree": "Regression tree",
            "forest": "Forest (bagged trees)",
            "boosting": "Boosted trees",
            "network": "Neural network, tanh",
            "support_vector": "Support vector machine",
        },
    )
    function: curves.Curve = field("sine", "The true curve f.", section="data", names=curves.NAMES)
    samples: int = field(40, "Number of training samples n.", section="data", ge=20, le=200)
    noise: float = field(
        0.5,
        "Standard deviation σ of the noise in the target.",
        section="data",
        unit="units of the target",
        scale="log",
        ge=0.01,
        le=5.0,
    )
    degree: int = field(
        15,
        "Largest degree of the polynomials.",
        when={"learner": ("polynomial", "ridge")},
        ge=1,
        le=30,
    )
    leaves: int = field(
        8,
        "Largest number of leaves of each tree in the forest or the boosted sum.",
        when={"learner": ("forest", "boosting")},
        ge=2,
        le=64,
    )
    width: float = field(
        0.1,
        "Width of the Gaussian kernel.",
        when={"learner": ("kernel", "support_vector")},
        unit="units of x",
        scale="log",
        ge=0.01,
        le=1.0,
    )
    steps: int = field(
        600,
        "Steps of training of the network, each on the whole sample.",
        section="training",
        when={"learner": ("network",)},
        scale="log",
        ge=10,
        le=5000,
    )
    noise_law: noises.Noise = field(
        "gaussian",
        "How the noise is distributed; theory assumes one variance and no correlation, not a law.",
        section="assumption",
        names=noises.NAMES,
    )
    design: Literal["fixed", "random"] = field(
        "fixed",
        "Whether all replicates share equally spaced inputs or each draws its own, uniform on [0, 1].",
        section="assumption",
        names={"fixed": "The same inputs", "random": "New inputs each time"},
    )
    replicates: int = field(
        200, "Independent draws of the noise.", section="training", scale="log", ge=20, le=2000
    )


TABLES = decomposition_tables.TABLES
BREAKS = {
    "Noise correlated with its neighbours": {"noise_law": "correlated"},
    "Noise larger towards both ends": {"noise_law": "varying"},
    "New inputs in each replicate": {"design": "random"},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates times that of the fits at all settings."""
    # Imported late: SciPy takes a while to load.
    from core import theory

    report(0.0, "computing the theory")
    known = _known(config)
    tables: Frames = {"theory": decomposition_tables.theory(known)}
    fits: list[Fit] = []
    shown, last, of = 8, time.monotonic(), config.replicates

    def tick() -> None:
        report(len(fits) / of, f"training networks, {len(fits)} of {of} samples done")

    for fit in _trained(config, tick) if config.learner == "network" else _fits(config):
        fits.append(fit)
        if len(fits) == shown < of:
            shown *= 4
            tables = decomposition_tables.tables(known, decomposition_tables.joined(fits))
            report(len(fits) / of, f"fitting {len(fits)} of {of}", tables)
        elif time.monotonic() - last > 0.1:
            last = time.monotonic()
            report(len(fits) / of, f"fitting {len(fits)} of {of}")
    found = decomposition_tables.joined(fits)
    report(1.0, "decomposing the errors")
    tables = decomposition_tables.tables(known, found)
    report(1.0, "holding them against the theory", tables)
    return {**tables, "checks": theory.checks(decomposition_tables.checks(known, found))}


def _grid() -> Floats:
    return (np.arange(GRID) + 0.5) / GRID


def _inputs(config: Config) -> Floats:
    return (np.arange(config.samples) + 0.5) / config.samples


def _settings(config: Config) -> Floats:
    if config.learner in LINEAR:
        return smoothers.settings(cast("Smoother", config.learner), config.samples, config.degree)
    if config.learner == "network":
        return np.array(WIDTHS, float)
    return learners.settings(cast("Learner", config.learner), config.samples)


def _weights(config: Config, x: Floats) -> Floats:
    """Weights (c, m + n, n) at the grid and then at the inputs `x` (n,)."""
    at, degree = np.concatenate([_grid(), x]), min(config.degree, config.samples - 1)
    learner, chosen = cast("Smoother", config.learner), _settings(config)
    return smoothers.weights(learner, x, at, chosen, degree=degree, width=config.width)


def _fits(config: Config) -> Iterator[Fit]:
    """Each replicate in turn, with a stream of its own."""
    x, grid, chosen = _inputs(config), _grid(), _settings(config)
    linear = config.learner in LINEAR
    weights = _weights(config, x) if linear else None
    for stream in np.random.SeedSequence([config.seed, 1]).spawn(config.replicates):
        rng, within = np.random.default_rng(stream), 0.0
        if config.design == "random":
            x = np.sort(rng.uniform(size=config.samples))
            weights = _weights(config, x) if linear else None
        y, new = (_targets(config, inputs, rng) for inputs in (x, grid))
        if weights is not None:
            predicted = weights @ y
        else:
            learner, at = cast("Learner", config.learner), np.concatenate([grid, x])
            predicted = learners.predictions(
                learner, x, y, at, chosen, rng, leaves=config.leaves, width=config.width
            )
        if config.learner == "forest":
            within = float(predicted[:, :GRID].var(axis=0, ddof=1).mean())
            predicted = learners.forests(predicted, chosen)
        yield decomposition_tables.fit(predicted, np.concatenate([new, y]), within)


def _trained(config: Config, tick: Callable[[], None]) -> Iterator[Fit]:
    """Each replicate of networks, of which some train side by side."""
    # Imported late: JAX takes a second to load.
    from core.networks.curve_fits import curves as fitted

    grid = _grid()
    streams = np.random.SeedSequence([config.seed, 1]).spawn(config.replicates)
    for begin in range(0, config.replicates, TOGETHER):
        # The last are filled up, so that all of them share a program.
        picked = [min(begin + i, config.replicates - 1) for i in range(TOGETHER)]
        rngs = [np.random.default_rng(streams[r]) for r in picked]
        shared = config.design == "fixed"
        x = np.stack(
            [_inputs(config) if shared else np.sort(g.uniform(size=config.samples)) for g in rngs]
        )
        drawn = [[_targets(config, at, g) for at in (own, grid)] for own, g in zip(x, rngs, strict=True)]
        y, new = (np.stack(column) for column in zip(*drawn, strict=True))
        at = np.concatenate([np.broadcast_to(grid, (TOGETHER, GRID)), x], axis=1)
        predicted = fitted(x, y, at, WIDTHS, rngs, steps=config.steps, tick=tick)
        for i in range(min(TOGETHER, config.replicates - begin)):
            yield decomposition_tables.fit(predicted[i], np.concatenate([new[i], y[i]]), 0.0)


def _targets(config: Config, x: Floats, rng: np.random.Generator) -> Floats:
    return curves.curve(config.function, x) + noises.draw(config.noise_law, x, config.noise, rng)


def _known(config: Config) -> Known:
    x, grid = _inputs(config), _grid()
    truth, chosen = curves.curve(config.function, grid), _settings(config)
    noise = config.noise**2
    if config.learner not in LINEAR:
        return Known(chosen, np.full(chosen.shape, np.nan), truth, noise, None, None)
    sample, weights = curves.curve(config.function, x), _weights(config, x)
    on_grid, on_sample = weights[:, :GRID], weights[:, GRID:]
    exact = decomposition.exact(on_grid, on_sample, truth, sample, noise)
    freedom = np.trace(on_sample, axis1=1, axis2=2)
    return Known(chosen, freedom, truth, noise, exact, on_grid @ sample)
