"""Why can a model with more parameters than data points still predict well?

Linear models: n samples y = x'β + ε with noise of variance σ², and least squares on p features, where
p > n the interpolating solution of least norm. Either p grows, or n does. The seed fixes β; design and
noise are new in each replicate and shared by all sizes. Risk is the mean squared error on new samples,
noise included: (b − β)'Σ(b − β) + σ², in closed form, so that no test sample adds noise.

Theory, for independent Gaussian features, with s the signal variance carried by the p features in
use and v = σ² + that of the others (derived in core.linear.risk):

    p ≤ n − 2:  v (n − 1) / (n − p − 1)          p ≥ n + 2:  s (1 − n/p) + v (p − 1) / (p − n − 1)

The k-th moment is finite only where |p − n| ≥ 2k: no mean at |p − n| < 2. Checks ask for |p − n| ≥ 8,
where the standard error has finite variance, and ≥ n/8, where skewness is below 2 and a mean of
replicates is nearly normal. Training risk is v (1 − p/n), then 0.
The limit at p/n = γ is v / (1 − γ), then s (1 − 1/γ) + v γ / (γ − 1); ridge with the best penalty
λ* = γ v / s has no peak. The universal formula extends the limit to any covariance of the features
and any law of their entries with moments beyond the fourth, but not to samples of random scale.

Random features: the model is linear in p features ReLU(u'x) of d inputs in random directions u, and the
truth in the inputs; the limit as n, p and d grow together is in core.linear.random_features.

Networks: one hidden layer, all layers trained, on labels of which a share is wrong and on the true ones,
as the width, the steps or the samples grow (core.networks.descent). There theory counts: P parameters
against n K training values. That the test risk peaks near P = n K is an empirical law.

Sources: Belkin, Hsu & Xu, arXiv:1903.07571; Hastie, Montanari, Rosset & Tibshirani,
arXiv:1903.08560; Dobriban & Wager, arXiv:1507.03003; Bordelon, Canatar & Pehlevan, arXiv:2002.02561;
Mei & Montanari, arXiv:1908.05355; Nakkiran et al., arXiv:1912.02292.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core.datasets.labelled import BUNDLED, labelled
from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base
from core.linear import choices, descent_tables, designs

# Imported late, by what needs them: JAX and SciPy take a while to load.
if TYPE_CHECKING:
    from core.linear.descent import Regression
    from core.theory import Row

VERSION = 2

GROWS = ("inputs", "random_features")
LINEAR = (*GROWS, "samples")
NETWORKS = ("width", "steps", "network_samples")


class Config(Base):
    case: Literal["inputs", "random_features", "samples", "width", "steps", "network_samples"] = field(
        "inputs",
        "The model, and what grows.",
        label="Model, and what grows",
        section="data",
        names={
            "inputs": "Linear model: its features",
            "random_features": "Random ReLU features: their number",
            "samples": "Linear model: the samples",
            "width": "Network: its width",
            "steps": "Network: its training steps",
            "network_samples": "Network: the samples",
        },
    )
    data: str = field(
        "digits",
        "A bundled data set or an uploaded file.",
        section="data",
        kind="data",
        names=BUNDLED,
        when={"case": NETWORKS},
    )
    target: str = field(
        "",
        "Column to predict; empty for a data set's own.",
        section="data",
        kind="column",
        when={"data": ("upload",)},
    )
    samples: int = field(
        100,
        "Number of training samples n; at most three quarters of the rows of real data.",
        section="data",
        when={"case": (*GROWS, "width", "steps")},
        ge=20,
        le=400,
    )
    features: int = field(
        800,
        "Largest number of features p of the model.",
        when={"case": GROWS},
        scale="log",
        ge=10,
        le=2000,
    )
    size: int = field(
        60, "Number of features p of the model.", when={"case": ("samples",)}, ge=10, le=200
    )
    signal: float = field(
        10.0,
        "Variance of the noiseless target.",
        section="data",
        unit="squared units of the target",
        when={"case": LINEAR},
        scale="log",
        ge=0.1,
        le=100.0,
    )
    noise: float = field(
        1.0,
        "Standard deviation σ of the noise in the target.",
        section="data",
        unit="units of the target",
        when={"case": LINEAR},
        scale="log",
        ge=0.05,
        le=10.0,
    )
    inputs: int = field(
        50,
        "Number d of inputs that random features are made of, all used by the truth.",
        when={"case": ("random_features",)},
        ge=5,
        le=400,
    )
    model: Literal["well_specified", "misspecified"] = field(
        "well_specified",
        "Whether the truth uses the p features of the model, or all while the model sees the first p.",
        when={"case": ("inputs",)},
        names={"well_specified": "Truth grows with model", "misspecified": "Truth uses all features"},
    )
    decay: float = field(
        1.0,
        "Exponent a of the true coefficients, whose squares fall as j^−a.",
        when={"model": ("misspecified",), "case": ("inputs",)},
        ge=0.0,
        le=4.0,
    )
    penalty: Literal["none", "optimal", "fixed"] = field(
        "none",
        "Ridge penalty λ: none (least norm), the optimal λ* at each size, or one value for all.",
        when={"case": LINEAR},
        names={"none": "None (ridgeless)", "optimal": "Optimal ridge", "fixed": "Fixed ridge"},
    )
    ridge: float = field(
        0.1,
        "The fixed penalty λ, of mean squared error + λ‖b‖².",
        when={"penalty": ("fixed",), "case": LINEAR},
        scale="log",
        ge=1e-4,
        le=100.0,
    )
    hidden: int = field(
        64, "Hidden units of the network.", when={"case": ("steps",)}, scale="log", ge=8, le=512
    )
    units: int = field(
        12,
        "Hidden units of the network, few, so that the samples outnumber its parameters.",
        when={"case": ("network_samples",)},
        ge=2,
        le=40,
    )
    steps: int = field(
        1500,
        "Steps of Adam: on the full sample, or against steps in batches of 32.",
        section="training",
        when={"case": NETWORKS},
        scale="log",
        ge=20,
        le=20_000,
    )
    learning_rate: float = field(
        0.01, "Step size of Adam.", section="more", when={"case": NETWORKS}, scale="log", ge=1e-4, le=1.0
    )
    networks: int = field(
        5,
        "Networks of each size, each with rows, wrong labels and initial weights of its own.",
        section="training",
        when={"case": NETWORKS},
        ge=3,
        le=20,
    )
    label_noise: float = field(
        0.2,
        "Share of training labels replaced by another class, or by another row's number.",
        section="assumption",
        when={"case": NETWORKS},
        ge=0.0,
        le=1.0,
        step=0.05,
    )
    design: designs.Design = field(
        "gaussian",
        "Distribution of the features, or inputs; theory assumes independent Gaussian ones.",
        section="assumption",
        when={"case": LINEAR},
        names=designs.NAMES,
    )
    correlation: float = choices.correlation(0.9)
    tail: float = choices.tail()
    replicates: int = field(
        200,
        "Independent draws of design and noise.",
        section="training",
        when={"case": LINEAR},
        scale="log",
        ge=20,
        le=500,
    )


TABLES = {**descent_tables.TABLES, "checks": CHECKS}

BREAKS: dict[str, dict[str, Any]] = {
    "Correlated features": {"design": "correlated", "correlation": 0.95},
    "Samples of random scale": {"design": "samples", "tail": 3.0},
    "Random features of inputs of random scale": {
        "case": "random_features",
        "design": "samples",
        "tail": 3.0,
    },
    "Network: no label noise": {"case": "steps", "label_noise": 0.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · n² (p + n), or networks · steps · n · width.

    Raises:
        InputError: data that a network cannot learn from, or more memory than a run may take.
    """
    from core import theory

    if config.case in NETWORKS:
        tables, rows = _network(config, report)
    else:
        from core.linear import descent

        tables, rows = descent.run(_regression(config), report)
    filled = {name: tables.get(name, TABLES[name].empty()) for name in TABLES}
    return {**filled, "checks": theory.checks(rows)}


def _regression(config: Config) -> "Regression":
    from core.linear import descent
    from core.linear.truth import Truth

    random, grows = config.case == "random_features", config.case == "samples"
    if grows:
        points, fine = descent.points(config.size, 4 * config.size, "samples")
    else:
        points, fine = descent.points(config.samples, config.features, "features")
    rho = config.correlation if config.design == "correlated" else 0.0
    all_used = config.case == "inputs" and config.model == "misspecified"
    decay = config.decay if all_used else None
    features = config.inputs if random else points.most[1]
    setting = descent.Setting(
        points=points,
        fine=fine,
        truth=Truth(features, config.signal, config.noise, rho, decay, config.seed),
        design=config.design,
        tail=config.tail,
        penalty=config.penalty,
        ridge=config.ridge,
        replicates=config.replicates,
        seed=config.seed,
    )
    return (descent.RandomFeatures if random else descent.Features)(setting)


def _network(config: Config, report: Report) -> "tuple[Frames, list[Row]]":
    from core.networks import descent
    from core.networks.descent_tables import Record

    report(0.0, "reading the data")
    first, *rngs = np.random.default_rng([config.seed, 0]).spawn(config.networks + 1)
    found = labelled(config.data, target=config.target, samples=1000, noise=0.2, rng=first)
    kinds = 0 if found.classes is None else len(found.classes)
    pool = descent.Pool(found.inputs, found.target, kinds)
    if pool.most < 20:
        raise InputError(
            f"`data` must have at least 27 rows, so that 20 are left to train on; it has "
            f"{found.target.size}."
        )
    rest = config.steps, config.learning_rate, config.label_noise, config.networks
    if config.case == "width":
        plan = descent.by_width(pool, config.samples, *rest)
    elif config.case == "steps":
        plan = descent.by_steps(pool, config.samples, config.hidden, *rest)
    else:
        plan = descent.by_samples(pool, config.units, *rest)
    record = Record(pool, plan)
    trained = descent.train(pool, plan, rngs, report, record.tables)
    tables = record.tables(trained)
    return tables, record.checks(tables)
