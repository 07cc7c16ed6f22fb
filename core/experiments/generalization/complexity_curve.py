"""How complex should this learner be on these data, and how clear is the choice?

A learner of scikit-learn, or a neural network, is fitted at each value of a parameter that makes it more
or less flexible: the penalty of ridge, lasso and logistic, the number of neighbours, the depth of a
tree, the number of trees, the cost of a support vector machine, the width, weight decay or number of
steps of a network. Each replicate is a split (of a synthetic design, new rows) that all values share;
texts, gaps and scales are handled by a pipeline fitted on the training rows alone. Risk is −log p in
nats, with 1 % of p spread equally, or squared error.

Two choices are shown: the value of least mean test risk, and the simplest one within a standard error
of it. The standard error of a mean over R splits with q test rows a training row is s √(1/R + q), since
splits of the same rows are not independent; for new rows in each replicate q is 0.

Theory, for ridge with penalty α = nλ on the linear model y = Σ x_j/√p + σε with independent Gaussian
features: as n, p → ∞ at p/n = γ the risk tends to the limit of core.linear.risk.isotropic, least at
λ* = γσ². The limit assumes test rows with inputs like those of the training rows.

Sources: Breiman, Friedman, Olshen & Stone (1984), Classification and Regression Trees, section 3.4.3;
Nadeau & Bengio (2003), Machine Learning 52, 239–281; Dobriban & Wager, arXiv:1507.03003; Hastie,
Montanari, Rosset & Tibshirani, arXiv:1903.08560, section 5.
"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.datasets.labelled import Task
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.learners import fields
from core.learners.capacities import CAPACITIES, Capacity, Range, capacity
from core.learners.names import GROWN, KNOWN, SYNTHETIC, Learner

# Imported late, by what needs them: SciPy and scikit-learn take a second to load.
if TYPE_CHECKING:
    from core.learners.setting import Setting

VERSION = 1

DOBRIBAN, HASTIE = "Dobriban & Wager, arXiv:1507.03003", "Hastie et al., arXiv:1903.08560, section 5"


class Config(Base):
    data: str = fields.data("linear-model")
    target: str = fields.TARGET
    task: Task = fields.TASK
    group: str = fields.GROUP
    time: str = fields.TIME
    samples: int = field(
        250,
        "Rows of a synthetic data set, those for testing included.",
        section="data",
        scale="log",
        ge=12,
        le=20_000,
        when={"data": SYNTHETIC},
    )
    features: int = field(
        100,
        "Number of features p of the designs whose risk is known.",
        section="data",
        ge=1,
        le=200,
        when={"data": tuple(KNOWN)},
    )
    noise: float = fields.NOISE
    distance: float = fields.DISTANCE
    learner: Learner = fields.learner("auto")
    trees: int = field(
        50, "Largest number of trees.", scale="log", ge=2, le=500, when={"learner": GROWN}
    )
    capacity: Capacity = field(
        "width",
        "Which parameter of the network is varied.",
        names=CAPACITIES,
        when={"learner": fields.NETWORK},
    )
    width: int = fields.WIDTH
    layers: int = fields.LAYERS
    learning_rate: float = fields.LEARNING_RATE
    weight_decay: float = fields.WEIGHT_DECAY
    steps: int = fields.STEPS
    measure: Literal["auto", "risk", "error"] = field(
        "auto",
        "What the curve is of: risk, or share of errors; auto is risk where the learner has one.",
        section="more",
    )
    shift: float = field(
        0.0,
        "How far all inputs of the test rows are moved, in standard deviations; theory assumes that "
        "they are like those of the training rows.",
        section="assumption",
        ge=0,
        le=3,
        step=0.05,
    )
    points: int = field(13, "Values of the parameter, at most.", section="more", ge=4, le=30)
    test_share: float = fields.TEST_SHARE
    rows: int = fields.ROWS
    replicates: int = field(20, "Splits, each shared by all values.", section="training", ge=4, le=100)


_AT = {"split": "train or test", "setting": "value of the learner's parameter"}
_VALUE = "nats, squared units of the target, or a share for the error"
_MEAN = {"value": f"mean, {_VALUE}", "standard_error": "of the mean, same unit, splits not independent"}
TABLES = {
    "risk": Table(
        "Risk of one replicate at one value of the parameter.",
        {
            "replicate": "number of the replicate, from 1",
            **_AT,
            "risk": "nats for classes, squared units of the target for a number; empty for a learner "
            "without probabilities",
            "error": "share of rows put in the wrong class; empty for a number",
        },
    ),
    "summary": Table(
        "Mean over replicates.",
        {**_AT, "parameter": "which parameter", "measure": "risk or error", **_MEAN},
    ),
    "choice": Table(
        "The values chosen by mean test risk.",
        {
            "rule": "least, or one standard error: the simplest within one of the least",
            "setting": _AT["setting"],
            **_MEAN,
        },
    ),
    "theory": Table(
        "Limit of the mean test risk of ridge on the linear model.",
        {"setting": _AT["setting"], "value": "predicted, squared units of the target"},
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or went wrong.", {"note": "a sentence"}),
}

BREAKS: dict[str, dict[str, Any]] = {"Test rows are moved": {"shift": 1.0}}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · fits at all values.

    Raises:
        InputError: data, columns or a learner that cannot be used, or fewer than 12 rows.
    """
    from core.learners.fitting import Pace, warned
    from core.learners.setting import setting

    report(0.0, "reading the data")
    seeds = np.random.SeedSequence(config.seed).spawn(1 + config.replicates)
    it = setting(config, [np.random.default_rng(seed) for seed in seeds], report)
    name = it.model.name(it.classes)
    of = capacity(name, config.capacity, trees=config.trees, largest=it.largest)
    grid = of.grid(config.points)
    found = np.full((config.replicates, 2, grid.size, 2), np.nan)
    tables: Frames = {"theory": _theory(config, it, _fine(grid))}
    pace = Pace()
    with warned() as stopped:
        for r in range(config.replicates):
            for k in range(grid.size):
                done, words = (r + k / grid.size) / config.replicates, f"split {r + 1}, {of.parameter}"
                said = f"fitting {words} {grid[k]:g}"
                if pace.due():
                    report(done, said, {**tables, **_measured(it, of, grid, found)})
                found[r, :, k] = _fit(config, it, of, grid[k], r, partial(report, done, said))
        notes = [*it.notes, *stopped()]
    made = _measured(it, of, grid, found)
    choice = _choice(made["summary"], of.larger_is_simpler)
    return {
        **made,
        "choice": TABLES["choice"].frame(choice),
        **tables,
        "checks": theory.checks(_checks(config, it, grid, found[:, 1, :, 0])),
        "notes": TABLES["notes"].frame({"note": notes}),
    }


def _fine(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.geomspace(grid[0], grid[-1], 120)


def _fit(
    config: Config, it: "Setting", of: Range, value: float, r: int, tick: Any
) -> NDArray[np.float64]:
    """(split, measure) of replicate r at one value."""
    from core.learners.fitting import fit

    rows, cut = it.rows[r], it.splits[r]
    changed: dict[str, Any] = {of.parameter: int(value) if of.whole else float(value)}
    model = replace(it.model, **changed)
    if config.shift:
        moved = rows.inputs.copy()
        numbers = np.setdiff1d(np.arange(moved.shape[1]), rows.levels)
        at = np.ix_(cut.test, numbers)
        moved[at] += config.shift * np.nanstd(rows.inputs[cut.train][:, numbers], axis=0)
        rows = replace(rows, inputs=moved)
    # What every replicate has, so that all are of one size.
    train = cut.train[: it.largest]
    return np.array(fit(rows, rows.target, model, train, cut.test, r, tick))


def _measured(it: "Setting", of: Range, grid: NDArray[np.float64], found: NDArray[np.float64]) -> Frames:
    index = pd.MultiIndex.from_product(
        [range(1, len(found) + 1), ("train", "test"), grid], names=["replicate", "split", "setting"]
    )
    risk = pd.DataFrame(found.reshape(-1, 2), columns=["risk", "error"], index=index).reset_index()
    risk = risk[risk[it.measure].notna()]
    grouped = risk.groupby(["split", "setting"], sort=False)[it.measure]
    summary = grouped.agg(value="mean", deviation="std", count="size").reset_index()
    error = summary["deviation"] * np.sqrt(1 / summary["count"] + it.overlap)
    summary = summary.assign(standard_error=error, measure=it.measure, parameter=of.parameter)
    return {"risk": TABLES["risk"].frame(risk), "summary": TABLES["summary"].frame(summary)}


def _choice(summary: pd.DataFrame, larger_is_simpler: bool) -> pd.DataFrame:
    test = summary[summary["split"] == "test"].reset_index(drop=True)
    least = int(test["value"].argmin())
    bound = test.loc[least, ["value", "standard_error"]].sum()
    order = test["setting"].where(test["value"] <= bound)
    simplest = int(np.nanargmax(order) if larger_is_simpler else np.nanargmin(order))
    chosen = test.iloc[[least, simplest]].reset_index(drop=True)
    return chosen.assign(rule=["least", "one standard error"])


def _limit(config: Config, it: "Setting", alpha: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The limit of ridge's test risk on the linear model at these penalties; None elsewhere."""
    from core.linear import risk

    if config.data != "linear-model" or it.model.name(False) != "ridge":
        return None
    n = it.largest
    ones = np.ones(alpha.shape)
    return risk.isotropic(config.features / n * ones, ones, config.noise**2 * ones, alpha / n)


def _theory(config: Config, it: "Setting", alpha: NDArray[np.float64]) -> pd.DataFrame:
    values = _limit(config, it, alpha)
    if values is None:
        return TABLES["theory"].empty()
    return TABLES["theory"].frame({"setting": alpha, "value": values})


def _checks(
    config: Config, it: "Setting", grid: NDArray[np.float64], test: NDArray[np.float64]
) -> list[theory.Row]:
    values = _limit(config, it, grid)
    if values is None:
        return []
    means, error = test.mean(axis=0), test.std(axis=0, ddof=1) / np.sqrt(len(test))
    # 1/n for the intercept and the scales, and three standard errors of what is measured.
    tolerance = 3 / it.largest + 3 * float(np.median(error / values))
    claim = "Mean test risk of ridge at each penalty is near its limit at γ = p/n"
    rows = [theory.asymptotic(claim, values, means, source=HASTIE, tolerance=tolerance)]
    best = config.noise**2 * config.features
    nearest = int(np.abs(np.log(grid / best)).argmin()) if best else 0
    low = means.min()
    claim = "The risk at the penalty nearest to α* = pσ² is near the least"
    return [
        *rows,
        theory.asymptotic(claim, low, means[nearest], source=DOBRIBAN, tolerance=tolerance),
    ]
