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

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field

from core.datasets.labelled import BUNDLED, Task, labelled
from core.experiment import CHECKS, Frames, InputError, Later, Report, field
from core.experiment import Config as Base
from core.networks import choices, names, tables
from core.networks.names import Activation, Initialization, LikelihoodName, Optimizer

# Imported late, by what needs them: JAX, SciPy and scikit-learn take seconds to load.
if TYPE_CHECKING:
    from core.networks.fitted import Fitting
    from core.networks.optimizers import Settings
    from core.networks.training import State

VERSION = 3


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
    samples: int = choices.SAMPLES
    noise: float = choices.NOISE
    label_noise: float = choices.LABEL_NOISE
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
    momentum: float = choices.MOMENTUM
    learning_rate: float = field(
        0.003, "Step size of the optimiser.", section="training", scale="log", gt=0, le=1e10
    )
    epochs: int = field(60, "Passes over the training data.", section="training", ge=1, le=5000)
    batch_size: int = choices.BATCH_SIZE
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
    sigma_w: float = choices.SIGMA_W
    sigma_b: float = choices.SIGMA_B
    weight_decay: float = choices.WEIGHT_DECAY
    test_share: float = choices.TEST_SHARE
    replicates: int = choices.REPLICATES
    normalization: names.Normalization = choices.NORMALIZATION
    residual: bool = choices.RESIDUAL
    dropout: float = choices.DROPOUT
    schedule: names.Schedule = choices.SCHEDULE
    decay_epochs: float = choices.DECAY_EPOCHS
    decay_factor: float = choices.DECAY_FACTOR
    warmup_epochs: float = choices.WARMUP_EPOCHS
    early_stopping: bool = choices.EARLY_STOPPING
    patience: int = choices.PATIENCE
    validation_share: float = choices.VALIDATION_SHARE
    clip: float = choices.CLIP
    replacement: bool = choices.REPLACEMENT
    parametrization: names.Parametrization = choices.PARAMETRIZATION


TABLES = {
    "risk": tables.RISK,
    "theory": tables.THEORY,
    "gradients": tables.GRADIENTS,
    "validation": tables.VALIDATION,
    "surface": tables.SURFACE,
    "points": tables.POINTS,
    "inputs": tables.INPUTS,
    "summary": tables.SUMMARY,
    "overall": tables.OVERALL,
    **tables.OUTCOME,
    "checks": CHECKS,
    "notes": tables.NOTES,
}

BREAKS: dict[str, dict[str, Any]] = {
    "Large initial output weights": {"initial_scale": 3.0},
    "Stop the linear fit after 5 steps": {"linear_steps": 5},
}

FILES = {
    "network.npz": "core.networks.export:npz",
    "network.py": "core.networks.export:snippet",
}
RESUMES = True

# Seconds between reports, and how often early stopping looks at most.
PAUSE, LOOKS = 0.1, 100


def run(config: Config, report: Report) -> Frames:
    """Trains all replicates; the tables of `TABLES`.

    Raises:
        InputError: data, target, likelihood or batch that cannot be used, a split without rows, or
            more memory than a training may have.
    """
    from core import theory
    from core.networks.checkpoint import Checkpoint
    from core.networks.fitted import frames, notes
    from core.networks.fitting import train
    from core.networks.outcome import outcome
    from core.networks.training import start
    from core.networks.verification import verify

    report(0.0, "reading the data")
    # The first two are for the data and the checks, so that more replicates change neither.
    seeds = np.random.SeedSequence(config.seed).spawn(2 + config.replicates)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    it = _prepare(config, rngs[0], rngs[2:])
    report(0.02, "compiling the training program")
    group, settings = it.group, _settings(config, it)
    begun = start(it.program, settings, group.train, group.params, group.seeds, group.fixed)
    content = {"experiment": "fit-network", "version": VERSION, **config.model_dump(mode="json")}
    checkpoint = Checkpoint(content)
    measured, looks = _positions(config, it)

    def told(state: "State") -> None:
        said = f"training, epoch {int(state.step) // it.per_epoch} of {config.epochs}"
        # One position makes no curve: tables from the second on.
        drawn = Later(lambda: frames(it, state)) if len(it.history) > 1 else None
        report(0.05 + 0.9 * int(state.step) / measured[-1], said, drawn)

    state = train(it, settings, begun, set(measured), looks, checkpoint, told, PAUSE)
    report(0.96, "checking against theory")
    last = state.networks() if np.isnan(it.history.diverged(state)[0]) else None
    checks, unchecked = verify(it.program, group, begun.networks(), last, config.linear_steps, rngs[1])
    said = [*it.known.notes, *notes(it, state, config.batch_size), *unchecked]
    made, overall = outcome(it, state, pictures=config.data == "digits")
    checkpoint.remove()
    return {
        **frames(it, state),
        **made,
        "overall": tables.OVERALL.frame(overall),
        "checks": theory.checks(checks),
        "notes": tables.NOTES.frame({"note": said}),
    }


def _prepare(
    config: Config, data_rng: np.random.Generator, rngs: list[np.random.Generator]
) -> "Fitting":
    from core.networks.fitted import Fitting
    from core.networks.history import History
    from core.networks.problem import problem, replicates
    from core.networks.stopping import EarlyStopping
    from core.networks.training import Program

    if config.batch_size == 1 and config.normalization == "batch":
        raise InputError("`batch_size` must be 0 or at least 2 with batch normalisation; it was 1.")
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
        sigma_w=config.sigma_w,
        sigma_b=config.sigma_b,
        parametrization=config.parametrization,
        normalization=config.normalization,
        validation_share=config.validation_share if config.early_stopping else 0.0,
        # L-BFGS keeps ten pairs; early stopping keeps the best.
        vectors=(24 if config.optimizer == "lbfgs" else 4) + config.early_stopping,
    )
    program = Program(
        config.activation,
        learnt.likelihood,
        config.optimizer,
        config.batch_size if config.batch_size < int(group.train.rows) else 0,
        schedule=config.schedule,
        warmup=config.warmup_epochs > 0,
        clip=config.clip > 0,
        replacement=config.replacement,
        normalization=config.normalization if config.widths else "none",
        residual=config.residual,
        dropout=config.dropout > 0,
    )
    stopping = None
    if config.early_stopping:
        patience = config.patience * program.per_epoch(int(group.train.rows))
        stopping = EarlyStopping(program, group.measured["validation"], patience)
    return Fitting(known, learnt, group, program, History(program, group), stopping)


def _settings(config: Config, it: "Fitting") -> "Settings":
    """What is traced, of which the program uses what it names; lengths in steps."""
    from core.networks.optimizers import Settings

    program, epoch = it.program, it.per_epoch
    more = {
        "total": config.epochs * epoch if program.schedule == "cosine" else None,
        "every": config.decay_epochs * epoch if program.schedule in ("step", "inverse-time") else None,
        "drop": config.decay_factor if program.schedule == "step" else None,
        "warmup": config.warmup_epochs * epoch if program.warmup else None,
        "clip": config.clip if program.clip else None,
        "dropout": config.dropout if program.dropout else None,
    }
    used = {name: float(value) for name, value in more.items() if value is not None}
    shared = (config.learning_rate, config.weight_decay, config.momentum)
    return Settings.shared(config.replicates, *shared, np.float32, **used)


def _positions(config: Config, it: "Fitting") -> tuple[list[int], set[int]]:
    """Where to measure, and where early stopping looks: fewer positions for more replicates and
    layers, so that a chart stays below 5,000 values."""
    from core.networks.history import positions

    total = config.epochs * it.per_epoch
    curves = config.replicates * max(2, len(config.widths) + 1)
    measured = positions(total, int(np.clip(4500 / curves, 10, 50)))
    if it.stopping is None:
        return measured, set()
    between = -(-config.epochs // min(LOOKS, 4500 // config.replicates))
    return measured, {*range(0, total, between * it.per_epoch), total}
