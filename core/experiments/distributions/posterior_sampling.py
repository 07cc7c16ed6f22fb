"""What do the data say about a family's parameters when no formula gives the posterior?

Set-up: a column of the user's own, a bundled one, or n simulated values; a family of distributions and a
prior of its parameters. The no-U-turn sampler draws from the posterior in several chains that start
apart; each value is then predicted from the others.

Priors are set on the unconstrained parameters u (logarithms of what is above 0) of standardised data,
whose median size or spread is 1: weakly informative u ~ N(0, 2.5²), flat, or conjugate and worth one
earlier value (core.bayes.priors).

Theory. Draws have the posterior's mean and standard deviation up to their Monte Carlo error: known by
quadrature for up to three parameters, in closed form for conjugate priors. In the limit of large n

    u | x₁ … xₙ → N(û, H⁻¹/n)   (Bernstein–von Mises),        WAIC − LOO → 0   (Watanabe),

û the maximum-likelihood estimate and H the mean observed information. The log-density of a value given
all others is −log E[1 / f(x; θ)] over the posterior, which smoothed importance weights estimate from
the draws. The step size is such that trajectories are accepted at a chosen rate.

Sources: Hoffman & Gelman 2014, JMLR 15, 1593; Betancourt, Byrne & Girolami, arXiv:1411.6669; Vehtari,
Gelman, Simpson, Carpenter & Bürkner 2021, Bayesian Analysis 16, 667; Vehtari, Gelman & Gabry 2017,
Statistics and Computing 27, 1413; Watanabe 2010, JMLR 11, 3571; van der Vaart 1998, Asymptotic
Statistics, section 10.2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from core import families, theory
from core.bayes import sampling_layout as layout
from core.datasets.columns import column
from core.experiment import CHECKS, Frames, InputError, Later, Report, Table, field
from core.families.names import Smooth
from core.families.source import SIMULATED, Column

# Imported late: JAX, the sampler and ArviZ, which the rooms of core.bayes need.
if TYPE_CHECKING:
    from core.bayes.nuts import Draws
    from core.bayes.target import Target
    from core.families import Fit

VERSION = 1

# Values at most, and values times steps of all chains: about a minute of one core.
LARGEST, WORK = 50_000, 500_000_000
# Values left out in turn.
LEFT = 1000


class Config(Column):
    samples: int = field(
        500,
        "Number of simulated values n.",
        section="data",
        scale="log",
        when=SIMULATED,
        ge=10,
        le=LARGEST,
    )
    family: Smooth = field(
        "automatic",
        "Family whose parameters are unknown; automatic is the true one, or for a column negative "
        "binomial for counts, gamma for values above 0, and normal for others.",
    )
    prior: Literal["weak", "flat", "conjugate"] = field(
        "weak",
        "Prior of the parameters; conjugate ones are those of exponential, Poisson and normal.",
        names={
            "weak": "Weakly informative",
            "flat": "Flat",
            "conjugate": "Conjugate, worth one value",
        },
    )
    width: float = field(
        2.5,
        "Standard deviation of the weakly informative prior, on the (log) parameters of standardised "
        "data.",
        label="Prior width",
        when={"prior": ("weak",)},
        scale="log",
        ge=0.01,
        le=100.0,
    )
    chains: int = field(4, "Number of chains.", section="training", ge=2, le=8)
    draws: int = field(
        500, "Draws of each chain after the warm-up.", section="training", scale="log", ge=100, le=4000
    )
    warmup: int = field(
        300,
        "Steps of each chain that set its step size and metric, and are not kept.",
        label="Warm-up",
        section="more",
        scale="log",
        ge=100,
        le=2000,
    )
    acceptance: float = field(
        0.8,
        "Acceptance rate that the warm-up aims at; a higher one takes shorter steps.",
        label="Target acceptance",
        section="more",
        step=0.01,
        ge=0.7,
        le=0.99,
    )
    step: float = field(
        1.0,
        "Steps after the warm-up, as a multiple of the step size that it chose.",
        label="Stretch the steps",
        section="assumption",
        scale="log",
        ge=0.1,
        le=100.0,
    )
    conflict: float = field(
        0.0,
        "How many of its widths the weakly informative prior is moved away from the data.",
        label="Move the prior",
        section="assumption",
        unit="widths",
        when={"prior": ("weak",)},
        ge=0.0,
        le=20.0,
    )


TABLES = {
    **layout.TABLES,
    "checks": CHECKS,
    "notes": Table("What was assumed, left out or not tested.", {"note": "a sentence"}),
}

BREAKS = {
    "Steps three times too long": {"step": 3.0},
    "A narrow prior far from the data": {"width": 0.1, "conflict": 5.0},
}


@dataclass(frozen=True)
class _Data:
    values: NDArray[np.float64]
    family: str
    truth: Mapping[str, float]
    notes: tuple[str, ...]


def run(config: Config, report: Report) -> Frames:
    """Draws from the posterior, and holds theory against the draws."""
    from core.bayes import priors, quadrature, sampled, sampling_checks, sampling_tables
    from core.bayes.target import target

    sampler, simulate, order, predict = np.random.default_rng(config.seed).spawn(4)
    data = _data(config, simulate)
    family = families.find(data.family)
    _check(config, np.unique(data.values).size if family.discrete else data.values.size)
    bins = {"histogram": sampling_tables.binned(data.values, family.discrete)}
    report(0.0, f"fitting {data.family}", bins)
    fit = families.fit(data.values, data.family)
    prior = priors.prior(config.prior, family, fit.sample, config.width, config.conflict)
    aim = target(family, fit, prior).shuffled(order)
    drawn = _drawn(config, aim, fit, data, sampler, report)
    found = sampled.described(aim, fit, drawn, None, data.truth)
    u = aim.at(drawn.q.swapaxes(0, 1))
    predicted = sampling_tables.predicted(aim, u.reshape(-1, u.shape[-1]), data.values, predict)
    found["histogram"], found["predictive"] = predicted
    kept = min(aim.x.size, LEFT)
    grid, why = quadrature.integral(
        aim, kept, lambda done: report(0.6 + 0.2 * done, "integrating the posterior on a grid", found)
    )
    found |= sampled.described(aim, fit, drawn, grid, data.truth)
    scored = sampled.scored(
        aim, u, grid, kept, lambda done: report(0.8 + 0.2 * done, "leaving values out", found)
    )
    found |= scored.tables
    limit, untested = sampling_checks.normal_limit(u, fit)
    rows = [*sampling_checks.moments(u, grid, scored.closed), *limit, *scored.rows]
    rows.append(sampling_checks.acceptance(found["chains"], config.acceptance))
    found["checks"] = theory.checks(rows)
    notes = [*data.notes, *fit.notes, *([why] if why else []), *untested, *scored.notes]
    found["notes"] = TABLES["notes"].frame({"note": notes})
    return {name: found[name] for name in TABLES}


def _data(config: Config, simulate: np.random.Generator) -> _Data:
    """The values, the family that describes them, and the truth where it is known."""
    if config.data == "simulated":
        truth = families.simulation.parameters(
            config.truth, shape=config.shape, scale=config.scale, location=config.location
        )
        x = families.simulation.draw(config.truth, truth, config.samples, 0.0, simulate)
        family = config.truth if config.family == "automatic" else config.family
        return _Data(x, family, truth if family == config.truth else {}, ())
    read = column(config.data, config.column)
    if config.family != "automatic":
        return _Data(read.values, config.family, {}, read.notes)
    counts = families.ranking.look_like_counts(read.values)
    family = "negative-binomial" if counts else "gamma" if (read.values > 0).all() else "normal"
    note = f"The family is {family}, by the kind of the values; `family` chooses another."
    return _Data(read.values, family, {}, (*read.notes, note))


def _check(config: Config, n: int) -> None:
    """Raises InputError for more work than a page can wait for."""
    if n > LARGEST:
        raise InputError(f"`data` must hold at most {LARGEST:,} different values; it held {n:,}.")
    steps = config.chains * (config.warmup + config.draws)
    if steps * n > WORK:
        most = WORK // (config.chains * n) - config.warmup
        raise InputError(
            f"`draws` must be at most {max(most, 0):,} for {n:,} values, {config.chains} chains and a "
            f"warm-up of {config.warmup}; it was {config.draws:,}."
        )


def _drawn(
    config: Config,
    aim: "Target",
    fit: "Fit",
    data: _Data,
    sampler: np.random.Generator,
    report: Report,
) -> "Draws":
    from core.bayes import nuts, sampled

    total = config.warmup + config.draws
    rules = nuts.Rules(config.acceptance, config.step)
    found: Draws | None = None
    for done, found in nuts.sample(aim, config.chains, config.warmup, config.draws, rules, sampler):
        if found is None:
            report(0.6 * done / total, "warming up")
            continue
        shown = Later(lambda d=found: sampled.described(aim, fit, d, None, data.truth))  # type: ignore[misc]
        report(0.6 * done / total, "drawing from the posterior", shown)
    assert found is not None
    return found
