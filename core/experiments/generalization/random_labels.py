"""Can a model learn labels that mean nothing, and when does it run out of room?

Four models are given labels, or patterns, that carry no information, from a little to all of it.

Network: one hidden layer trained by Adam on a real data set whose labels are replaced by uniformly
random ones with probability ρ. 2n + d weights suffice for any labels of n distinct inputs. Whatever the
network, at ρ = 1 its mean test error is exactly 1 − 1/K with K classes: labels and initial weights do
not tell the classes apart. The nearest neighbour memorises too, and its mean test error is exactly
(1 − ρ) e₀ + ρ (1 − 1/K), with e₀ that on true labels.

Hyperplane: random labels of n points in general position in d dimensions are separable with probability
2^(1−n) Σ_{k<d} C(n − 1, k). One by one, 2d points fit on average, with variance 2d.

Logistic regression: its estimate exists unless the data are separable. With signal γ, from γ = 0 for
random labels, that happens at p/n above κ*(γ) = min_t E[(Z − tV)₊²], as n, p → ∞; at γ = 0 the mean p
where it first happens is exactly (n + 1)/2.

Hopfield network: N units that hold P random patterns. The probability of an unstable bit is exactly that
of a sum of (N − 1)(P − 1) random signs below −(N − 1); the overlap it settles at has a limit up to
P/N = 0.138, and breaks down beyond.

Sources: Zhang et al., arXiv:1611.03530; Cover (1965), IEEE Trans. Electronic Computers EC-14, 326–334;
Candès & Sur, arXiv:1804.09753; Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55, 1530–1533.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.datasets.labelled import BUNDLED, labelled
from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base
from core.networks import memory_tables

# Imported late, by what needs them: JAX and SciPy take a while to load.
if TYPE_CHECKING:
    from core.theory import Row

VERSION = 1

LEAST = 20
NETWORK: dict[str, tuple[Any, ...]] = {"model": ("network",)}


class Config(Base):
    model: Literal["network", "hyperplane", "logistic", "hopfield"] = field(
        "network",
        "What is to memorise.",
        section="data",
        names={
            "network": "A network, from true to random labels",
            "hyperplane": "A hyperplane: Cover's count",
            "logistic": "Logistic regression: does its estimate exist?",
            "hopfield": "A Hopfield network",
        },
    )
    data: str = field(
        "digits",
        "A bundled data set with classes, or an uploaded file.",
        section="data",
        kind="data",
        names=BUNDLED,
        when=NETWORK,
    )
    target: str = field(
        "",
        "Column of the classes; empty for a data set's own.",
        section="data",
        kind="column",
        when={"data": ("upload",)},
    )
    samples: int = field(
        128,
        "Training rows n of the network, at most half of the data; samples n of the logistic model.",
        section="data",
        ge=20,
        le=400,
        when={"model": ("network", "logistic")},
    )
    width: int = field(
        32, "Hidden units of the network.", scale="log", ge=1, le=512, when={"model": ("network",)}
    )
    features: int = field(
        20, "Largest dimension d of the points.", ge=4, le=60, when={"model": ("hyperplane",)}
    )
    signal: float = field(
        4.0,
        "Largest signal γ: the log odds of a label are γ times the first feature.",
        ge=0.5,
        le=10.0,
        when={"model": ("logistic",)},
    )
    units: int = field(
        500, "Units N of the network.", ge=50, le=1500, scale="log", when={"model": ("hopfield",)}
    )
    learning_rate: float = field(
        0.01,
        "Step size of Adam.",
        section="training",
        scale="log",
        ge=1e-4,
        le=10.0,
        when={"model": ("network",)},
    )
    steps: int = field(
        100,
        "Steps of Adam on the full sample.",
        section="training",
        scale="log",
        ge=10,
        le=5000,
        when={"model": ("network",)},
    )
    networks: int = field(
        10,
        "Networks at each share of random labels, or at each number of patterns.",
        section="training",
        ge=4,
        le=50,
        when={"model": ("network", "hopfield")},
    )
    replicates: int = field(
        100,
        "Independent draws of points and labels.",
        section="training",
        scale="log",
        ge=20,
        le=1000,
        when={"model": ("hyperplane", "logistic")},
    )
    twins: float = field(
        0.0,
        "Share of points that are copies of others with a label of their own; theory asks for 0.",
        section="assumption",
        ge=0.0,
        le=0.5,
        step=0.05,
        when={"model": ("network", "hyperplane", "logistic")},
    )
    bias: float = field(
        0.0,
        "Mean of the bits of the patterns; theory asks for 0, as many +1 as −1.",
        section="assumption",
        ge=0.0,
        le=0.8,
        step=0.05,
        when={"model": ("hopfield",)},
    )


TABLES = {**memory_tables.TABLES, "checks": CHECKS}

BREAKS: dict[str, dict[str, Any]] = {
    "Twins: copies of points with labels of their own": {"twins": 0.3},
    "Hyperplane: points not in general position": {"model": "hyperplane", "twins": 0.3},
    "Logistic regression: copies of points": {"model": "logistic", "twins": 0.3},
    "Hopfield network: biased patterns": {"model": "hopfield", "bias": 0.4},
}


def run(config: Config, report: Report) -> Frames:
    """The tables; work grows as networks · steps · samples · width, or replicates · points³.

    Raises:
        InputError: data without classes or with few rows, or more memory than a run may take.
    """
    from core import theory

    seed = config.seed
    if config.model == "network":
        tables, rows = _network(config, report)
    elif config.model == "hopfield":
        from core.networks.hopfield_tables import recall

        tables, rows = recall(config.units, config.networks, config.bias, seed, report)
    else:
        from core.linear.separability_tables import hyperplane, logistic

        of = config.twins, config.replicates, seed, report
        if config.model == "hyperplane":
            tables, rows = hyperplane(config.features, *of)
        else:
            tables, rows = logistic(config.samples, config.signal, *of)
    filled = {name: tables.get(name, TABLES[name].empty()) for name in TABLES}
    return {**filled, "checks": theory.checks(rows)}


def _network(config: Config, report: Report) -> "tuple[Frames, list[Row]]":
    from core.networks import memorization
    from core.networks.memorization_tables import SHARES, Memorization

    report(0.0, "reading the data")
    rngs = np.random.default_rng([config.seed, 0]).spawn(config.networks + 1)
    found = labelled(
        config.data, target=config.target, samples=2 * config.samples, noise=0.2, rng=rngs[0]
    )
    if found.classes is None:
        raise InputError(
            f"`data` must have classes to predict; the target of {config.data} is a number."
        )
    if found.target.size < LEAST:
        raise InputError(
            f"`data` must have at least {LEAST} rows to memorise half of; it has {found.target.size}."
        )
    kinds, classes = len(found.classes), found.target.astype(np.int64)
    some = (found.inputs, classes, kinds, config.samples, config.twins)
    it = Memorization.of([memorization.draw(*some, rng) for rng in rngs[1:]], kinds, config.width)
    report(0.02, "compiling the training", it.tables())
    trained = memorization.train(
        it.draws, SHARES, kinds, config.width, config.learning_rate, config.steps, report, it.tables
    )
    tables = it.tables(trained)
    return tables, it.checks(tables, np.random.default_rng([config.seed, 1]))
