"""How fast does each optimiser converge, and at which step size does it stop converging?

Set-up: optimisers descend on the same loss from the same random starts, all in one program. On a
quadratic and on surfaces of known minimum, the step size of gradient descent, and step size and
momentum of heavy ball and Nesterov, are the fastest for the extreme curvatures μ and L there (for
the largest at any start, if larger); on the network L is that of the starts. Optimisers that adapt
their step share one learning rate.

Theory. On a quadratic each eigenvector is a recurrence of its own, whose companion matrix has the
spectral radius ρ(λ): the distance to the minimum falls at last as (max ρ)^t. Tuned for κ = L/μ,

    gradient descent (κ − 1)/(κ + 1),   heavy ball (√κ − 1)/(√κ + 1),   Nesterov 1 − 2/√(3κ + 1);

heavy ball with momentum m diverges from η = 2 (1 + m)/L on, gradient descent being m = 0. Where
a mode has a double root the distance is t ρ^t, so rates are fitted in the second half. Elsewhere the
theory holds near a minimum only, with the curvatures there; with gradient noise, nowhere. There is
no such rate for AdaGrad, RMSProp, Adam, AdamW and Lion.

Sources: Polyak (1964), USSR Computational Mathematics and Mathematical Physics 4(5), 1–17; Lessard,
Recht & Packard, arXiv:1408.3595; Goh (2017), Why Momentum Really Works, doi:10.23915/distill.00006.
"""

import time
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.optimization.names import METHODS, OPTIMIZERS, Method, Optimizer, Problem, Spacing

if TYPE_CHECKING:
    from core.optimization.phase import Phase
    from core.optimization.race import Course, Seen

VERSION = 1

NAMES = {
    "gd": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
    "lion": "Lion",
}
PROBLEMS = {
    "quadratic": "Quadratic",
    "rosenbrock": "Rosenbrock's valley",
    "beale": "Beale's function",
    "ravine": "A winding ravine",
    "logistic": "Logistic regression",
    "network": "A small network",
}
# Seconds between reports; cells along a side of the plane drawn.
PAUSE, CELLS = 0.1, 50


class Config(Base):
    problem: Problem = field(
        "quadratic", "The loss that is descended on.", section="data", names=PROBLEMS
    )
    dimension: int = field(
        20,
        "Number of coordinates of the quadratic.",
        section="data",
        when={"problem": ("quadratic",)},
        scale="log",
        ge=2,
        le=512,
    )
    condition: float = field(
        100.0,
        "Largest over smallest curvature κ of the quadratic; what the network's tuning assumes.",
        section="data",
        when={"problem": ("quadratic", "network")},
        scale="log",
        ge=2.0,
        le=10_000.0,
    )
    spacing: Spacing = field(
        "geometric",
        "How the quadratic's eigenvalues lie between 1/κ and 1.",
        section="data",
        when={"problem": ("quadratic",)},
        names={"geometric": "Equal ratios", "linear": "Equal differences", "clusters": "Two clusters"},
    )
    optimizers: tuple[Optimizer, ...] = field(
        ("gd", "heavy_ball", "nesterov", "adam"),
        "Which optimisers take part; further ones cost nothing.",
        section="training",
        names=NAMES,
        min_length=1,
        max_length=8,
    )
    tuning: Literal["tuned", "shared"] = field(
        "tuned",
        "Step sizes and momenta that are fastest for the curvatures, or 1/L and one momentum for all.",
        section="training",
        names={"tuned": "Tuned to the curvatures", "shared": "1/L and one momentum"},
    )
    momentum: float = field(
        0.9,
        "Momentum m of heavy ball and Nesterov.",
        section="training",
        when={"tuning": ("shared",)},
        step=0.01,
        ge=0.0,
        le=0.99,
    )
    learning_rate: float = field(
        0.02,
        "Step size of AdaGrad, RMSProp, Adam, AdamW and Lion.",
        section="training",
        unit="coordinates",
        scale="log",
        ge=1e-5,
        le=10.0,
    )
    steps: int = field(
        400, "Steps of each optimiser.", section="training", scale="log", ge=20, le=10_000
    )
    step_factor: float = field(
        1.0,
        "Factor on the step sizes of gradient descent, heavy ball and Nesterov; the tuned ones are "
        "just below the threshold.",
        section="assumption",
        unit="times",
        scale="log",
        ge=0.01,
        le=10.0,
    )
    noise: float = field(
        0.0,
        "Standard deviation of Gaussian noise on each coordinate of the gradient; rates assume none.",
        section="assumption",
        scale="log",
        ge=0.0,
        le=10.0,
    )
    replicates: int = field(10, "Random starts, shared by all optimisers.", section="more", ge=2, le=50)


_WHO = {"optimizer": "name of the optimiser", "step": "steps taken"}
_LOSS = "loss above its least, in the loss's own unit"
TABLES = {
    "loss": Table(
        "Loss from one start after a number of steps; empty once it has left all bounds.",
        {"replicate": "number of the start, from 0", **_WHO, "loss": _LOSS},
    ),
    "theory": Table(
        "What theory predicts of the loss, for gradient descent, heavy ball and Nesterov.",
        {
            **_WHO,
            "formula": "exact (sum over modes of the quadratic, median over starts), rate (ρ^2t, "
            "through the median at half time)",
            "loss": _LOSS,
        },
    ),
    "rates": Table(
        "Step size, momentum and speed of each optimiser.",
        {
            "optimizer": "name of the optimiser",
            "step_size": "η, coordinates per unit of gradient",
            "momentum": "m; empty where the optimiser has its own",
            "threshold": "step size beyond which the stiffest mode grows",
            "predicted": "factor a step of the distance to the minimum; empty without theory",
            "measured": "factor a step in the second half, median over starts",
            "iterations": "measured steps for a factor e of the distance; negative if it grows",
            "final": "median loss above its least at the end, without starts diverged from",
        },
    ),
    "path": Table(
        "The way from the first start, in the plane drawn; empty once lost.",
        {**_WHO, "x": "first coordinate", "y": "second coordinate"},
    ),
    "surface": Table(
        "The loss over the plane drawn.",
        {"x": "first coordinate", "y": "second coordinate", "loss": _LOSS},
    ),
    "phase": Table(
        "Heavy ball from the first start, 200 steps; momentum 0 is gradient descent.",
        {
            "step_size": "η in units of 1/L",
            "momentum": "m",
            "outcome": "converged (distance below a hundredth of the start's), slow, or diverged "
            "(above the start's)",
            "ratio": "distance to the minimum at the end over that at the start",
        },
    ),
    "boundary": Table(
        "Step size at which heavy ball stops converging, near the minimum along its stiffest mode.",
        {
            "momentum": "m",
            "predicted": "2 (1 + m), in units of 1/L",
            "measured": "where the distance neither falls nor grows, in units of 1/L; empty if nowhere",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or went wrong.", {"note": "a sentence"}),
}

BREAKS: dict[str, dict[str, Any]] = {
    "Gradient noise": {"noise": 0.1},
    "Not a quadratic": {"problem": "rosenbrock"},
    "Step past the threshold": {"step_factor": 1.1},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · coordinates · steps."""
    # Imported late: JAX takes a second, and the list of experiments needs none of it.
    from core.optimization import phase, race, verification

    report(0.0, "finding the curvatures")
    course = _course(config)
    tables: Frames = {"surface": _surface(course)}
    report(0.05, "compiling the race")
    reported = time.monotonic()
    for seen in race.walk(course, config.learning_rate, config.noise, config.seed):
        done = len(seen.loss) / course.at.size
        if time.monotonic() - reported > PAUSE or done == 1:
            tables = {**tables, **_curves(config, course, seen)}
            report(0.05 + 0.75 * done, f"racing, step {course.at[len(seen.loss) - 1]}", tables)
            reported = time.monotonic()
    report(0.85, "drawing the phase diagram")
    cells, edge = phase.phase(course), phase.boundary(course)
    alone = config.problem == "quadratic" and config.tuning == "tuned"
    condition = config.condition if alone else None
    checks = verification.verify(course, seen, edge, _chosen(config), condition)
    columns = {"momentum": edge.momentum, "predicted": edge.predicted, "measured": edge.measured}
    made = {
        **tables,
        "phase": TABLES["phase"].empty() if cells is None else TABLES["phase"].frame(_phase(cells)),
        "boundary": TABLES["boundary"].frame(columns),
        "checks": theory.checks(checks),
        "notes": TABLES["notes"].frame({"note": _notes(config, course, seen)}),
    }
    return {name: made[name] for name in TABLES}


def _course(config: Config) -> "Course":
    from core.optimization import race, surfaces

    surface = surfaces.surface(
        config.problem,
        config.replicates,
        np.random.default_rng(np.random.SeedSequence([config.seed, 0])),
        dimension=config.dimension,
        condition=config.condition,
        spacing=config.spacing,
    )
    momentum = config.momentum if config.tuning == "shared" else None
    return race.course(surface, config.condition, config.steps, config.step_factor, momentum)


def _chosen(config: Config) -> list[Method]:
    """Those of the optimisers that theory covers."""
    return [name for name in METHODS if name in config.optimizers]


def _phase(cells: "Phase") -> dict[str, Any]:
    about = {"step_size": cells.size, "momentum": cells.momentum}
    return {**about, "outcome": cells.outcome, "ratio": cells.ratio}


def _surface(course: "Course") -> pd.DataFrame:
    from core.optimization.surfaces import values

    it = course.surface
    if it.frame is None or it.minimum is None:
        return TABLES["surface"].empty()
    left, right, bottom, top = it.frame
    x, y = np.meshgrid(np.linspace(left, right, CELLS), np.linspace(bottom, top, CELLS))
    places = np.broadcast_to(it.minimum, (x.size, it.minimum.size)).copy()
    places[:, 0], places[:, 1] = x.ravel(), y.ravel()
    return TABLES["surface"].frame(
        {"x": x.ravel(), "y": y.ravel(), "loss": values(it, places) - it.least}
    )


def _curves(config: Config, course: "Course", seen: "Seen") -> Frames:
    """The tables that grow while the race is on."""
    # The last position may have been seen several times.
    at = np.unique(course.at[: len(seen.loss)])
    chosen = [OPTIMIZERS.index(name) for name in OPTIMIZERS if name in config.optimizers]
    names = [OPTIMIZERS[k] for k in chosen]
    loss = seen.loss[: at.size, chosen]
    count = loss.shape[2]
    grid = {"step": np.repeat(at, len(names)), "optimizer": np.tile(names, at.size)}
    every = {key: np.repeat(values, count) for key, values in grid.items()}
    index = np.tile(np.arange(count), at.size * len(names))
    made = {
        "loss": TABLES["loss"].frame({**every, "replicate": index, "loss": loss.ravel()}),
        "path": TABLES["path"].empty(),
        "theory": TABLES["theory"].frame(_theory(config, course, seen, at)),
        "rates": TABLES["rates"].frame(_rates(config, course, seen)),
    }
    if course.surface.frame is not None:
        place = seen.place[: at.size, chosen]
        path = {**grid, "x": place[..., 0].ravel(), "y": place[..., 1].ravel()}
        made["path"] = TABLES["path"].frame(path)
    return made


def _theory(
    config: Config, course: "Course", seen: "Seen", at: NDArray[np.int64]
) -> list[dict[str, Any]]:
    from core.optimization import rates

    rows: list[dict[str, Any]] = []
    for name in _chosen(config):
        curves, half = {}, at.size // 2
        if config.problem == "quadratic":
            curves["exact"] = np.median(rates.exact(course, name)[: at.size], axis=1)
        through = rates.middle(seen.loss[half, OPTIMIZERS.index(name)])
        with np.errstate(over="ignore"):
            curves["rate"] = through * rates.factor(course, name) ** (2.0 * (at - at[half]))
        for formula, curve in curves.items():
            kept = np.isfinite(curve) & (curve < 1e100)
            rows += [
                {"optimizer": name, "step": t, "formula": formula, "loss": v}
                for t, v in zip(at[kept].tolist(), curve[kept].tolist(), strict=True)
            ]
    return rows


def _rates(config: Config, course: "Course", seen: "Seen") -> list[dict[str, Any]]:
    from core.optimization import phase, rates
    from core.optimization.quadratic import threshold

    made = []
    for name in (n for n in OPTIMIZERS if n in config.optimizers):
        slope = rates.middle(rates.slopes(course, seen, name)[1])
        row: dict[str, Any] = {
            "optimizer": name,
            "step_size": config.learning_rate,
            "momentum": np.nan,
            "threshold": np.nan,
            "predicted": rates.factor(course, name),
            "measured": float(np.exp(slope)),
            "iterations": -1 / slope if slope else np.nan,
            "final": rates.middle(seen.loss[-1, OPTIMIZERS.index(name)]),
        }
        if name in METHODS:
            steps = course.exact[name]
            row |= {"step_size": float(steps.size), "momentum": float(steps.momentum)}  # type: ignore[arg-type]
            row["threshold"] = float(threshold(name, steps.momentum, phase.unit(course)))
        made.append(row)
    return made


def _notes(config: Config, course: "Course", seen: "Seen") -> list[str]:
    from core.optimization import rates, verification

    notes, settled = [], verification.settled(course, _chosen(config))
    if config.problem == "network":
        notes.append(
            "No theory covers the network: its minimum is not known. The checks are a quadratic's."
        )
    elif config.problem != "quadratic":
        notes.append("Away from a quadratic the rates hold near the minimum only.")
    left = [n for n in _chosen(config) if n not in settled]
    if left and config.problem != "network":
        least = max(verification.SHOWS / max(abs(np.log(rates.factor(course, n))), 1e-12) for n in left)
        names = ", ".join(NAMES[n] for n in left)
        notes.append(f"Too few steps for the rate of {names}, which shows from about {least:,.0f} on.")
    for name in (n for n in OPTIMIZERS if n in config.optimizers):
        lost = seen.lost[OPTIMIZERS.index(name)]
        if (lost >= 0).any():
            notes.append(
                f"{NAMES[name]} diverged from {(lost >= 0).sum()} of {lost.size} starts, first at step "
                f"{lost[lost >= 0].min()}."
            )
    return notes
