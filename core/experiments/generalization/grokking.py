"""Why can a model fit its training data long before it predicts well, and when will it?

Modular addition: networks of one hidden layer of quadratic units learn a + b modulo p from a share of
all pairs, by AdamW. They know the training pairs early, by heart, and the new ones late, when weight
decay has gathered the weights of each unit at one frequency. 3 (p − 1) such units give every sum
exactly (core.networks.modular). Before training, mean risk is 1 + 3/p, 1/p of the pairs are right, and
the power of a unit's weights by frequency is that of exponential order statistics.

Linear model: a linear student learns a linear teacher of d features from n noiseless samples by
gradient flow, from weights of standard deviation S. A prediction is right when it is less than ε from
the teacher's, whose own standard deviation is 1. One eigendecomposition of a replicate's design gives
the flow at all times, exactly.

Theory of the linear model (derived in core.linear.flow): independent features make the eigenvalues ν of
X'X / n follow the Marchenko–Pastur law, and at time t

    training loss = ∫ ν g(ν) dμ,     test loss = ∫ g(ν) dμ,     g = S² e² + (1 − s + e s)²,

with e = exp(−(ν + c) t), s = ν / (ν + c) and weight decay c. Errors are nearly normal, so that the share
of right predictions is erf(ε / √(2 loss)), and 95 % are right once the loss is below (ε / 1.96)². The
slow modes, those of small ν, weigh little in training loss and much in test loss: near d = n they are
the slower, and the test accuracy rises the later.

Sources: Power et al., arXiv:2201.02177 (grokking in networks); Gromov, arXiv:2301.02679 (the quadratic
network); Levi, Beck & Bar-Sinai, arXiv:2310.16441 (the linear model); Marchenko & Pastur (1967),
Mathematics of the USSR-Sbornik 1(4), 457–483.
"""

from typing import TYPE_CHECKING, Any, Literal

from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base
from core.linear import choices, designs
from core.networks import grokking_tables

if TYPE_CHECKING:
    from core.theory import Row

VERSION = 2

ADDITION: dict[str, tuple[Any, ...]] = {"task": ("addition",)}
LINEAR: dict[str, tuple[Any, ...]] = {"task": ("linear",)}


class Config(Base):
    task: Literal["addition", "linear"] = field(
        "addition",
        "What is to be learned.",
        section="data",
        names={
            "addition": "Modular addition, by networks",
            "linear": "A linear teacher, in closed form",
        },
    )
    modulus: int = field(
        31, "Modulus p, an odd number.", section="data", step=2, ge=11, le=47, when=ADDITION
    )
    share: float = field(
        0.4,
        "Share of the p² pairs that are trained on.",
        label="Training share",
        section="data",
        step=0.05,
        ge=0.1,
        le=0.9,
        when=ADDITION,
    )
    width: int = field(
        128, "Hidden units of the network.", section="model", scale="log", ge=8, le=256, when=ADDITION
    )
    decay: float = field(
        2.0,
        "Weight decay λ of AdamW: a step takes learning rate · λ of each weight away.",
        label="Weight decay λ",
        section="training",
        step=0.5,
        ge=0.0,
        le=10.0,
        when=ADDITION,
    )
    learning_rate: float = field(
        0.005, "Step size of AdamW.", section="training", scale="log", ge=1e-4, le=1.0, when=ADDITION
    )
    steps: int = field(
        1500,
        "Steps of AdamW, each on all training pairs.",
        section="training",
        scale="log",
        ge=100,
        le=20000,
        when=ADDITION,
    )
    networks: int = field(
        4,
        "Networks, each with pairs and starting weights of its own.",
        section="training",
        ge=2,
        le=8,
        when=ADDITION,
    )
    answers: Literal["sum", "arbitrary"] = field(
        "sum",
        "What is to be learned of a pair; of arbitrary answers nothing tells those to new pairs.",
        section="assumption",
        names={"sum": "a + b modulo p", "arbitrary": "Any number, drawn once"},
        when=ADDITION,
    )
    features: int = field(200, "Number of features d.", section="data", ge=50, le=500, when=LINEAR)
    ratio: float = field(
        0.9,
        "Features per training sample, d / n.",
        label="Features per sample",
        section="data",
        step=0.05,
        ge=0.2,
        le=2.0,
        when=LINEAR,
    )
    tolerance: float = field(
        0.6,
        "Largest error ε of a prediction that counts as right.",
        section="data",
        unit="standard deviations of the teacher's output",
        step=0.05,
        ge=0.05,
        le=1.5,
        when=LINEAR,
    )
    scale: float = field(
        1.0,
        "Standard deviation S of the student's weights at the start; the teacher's is 1.",
        label="Initial scale",
        section="training",
        scale="log",
        ge=0.01,
        le=10.0,
        when=LINEAR,
    )
    weight_decay: float = field(
        0.0,
        "Rate c at which weights shrink.",
        section="training",
        unit="per unit of time",
        step=0.001,
        ge=0.0,
        le=0.5,
        when=LINEAR,
    )
    time: float = field(
        1000.0,
        "Time t up to which it trains: steps times step size, with eigenvalues of mean 1.",
        section="training",
        scale="log",
        ge=10.0,
        le=1e5,
        when=LINEAR,
    )
    replicates: int = field(
        20, "Independent designs, students and teachers.", section="training", ge=8, le=100, when=LINEAR
    )
    design: designs.Design = choices.design(
        "Distribution of the features; the theory assumes independent ones.", LINEAR
    )
    correlation: float = choices.correlation(0.5, LINEAR)
    tail: float = choices.tail(LINEAR)


TABLES = {**grokking_tables.TABLES, "checks": CHECKS}

BREAKS: dict[str, dict[str, Any]] = {
    "No weight decay: nothing but memory": {"decay": 0.0},
    "Arbitrary answers: nothing to find": {"answers": "arbitrary", "steps": 600},
    "Most pairs trained on: no delay": {"share": 0.8, "steps": 400},
    "Linear model: correlated features": {"task": "linear", "design": "correlated", "correlation": 0.8},
    "Linear model: samples of random scale": {"task": "linear", "design": "samples", "tail": 3.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as networks · steps · share · p³ · width, or as
    replicates · d² (d + n).

    Raises:
        InputError: an even modulus.
    """
    # Imported late: the server and the command line import every experiment's module at start.
    from core import theory

    if config.task == "addition":
        tables, rows = _addition(config, report)
    else:
        from core.linear import grokking

        names = grokking.Problem.__dataclass_fields__
        problem = grokking.Problem(**{name: getattr(config, name) for name in names})
        tables, rows = grokking.run(problem, TABLES, report)
    filled = {name: tables.get(name, TABLES[name].empty()) for name in TABLES}
    return {**filled, "checks": theory.checks(rows)}


def _addition(config: Config, report: Report) -> "tuple[Frames, list[Row]]":
    from core.networks import grokking

    if config.modulus % 2 == 0:
        raise InputError(f"`modulus` must be an odd number; it was {config.modulus}.")
    problem = grokking.Problem(
        config.modulus,
        config.share,
        config.width,
        config.learning_rate,
        config.decay,
        config.steps,
        config.networks,
        config.answers == "arbitrary",
        config.seed,
    )
    return grokking.run(problem, report)
