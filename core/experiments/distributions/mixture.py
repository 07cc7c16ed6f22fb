"""How many groups are mixed in this column of numbers, and how fast does EM find them?

Set-up: the values, simulated or your own, are fitted with mixtures of 1, 2, … components by the EM
algorithm from several random starts each. The number of components is the one with the least
BIC = d log n − 2 log L, d free parameters, and the likelihood ratio against one component fewer and
one more is compared with that of samples simulated from the smaller mixture. A component whose
spread is at a floor is said, and a fit without one is preferred: as the spread falls to 0 on a single
value, the likelihood is infinite.

Theory. (1) No EM step lowers the likelihood. (2) Near the maximum every step multiplies the distance
by the largest eigenvalue λ of the missing share of information, 1 − I_c⁻¹ I, with I the observed
information and I_c the expected one if it were known which component each value comes from. That
matrix is the derivative of a step. The likelihood still lacking falls as λ^(2 t). (3) For halves of
N(m, 1) and N(−m, 1) with unknown m, λ = E[x² sech²(m x)]. (4) BIC finds the true number, and the
estimates lie at the truth by their standard errors, where the components are of the kind that is
fitted and far enough apart for n. (5) A permutation of the components is the same mixture: starts that
end at one maximum differ in what they call which.

Sources: Dempster, Laird & Rubin 1977, JRSS B 39, 1; McLachlan 1987, Applied Statistics 36, 318;
Keribin 2000, Sankhyā A 62, 49; Day 1969, Biometrika 56, 463; Hathaway 1985, Annals of Statistics 13,
795; Varadhan & Roland 2008, Scandinavian Journal of Statistics 35, 335.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.datasets.columns import BUNDLED, column
from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base
from core.families.layout import HISTOGRAM
from core.mixtures import layout

if TYPE_CHECKING:
    from core.mixtures.choosing import Choice
    from core.mixtures.kinds import Kind

VERSION = 1

SIMULATED = {"data": ("simulated",)}
# Values that are fitted at most, and distinct ones asked for each component.
LARGEST, EACH = 20_000, 3
OFTEN = 0.07


class Config(Base):
    data: str = field(
        "simulated",
        "The column to take apart: simulated, bundled, or of a file of your own.",
        section="data",
        kind="data",
        names={"simulated": "Simulated mixture", **BUNDLED},
    )
    column: str = field(
        "", "Column of the file; empty where there is only one.", section="data", kind="column"
    )
    family: Literal["normal", "lognormal", "gamma", "poisson", "student-t"] = field(
        "normal",
        "Kind of the components that are fitted, and of those that simulated values are drawn from.",
        label="Components",
        names={
            "normal": "Normal",
            "lognormal": "Log-normal",
            "gamma": "Gamma",
            "poisson": "Poisson (counts)",
            "student-t": "Student t",
        },
    )
    groups: int = field(
        3, "True number of components.", section="data", when=SIMULATED, ge=1, le=5, label="True groups"
    )
    samples: int = field(
        600,
        "Number of simulated values n.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=50,
        le=20_000,
    )
    most: int = field(5, "Largest number of components tried.", ge=2, le=8, label="Components up to")
    restarts: int = field(
        6, "Random starts of EM for each number of components.", section="training", ge=2, le=20
    )
    steps: int = field(200, "EM steps that are drawn.", section="training", scale="log", ge=20, le=1000)
    replicates: int = field(
        19,
        "Samples simulated for the law of a likelihood ratio: its least p-value is 1 / (1 + this).",
        section="more",
        ge=19,
        le=199,
    )
    floor: float = field(
        0.02,
        "Least spread of a component, as a share of the sample's (of its logarithms for log-normals "
        "and gammas).",
        section="more",
        scale="log",
        ge=0.0001,
        le=0.3,
    )
    separation: float = field(
        3.5,
        "Distance of neighbouring true components, in units of their spread; normals of equal weight "
        "closer than 2 have one peak.",
        section="assumption",
        unit="spreads",
        when=SIMULATED,
        ge=0.25,
        le=12.0,
    )
    heavy_tails: bool = field(
        False,
        "Draw simulated values with heavier tails than the components that are fitted: Student t with "
        "2 degrees of freedom.",
        section="assumption",
        when=SIMULATED,
    )


TABLES = {
    "histogram": HISTOGRAM,
    "density": layout.DENSITY,
    "truth": layout.TRUTH,
    "climb": layout.CLIMB,
    "decay": layout.DECAY,
    "landings": layout.LANDINGS,
    "components": layout.COMPONENTS,
    "responsibility": layout.RESPONSIBILITY,
    "selection": layout.SELECTION,
    "ratio": layout.RATIO,
    "rate": layout.RATE,
    "checks": CHECKS,
    "notes": layout.NOTES,
}

BREAKS = {
    "Components one spread apart": {"separation": 1.0},
    "Heavy tails, fitted by normals": {"heavy_tails": True},
}


@dataclass(frozen=True)
class _Data:
    """Values (n,), the mixture that they were drawn from, floor of a spread, components at most."""

    x: NDArray[np.float64]
    truth: NDArray[np.float64] | None
    floor: float
    most: int
    notes: list[str]


def run(config: Config, report: Report) -> Frames:
    """Fits mixtures of each size, follows EM at the chosen one, and holds theory against both."""
    # Imported late: JAX takes a second that most pages and commands do not need.
    from core.mixtures import checks, choosing, following, information, search, symmetric, tables
    from core.mixtures.kinds import KINDS

    kind = KINDS[config.family]
    draw, begin, simulate, other = np.random.default_rng(config.seed).spawn(4)
    data = _data(config, kind, draw)
    halves = symmetric.halves(other)
    found: Frames = {
        "histogram": tables.histogram(data.x, config.family),
        "rate": tables.rate(halves),
    }
    found["truth"] = tables.truth(kind, data.truth, found["histogram"])

    tell = _teller(report, found, 0.02, 0.35, "fitting mixtures of each size")
    choice = choosing.choose(kind, data.x, data.most, config.restarts, data.floor, begin, tell)
    if not np.isfinite(choice.bic).any():
        raise InputError(
            f"`family` must have a finite likelihood for these values; {config.family} has none."
        )
    found["selection"] = tables.selection(choice)
    sample, k = search.padded(data.x, data.floor), choice.chosen
    tell = _teller(report, found, 0.35, 0.37, "climbing to the maximum")
    top = information.maximum(kind, sample, choice.mixture(k), tell)
    tell = _teller(report, found, 0.37, 0.4, "following EM step by step")
    path = following.follow(kind, sample, choice, config.steps, top, tell)
    found |= tables.fitted(kind, choice, path, top, data.truth, found["histogram"])
    found["ratio"] = _ratios(config, data, choice, simulate, report, found)
    rows = [*checks.climbing(path), *checks.rates(kind, top, path, data.notes)]
    rows += [*checks.symmetric(halves)]
    if data.truth is not None:
        rows += checks.recovery(kind, data.truth, choice, top)
    if config.family == "normal":
        report(0.98, "comparing with scikit-learn", found)
        rows += checks.against_sklearn(data.x, choice, data.floor, data.notes)
    data.notes.extend(tables.said(kind, choice, top))
    found["checks"], found["notes"] = theory.checks(rows), layout.NOTES.frame({"note": data.notes})
    return {name: found[name] for name in TABLES}


def _ratios(
    config: Config,
    data: _Data,
    choice: "Choice",
    generator: np.random.Generator,
    report: Report,
    found: Frames,
) -> pd.DataFrame:
    """One component fewer than chosen, and as many, against one more."""
    from core.mixtures import choosing, tables
    from core.mixtures.kinds import KINDS

    made = []
    nulls = [k for k in (choice.chosen - 1, choice.chosen) if 1 <= k < data.most]
    for position, null in enumerate(nulls):
        first, last = (0.4 + 0.57 * (position + end) / len(nulls) for end in (0, 1))
        tell = _teller(report, found, first, last, f"simulating mixtures of {null} to try {null + 1}")
        kind, n = KINDS[config.family], data.x.size
        made.append(
            choosing.likelihood_ratio(
                kind, choice, n, null, data.floor, config.replicates, generator, tell
            )
        )
    return tables.ratios(made)


def _teller(
    report: Report, found: Frames, first: float, last: float, message: str
) -> Callable[[float], None]:
    """A hook for a part of the run, from `first` to `last`, that reports every `OFTEN` seconds."""
    told = [0.0]

    def tell(fraction: float) -> None:
        if time.monotonic() - told[0] > OFTEN:
            report(first + (last - first) * fraction, message, found)
            told[0] = time.monotonic()

    return tell


def _data(config: Config, kind: "Kind", generator: np.random.Generator) -> _Data:
    from core.mixtures import simulation

    truth, notes = None, list[str]()
    if config.data == "simulated":
        truth = simulation.truth(config.family, config.groups, config.separation)
        x = simulation.draw(config.family, truth, config.samples, config.heavy_tails, generator)
    else:
        read = column(config.data, config.column)
        x, notes = read.values, list(read.notes)
    wrong = x[~np.asarray(kind.allows(x))]
    if wrong.size:
        raise InputError(
            f"`family` must allow all values: {kind.title} are {kind.support}, and {wrong.size:,} of "
            f"{x.size:,} values are not, such as {wrong[0]:g}."
        )
    if np.abs(x).max() > 1e100:
        raise InputError(f"`column` must hold values below 1e100 in size; one is {np.abs(x).max():g}.")
    if x.size > LARGEST:
        notes.append(f"{LARGEST:,} of {x.size:,} values are used, evenly spaced in their order.")
        x = x[np.linspace(0, x.size - 1, LARGEST).astype(np.int64)]
    spread, distinct = float(kind.coordinate(x).std()), np.unique(x).size
    if not spread > 1e-100:
        raise InputError(
            f"`column` must hold values that differ by more than 1e-100; they spread {spread:g}."
        )
    most = max(1, min(config.most, distinct // EACH))
    if most < config.most:
        notes.append(f"{distinct} distinct values allow {most} components at most.")
    return _Data(x, truth, config.floor * spread, most, notes)
