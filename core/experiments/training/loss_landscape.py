"""What does the risk look like around a trained network, and between two of them?

Networks of one shape are trained on the same rows from different initial weights, in one program.
Around the first of them the risk is computed on planes through the space of weights: along two
filter-normalised random directions, along the Hessian's two leading eigenvectors, and along the two
leading principal components of its own training. Between the networks of a pair it is computed on
the straight line, before and after the hidden units of the second are put in the order that
matches the first.

Theory. Near the network the risk is f + g·d + ½ d'Hd, which for a linear model with squared error
holds everywhere; its curvature along an eigenvector of H is the eigenvalue, as Lanczos' method finds
it from products with H. Gauss quadrature gives the spectral density with the first two moments of
each probe exact. Units that are permuted leave the function as it is; matching a shuffled copy
returns the network; and no matching increases the distance. A random walk in high dimension has the
share [4 sin²(πk/2T)]⁻¹, normalised, of its variance on component k: 61 % on the first.

Sources: Li, Xu, Taylor, Studer & Goldstein, arXiv:1712.09913; Ghorbani, Krishnan & Xiao,
arXiv:1901.10159; Ainsworth, Hayase & Srinivasa, arXiv:2209.04836; Antognini & Sohl-Dickstein,
arXiv:1806.08805; Ubaru, Chen & Saad (2017), SIAM Journal on Matrix Analysis 38, 1075–1099.
"""

import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from core import theory
from core.experiment import Config as Base
from core.experiment import Frames, Report, field
from core.networks.landscape_tables import TABLES
from core.networks.names import Activation

# Imported late, by what needs them: JAX, SciPy and scikit-learn take seconds to load.
if TYPE_CHECKING:
    from core.networks.alignment import Plain
    from core.networks.surroundings import Problem

VERSION = 1

LI = "Li et al., arXiv:1712.09913"
# Positions kept of a training, and seconds between reports.
POINTS, PAUSE = 60, 0.1


class Config(Base):
    """The data, the networks, and how far to look."""

    data: Literal["digits", "wine", "breast-cancer", "iris", "moons", "spirals", "diabetes"] = field(
        "digits",
        "What the networks learn; inputs are standardised, and diabetes is a number.",
        section="data",
        names={
            "digits": "Digits",
            "wine": "Wine",
            "breast-cancer": "Breast cancer",
            "iris": "Iris",
            "moons": "Two moons",
            "spirals": "Two spirals",
            "diabetes": "Diabetes (a number)",
        },
    )
    samples: int = field(
        300, "Rows to train on, at most all of the data.", section="data", ge=10, le=500
    )
    widths: tuple[Annotated[int, Field(ge=1, le=128)], ...] = field(
        (32,),
        "Units in each hidden layer, separated by commas; empty for a linear model.",
        max_length=3,
    )
    activation: Activation = field(
        "gelu",
        "The function after each hidden layer; curvature assumes a smooth one, which ReLU is not.",
    )
    loss: Literal["auto", "squared"] = field(
        "auto",
        "Minus log-likelihood of the class, or half the squared error (for a number always).",
        names={"auto": "Cross-entropy for classes", "squared": "Half squared error"},
    )
    steps: int = field(200, "Full-batch steps of Adam in training.", section="training", ge=1, le=5000)
    learning_rate: float = field(
        0.01, "Step size of Adam.", section="training", scale="log", gt=0, le=1e10
    )
    span: float = field(
        1.0,
        "How far planes reach from the network, in norms of its weights.",
        section="model",
        scale="log",
        ge=0.01,
        le=5.0,
    )
    resolution: int = field(31, "Points along each side of a plane.", section="more", ge=11, le=61)
    probes: int = field(4, "Random vectors for the spectral density.", section="more", ge=2, le=10)
    difference: float = field(
        1e-5,
        "Step of the central difference that is held against the largest eigenvalue, in norms of the "
        "weights; that they agree assumes a small one.",
        section="assumption",
        scale="log",
        ge=1e-6,
        le=1.0,
    )
    quadrature: Literal["gauss", "equal"] = field(
        "gauss",
        "Weights of the spectral density's nodes: those of Gauss quadrature, or all the same.",
        section="assumption",
        names={"gauss": "Gauss quadrature", "equal": "All the same (wrong)"},
    )
    replicates: int = field(
        3, "Pairs of networks, each with its own initial weights.", section="more", ge=1, le=10
    )


BREAKS: dict[str, dict[str, Any]] = {
    "Differences over a long step": {"difference": 0.3},
    "Equal weights in the quadrature": {"quadrature": "equal"},
}

Floats = NDArray[np.float64]


def run(config: Config, report: Report) -> Frames:
    """Trains the pairs and looks around them; the tables of `TABLES`."""
    from core.networks.between import between
    from core.networks.surroundings import finite

    report(0.0, "reading the data")
    it = _problem(config)
    risk, path, networks, lost = _train(config, it, report)
    made: Frames = {name: table.empty() for name, table in TABLES.items()}
    made["risk"] = TABLES["risk"].frame(risk)
    report(0.4, "drawing lines between networks", _filled(made))
    frames, rows = between(it, networks, config.seed)
    made |= frames
    if finite(networks[0]):
        rows += _around(config, it, networks[0], path, report, made)
    else:
        lost.append("The first network's weights are no numbers: there is nothing around it to draw.")
        rows.append(theory.identity("The first network has a risk", 0.0, np.nan, source=LI))
    made["overall"] = TABLES["overall"].frame(_overall(made))
    made["checks"] = theory.checks(rows)
    made["notes"] = TABLES["notes"].frame({"note": [*it.notes, *lost]})
    return made


def _around(
    config: Config, it: "Problem", network: "Plain", path: Floats, report: Report, made: Frames
) -> list[theory.Row]:
    """Fills `made` with what is around the first network; the rows of `checks` on it."""
    from core.networks.around import Around, homogeneous, paraboloid

    seen = Around(it, network, config.seed, config.span)
    for probe in range(config.probes):
        report(0.45 + 0.2 * probe / config.probes, "measuring the Hessian", _filled(made))
        seen.probe()
    equal = config.quadrature == "equal"
    made["density"], made["profile"] = seen.density(equal), seen.profile()
    made |= seen.path(path, [0, *_ends(config)])
    made["hessian"] = seen.hessian()
    cells: list[pd.DataFrame] = []
    reported = time.monotonic()
    planes = seen.planes(path)
    for name, plane in planes.items():
        for strip in seen.cells(plane, config.resolution):
            cells.append(strip.assign(plane=name))
            if time.monotonic() - reported > PAUSE:
                share = len(cells) / (len(planes) * config.resolution)
                drawn = {**_filled(made), "slice": TABLES["slice"].frame(pd.concat(cells))}
                report(0.65 + 0.33 * share, f"computing the plane: {name}", drawn)
                reported = time.monotonic()
    made["slice"] = TABLES["slice"].frame(pd.concat(cells, ignore_index=True))
    rows = seen.checks(config.difference, equal, len(path))
    return [*rows, paraboloid(it, config.seed), *homogeneous(it, network, config.seed)]


def _filled(made: Frames) -> Frames:
    """The tables that have rows already."""
    return {name: frame for name, frame in made.items() if len(frame)}


def _overall(made: Frames) -> list[dict[str, Any]]:
    """What the page states, with standard errors over pairs and probes."""
    rows = []
    unit = "in the unit of the table risk"
    for order, frame in made["barriers"].groupby("order"):
        values = frame["barrier"].to_numpy()
        rows.append({"quantity": f"barrier {order}", "unit": unit, **_mean(values)})
    per = "risk per squared unit of weight"
    for name, frame in made["hessian"].groupby("quantity"):
        rows.append({"quantity": name, "unit": per, **_mean(frame["value"].to_numpy())})
    if not made["components"].empty:
        share = float(made["components"]["share"].iloc[0])
        known = {"value": share, "standard_error": np.nan}
        rows.append({"quantity": "first component", "unit": "share of variance", **known})
    return rows


def _mean(values: Floats) -> dict[str, float]:
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else np.nan
    return {"value": float(values.mean()), "standard_error": float(error)}


def _ends(config: Config) -> list[int]:
    """The steps after which the training is looked at."""
    return sorted({max(1, round(config.steps * i / POINTS)) for i in range(1, POINTS + 1)})


def _problem(config: Config) -> "Problem":
    from core.datasets.labelled import labelled
    from core.networks.edge import Program
    from core.networks.surroundings import Problem

    rng = np.random.default_rng([config.seed, 0])
    known = labelled(config.data, samples=config.samples, noise=0.1, rng=rng)
    rows = rng.permutation(len(known.target))[: config.samples]
    inputs, target = known.inputs[rows], known.target[rows]
    spread = inputs.std(axis=0)
    inputs = (inputs - inputs.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0)
    if known.classes is None:
        targets = ((target - target.mean()) / target.std())[:, None]
    else:
        targets = np.eye(len(known.classes))[target.astype(int)]
    squared = config.loss == "squared" or known.classes is None
    program = Program("adam", config.activation, 0, "squared" if squared else "categorical")
    note = (
        f"There are {len(rows)} rows, fewer than the {config.samples} asked for: all of them are used."
    )
    return Problem(program, inputs, targets, (note,) if len(rows) < config.samples else ())


def _train(
    config: Config, it: "Problem", report: Report
) -> tuple[list[dict[str, Any]], Floats, "list[Plain]", list[str]]:
    """Risk by step, the first network's path, the trained networks, and which diverged."""
    from core.networks import edge
    from core.networks.initialization import initialize, stack
    from core.networks.mlp import nth
    from core.networks.surroundings import double, flat

    many = 2 * config.replicates
    sizes = (it.inputs.shape[1], *config.widths, it.targets.shape[1])
    drawn = [initialize(np.random.default_rng([config.seed, 1, r]), sizes, "he") for r in range(many)]
    shape = (many, *it.inputs.shape), (many, *it.targets.shape)
    data = edge.Data(
        *(_single(np.broadcast_to(a, s)) for a, s in zip((it.inputs, it.targets), shape, strict=True))
    )
    state = edge.start(stack(drawn), config.seed)
    path, risk, settings = (
        [flat(double(nth(state.params, 0)))],
        [],
        edge.Settings(config.learning_rate, 0.9),
    )
    for end in _ends(config):
        for reached in edge.walk(it.program, settings, data, state, end, config.seed, PAUSE):
            state = reached
            share = int(state.step) / config.steps
            report(0.03 + 0.37 * share, f"training, step {int(state.step):,} of {config.steps:,}")
        path.append(flat(double(nth(state.params, 0))))
        # The loss in the state is that before its last step.
        values = np.where(np.asarray(state.diverged) < 0, np.asarray(state.loss, float), np.nan)
        risk += [
            {"replicate": r + 1, "split": "train", "step": end - 1, "risk": value}
            for r, value in enumerate(values)
            if np.isfinite(value)
        ]
    diverged = np.flatnonzero(np.asarray(state.diverged) >= 0)
    notes = [f"Network {r + 1} diverged at step {int(state.diverged[r]):,}." for r in diverged]
    return risk, np.stack(path), [double(nth(state.params, r)) for r in range(many)], notes


def _single(values: Floats) -> Any:
    import jax

    return jax.device_put(values.astype(np.float32))
