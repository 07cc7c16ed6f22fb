"""Which loss should a network be trained with, when a loss is the likelihood of a law?

Set-up: the same network under seven heads, each with its own law of the target: normal with constant
spread (squared error), normal, Laplace, Student t and a mixture of three normal laws, and for counts
Poisson and negative binomial. Each is trained by its likelihood, on simulated targets of known law or
on a data set. Targets that were held out decide: by their mean log-score, by the uniformity of their
probability transform, and by how often intervals hold them.

Theory: with p the true law at an input and q the predicted one, the mean log-score of q is

    E log p(y) − KL(p‖q),

so that two heads differ by the difference of their divergences, exactly, whatever the training did.
The probability transform Q(y) of the truth is uniform; of another law its distribution follows from
p and q. Counts are compared as probabilities of whole numbers, under every head. Divergences are
sums over fine cells of y, at each of the 100 held-out inputs.

Sources: Gneiting & Raftery (2007), JASA 102, 359; Diebold, Gunther & Tay (1998), International
Economic Review 39, 863; Czado, Gneiting & Held (2009), Biometrics 65, 1254; Nix & Weigend (1994);
Bishop (1994), Mixture density networks.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from core import theory
from core.datasets.bundled import SETS
from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base
from core.networks import head_layout as layout
from core.networks.names import Head

# Imported late: JAX and scipy's distributions, which training needs.
if TYPE_CHECKING:
    from core.networks.head_training import Rows
    from core.networks.head_truths import Truth

VERSION = 1

SIMULATED = {"data": ("simulated",)}
NUMBERS = {name: label for name, label in SETS.items() if name == "diabetes"}
# Held-out inputs of a simulation, and rows of a data set that a run reads.
INPUTS, LARGEST, SHOWN = 100, 20_000, 500
NAMES: dict[Head, str] = {
    "squared-error": "Squared error",
    "gaussian": "Normal",
    "laplace": "Laplace",
    "student-t": "Student t",
    "mixture": "Mixture of normals",
    "poisson": "Poisson",
    "negative-binomial": "Negative binomial",
}


class Config(Base):
    data: str = field(
        "simulated",
        "Simulated targets of known law, or a data set with a number to predict.",
        section="data",
        kind="data",
        names={"simulated": "Simulated", **NUMBERS},
    )
    target: str = field(
        "",
        "Column to be predicted; empty for a data set's own target.",
        section="data",
        kind="column",
        when={"data": ("upload",)},
    )
    truth: Literal["negative-binomial", "poisson", "gaussian", "laplace", "student-t", "mixture"] = (
        field(
            "negative-binomial",
            "Law that simulated targets are drawn from.",
            label="True law",
            section="data",
            when=SIMULATED,
            names={name: label for name, label in NAMES.items() if name != "squared-error"},
        )
    )
    size: float = field(
        2.0,
        "Size k of the negative binomial, whose variance is m + m² / k.",
        section="data",
        when={**SIMULATED, "truth": ("negative-binomial",)},
        scale="log",
        ge=0.5,
        le=100.0,
    )
    degrees: float = field(
        4.0,
        "Degrees of freedom of Student's t.",
        label="Degrees of freedom",
        section="data",
        when={**SIMULATED, "truth": ("student-t",)},
        scale="log",
        ge=2.5,
        le=50.0,
    )
    growth: float = field(
        0.8,
        "How the spread grows along the input: as e to the power of this times the input.",
        section="data",
        when={**SIMULATED, "truth": ("gaussian", "laplace", "student-t", "mixture")},
        ge=0.0,
        le=2.0,
        step=0.1,
    )
    samples: int = field(
        2000,
        "Number of training samples of a simulation.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=100,
        le=10_000,
    )
    held_out: int = field(
        1000,
        "Number of held-out samples of a simulation, ten or more at each of 100 inputs.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=1000,
        le=10_000,
        step=100,
    )
    test_share: float = field(
        0.3,
        "Share of a data set's rows that is held out.",
        section="data",
        when={"data": ("upload", *NUMBERS)},
        ge=0.05,
        le=0.9,
    )
    width: int = field(32, "Units of the hidden layer.", ge=2, le=128, scale="log")
    steps: int = field(
        1500, "Steps of training, on 64 samples each.", section="training", scale="log", ge=50, le=10_000
    )
    learning_rate: float = field(
        0.02, "Learning rate of Adam at the start.", section="training", scale="log", ge=1e-4, le=0.3
    )
    replicates: int = field(
        4, "Independent samples, each with networks of its own.", section="training", ge=2, le=10
    )
    assumed: Literal["right", Head] = field(
        "right",
        "Head whose calibration is put to the test: that of the true law, the best one of a data set, "
        "or one of your choice.",
        label="Assumed head",
        section="assumption",
        names={"right": "The right one", **NAMES},
    )
    outliers: float = field(
        0.0,
        "Share of held-out targets that are five times as large as the law of the training says.",
        section="assumption",
        when=SIMULATED,
        ge=0.0,
        le=0.5,
        step=0.01,
    )


TABLES = {**layout.TABLES, "checks": CHECKS, "notes": layout.NOTES}

BREAKS = {
    "Poisson assumed for counts that spread more": {"assumed": "poisson"},
    "A normal law assumed for heavy tails": {
        "truth": "student-t",
        "degrees": 2.5,
        "assumed": "squared-error",
    },
    "5 % of held-out targets five times as large": {"outliers": 0.05},
}


def run(config: Config, report: Report) -> Frames:
    """Trains every head, scores it on held-out targets, and holds theory against the scores."""
    from core.networks import head_tables, head_training, head_truths

    report(0.0, "drawing the samples")
    truth = _truth(config)
    draw, begin, random = (
        r.spawn(config.replicates) for r in np.random.default_rng(config.seed).spawn(3)
    )
    seeds = [int(rng.integers(2**32)) for rng in random]
    each, notes = _rows(config, truth, draw)
    whole = truth.whole if truth else _are_counts(each)
    heads: tuple[Head, ...] = tuple(
        n for n in NAMES if whole or n not in ("poisson", "negative-binomial")
    )
    if config.assumed not in ("right", *heads):
        raise InputError(
            "`assumed` must be right or a head of measurements for these targets; it was "
            f"{config.assumed}."
        )
    found: Frames = {"sample": _sample(each[0]) if truth else layout.SAMPLE.empty()}
    nets = head_training.trained(
        each,
        heads,
        whole=whole,
        width=config.width,
        steps=config.steps,
        learning_rate=config.learning_rate,
        rngs=begin,
        report=lambda fraction, message, tables=None: report(fraction, message, found),
    )
    grid = np.unique(each[0].test_inputs[:, 0] * each[0].spread[0] + each[0].center[0])
    of = head_truths.cells(truth, grid) if truth else None
    done: list[Any] = []
    for place, head in enumerate(heads):
        own = [net for net in nets if net.head == head]
        # The same random places within the steps of counts for every head.
        places = [np.random.default_rng(seed) for seed in seeds]
        done.append(head_tables.scored(own, each, places, truth, of, grid))
        found |= head_tables.tables(done)
        report(0.7 + 0.3 * (place + 1) / len(heads), f"scoring {NAMES[head]}", found)
    notes += [
        f"{NAMES[net.head]} diverged at step {net.diverged:,} in replicate {net.replicate + 1}."
        for net in nets
        if net.diverged >= 0
    ]
    rows = [head_tables.identity(nets, each)]
    if truth and of is not None:
        found["bands"] = _bands(truth, of, grid, nets, each[0])
        right: Head = truth.head
        assumed = right if config.assumed == "right" else config.assumed
        rows += head_tables.checks(done, right, assumed, truth)
        notes += head_tables.untested(done, truth)
    else:
        best = head_tables.ranked(done)[0]
        chosen = next((one for one in done if one.head == config.assumed), best)
        rows.append(head_tables.calibrated(chosen))
    made = {name: found.get(name, table.empty()) for name, table in TABLES.items()}
    return {**made, "checks": theory.checks(rows), "notes": layout.NOTES.frame({"note": notes})}


def _truth(config: Config) -> "Truth | None":
    from core.networks.head_truths import Truth

    if config.data != "simulated":
        return None
    return Truth(config.truth, config.degrees, config.size, config.growth)


def _rows(
    config: Config, truth: "Truth | None", rngs: list[np.random.Generator]
) -> tuple[list["Rows"], list[str]]:
    """Training and held-out rows of each replicate: drawn anew, or split anew."""
    from core.networks.head_training import rows

    if truth:
        grid = (np.arange(INPUTS) + 0.5) * 2 / INPUTS - 1
        at = np.repeat(grid, config.held_out // INPUTS)
        made = []
        for rng in rngs:
            x = rng.uniform(-1.0, 1.0, config.samples)
            y, held = truth.draw(x, rng), truth.draw(at, rng, config.outliers)
            made.append(rows((x[:, None], y), (at[:, None], held)))
        return made, []
    inputs, target, notes = _data(config, rngs[0])
    split = []
    for rng in rngs:
        order = rng.permutation(target.size)
        held_out, kept = np.split(order, [max(1, int(config.test_share * target.size))])
        split.append(rows((inputs[kept], target[kept]), (inputs[held_out], target[held_out])))
    return split, notes


def _data(
    config: Config, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    from core.datasets.labelled import labelled

    known = labelled(config.data, target=config.target, task="number", samples=0, noise=0.0, rng=rng)
    target, notes = np.asarray(known.target, float), list(known.notes)
    if target.size < 20:
        raise InputError(f"`data` must have at least 20 usable rows; it has {target.size}.")
    if np.abs(target).max() > 1e30 or np.abs(known.inputs).max() > 1e30:
        raise InputError("`data` must hold values within ±1e30.")
    if target.size > LARGEST:
        chosen = rng.permutation(target.size)[:LARGEST]
        notes.append(f"A random {LARGEST:,} of the {target.size:,} rows are used.")
        return known.inputs[chosen], target[chosen], notes
    return known.inputs, target, notes


def _are_counts(each: list["Rows"]) -> bool:
    y = np.concatenate([each[0].train_targets, each[0].test_targets])
    return bool((y >= 0).all() and (y == np.round(y)).all())


def _sample(part: "Rows") -> Any:
    x = part.test_inputs[:, 0] * part.spread[0] + part.center[0]
    chosen = np.linspace(0, x.size - 1, min(SHOWN, x.size)).astype(int)
    return layout.SAMPLE.frame({"input": x[chosen], "target": part.test_targets[chosen]})


def _bands(truth: "Truth", of: Any, grid: NDArray[np.float64], nets: Any, part: "Rows") -> Any:
    import pandas as pd

    from core.networks import head_tables

    made = [head_tables.points("truth", of.below, of, grid)]
    made += [head_tables.bands(net, part, of, grid) for net in nets if net.replicate == 0]
    return layout.BANDS.frame(pd.concat(made, ignore_index=True))
