"""Which family of distributions describes this column of numbers, and how well are its parameters known?

Set-up: a column of the user's own, a bundled one, or n draws from a known family, fitted with each
family by maximum likelihood and ranked by AICc = 2k − 2 log L + 2k(k + 1)/(n − k − 1), k free
parameters. Within 2 of the best, families are practically tied. Measurements are compared with
densities and counts with probabilities, never with each other. Goodness of fit is given as distances
without p-values, because the usual tables do not hold for fitted parameters.

Theory, were the assumed family true, in the limit of large n: with H the mean observed information,

    √n (θ̂ − θ) → N(0, H⁻¹),        2 (log L(θ̂) − log L(θ)) → χ² with k degrees of freedom.

Refits to resampled data spread as H⁻¹ J H⁻¹ / n, J the variance of a value's score, and their mean
likelihood ratio tends to tr(J H⁻¹). Only where the family is right is J = H, so that the refits
spread as the standard errors say and the mean ratio is k: a wrong family, or a contaminated sample,
shows there without the truth being known.

Sources: Hurvich & Tsai 1989, Biometrika 76, 297; Burnham & Anderson 2002, Model Selection and
Multimodel Inference; White 1982, Econometrica 50, 1; Wilks 1938, Annals of Mathematical Statistics
9, 60; Efron 1979, Annals of Statistics 7, 1; Lilliefors 1967, JASA 62, 399.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import families, theory
from core.datasets.columns import BUNDLED, column
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base
from core.families import layout
from core.families.names import CONTINUOUS, COUNTS, Assumed, Counted, Measured, Truth, choosing

if TYPE_CHECKING:
    from core.families import Fit
    from core.families.ranking import Entry
    from core.families.resampling import Refits

VERSION = 2

# Values times refits in one run: about 10 s of one core.
WORK = 20_000_000
SIMULATED = {"data": ("simulated",)}


class Config(Base):
    data: str = field(
        "simulated",
        "The column to describe: simulated, bundled, or of a file of your own.",
        section="data",
        kind="data",
        names={"simulated": "Simulated sample", **BUNDLED},
    )
    column: str = field(
        "", "Column of the file; empty where there is only one.", section="data", kind="column"
    )
    values: Literal["automatic", "measurements", "counts"] = field(
        "automatic",
        "What the numbers are; whole numbers of 0 or more with a 0 among them are counts to automatic.",
        section="more",
    )
    truth: Truth = field(
        "gamma",
        "Family that the simulated values are drawn from.",
        label="True family",
        section="data",
        when=SIMULATED,
    )
    shape: float = field(
        2.0,
        "True shape; sdlog of the log-normal, df of Student t, size of the negative binomial.",
        label="True shape",
        section="data",
        when={**SIMULATED, "truth": choosing("shape")},
        ge=0.1,
        le=50.0,
    )
    scale: float = field(
        3.0,
        "True scale, in the unit of the values; the median of the log-normal, the mean of counts.",
        label="True scale",
        section="data",
        when={**SIMULATED, "truth": choosing("scale")},
        scale="log",
        ge=0.01,
        le=1000.0,
    )
    location: float = field(
        0.0,
        "True location, in the unit of the values.",
        label="True location",
        section="data",
        when={**SIMULATED, "truth": choosing("location")},
        ge=-1000.0,
        le=1000.0,
    )
    samples: int = field(
        1000,
        "Number of simulated values n.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=10,
        le=1_000_000,
    )
    families: tuple[Measured, ...] = field(
        CONTINUOUS,
        "Families to compare where the values are measurements.",
        section="more",
        min_length=1,
    )
    count_families: tuple[Counted, ...] = field(
        COUNTS, "Families to compare where the values are counts.", section="more", min_length=1
    )
    replicates: int = field(
        200,
        "Refits to resampled values, to test the standard errors.",
        section="more",
        ge=20,
        le=2000,
    )
    assumed: Assumed = field(
        "best",
        "Family whose standard errors are put to the test: the best by AICc, or one of your choice.",
        label="Assumed family",
        section="assumption",
        names={"best": "The best by AICc"},
    )
    contamination: float = field(
        0.0,
        "Share of the simulated values replaced by draws 10 times as large.",
        section="assumption",
        when=SIMULATED,
        step=0.01,
        ge=0.0,
        le=0.5,
    )


TABLES = {
    "fits": layout.FITS,
    "parameters": layout.PARAMETERS,
    "histogram": layout.HISTOGRAM,
    "density": layout.DENSITY,
    "truth": layout.TRUTH,
    "quantiles": layout.QUANTILES,
    "sampling": layout.SAMPLING,
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or thinned.", {"note": "a sentence"}),
}

BREAKS = {
    "5 % of the values 10 times as large": {"contamination": 0.05},
    "The exponential assumed for gamma values": {"assumed": "exponential"},
}


@dataclass(frozen=True)
class _Data:
    values: NDArray[np.float64]
    counts: bool
    notes: tuple[str, ...]
    truth: Mapping[str, float]

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        return np.sort(self.values)


def run(config: Config, report: Report) -> Frames:
    """Fits every family, resamples the assumed one, and holds theory against both."""
    resample, test, draw = np.random.default_rng(config.seed).spawn(3)
    data = _data(config, draw)
    notes = list(data.notes)
    found = _described(config, data, notes)
    entries: "list[Entry]" = []
    curves: list[Frames] = []
    names = config.count_families if data.counts else config.families
    for position, name in enumerate(names):
        report(0.5 * position / len(names), f"fitting {name}", found)
        entry = families.ranking.attempt(data.values, name)
        entries = families.ranking.ordered([*entries, entry])
        curves += [_curves(data, found["histogram"], entry.fit)] if entry.fit else []
        found = {**found, **families.tables.fitted(entries, curves)}
    made = [e.fit for e in entries if e.fit]
    if not made:
        raise InputError(f"`families` must hold one that fits; {entries[0].family}: {entries[0].note}")
    checked = families.consistency.tested(
        entries, test, lambda name, share: report(0.5 + 0.15 * share, f"drawing from {name}", found)
    )
    found["fits"] = families.tables.fits(entries, checked.p)
    notes += checked.notes
    assumed = _assumed(config, data, made)
    again = _refits(config, assumed, notes, resample, report, found)
    rows = [*families.checks.identities(made)]
    if again:
        held, untested = families.checks.testable(families.checks.information(assumed, again), assumed.n)
        rows += held
        notes += untested
    if data.truth:
        rows += families.checks.recovery(
            families.fit(data.values, config.truth), data.truth, data.values
        )
    found["sampling"] = families.tables.sampling(assumed, again) if again else layout.SAMPLING.empty()
    found["checks"] = theory.checks(rows)
    found["notes"] = TABLES["notes"].frame({"note": notes})
    return {name: found[name] for name in TABLES}


def _data(config: Config, draw: np.random.Generator) -> _Data:
    if config.data == "simulated":
        truth = families.simulation.parameters(
            config.truth, shape=config.shape, scale=config.scale, location=config.location
        )
        x = families.simulation.draw(config.truth, truth, config.samples, config.contamination, draw)
        counts = (
            families.find(config.truth).discrete
            if config.values == "automatic"
            else config.values == "counts"
        )
        return _Data(x, counts, (), truth)
    read = column(config.data, config.column)
    counts, note = families.ranking.kind_of(read.values, config.values)
    return _Data(read.values, counts, (*read.notes, *note), {})


def _described(config: Config, data: _Data, notes: list[str]) -> Frames:
    """The tables that need no fit."""
    bins = families.tables.histogram(data.values, data.counts)
    beyond = data.values.size - int(bins["count"].sum())
    if beyond:
        low, high = bins["left"].iloc[0], bins["right"].iloc[-1]
        notes.append(f"The histogram leaves out {beyond:,} values, beyond {low:.4g} to {high:.4g}.")
    truth = layout.TRUTH.empty()
    if data.truth and families.find(config.truth).discrete == data.counts:
        truth = layout.TRUTH.frame(
            families.tables.curve(families.find(config.truth).frozen(data.truth), bins, data.counts)
        )
    return {"histogram": bins, "truth": truth}


def _curves(data: _Data, bins: pd.DataFrame, made: "Fit") -> Frames:
    """What is drawn of one family."""
    law = made.distribution
    return {
        "density": families.tables.density(made.family, law, bins, data.counts),
        "quantiles": families.tables.quantiles(made.family, law, data.ordered, data.counts),
    }


def _assumed(config: Config, data: _Data, made: "list[Fit]") -> "Fit":
    """The fit whose standard errors are put to the test."""
    if config.assumed == "best":
        return made[0]
    if families.find(config.assumed).discrete != data.counts:
        kind = "counts" if data.counts else "measurements"
        raise InputError(f"`assumed` must be a family of {kind} for these values, not {config.assumed}.")
    known = {f.family: f for f in made}
    return known.get(config.assumed) or families.fit(data.values, config.assumed)


def _refits(
    config: Config,
    assumed: "Fit",
    notes: list[str],
    generator: np.random.Generator,
    report: Report,
    found: Frames,
) -> "Refits | None":
    if not np.isfinite(assumed.covariance).all() or families.find(assumed.family).closed:
        notes.append(
            f"No refits: {assumed.family} has no standard errors from observed information here."
        )
        return None
    replicates = int(min(config.replicates, max(20, WORK / assumed.n)))
    if replicates < config.replicates:
        said = f"{replicates} refits of the {config.replicates} asked for"
        notes.append(f"At {assumed.n:,.0f} values the standard errors are tested with {said}.")
    parts = []
    for part in families.resampling.refits(assumed, replicates, generator):
        parts.append(part)
        done = sum(p.natural.shape[0] + p.lost for p in parts)
        report(0.65 + 0.3 * done / replicates, f"refitting {assumed.family} to resampled values", found)
    made = families.resampling.Refits.joined(parts)
    kept = made.lost <= 0.1 * replicates
    if made.lost:
        told = "" if kept else ": its standard errors are not tested"
        notes.append(f"{made.lost} of {replicates} refits of {assumed.family} reached no maximum{told}.")
    return made if kept else None
