"""Why does gradient descent end up where its step size is barely stable?

A network is trained on the full batch to make half the mean squared error small, and its sharpness,
the largest eigenvalue of the Hessian of that loss, is followed. Replicates have their own data and
initial weights and train together.

Theory. On a quadratic of curvature s, gradient descent with step size η contracts up to s = 2/η and
grows beyond; other methods have thresholds of their own (derived in core.networks.edge), Adam one
for the preconditioned Hessian. While the curvature along its step is below 2/η, gradient descent
cannot raise the loss (descent lemma). That networks sharpen until they reach the threshold, and
then stay there while the loss falls on, no longer monotonically, is an empirical law. It asks for
full batches, and for data hard enough that the sharpness keeps rising.

Sources: Cohen, Kaur, Li, Kolter & Talwalkar, arXiv:2103.00065; Cohen et al., arXiv:2207.14484, for
Adam; Damian, Nichani & Lee, arXiv:2209.15594, for why it stays; Nesterov (2004), Introductory
Lectures on Convex Optimization, section 1.2.3, for the descent lemma.
"""

import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core import theory
from core.experiment import Config as Base
from core.experiment import Frames, Report, field
from core.networks.edge_tables import TABLES
from core.networks.names import Activation

# Imported late, by what needs them: JAX and scikit-learn take seconds to load.
if TYPE_CHECKING:
    from core.networks.edge import Data, Program, Settings, State

VERSION = 1

# Positions at which the sharpness is measured, and seconds that one call of the compiled program
# may take, so that a run can be followed and cancelled.
POSITIONS, PAUSE = 120, 0.08


class Config(Base):
    """The data, the network and how it is trained."""

    data: Literal["random", "digits", "separable"] = field(
        "random",
        "Gaussian inputs with random labels ±1, handwritten digits (ten classes as 0 or 1), or "
        "Gaussian inputs with labels that a hyperplane separates.",
        section="data",
        names={"random": "Random labels", "digits": "Digits", "separable": "Separable labels"},
    )
    samples: int = field(200, "Training rows n.", section="data", ge=10, le=1000)
    features: int = field(
        10,
        "Inputs of a Gaussian row, each of variance 1 / features.",
        section="data",
        ge=1,
        le=100,
        when={"data": ("random", "separable")},
    )
    widths: tuple[Annotated[int, Field(ge=1, le=128)], ...] = field(
        (50, 50),
        "Units in each hidden layer, separated by commas; empty for a linear model.",
        max_length=4,
    )
    activation: Activation = field("tanh", "The function after each hidden layer.")
    initialization: Literal["lecun", "glorot", "he", "orthogonal"] = field(
        "lecun", "Variance of initial weights, or orthonormal ones.", section="more"
    )
    optimizer: Literal["gd", "momentum", "nesterov", "adam"] = field(
        "gd",
        "How a gradient becomes a step.",
        section="training",
        names={
            "gd": "Gradient descent",
            "momentum": "Heavy ball",
            "nesterov": "Nesterov",
            "adam": "Adam",
        },
    )
    learning_rate: float = field(
        0.2,
        "Step size η.",
        section="training",
        scale="log",
        gt=0,
        le=1e10,
        when={"optimizer": ("gd", "momentum", "nesterov")},
    )
    adam_rate: float = field(
        0.002,
        "Step size η of Adam.",
        label="Learning rate of Adam",
        section="training",
        scale="log",
        gt=0,
        le=1e10,
        when={"optimizer": ("adam",)},
    )
    momentum: float = field(
        0.5,
        "Momentum β of heavy ball and Nesterov.",
        section="training",
        ge=0,
        le=0.99,
        when={"optimizer": ("momentum", "nesterov")},
    )
    beta1: float = field(
        0.9,
        "Share β₁ of the past in Adam's mean of gradients.",
        label="β₁",
        section="training",
        ge=0,
        le=0.99,
        when={"optimizer": ("adam",)},
    )
    steps: int = field(
        3000,
        "Steps of training; few may end before the threshold.",
        section="training",
        ge=10,
        le=50_000,
    )
    batch_size: int = field(
        0,
        "Rows in a step, drawn anew each time; 0 for all of them, as theory assumes.",
        section="assumption",
        ge=0,
        le=1000,
    )
    replicates: int = field(
        5, "Networks, each with its own data and initial weights.", section="more", ge=1, le=20
    )


BREAKS: dict[str, dict[str, Any]] = {
    "Batches of 16": {"batch_size": 16},
    "Labels easy to learn": {"data": "separable"},
}

Floats = NDArray[np.float64]


def run(config: Config, report: Report) -> Frames:
    """Trains all replicates together; the tables of `TABLES`."""
    from core.networks import edge
    from core.networks.edge_history import EdgeHistory

    report(0.0, "drawing data and networks")
    program, settings, seed = _program(config), _settings(config), config.seed
    data, state = _drawn(config)
    report(0.02, "compiling the training program")
    for _ in range(8):  # the first eigenvector is found from a random one, later ones from the last
        state, found = edge.measure(program, settings, data, state, seed)
    history = EdgeHistory(config.optimizer, settings)
    history.add(state, found)
    reported = time.monotonic()
    for end in sorted({max(1, round(config.steps * i / POSITIONS)) for i in range(1, POSITIONS + 1)}):
        for reached in edge.walk(program, settings, data, state, end, seed, PAUSE):
            state = reached
            if time.monotonic() - reported > PAUSE:
                said = f"training, step {int(state.step):,} of {config.steps:,}"
                drawn = history.tables() if len(history) > 2 else None
                report(0.05 + 0.93 * int(state.step) / config.steps, said, drawn)
                reported = time.monotonic()
        after, found = edge.measure(program, settings, data, state, seed)
        history.add(state, found)
        state = after
    return {
        **history.tables(),
        "checks": theory.checks(history.checks()),
        "notes": TABLES["notes"].frame({"note": [*_notes(config), *history.notes(state)]}),
    }


def _program(config: Config) -> "Program":
    from core.networks.edge import Program

    batch = config.batch_size if config.batch_size < config.samples else 0
    return Program(config.optimizer, config.activation, batch)


def _settings(config: Config) -> "Settings":
    from core.networks.edge import Settings

    if config.optimizer == "adam":
        return Settings(config.adam_rate, config.beta1)
    return Settings(config.learning_rate, config.momentum)


def _drawn(config: Config) -> "tuple[Data, State]":
    """Data and initial networks; a replicate's own do not depend on how many there are."""
    from core.networks import edge
    from core.networks.initialization import initialize, stack

    # isort: split
    import jax

    drawn, networks = [], []
    for replicate in range(config.replicates):
        rng = np.random.default_rng([config.seed, replicate])
        inputs, targets = _sample(config, rng)
        sizes = (inputs.shape[1], *config.widths, targets.shape[1])
        networks.append(initialize(rng, sizes, config.initialization))
        drawn.append((inputs.astype(np.float32), targets.astype(np.float32)))
    data = edge.Data(*(jax.device_put(np.stack(arrays)) for arrays in zip(*drawn, strict=True)))
    return data, edge.start(stack(networks), config.seed)


def _sample(config: Config, rng: np.random.Generator) -> tuple[Floats, Floats]:
    if config.data == "digits":
        from core.datasets.labelled import labelled

        known = labelled("digits", samples=0, noise=0.0, rng=rng)
        rows = rng.permutation(len(known.target))[: config.samples]
        inputs, spread = known.inputs[rows], known.inputs[rows].std(axis=0)
        scaled = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return scaled / np.sqrt(inputs.shape[1]), np.eye(10)[known.target[rows]]
    inputs = rng.normal(size=(config.samples, config.features)) / np.sqrt(config.features)
    if config.data == "separable":
        scores = inputs @ rng.normal(size=config.features)
    else:
        scores = rng.choice([-1.0, 1.0], size=config.samples)
    return inputs, np.where(scores > 0, 1.0, -1.0)[:, None]


def _notes(config: Config) -> list[str]:
    if config.batch_size < config.samples:
        return []
    return [
        f"`batch_size` {config.batch_size:,} is not less than the {config.samples:,} rows: each step "
        "uses all of them."
    ]
