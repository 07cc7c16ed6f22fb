"""Can the whole loss curve of gradient descent be predicted before anything is trained?

Set-up: n samples of d independent features of variance one, a target of random coefficients with
variance 1 and noise of variance σ², and the loss ‖Xb − y‖² / 2n, descended from b = 0. Design,
coefficients and noise are new in each replicate, and shared by all methods.

Theory (derived in core.optimization.least_squares): a method leaves the share p_t(λ) of the start
along an eigenvector of eigenvalue λ, for gradient descent p_t = (1 − ηλ)^t. As n, d → ∞ at d/n = r
the eigenvalues follow the Marchenko–Pastur law μ, whatever the law of the entries, and every run has
the loss

    f_t = ½ ∫ λ p_t² dμ + ½ σ² (r ∫ p_t² dμ + 1 − r)

in probability; single runs stray from it by 1/√n. Means stray more: momentum amplifies an eigenvalue
beyond the edge λ₊ = (1 + √r)² that it is tuned for, so that late means are those of rare runs, and
the checks take medians. Given X, the mean over coefficients and noise is exact; given the start too,
the curve is one sum. The worst case knows the extreme eigenvalues and the distance alone.

Sources: Paquette, van Merriënboer, Paquette & Pedregosa, arXiv:2006.04299; Pedregosa & Scieur,
arXiv:2002.04756; Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1(4), 457–483.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.linear import choices, designs

if TYPE_CHECKING:
    from core.optimization.average_case import Measured, Size

VERSION = 1

PAQUETTE, SCIEUR = "Paquette et al., arXiv:2006.04299", "Pedregosa & Scieur, arXiv:2002.04756"
MODES = "eigenvectors of the Hessian; see Paquette et al., arXiv:2006.04299"
NESTEROV = "largest λ p_t(λ)² between the extreme eigenvalues; Nesterov (2004), section 1.2.3"
Name = Literal["gd", "heavy_ball", "nesterov", "optimal"]
NAMES = {
    "gd": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "optimal": "Best on average",
}
# Three standard errors of a median of runs, each of standard deviation 25 %, times √replicates.
TOLERANCE = 3 * 1.25 * 0.25
# Parts of the full size at which single runs are compared with the limit too.
PARTS = (4, 2, 1)
# Seconds between reports; steps drawn.
PAUSE, DRAWN = 0.1, 61


class Config(Base):
    samples: int = field(400, "Number of samples n.", section="data", ge=20, le=1000)
    features: int = field(200, "Number of features d.", section="data", scale="log", ge=20, le=1000)
    noise: float = field(
        0.01,
        "Standard deviation σ of the noise; the noiseless target has variance 1.",
        section="data",
        unit="units of the target",
        step=0.01,
        ge=0.0,
        le=2.0,
    )
    methods: tuple[Name, ...] = field(
        ("gd", "heavy_ball", "nesterov", "optimal"),
        "Gradient descent; heavy ball tuned to the edges λ₋ and λ₊; Nesterov with momentum t/(t + 3); "
        "the method with the least mean loss at every step.",
        names=NAMES,
        section="training",
        min_length=1,
        max_length=4,
    )
    learning_rate: float = field(
        1.0,
        "Step size of gradient descent and Nesterov; gradient descent diverges from 2 on.",
        section="training",
        unit="1/λ₊",
        step=0.05,
        ge=0.05,
        le=2.2,
    )
    steps: int = field(60, "Steps of each method.", section="training", scale="log", ge=10, le=500)
    design: designs.Design = choices.design(
        "Distribution of the features; the theory assumes independent entries."
    )
    correlation: float = choices.correlation(0.5)
    tail: float = choices.tail()
    replicates: int = field(
        40, "Independent draws of design, coefficients and noise.", section="more", ge=10, le=100
    )


_LOSS = "loss, half squared units of the target"
_AT = {"method": "gd, heavy_ball, nesterov or optimal", "step": "steps taken"}
TABLES = {
    "risk": Table(
        "Loss of one replicate after a number of steps; empty where it has left 64 bits.",
        {
            "replicate": "number of the replicate, from 0",
            "split": "train: the loss is that of the samples descended on",
            **_AT,
            "risk": _LOSS,
        },
    ),
    "summary": Table(
        "Loss over replicates.",
        {
            **_AT,
            "risk": f"mean; {_LOSS}",
            "standard_error": f"of the mean; {_LOSS}",
            "median": f"over replicates; {_LOSS}",
            "lower": f"10th percentile; {_LOSS}",
            "upper": f"90th percentile; {_LOSS}",
        },
    ),
    "theory": Table(
        "What theory predicts for the loss.",
        {
            **_AT,
            "formula": "limit (from n and d alone), worst_case (from the extreme eigenvalues and the "
            "distance; median over replicates)",
            "risk": f"predicted; {_LOSS}",
        },
    ),
    "spectrum": Table(
        "Eigenvalues of X'X/n over all replicates, and the Marchenko–Pastur law; zeros left out.",
        {
            "low": "lower end of the bin, eigenvalue",
            "high": "upper end of the bin, eigenvalue",
            "density": "measured, per unit of eigenvalue",
            "predicted": "the law at the middle of the bin, per unit of eigenvalue",
        },
    ),
    "sizes": Table(
        "How far single runs are from the limit, by size.",
        {
            "method": "gd, heavy_ball, nesterov or optimal",
            "samples": "n",
            "features": "d",
            "error": "relative error of a single run, median over replicates and steps",
        },
    ),
    "halting": Table(
        "Steps until the loss has fallen by 99 % of what the limit lets it fall; empty if it has not.",
        {
            "method": "gd, heavy_ball, nesterov or optimal",
            "predicted": "steps, by the limit",
            "measured": "steps, mean over replicates",
            "standard_error": "of the mean, steps",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was left out or went wrong.", {"note": "a sentence"}),
}

BREAKS: dict[str, dict[str, Any]] = {
    "Correlated features": {"design": "correlated", "correlation": 0.5},
    "Samples of random scale": {"design": "samples", "tail": 3.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · (n · d · steps + min(n, d)³)."""
    # Imported late: scipy's linear algebra need not load with the list of experiments.
    from core.optimization import average_case

    report(0.0, "computing the limit")
    whole = sum(1 / part**2 for part in PARTS) * config.replicates
    sizes, done, reported, tables = {}, 0.0, time.monotonic(), {}
    for part in PARTS:
        n, d, rate = config.samples // part, config.features // part, config.learning_rate
        size, parts = average_case.size(n, d, config.noise**2, config.methods, rate, config.steps), []
        for rng in _streams(config, part):
            parts.append(average_case.measure(size, *_drawn(config, n, d, rng)))
            done += 1 / part**2
            if time.monotonic() - reported > PAUSE or done >= whole:
                if part == 1:
                    tables = _tables(config, size, average_case.joined(parts))
                report(min(done / whole, 1.0), f"descending on {n} samples", tables)
                reported = time.monotonic()
        sizes[part] = size, average_case.joined(parts)
    size, measured = sizes[1]
    errors = {part: average_case.errors(*at) for part, at in sizes.items()}
    return {
        **_tables(config, size, measured),
        "sizes": _sizes(sizes, errors),
        "halting": _halting(size, measured),
        "checks": theory.checks(_checks(config, size, measured, errors)),
        "notes": TABLES["notes"].frame({"note": _notes(size, measured)}),
    }


def _drawn(config: Config, n: int, d: int, rng: np.random.Generator) -> tuple[designs.Floats, ...]:
    """A design (n, d), the distance to the truth at the start (d,), and noise (n,)."""
    rho = config.correlation if config.design == "correlated" else 0.0
    x = designs.draw(config.design, n, d, rng, rho=rho, tail=config.tail)
    return x, rng.standard_normal(d) / np.sqrt(d), config.noise * rng.standard_normal(n)


def _streams(config: Config, part: int) -> list[np.random.Generator]:
    spawned = np.random.SeedSequence([config.seed, part]).spawn(config.replicates)
    return [np.random.default_rng(stream) for stream in spawned]


def _tables(config: Config, size: "Size", measured: "Measured") -> Frames:
    at = np.unique(np.round(np.linspace(0, config.steps, min(DRAWN, config.steps + 1))).astype(np.int64))
    names, count = list(size.steps), len(measured.loss)
    loss = np.where(np.isfinite(measured.loss), measured.loss, np.nan)[:, :, at]
    grid = {"method": np.repeat(names, at.size), "step": np.tile(at, len(names))}
    every = {key: np.tile(values, count) for key, values in grid.items()}
    index = np.repeat(np.arange(count), len(names) * at.size)
    lower, median, upper = np.quantile(loss, [0.1, 0.5, 0.9], axis=0)
    error = loss.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(lower.shape, np.nan)
    about = {"risk": loss.mean(axis=0), "standard_error": error}
    about |= {"median": median, "lower": lower, "upper": upper}
    with np.errstate(invalid="ignore"):
        worst = np.median(measured.worst, axis=0)
    curves = {
        "limit": size.limit[:, at],
        "worst_case": np.where(np.isfinite(worst), worst, np.nan)[:, at],
    }
    predicted = [pd.DataFrame({**grid, "formula": f, "risk": c.ravel()}) for f, c in curves.items()]
    made = {
        "risk": pd.DataFrame({**every, "replicate": index, "split": "train", "risk": loss.ravel()}),
        "summary": pd.DataFrame({**grid, **{key: values.ravel() for key, values in about.items()}}),
        "theory": pd.concat(predicted, ignore_index=True),
        "spectrum": _spectrum(size, measured.eigenvalues),
    }
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}


def _spectrum(size: "Size", eigenvalues: designs.Floats) -> pd.DataFrame:
    from core.optimization.marchenko_pastur import density, edges

    ratio = size.d / size.n
    top = max(edges(ratio)[1], float(np.quantile(eigenvalues, 0.995)))
    bounds = np.linspace(0.0, 1.05 * top, 61)
    counts, _ = np.histogram(eigenvalues, bounds)
    # A share of the d eigenvalues of each replicate, so that the mass is that of the law.
    measured = counts / (len(eigenvalues) * size.d * np.diff(bounds))
    middle = density((bounds[1:] + bounds[:-1]) / 2, ratio)
    return pd.DataFrame(
        {"low": bounds[:-1], "high": bounds[1:], "density": measured, "predicted": middle}
    )


def _sizes(sizes: Mapping[int, Any], errors: Mapping[int, designs.Floats]) -> pd.DataFrame:
    made = [
        {"method": name, "samples": size.n, "features": size.d, "error": error}
        for part, (size, _) in sizes.items()
        for name, error in zip(size.steps, errors[part], strict=True)
    ]
    return TABLES["sizes"].frame(pd.DataFrame(made).replace(np.inf, np.nan))


def _halting(size: "Size", measured: "Measured") -> pd.DataFrame:
    rows = []
    for k, name in enumerate(size.steps):
        limit = size.limit[k]
        target = limit.min() + 0.01 * (limit[0] - limit.min())
        reached = measured.loss[:, k] <= target
        first = np.where(reached.any(axis=1), reached.argmax(axis=1), np.nan)
        error = first.std(ddof=1) / np.sqrt(first.size)
        predicted = float(np.argmax(limit <= target))
        rows.append(
            {"method": name, "predicted": predicted, "measured": first.mean(), "standard_error": error}
        )
    return TABLES["halting"].frame(rows)


def _checks(
    config: Config, size: "Size", measured: "Measured", errors: Mapping[int, designs.Floats]
) -> list[theory.Row]:
    rows, tolerance = [], TOLERANCE / np.sqrt(config.replicates)
    for k, name in enumerate(size.steps):
        claim = f"The median run of {NAMES[name].lower()} has the loss of the limit; single runs nearer"
        claim += " than at a quarter of the size"
        at = size.falling[k]
        middle = np.median(measured.loss[:, k, at], axis=0)
        source = SCIEUR if name == "optimal" else PAQUETTE
        shrinks = bool(errors[1][k] < errors[4][k])
        rows.append(
            theory.asymptotic(
                claim, size.limit[k, at], middle, source=source, tolerance=tolerance, shrinks=shrinks
            )
        )
    claim = "Given the features, the mean loss over coefficients and noise is exact (ratio 1)"
    early = np.array([1, config.steps // 4, config.steps // 2])
    with np.errstate(invalid="ignore"):
        ratio = (measured.loss / measured.expected)[:, :, early].reshape(config.replicates, -1)
    ratio = ratio[:, np.isfinite(ratio).all(axis=0)]
    error = ratio.std(axis=0, ddof=1) / np.sqrt(len(ratio))
    rows.append(
        theory.exact(claim, 1.0, ratio.mean(axis=0), error, source=MODES, replicates=config.replicates)
    )
    claim = "Given features, coefficients and noise, the curve is the sum over modes"
    seen = np.isfinite(measured.by_modes) & np.isfinite(measured.loss)
    rows.append(theory.identity(claim, measured.by_modes[seen], measured.loss[seen], source=MODES))
    seen &= np.isfinite(measured.worst)
    loss, worst = measured.loss[seen], measured.worst[seen]
    over = int((loss > worst * (1 + 1e-9)).sum())
    claim = "No loss exceeds the worst case of its extreme eigenvalues and distance (medians shown)"
    medians = float(np.median(worst)), float(np.median(loss))
    bound = theory.bound(
        claim, *medians, violations=over, trials=loss.size, allowed=0.0, source=NESTEROV
    )
    return [*rows, bound]


def _notes(size: "Size", measured: "Measured") -> list[str]:
    notes = []
    for k, name in enumerate(size.steps):
        with np.errstate(invalid="ignore"):
            high = ~(measured.loss[:, k] < 10 * size.limit[k, 0])
        lost = high[:, -1]
        if lost.any():
            first = int(high[lost].argmax(axis=1).min())
            notes.append(
                f"{NAMES[name]} diverged in {lost.sum()} of {lost.size} replicates: the loss passed ten "
                f"times its start, first at step {first}."
            )
    return notes
