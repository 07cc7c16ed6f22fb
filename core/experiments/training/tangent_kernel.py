"""How wide must a network be before its training is that of a fixed kernel?

Set-up: n inputs of norm √d in d dimensions, targets y = (x₁ + x₁ x₂)/√2, networks of one to three
hidden layers of m units in NTK parametrisation, trained by full-batch gradient descent on ½ Σ (f − y)².
The step is a share of the stability limit 2/λ_max(Θ).

Theory. As m → ∞ the tangent kernel Θ̂ = Σ ∂f ∂f' over parameters goes to a fixed Θ, given by a
recursion over layers (core.networks.infinite), and stays there while the network trains:
f_t = y + (I − ηΘ)^t (f₀ − y). At width m, Θ̂ is off by an amount that falls as m^(−1/2); for one hidden
layer Θ̂ is a mean over m independent units, so E Θ̂ = Θ exactly and the root mean square of ‖Θ̂ − Θ‖ is
C/√m with a constant that is known. Each network's own kernel at the start predicts its training
better: what it misses is only the kernel's drift, which falls faster: as 1/m for smooth activations,
as m^(−3/4) for ReLU, where units switch.

Sources: Jacot, Gabriel & Hongler, arXiv:1806.07572; Lee et al., arXiv:1902.06720; Chizat, Oyallon &
Bach, arXiv:1812.07956; Dyer & Gur-Ari, arXiv:1909.11304; Lewkowycz et al., arXiv:2003.02218.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.theory import Row

    Floats = NDArray[np.float64]

VERSION = 1

JACOT, LEE = "Jacot, Gabriel & Hongler, arXiv:1806.07572", "Lee et al., arXiv:1902.06720"
UNITS, DYER = "variance of a mean of independent units", "Dyer & Gur-Ari, arXiv:1909.11304"
SWITCHED = "count of units that switch; for smooth activations, Dyer & Gur-Ari, arXiv:1909.11304"
# Training curves are held against predictions down to this share of the risk at the start.
LEAST = 0.02
# Bytes that the networks of one width may take.
ROOM = 1_000_000_000


class Config(Base):
    """The data, the networks and how far they train."""

    activation: Literal["relu", "erf", "tanh"] = field(
        "relu", "The function after each hidden layer.", names={"relu": "ReLU"}
    )
    widths: tuple[Annotated[int, Field(ge=4, le=4096)], ...] = field(
        (16, 64, 256, 1024),
        "Units m in a hidden layer, at least two values.",
        min_length=2,
        max_length=6,
    )
    hidden: int = field(1, "Hidden layers.", label="Hidden layers", ge=1, le=3)
    samples: int = field(20, "Training points n, and as many test points.", section="data", ge=2, le=60)
    features: int = field(10, "Dimension d of the inputs.", section="data", ge=2, le=100)
    steps: int = field(
        200, "Steps of gradient descent.", section="training", scale="log", ge=10, le=2000
    )
    output_scale: float = field(
        1.0,
        "Factor s on the outputs; the step is η/s². Small: weights must move far, features are learnt.",
        section="assumption",
        scale="log",
        ge=0.02,
        le=10,
    )
    step: float = field(
        0.5,
        "Step η as a share of the stability limit 2/λ of the infinite-width kernel; theory needs < 1.",
        section="assumption",
        ge=0.05,
        le=3,
        step=0.05,
    )
    parametrization: Literal["ntk", "standard"] = field(
        "ntk",
        "NTK, or the standard one with the step divided by the width: its first layer hardly trains.",
        section="assumption",
        names={"ntk": "NTK", "standard": "Standard"},
    )
    replicates: int = field(
        20, "Networks of each width, each from its own initial weights.", section="more", ge=10, le=100
    )


_WIDTH = {"width": "units m in a hidden layer"}
_UNIT = "squared units of the target"
TABLES = {
    "risk": Table(
        "Mean squared error of each network while it trains.",
        {
            **_WIDTH,
            "replicate": "number of the network, from 1",
            "split": "train or test",
            "step": "updates so far",
            "risk": f"mean squared error, {_UNIT}; empty from where the network diverged",
        },
    ),
    "theory": Table(
        "What kernels predict of the risk, from each network's own start; mean over networks.",
        {
            **_WIDTH,
            "split": "train or test",
            "step": "updates so far",
            "formula": "infinite (the kernel of infinite width) or own (each network's, at its start)",
            "risk": f"mean squared error, {_UNIT}",
        },
    ),
    "networks": Table(
        "Kernels and deviations of each network.",
        {
            **_WIDTH,
            "replicate": "number of the network, from 1",
            "distance": "‖Θ̂ − Θ‖ / ‖Θ‖ at the start, on the training points",
            "projection": "⟨Θ̂, Θ⟩ / ‖Θ‖² at the start: 1 in the mean for one hidden layer",
            "drift": "‖Θ̂ − Θ̂₀‖ / ‖Θ̂₀‖ at the end of training",
            "infinite": "root mean square over steps of ‖f − prediction of Θ‖ / ‖y‖, training points",
            "own": "the same for the prediction of the network's own kernel at the start",
            "diverged_step": "updates after which its error was a million times that at the start; "
            "empty where it stayed below",
        },
    ),
    "widths": Table(
        "The networks of a width together, without those that diverged.",
        {
            **_WIDTH,
            "quantity": "distance, drift, infinite or own, as in the table networks",
            "value": "root mean square over networks",
            "standard_error": "of that value",
            "predicted": "exact, for the distance at one hidden layer; empty elsewhere",
        },
    ),
    "checks": CHECKS,
}

BREAKS: dict[str, dict[str, Any]] = {
    "Outputs scaled down: features are learnt": {"output_scale": 0.05},
    "Step beyond the stability limit": {"step": 1.3},
    "Standard parametrisation": {"parametrization": "standard"},
}


def run(config: Config, report: Report) -> Frames:
    """The tables; seconds grow as replicates · steps · samples · width, times width from two hidden
    layers on.

    Raises:
        InputError: fewer than two different widths, or more memory than a run may take.
    """
    # Imported late: the server and the command line import every experiment's module at start.
    from core import theory
    from core.networks import infinite, training_by_kernel

    widths = sorted(set(config.widths))
    if len(widths) < 2:
        raise InputError(f"`widths` must hold at least two different numbers; it was {widths[0]}.")
    _refuse_what_does_not_fit(config, widths[-1])
    report(0.0, "computing the kernel of infinite width")
    streams = np.random.SeedSequence(config.seed).spawn(2)
    problem = training_by_kernel.problem(
        config.activation,
        config.hidden,
        config.samples,
        config.features,
        np.random.default_rng(streams[0]),
    )
    constant = infinite.distance(config.activation, problem.inputs) if config.hidden == 1 else np.nan
    design = training_by_kernel.Design(
        config.steps, config.step, config.output_scale, config.parametrization == "ntk"
    )
    cost = np.cumsum([0.0, *(float(m) ** (1 if config.hidden == 1 else 2) + 50 for m in widths)])
    found: list[Any] = []
    tables: Frames = {}
    for i, (width, seed) in enumerate(zip(widths, streams[1].spawn(len(widths)), strict=True)):

        def say(share: float, i: int = i, width: int = width, tables: Frames = tables) -> None:
            done = (cost[i] + share * (cost[i + 1] - cost[i])) / cost[-1]
            report(0.02 + 0.96 * float(done), f"training networks of width {width}", tables or None)

        rng = np.random.default_rng(seed)
        found.append(training_by_kernel.train(problem, design, width, config.replicates, rng, say))
        # Predictions of too long a step grow beyond all numbers.
        with np.errstate(over="ignore", invalid="ignore"):
            tables = _tables(found, constant)
    report(1.0, "checking against theory", tables)
    with np.errstate(all="ignore"):
        rows = _checks(config, tables)
    return {**tables, "checks": theory.checks(rows)}


def _refuse_what_does_not_fit(config: Config, width: int) -> None:
    weights = width * (config.features + (config.hidden - 1) * width)
    # Twice the weights for their update, four arrays of activations a layer, 4 bytes a number.
    numbers = 2 * weights + 4 * config.hidden * config.samples * width
    needed = 4 * config.replicates * numbers
    if needed > ROOM:
        raise InputError(
            f"`widths` must be such that {config.replicates} networks fit in {ROOM / 1e9:.0f} GB; "
            f"it was {width}, which takes {needed / 1e9:.1f} GB: lower `replicates` or `hidden`."
        )


def _tables(found: list[Any], constant: float) -> Frames:
    """Tables of the widths that have trained."""
    networks = pd.concat([one.networks for one in found], ignore_index=True)
    made = {
        "risk": pd.concat([one.risk for one in found], ignore_index=True),
        "theory": pd.concat([one.theory for one in found], ignore_index=True),
        "networks": networks,
        "widths": _widths(networks, constant),
    }
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}


def _widths(networks: pd.DataFrame, constant: float) -> pd.DataFrame:
    rows = []
    for width in networks["width"].unique():
        group = networks[networks["width"] == width]
        for quantity in ("distance", "drift", "infinite", "own"):
            # Kernels at the start are all there, whatever training did to the networks.
            kept = group["diverged_step"].isna() | (quantity == "distance")
            squares = group.loc[kept, quantity].to_numpy() ** 2
            value = float(np.sqrt(squares.mean())) if squares.size else np.nan
            # Of a root: half the relative error of the mean square.
            error = squares.std(ddof=1) / np.sqrt(squares.size) if squares.size > 1 else np.nan
            known = constant / np.sqrt(float(width)) if quantity == "distance" else np.nan
            rows.append((width, quantity, value, float(error) / (2 * value) if value else np.nan, known))
    return pd.DataFrame(rows, columns=["width", "quantity", "value", "standard_error", "predicted"])


def _checks(config: Config, tables: Frames) -> "list[Row]":
    from core.theory import asymptotic, exact

    table, networks = tables["widths"], tables["networks"]
    by = {name: part.set_index("width") for name, part in table.groupby("quantity")}
    apart = by["distance"]["value"]
    rows = []
    if config.hidden == 1:
        projection = networks.groupby("width")["projection"]
        rows = [
            exact(
                "The mean kernel is that of infinite width, at every width (its projection on it is 1)",
                1.0,
                projection.mean(),
                projection.std() / np.sqrt(config.replicates),
                source=JACOT,
                replicates=config.replicates,
            ),
            asymptotic(
                "The kernel's relative distance is C/√m, with C from the variance of one unit",
                by["distance"]["predicted"],
                apart,
                source=UNITS,
                tolerance=0.2,
            ),
        ]
    slope = np.polyfit(np.log(apart.index.to_numpy(float)), np.log(apart.to_numpy()), 1)[0]
    return [
        *rows,
        asymptotic(
            "The distance from the kernel of infinite width falls as width to the power −½",
            -0.5,
            slope,
            source=JACOT,
            tolerance=0.25,
        ),
        _dynamics(tables, "infinite", "the kernel of infinite width", 0.15),
        _dynamics(tables, "own", "its own kernel at the start", 0.05),
        _drift(config, networks),
    ]


def _drift(config: Config, networks: pd.DataFrame) -> "Row":
    """Exponents of the drift in width, one from each set of networks of the same number."""
    from core.theory import empirical_law

    table = networks.pivot(index="width", columns="replicate", values="drift")
    logs = np.log(table.to_numpy())
    # Networks that diverged have no drift, and a fit needs all.
    sound = bool(np.isfinite(logs).all())
    exponents = -np.polyfit(np.log(table.index.to_numpy(float)), logs, 1)[0] if sound else np.nan
    # Of m ReLU units about √m switch while training: their random signs leave √√m / m of the kernel.
    expected, source = (0.75, SWITCHED) if config.activation == "relu" else (1.0, DYER)
    return empirical_law(
        f"While training, the kernel drifts by width to the power −{expected:g}",
        expected,
        exponents,
        source=source,
        tolerance=0.25,
    )


def _dynamics(tables: Frames, formula: str, words: str, tolerance: float) -> "Row":
    """The training curve of the widest networks against a prediction, and the trend with width."""
    from core.theory import asymptotic

    widest = tables["risk"]["width"].max()
    measured, predicted = (
        table[(table["width"] == widest) & (table["split"] == "train")]
        for table in (tables["risk"], tables["theory"])
    )
    curve = measured.groupby("step")["risk"].mean()
    expected = predicted[predicted["formula"] == formula].set_index("step")["risk"]
    widths = tables["widths"]
    off = widths[widths["quantity"] == formula].sort_values("width")["value"].to_numpy()
    # Further down a relative error compares two numbers that are both next to nothing.
    expected = expected[expected >= LEAST * expected.iloc[0]]
    return asymptotic(
        f"Training risk at width {widest} falls to {LEAST:g} of its start as {words} predicts, the "
        f"nearer the wider",
        expected,
        curve.loc[expected.index],
        source=LEE,
        tolerance=tolerance,
        shrinks=bool(off[-1] < off[0]),
    )
