"""How large will the largest be, and how sure can we be of it?

Set-up: a series of values in m blocks of b (days in years), simulated, bundled or of a file of your
own. Two ways to its extremes: the generalised extreme value law fitted to the m block maxima, and the
generalised Pareto law fitted to the excesses over a high threshold, of which there are about λ a block.

Theory: maxima of many independent values can have no limit but the first, excesses none but the second,
with one tail index ξ (Fisher–Tippett–Gnedenko; Balkema–de Haan, Pickands). The T-block return level,
which a maximum exceeds with probability 1/T, is

    x_T = μ + σ (r^ξ − 1) / ξ  with r = −1 / log(1 − 1/T),   or  u + σ_u ((λ r)^ξ − 1) / ξ.

Intervals are those of the profile likelihood: levels at which twice the log-likelihood falls by less
than 3.84. They cover 95 % for many values; the Wald interval, symmetric, does so later. The spread of
the tail index from k excesses is (1 + ξ) / √k. Exceedances of independent values fall on blocks at
random: their variance over blocks is, on average exactly, their mean. In clusters it is larger, the
intervals are too short and the levels of exceedances too high. The threshold is taken at a given number
of exceedances, and their rate as known, which costs a hundredth of the variance.

Sources: Coles 2001, An Introduction to Statistical Modeling of Extreme Values, chapters 3 to 5; Smith
1987, Annals of Statistics 15, 1174; Pickands 1975, Annals of Statistics 3, 119; Leadbetter, Lindgren &
Rootzén 1983, Extremes and Related Properties of Random Sequences and Processes.
"""

import time
from typing import Any

import numpy as np
import pandas as pd

from core import theory
from core.datasets.columns import BUNDLED, column
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base
from core.families import extreme_checks, extreme_tables, parents, returns
from core.families import extreme_layout as layout
from core.families.extreme_tables import FEWEST, METHODS, Parts, parts
from core.families.family import Floats
from core.families.parents import NAMES, Parent
from core.families.returns import Levels, Method

VERSION = 1

SIMULATED = {"data": ("simulated",)}
# Values of one series times the number of series; series that are fitted together.
VALUES, BATCH = 40_000_000, 50


class Config(Base):
    data: str = field(
        "simulated",
        "The series, in the order in which it was measured: simulated, bundled, or of your own file.",
        section="data",
        kind="data",
        names={"simulated": "Simulated series", **BUNDLED},
    )
    column: str = field(
        "", "Column of the file; empty where there is only one.", section="data", kind="column"
    )
    parent: Parent = field(
        "pareto",
        "Law of one simulated value.",
        label="Law of a value",
        section="data",
        when=SIMULATED,
        names=NAMES,
    )
    tail: float = field(
        0.2,
        "Tail index ξ of the generalised Pareto: 0 the exponential, below 0 with a largest value.",
        label="Tail index",
        section="data",
        when={**SIMULATED, "parent": ("pareto",)},
        ge=-0.3,
        le=0.8,
        step=0.05,
    )
    df: float = field(
        5.0,
        "Degrees of freedom of Student t; the tail index is one over it.",
        label="Degrees of freedom",
        section="data",
        when={**SIMULATED, "parent": ("student-t",)},
        ge=1.5,
        le=50.0,
    )
    blocks: int = field(
        50, "Number of simulated blocks m.", section="data", scale="log", when=SIMULATED, ge=20, le=500
    )
    block: int = field(
        100,
        "Values in a block b: 365 for days in years, 1 where the values are maxima already.",
        label="Block length",
        section="data",
        scale="log",
        ge=1,
        le=1000,
    )
    share: float = field(
        0.05,
        "Share of the values that lies above the threshold.",
        label="Share above the threshold",
        scale="log",
        ge=0.002,
        le=0.5,
    )
    period: float = field(
        100.0,
        "Return period T: the level that a block's maximum exceeds once in so many blocks.",
        label="Return period",
        unit="blocks",
        scale="log",
        ge=2.0,
        le=10_000.0,
    )
    replicates: int = field(
        200,
        "Fresh series on which the intervals are put to the test.",
        section="more",
        when=SIMULATED,
        scale="log",
        ge=20,
        le=1000,
    )
    cluster: int = field(
        1,
        "How many values in a row share one extreme; theory assumes 1.",
        label="Cluster length",
        section="assumption",
        when=SIMULATED,
        ge=1,
        le=10,
    )


TABLES = {
    "return_levels": layout.RETURNS,
    "maxima": layout.MAXIMA,
    "profile": layout.PROFILE,
    "stability": layout.STABILITY,
    "estimates": layout.ESTIMATES,
    "sampling": layout.SAMPLING,
    "checks": CHECKS,
    "notes": Table("What was assumed or left out.", {"note": "a sentence"}),
}

BREAKS = {
    "Extremes come four in a row": {"cluster": 4},
    "Maxima of only 5 normal values": {"parent": "normal", "block": 5, "blocks": 500, "share": 0.5},
}


def run(config: Config, report: Report) -> Frames:
    """Fits both laws to the series, and where it is simulated to many others like it."""
    report(0.0, "reading the series")
    one, *streams = np.random.SeedSequence(config.seed).spawn(1 + config.replicates)
    notes: list[str] = []
    values = _series(config, np.random.default_rng(one), notes)
    its = parts(values, config.share)
    ratios = {method: _ratio(its, method, config.period) for method in METHODS}
    found: Frames = {"maxima": extreme_tables.maxima(its)}
    report(0.05, "fitting the extremes", found)
    fits = {method: _fit(its, method, ratios[method]) for method in METHODS}
    found["estimates"] = extreme_tables.estimates(its, fits)
    found["stability"] = extreme_tables.stability(values, config.share)
    report(0.1, "profiling the likelihood", found)
    found["profile"] = extreme_tables.profiles(its, fits, ratios)
    found["return_levels"] = _returns(config, its, report, found)
    rows = extreme_checks.identities(its, fits, ratios)
    if config.data == "simulated":
        found["sampling"] = _sampling(config, ratios, streams, report, found)
        true, k = _true(config, config.period), its.excesses.size
        index = parents.tail_index(config.parent, config.tail, config.df)
        rows += extreme_checks.measured(found["sampling"], true, index, k, values.size)
    else:
        found["sampling"] = layout.SAMPLING.empty()
        rows += extreme_checks.compared(values.size, its, fits)
    found |= {"checks": theory.checks(rows), "notes": TABLES["notes"].frame({"note": notes})}
    return {name: found[name] for name in TABLES}


def _law(config: Config) -> Any:
    return parents.law(config.parent, config.tail, config.df)


def _series(config: Config, rng: np.random.Generator, notes: list[str]) -> Floats:
    """Values (blocks, block)."""
    if config.data == "simulated":
        if config.blocks * config.block * config.replicates > VALUES:
            most = VALUES // (config.blocks * config.block)
            raise InputError(
                f"`replicates` must be at most {most} for {config.blocks * config.block:,} values in a "
                f"series; it was {config.replicates}."
            )
        return parents.series(_law(config), config.blocks, config.block, config.cluster, rng)
    read = column(config.data, config.column)
    notes += read.notes
    values, blocks = read.values, read.values.size // config.block
    if blocks < FEWEST:
        raise InputError(
            f"`block` must leave at least {FEWEST} blocks of the {values.size:,} values of "
            f"`{read.name}`; blocks of {config.block} are {blocks}."
        )
    left = values.size - blocks * config.block
    if left:
        notes.append(f"The last {left} values fill no block and are left out.")
    if np.unique(values).size < values.size / 2:
        notes.append("More than half of the values are equal to others: the intervals are too sure.")
    return values[: blocks * config.block].reshape(blocks, config.block)


def _ratio(its: Parts, method: Method, period: float) -> float:
    rate = float(its.counts.mean())
    found = returns.ratio(method, period, rate)
    if found <= 1:
        least = 1 / -np.expm1(-rate)
        raise InputError(
            f"`period` must be above {least:.3g} blocks for a return level above the threshold; it was "
            f"{period:g}."
        )
    return found


def _fit(its: Parts, method: Method, ratio: float) -> Levels:
    made = returns.levels(method, its.of(method), ratio)
    if not np.isfinite(made.log_likelihood[0]):
        raise InputError(f"`data` must have {method} to which the law can be fitted; no fit was found.")
    return made


def _returns(config: Config, its: Parts, report: Report, found: Frames) -> pd.DataFrame:
    longest = max(config.period, 2.0 * its.counts.size)
    periods = np.unique(np.append(np.geomspace(2.0, longest, 9), config.period))
    rows = []
    for place, period in enumerate(periods):
        report(0.1 + 0.2 * place / periods.size, "profiling the likelihood", found)
        for method in METHODS:
            # A level next to the threshold has no likelihood to speak of.
            ratio = returns.ratio(method, period, float(its.counts.mean()))
            if ratio > 1.05:
                found_at = extreme_tables.level(its, method, period, ratio)
                rows.append({**found_at, "true": _true(config, period)})
    return layout.RETURNS.frame(rows)


def _true(config: Config, period: float) -> float:
    if config.data != "simulated":
        return float("nan")
    return float(parents.return_level(_law(config), period, config.block, config.cluster))


def _sampling(
    config: Config,
    ratios: dict[Method, float],
    streams: list[np.random.SeedSequence],
    report: Report,
    found: Frames,
) -> pd.DataFrame:
    """Both fits on fresh series, drawn one after another and fitted together in batches."""
    law, true, frames = _law(config), _true(config, config.period), []
    batch: list[Parts] = []
    last = time.monotonic()
    for place, stream in enumerate(streams, 1):
        rng = np.random.default_rng(stream)
        drawn = parents.series(law, config.blocks, config.block, config.cluster, rng)
        batch.append(parts(drawn, config.share))
        if time.monotonic() - last > 0.1:
            last = time.monotonic()
            report(0.3 + 0.65 * place / len(streams), f"series {place} of {len(streams)}", found)
        if len(batch) == BATCH or place == len(streams):
            first = place - len(batch) + 1
            frames += [
                extreme_tables.sampling(batch, method, ratios[method], true, first) for method in METHODS
            ]
            batch = []
    return pd.concat(frames, ignore_index=True)
