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

and kl(error, risk) ≤ (‖w‖²/2 + ln(2√n/δ)) / n for the Gibbs risk of v from N(w, I) (PAC-Bayes).
core.bounds has these and the others with their assumptions. A bound promises only that it is
seldom broken. How often the test-set bounds are broken is known exactly, by binomial tails and
Kolmogorov's law.

Sources: Hoeffding (1963); Vapnik & Chervonenkis (1971); Massart (1990); Bartlett & Mendelson
(2002), JMLR 3; Langford (2005), JMLR 6; Maurer, arXiv:cs/0411099; Maurer & Pontil, arXiv:0907.3740.
"""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core import theory
from core.datasets.bundled import SETS
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base

# Imported late, by what needs them: SciPy's special functions take a while to load.
if TYPE_CHECKING:
    from core.bounds.concentration import Floats
    from core.bounds.populations import Population
    from core.bounds.promises import Facts, Promise
    from core.bounds.trials import Plan, Trials

VERSION = 1

LEAST = 30
GAUSSIAN = {"data": ("gaussian",)}
ASKED = (0.05, 0.2)
# Violations that must be expected for their number to be nearly normal.
FEWEST = 10


class Config(Base):
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
        100, "Number of classifiers M in the finite class.", scale="log", ge=1, le=1000
    )
    margin: float = field(
        1.0,
        "Margin ρ of the ramp loss, for weights of norm at most 1.",
        unit="units of w·x",
        scale="log",
        ge=0.01,
        le=100.0,
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
    )
    penalty: float = field(
        1.0,
        "Penalty λ of the trained classifier, of mean squared error + λ‖w‖².",
        section="more",
        scale="log",
        ge=0.001,
        le=1000.0,
    )
    replicates: int = field(
        200, "Samples of each size.", section="training", scale="log", ge=20, le=2000
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
    )
    copies: int = field(
        10,
        "How many times each row stands in the sample.",
        section="assumption",
        when={"sample": ("copies",)},
        ge=1,
        le=50,
    )
    tail: float = field(
        1.2,
        "Tail index of the Pareto cost of an error, of mean 1; its variance is infinite up to 2.",
        label="Tail of the costs",
        section="assumption",
        when={"sample": ("costs",)},
        ge=1.05,
        le=10.0,
        step=0.05,
    )


_BOUND = {"bound": "name of the bound"}
_RATE = {
    "violations": "samples in which the gap was larger than the bound allows",
    "trials": "number of samples",
    "rate": "violations / trials",
    "lower": "lower end of the rate's 95 % interval (Clopper–Pearson)",
    "upper": "upper end of that interval",
    "exact": "rate by the exact law of the test statistic; empty where it is not known",
}
TABLES = {
    "guarantees": Table(
        "One bound at one sample size and failure probability; risks and gaps are shares of errors "
        "(for dkw the largest distance of distribution functions).",
        {
            **_BOUND,
            "samples": "number of samples n",
            "delta": "failure probability δ",
            "error": "mean measured error of what the bound is about",
            "risk": "its mean true risk",
            "promised": "mean of the bound minus the measured error",
            "gap": "1 − δ quantile over samples of true risk minus measured error; for the finite "
            "class and thresholds the largest in the class",
            "tightness": "gap / promised",
            **_RATE,
        },
    ),
    "violations": Table(
        "How often each bound was broken, samples of all sizes together.",
        {**_BOUND, "delta": "failure probability δ", **_RATE},
    ),
    "demanded": Table(
        "Sample size at which a gap of at most ε is guaranteed, and at which it was so.",
        {
            **_BOUND,
            "demanded": "samples that the bound demands, empty beyond 10¹²",
            "sufficed": "samples at which the 1 − δ quantile of the true gap is ε: interpolated, and "
            "beyond the sizes of the run by the law n^(−1/2)",
        },
    ),
    "checks": CHECKS,
    "notes": Table("What was assumed and left out.", {"note": "a sentence"}),
}

BREAKS = {
    "Each row ten times": {"sample": "copies", "copies": 10},
    "Errors of unbounded cost": {"sample": "costs", "tail": 1.2},
    "Test the best on the test rows": {"sample": "selected", "candidates": 300},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · n (d + candidates).

    Raises:
        InputError: data that cannot be used.
    """
    from core.bounds.populations import Gaussian, population
    from core.bounds.promises import Facts
    from core.bounds.trials import joined, trials

    report(0.0, "reading the data")
    sizes = _sizes(config.samples)
    seeds = np.random.SeedSequence(config.seed).spawn(sizes.size + 1)
    rngs = [np.random.default_rng(seed) for seed in seeds]
    classes = Gaussian(config.separation, config.dimension, config.label_noise)
    people, notes = population(config.data, config.target, rngs[0], gaussian=classes)
    plan, done = _plan(config, people, rngs[0]), 0
    facts = Facts(people.square, people.dimension, config.margin, config.candidates)
    squares, rows, total = [], [], sizes.sum() * config.replicates
    tables: Frames = {}
    for n, rng in zip(sizes.tolist(), rngs[1:], strict=True):
        parts = []
        for part in trials(people, plan, n, config.replicates, rng):
            parts.append(part)
            done += n * len(part.error)
            report(done / total, f"drawing samples of {n:,}", tables)
        found = joined(parts)
        squares.append(n * found.signs**2)
        rows += _guarantees(config, people, float(plan.risks[0]), facts, n, found)
        tables = _tables(config, facts, n, found, rows)
        report(done / total, f"samples of {n:,} are drawn", tables)
    checks = [*_bounds(config, tables), *_exact(config, people, np.concatenate(squares), tables)]
    said = TABLES["notes"].frame({"note": list(notes)})
    return {**tables, "checks": theory.checks(checks), "notes": said}


def _sizes(largest: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Halves of the largest size, from `LEAST` up."""
    sizes = largest / 2.0 ** np.arange(20)
    return np.unique(np.round(sizes[sizes >= LEAST]).astype(np.int64))


def _plan(config: Config, people: "Population", rng: np.random.Generator) -> "Plan":
    from core.bounds.trials import Plan, pool

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


def _guarantees(
    config: Config, people: "Population", risk: float, facts: "Facts", n: int, found: "Trials"
) -> list[theory.Row]:
    """Every bound on the samples of n; `risk` is that of the classifier that is tested."""
    from core.bounds import promises

    made = []
    for delta in sorted({*ASKED, config.delta}):
        exact = promises.exact_rates(people, risk, n, delta)
        every = promises.promises(found, facts, n, delta)
        made += [_row(name, n, delta, it, exact.get(name, np.nan)) for name, it in every.items()]
    return made


def _row(name: str, n: int, delta: float, it: "Promise", exact: float) -> theory.Row:
    from core.bounds import promises

    gap, promised = float(np.quantile(it.gap, 1 - delta)), float(it.room.mean())
    return {
        "bound": name,
        "samples": n,
        "delta": delta,
        "error": float(it.error.mean()),
        "risk": float(it.risk.mean()),
        "promised": promised,
        "gap": gap,
        "tightness": gap / promised,
        **promises.rate(it.broken, it.gap.size),
        "exact": exact,
    }


def _tables(config: Config, facts: "Facts", n: int, last: "Trials", rows: list[theory.Row]) -> Frames:
    """The tables of the sizes done so far, `last` the samples of the largest, n."""
    from core.bounds import promises

    guarantees = TABLES["guarantees"].frame(rows)
    pooled = []
    for (delta, name), own in guarantees.groupby(["delta", "bound"], sort=False):
        counts = promises.rate(int(own["violations"].sum()), int(own["trials"].sum()))
        pooled.append(
            {"bound": name, "delta": delta, **counts, "exact": own["exact"].mean(skipna=False)}
        )
    needs = []
    for name, need in promises.demanded(last, facts, n, config.delta, config.epsilon).items():
        own = guarantees[(guarantees["bound"] == name) & (guarantees["delta"] == config.delta)]
        sizes = own["samples"].to_numpy()
        enough = promises.sufficed(sizes, own["gap"].to_numpy(), config.epsilon)
        finite = need if np.isfinite(need) else np.nan
        needs.append({"bound": name, "demanded": finite, "sufficed": enough})
    return {
        "guarantees": guarantees,
        "violations": TABLES["violations"].frame(pooled),
        "demanded": TABLES["demanded"].frame(needs),
    }


def _bounds(config: Config, tables: Frames) -> list[theory.Row]:
    """A row a bound: how often it was broken at the δ asked for, samples of all sizes together, and
    what it promised beside the gap at the largest size."""
    from core.bounds.promises import CLAIMS, SOURCES

    rows, every = [], tables["guarantees"]
    pooled = tables["violations"]
    pooled = pooled[pooled["delta"] == config.delta].set_index("bound")
    for name, source in SOURCES.items():
        last = every[(every["bound"] == name) & (every["delta"] == config.delta)].iloc[-1]
        counts = {c: int(pooled[c][name]) for c in ("violations", "trials")}
        claim = f"{CLAIMS[name]} is broken in at most δ of samples (gap / bound {last['tightness']:.2g})"
        rows.append(
            theory.bound(
                claim, last["promised"], last["gap"], **counts, allowed=config.delta, source=source
            )
        )
    return rows


def _exact(config: Config, people: "Population", squares: "Floats", tables: Frames) -> list[theory.Row]:
    """The rates of those test-set bounds that are expected to be broken ten times or more at
    δ = 0.2, and the second moment of the sums whose mean norm is the Rademacher complexity."""
    rows, every = [], tables["guarantees"]
    known = every[(every["delta"] == ASKED[-1]) & every["exact"].notna()]
    known = known.assign(variance=known["exact"] * (1 - known["exact"]) / known["trials"])
    by = known.groupby("bound", sort=False)
    mean = by[["exact", "rate"]].mean().assign(error=by["variance"].sum() ** 0.5 / by.size())
    mean = mean[mean["exact"] * by["trials"].sum() >= FEWEST]
    if len(mean):
        claim = "How often the test-set bounds are broken at δ = 0.2 follows their exact laws"
        source = "binomial tails; Kolmogorov's law at finite n (scipy.stats.kstwo)"
        rows.append(theory.exact(claim, mean["exact"], mean["rate"], mean["error"], source=source))
    error = squares.std(ddof=1) / np.sqrt(squares.size)
    claim = "E ‖Σ σᵢ xᵢ‖² / n is E ‖x‖² for random signs σ: n times the square of the Rademacher bound"
    source = "Bartlett & Mendelson (2002), Lemma 22"
    return [*rows, theory.exact(claim, people.square, squares.mean(), error, source=source)]
