"""How does a network's risk fall as it trains, on the data it sees and on data it does not?

A multilayer perceptron is trained on part of a data set, several times: each replicate has its own
split, initial weights and order of batches, and all replicates train in one program. The loss is
the negative log-likelihood of the target: risk is in nats, for a Gaussian in squared units of the
target. Inputs are standardised with the training part's mean and standard deviation. Label noise
touches the training part only.

Theory. With K classes, outputs z and symmetric initial output weights, E z = 0 and risk begins at
log K + E[logsumexp(z) − mean(z) − log K]. That expectation lies between 0 and E(max z − min z)²/8
(Hoeffding's lemma), of second order in the weights; of first order is only a fluctuation of mean 0.
For a number, squared error begins at the target's variance plus E z². Without a hidden layer risk
is convex, and training must find the (penalised) maximum-likelihood fit. A gradient by automatic
differentiation must equal the central difference of the risk.

Sources: Rumelhart, Hinton and Williams (1986), Nature 323, 533–536. Hoeffding (1963), Journal of
the American Statistical Association 58, 13–30. Nesterov (2004), Introductory Lectures on Convex
Optimization, section 2.2. Griewank and Walther (2008), Evaluating Derivatives, SIAM.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from core.datasets.labelled import BUNDLED, Labelled, Task, labelled
from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.networks.names import Activation, Initialization, LikelihoodName, Optimizer
from core.networks.tables import (
    GRADIENTS,
    INPUTS,
    NOTES,
    OVERALL,
    POINTS,
    RISK,
    SUMMARY,
    SURFACE,
    THEORY,
)

# Imported late, by what needs them: JAX, SciPy and scikit-learn take seconds to load.
if TYPE_CHECKING:
    from core.networks.history import History
    from core.networks.problem import Problem, Replicates
    from core.networks.training import Program, State

VERSION = 1

SYNTHETIC = ("moons", "circles", "xor", "blobs", "spirals")


class Config(Base):
    """The data, the network and how it is trained."""

    data: str = field(
        "spirals",
        "A bundled real data set, a synthetic one in two dimensions, or an uploaded file.",
        section="data",
        kind="data",
        names=BUNDLED,
    )
    target: str = field(
        "",
        "Column to be predicted; empty for a data set's own target.",
        section="data",
        kind="column",
        when={"data": ("upload",)},
    )
    task: Task = field(
        "auto",
        "Whether the target is classes or a number; auto tells by its values.",
        section="data",
        when={"data": ("upload",)},
    )
    samples: int = field(
        1000,
        "Points of a synthetic data set.",
        section="data",
        ge=10,
        le=50_000,
        when={"data": SYNTHETIC},
    )
    noise: float = field(
        0.05,
        "Standard deviation of the Gaussian noise on both coordinates of a synthetic data set.",
        section="data",
        ge=0,
        le=2,
        step=0.01,
        when={"data": SYNTHETIC},
    )
    label_noise: float = field(
        0.0,
        "Share of training labels replaced by another class, or by another row's number.",
        section="data",
        ge=0,
        le=1,
        step=0.05,
    )
    widths: tuple[Annotated[int, Field(ge=1, le=2048)], ...] = field(
        (128, 128),
        "Units in each hidden layer, separated by commas; empty for a linear model.",
        max_length=12,
    )
    activation: Activation = field("gelu", "The function after each hidden layer.")
    loss: Literal["auto", LikelihoodName] = field(
        "auto",
        "Likelihood whose negative logarithm is minimised; auto is categorical for classes, "
        "Gaussian for a number.",
        section="more",
    )
    optimizer: Optimizer = field("adam", "How a gradient becomes a step.", section="more")
    learning_rate: float = field(
        0.003, "Step size of the optimiser.", section="training", scale="log", gt=0, le=1e10
    )
    epochs: int = field(60, "Passes over the training data.", section="training", ge=1, le=5000)
    batch_size: int = field(
        32, "Rows in a step; 0 for all training rows.", section="more", ge=0, le=100_000
    )
    initial_scale: float = field(
        0.01,
        "Factor on the output layer's initial weights; that risk begins at log K assumes it small.",
        section="assumption",
        scale="log",
        gt=0,
        le=100,
    )
    linear_steps: int = field(
        2000,
        "Steps of the linear fit that is held against scikit-learn's; that they agree assumes many.",
        section="assumption",
        ge=1,
        le=10_000,
    )
    initialization: Initialization = field(
        "he", "Variance of initial weights, or orthonormal ones.", section="more"
    )
    weight_decay: float = field(
        0.0,
        "Penalty λ in ½ λ ‖w‖² on weights, not biases; for adamw the decay apart from the gradient.",
        section="more",
        ge=0,
        le=10,
    )
    test_share: float = field(
        0.25, "Share of the rows kept for testing.", section="more", gt=0, lt=1, step=0.05
    )
    replicates: int = field(
        5, "Networks, each with its own split, initial weights and batches.", section="more", ge=1, le=50
    )


TABLES = {
    "risk": RISK,
    "theory": THEORY,
    "gradients": GRADIENTS,
    "surface": SURFACE,
    "points": POINTS,
    "inputs": INPUTS,
    "summary": SUMMARY,
    "overall": OVERALL,
    "checks": CHECKS,
    "notes": NOTES,
}

BREAKS: dict[str, dict[str, Any]] = {
    "Large initial output weights": {"initial_scale": 3.0},
    "Stop the linear fit after 5 steps": {"linear_steps": 5},
}

# Seconds between reports.
PAUSE = 0.1


@dataclass(frozen=True)
class _Training:
    """All that the tables are made from."""

    config: Config
    known: Labelled
    problem: "Problem"
    group: "Replicates"
    program: "Program"
    history: "History"


def run(config: Config, report: Report) -> Frames:
    """Trains all replicates; the tables of `TABLES`.

    Raises:
        InputError: data, target or likelihood that cannot be used, a split without rows, or more
            memory than a training may have.
    """
    from core import theory
    from core.networks.optimizers import Settings
    from core.networks.training import start, walk
    from core.networks.verification import verify

    report(0.0, "reading the data")
    # The first two are for the data and the checks, so that more replicates change neither.
    seeds = np.random.SeedSequence(config.seed).spawn(2 + config.replicates)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    it = _prepare(config, rngs[0], rngs[2:])
    report(0.02, "compiling the training program")
    settings = Settings.shared(config.replicates, config.learning_rate, config.weight_decay)
    begun = start(it.program, settings, it.group.train, it.group.params, it.group.seeds, it.group.fixed)
    reported = time.monotonic()
    at = _positions(it)
    state = begun
    for state in walk(it.program, settings, it.group.train, begun, at, PAUSE):
        if int(state.step) == at[len(it.history)]:
            it.history.add(state)
        if time.monotonic() - reported > PAUSE:
            share = int(state.step) / at[-1]
            said = f"training, epoch {int(share * config.epochs)} of {config.epochs}"
            # One position makes no curve: tables from the second on.
            drawn = _tables(it, state) if len(it.history) > 1 else None
            report(0.05 + 0.9 * share, said, drawn)
            reported = time.monotonic()
    report(0.96, "checking against theory")
    last = state.networks() if np.isnan(it.history.diverged(state)[0]) else None
    checks, unchecked = verify(
        it.program, it.group, begun.networks(), last, config.linear_steps, rngs[1]
    )
    notes = [*it.known.notes, *_notes(it, state), *unchecked]
    return {
        **_tables(it, state),
        "checks": theory.checks(checks),
        "notes": NOTES.frame({"note": notes}),
    }


def _prepare(
    config: Config, data_rng: np.random.Generator, rngs: list[np.random.Generator]
) -> _Training:
    from core.networks.history import History
    from core.networks.problem import problem, replicates
    from core.networks.training import Program

    known = labelled(
        config.data,
        target=config.target,
        task=config.task,
        samples=config.samples,
        noise=config.noise,
        rng=data_rng,
    )
    learnt = problem(known.inputs, known.target, len(known.classes or ()), config.loss)
    group = replicates(
        learnt,
        config.widths,
        rngs,
        initialization=config.initialization,
        output_scale=config.initial_scale,
        test_share=config.test_share,
        label_noise=config.label_noise,
        batch=config.batch_size,
    )
    batch = config.batch_size if config.batch_size < int(group.train.rows) else 0
    program = Program(config.activation, learnt.likelihood, config.optimizer, batch)
    return _Training(config, known, learnt, group, program, History(program, group))


def _positions(it: _Training) -> list[int]:
    """Where to measure: fewer positions for more replicates and layers, so that a chart stays
    below 5,000 values."""
    from core.networks.history import positions

    total = it.config.epochs * it.program.per_epoch(int(it.group.train.rows))
    curves = it.config.replicates * max(2, len(it.config.widths) + 1)
    return positions(total, int(np.clip(4500 / curves, 10, 50)))


def _tables(it: _Training, state: "State") -> Frames:
    """The tables as far as training has come."""
    from core.networks.mlp import nth
    from core.networks.surface import named, points, surface
    from core.networks.verification import null_name, null_risks

    made = {"surface": SURFACE.empty(), "points": POINTS.empty(), "inputs": INPUTS.empty()}
    if it.problem.inputs.shape[1] == 2:
        sound = np.isnan(it.history.diverged(state))
        first = int(np.argmax(sound))
        sample, inputs, classes = it.group.samples[first], it.problem.inputs, it.known.classes
        made["points"] = points(sample, inputs, classes)
        made["inputs"] = named(it.known.features)
        if sound[first]:
            made["surface"] = surface(it.program, nth(state.networks(), first), sample, inputs, classes)
    null = {"name": null_name(it.group), "epoch": 0.0, "risk": float(null_risks(it.group).mean())}
    return {
        "risk": RISK.frame(it.history.risk()),
        "theory": THEORY.frame([null]),
        "gradients": GRADIENTS.frame(it.history.gradients()),
        **made,
        "summary": SUMMARY.frame(it.history.summary(state)),
        "overall": OVERALL.frame(it.history.overall(state)),
    }


def _notes(it: _Training, state: "State") -> list[str]:
    from core.networks.problem import MEASURED

    config, rows = it.config, int(it.group.train.rows)
    notes = []
    if config.batch_size > rows:
        notes.append(
            f"`batch_size` {config.batch_size:,} is more than the {rows:,} training rows: "
            f"each step uses all of them."
        )
    if max(r.size for r in it.group.samples[0].rows.values()) > MEASURED:
        notes.append(f"Risk is measured on at most {MEASURED:,} rows of a part, chosen at random.")
    return [*notes, *it.history.notes(state)]
