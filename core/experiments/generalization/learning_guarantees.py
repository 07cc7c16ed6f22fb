"""How far above its measured error can a classifier's true risk lie, and how much do bounds add?

Set-up: n samples of two classes, and four things done with them: a classifier fixed beforehand is
tested on them; the best of a finite class, or of all thresholds along one direction, is chosen on
them; a linear classifier is trained on them (ridge regression on the labels). True risks are exact:
in closed form for Gaussian classes; for a data set its rows are the whole population, from which
samples are drawn with replacement. Sizes are halves of the largest; every sample is a new one.

Theory: with probability at least 1 − δ the true risk is at most the measured error plus

    √(ln(1/δ) / 2n)                          a fixed classifier (Hoeffding)
    √((ln M + ln(1/δ)) / 2n)                 M classifiers (union bound)
    √(8 ln(4 m(2n)/δ) / n)                   m(2n) ways to label 2n points (Vapnik–Chervonenkis)
    2 B √(E‖x‖²/n) / ρ + √(ln(1/δ) / 2n)     ‖w‖ ≤ B, with the ramp loss at margin ρ (Rademacher)

and kl(error, risk) ≤ (‖w‖²/2 + ln(2√n/δ)) / n for the Gibbs risk of v from N(w, I) (PAC-Bayes). The
same bound is held against networks whose weights are Gaussian, trained on it.
core.bounds has these and the others with their assumptions. A bound promises only that it is
seldom broken. How often the test-set bounds are broken is known exactly, by binomial tails and
Kolmogorov's law.

Sources: Hoeffding (1963); Vapnik & Chervonenkis (1971); Massart (1990); Bartlett & Mendelson
(2002), JMLR 3; Langford (2005), JMLR 6; Maurer, arXiv:cs/0411099; Maurer & Pontil, arXiv:0907.3740;
Dziugaite & Roy, arXiv:1703.11008.
"""

from typing import Any, Literal

import numpy as np

from core import theory
from core.bounds import tables
from core.bounds.populations import Gaussian, Population, population
from core.bounds.promises import Facts
from core.bounds.trials import Plan, joined, pool, trials
from core.bounds.verification import bounds, exact
from core.datasets.bundled import SETS
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base

VERSION = 2

LEAST = 30
GAUSSIAN = {"data": ("gaussian",)}
CLASSIFIERS: dict[str, tuple[Any, ...]] = {"problem": ("classifiers",)}
NETWORK: dict[str, tuple[Any, ...]] = {"problem": ("network",)}


class Config(Base):
    problem: Literal["classifiers", "network"] = field(
        "classifiers",
        "What the sample is used for.",
        section="data",
        names={
            "classifiers": "Test, choose or train a classifier",
            "network": "Train a stochastic network (PAC-Bayes)",
        },
    )
    data: str = field(
        "gaussian",
        "Two Gaussian classes, or a data set whose rows are then the whole population.",
        section="data",
        kind="data",
        names={"gaussian": "Two Gaussian classes", **SETS},
    )
    target: str = field(
        "",
        "Column to be predicted, cut into two classes; empty for a data set's own target.",
        section="data",
        kind="column",
        when={"data": ("upload",)},
    )
    samples: int = field(
        2000, "Largest number of samples n.", section="data", scale="log", ge=50, le=10_000
    )
    dimension: int = field(10, "Number of features d.", section="data", when=GAUSSIAN, ge=2, le=50)
    separation: float = field(
        1.5,
        "Half the distance between the class means.",
        section="data",
        unit="standard deviations within a class",
        when=GAUSSIAN,
        ge=0.0,
        le=5.0,
        step=0.1,
    )
    label_noise: float = field(
        0.0,
        "Probability that the label shown is the wrong one.",
        section="data",
        when=GAUSSIAN,
        ge=0.0,
        le=0.5,
        step=0.05,
    )
    candidates: int = field(
        100, "Number of classifiers M in the finite class.", scale="log", ge=1, le=1000, when=CLASSIFIERS
    )
    margin: float = field(
        1.0,
        "Margin ρ of the ramp loss, for weights of norm at most 1.",
        unit="units of w·x",
        scale="log",
        ge=0.01,
        le=100.0,
        when=CLASSIFIERS,
    )
    delta: float = field(
        0.05,
        "Probability δ with which a bound may be broken.",
        label="Failure probability δ",
        section="training",
        scale="log",
        ge=0.001,
        le=0.5,
    )
    epsilon: float = field(
        0.05,
        "Gap ε that a bound shall guarantee.",
        label="Gap ε to guarantee",
        section="training",
        scale="log",
        ge=0.001,
        le=0.5,
        when=CLASSIFIERS,
    )
    penalty: float = field(
        1.0,
        "Penalty λ of the trained linear classifier, of mean squared error + λ‖w‖².",
        section="more",
        scale="log",
        ge=0.001,
        le=1000.0,
    )
    replicates: int = field(
        200, "Samples of each size.", section="training", scale="log", ge=20, le=2000, when=CLASSIFIERS
    )
    width: int = field(40, "Hidden units of the network.", scale="log", ge=2, le=128, when=NETWORK)
    steps: int = field(
        600,
        "Updates of the network, each on the whole sample.",
        section="training",
        scale="log",
        ge=50,
        le=10_000,
        when=NETWORK,
    )
    networks: int = field(
        3,
        "Networks of each size, each on a sample of its own.",
        section="training",
        ge=2,
        le=10,
        when=NETWORK,
    )
    draws: int = field(
        500,
        "Times the network is drawn to estimate its Gibbs error.",
        section="more",
        scale="log",
        ge=50,
        le=5000,
        when=NETWORK,
    )
    prior: Literal["drawn", "fitted"] = field(
        "drawn",
        "Where the prior is centred: it must be fixed before the sample is seen.",
        section="assumption",
        names={"drawn": "On weights drawn beforehand", "fitted": "On weights fitted to the sample"},
        when=NETWORK,
    )
    sample: Literal["independent", "copies", "costs", "selected"] = field(
        "independent",
        "What the sample is: the bounds assume independent rows, losses of at most 1, and for a test "
        "a classifier that was fixed beforehand.",
        section="assumption",
        names={
            "independent": "Independent rows",
            "copies": "Each row several times",
            "costs": "Errors of unbounded cost",
            "selected": "Test the best on the test rows",
        },
        when=CLASSIFIERS,
    )
    copies: int = field(
        10,
        "How many times each row stands in the sample.",
        section="assumption",
        when={**CLASSIFIERS, "sample": ("copies",)},
        ge=1,
        le=50,
    )
    tail: float = field(
        1.2,
        "Tail index of the Pareto cost of an error, of mean 1; its variance is infinite up to 2.",
        label="Tail of the costs",
        section="assumption",
        when={**CLASSIFIERS, "sample": ("costs",)},
        ge=1.05,
        le=10.0,
        step=0.05,
    )


TABLES = {
    "guarantees": tables.GUARANTEES,
    "violations": tables.VIOLATIONS,
    "demanded": tables.DEMANDED,
    "networks": tables.NETWORKS,
    "checks": CHECKS,
    "notes": Table("What was assumed and left out.", {"note": "a sentence"}),
}

BREAKS = {
    "Each row ten times": {"sample": "copies", "copies": 10},
    "Errors of unbounded cost": {"sample": "costs", "tail": 1.2},
    "Test the best on the test rows": {"sample": "selected", "candidates": 300},
    "A prior fitted to the sample": {
        "problem": "network",
        "prior": "fitted",
        "samples": 200,
        "label_noise": 0.3,
        "networks": 2,
    },
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · n (d + candidates), or as
    networks · (steps + draws) · n · width · d.

    Raises:
        InputError: data that cannot be used.
    """
    report(0.0, "reading the data")
    halves = config.samples / 2.0 ** np.arange(20)
    sizes = np.unique(np.round(halves[halves >= LEAST]).astype(np.int64))
    seeds = np.random.SeedSequence(config.seed).spawn(sizes.size + 1)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    classes = Gaussian(config.separation, config.dimension, config.label_noise)
    people, notes = population(config.data, config.target, rngs[0], gaussian=classes)
    if config.problem == "network":
        made, checks = _network(config, people, sizes[::-2][:3][::-1].tolist(), report)
    else:
        made, checks = _classifiers(config, people, sizes.tolist(), rngs, report)
    made = {**made, "checks": theory.checks(checks), "notes": TABLES["notes"].frame({"note": notes})}
    return {name: made.get(name, TABLES[name].empty()) for name in TABLES}


def _classifiers(
    config: Config,
    people: Population,
    sizes: list[int],
    rngs: list[np.random.Generator],
    report: Report,
) -> tuple[Frames, list[theory.Row]]:
    plan, done = _plan(config, people, rngs[0]), 0
    facts = Facts(people.square, people.dimension, config.margin, config.candidates)
    squares, ratios, rows, total = [], [], [], sum(sizes) * config.replicates
    made: Frames = {}
    for n, rng in zip(sizes, rngs[1:], strict=True):
        parts = []
        for part in trials(people, plan, n, config.replicates, rng):
            parts.append(part)
            done += n * len(part.error)
            report(done / total, f"drawing samples of {n:,}", made)
        found = joined(parts)
        squares.append(n * found.squares)
        ratios.append(found.complexity / np.sqrt(found.square / n))
        rows += tables.guarantees(people, float(plan.risks[0]), facts, n, found, config.delta)
        made = tables.frames(facts, n, found, rows, config.delta, config.epsilon)
        report(done / total, f"samples of {n:,} are drawn", made)
    signs = np.concatenate(squares), np.concatenate(ratios)
    return made, [*bounds(made, config.delta), *exact(people, *signs, made)]


def _network(
    config: Config, people: Population, sizes: list[int], report: Report
) -> tuple[Frames, list[theory.Row]]:
    # Imported late: JAX takes a while to load, and the classifiers do without.
    from core.bounds import stochastic_tables

    names = ("width", "steps", "draws", "networks", "penalty", "delta")
    given = {name: getattr(config, name) for name in names}
    problem = stochastic_tables.Problem(**given, fitted=config.prior == "fitted")
    return stochastic_tables.run(people, problem, sizes, config.seed, report)


def _plan(config: Config, people: Population, rng: np.random.Generator) -> Plan:
    made = pool(people, config.candidates, config.penalty, rng)
    return Plan(
        pool=made,
        risks=people.risk(made),
        penalty=config.penalty,
        rho=config.margin,
        copies=config.copies if config.sample == "copies" else 1,
        tail=config.tail if config.sample == "costs" else 0.0,
        selected=config.sample == "selected",
    )
