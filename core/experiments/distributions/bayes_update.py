"""How do data turn a prior into a posterior, and can its probabilities be believed?

Set-up: one parameter and its conjugate prior, worth so many earlier observations; observations arrive
one by one, simulated or a column of the user's own. Then the analyst is tested: truths are drawn from
a prior, data from each truth, and the truth is looked for in the posterior. With a rare condition the
parameter is whether a person has it, and the data are tests; with linear regression, the weights and
the order of a polynomial.

Theory, exact at every size of sample where the analyst's prior is the one that truths come from:

    rank of the truth among posterior draws: uniform          a 90 % interval holds 90 % of truths
    odds of a condition: prior odds × likelihood ratios       E[α |m|²] = γ = Σ λᵢ / (α + λᵢ)

and, whatever the prior, as n grows the posterior becomes N(θ̂, 1 / (n I(θ̂))): their total variation
falls as c / √n, with c known from the prior's slope and the skewness of the likelihood. What each
family and test does is said in core.bayes.

Sources: Gelman et al. (2013), Bayesian Data Analysis; Cook, Gelman & Rubin (2006), J. Computational
and Graphical Statistics 15, 675; Talts et al., arXiv:1804.06788; van der Vaart (1998), Asymptotic
Statistics, section 10.2; Bishop (2006), Pattern Recognition and Machine Learning, section 3.5;
Gigerenzer et al. (2007), Psychological Science in the Public Interest 8, 53.
"""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from core import theory
from core.bayes import layout
from core.datasets.columns import BUNDLED, column
from core.experiment import CHECKS, Frames, InputError, Report, field
from core.experiment import Config as Base

# Imported late: scipy's distributions, which the rooms of core.bayes need.
if TYPE_CHECKING:
    from core.bayes.conjugate import Conjugate

VERSION = 1

Model = Literal[
    "beta-binomial",
    "gamma-poisson",
    "normal-normal",
    "normal-inverse-gamma",
    "dirichlet-multinomial",
    "base-rate",
    "linear-regression",
]
NORMAL = ("normal-normal", "normal-inverse-gamma")
COUNTED = ("beta-binomial", "gamma-poisson", "dirichlet-multinomial")
CONJUGATE = (*COUNTED, *NORMAL)
PRIORS = (*CONJUGATE, "linear-regression")
TESTS = {"model": ("base-rate",)}
# How much too sure a prior is that is, and the largest value whose square is a number.
TOO_SURE, LARGEST, CLASSES = 8.0, 1e100, 10


class Config(Base):
    model: Model = field(
        "beta-binomial",
        "What is unknown, and the family of its prior.",
        label="Unknown",
        section="data",
        names={
            "beta-binomial": "A share of successes: beta prior",
            "gamma-poisson": "A rate of counts: gamma prior",
            "normal-normal": "A mean, spread known: normal prior",
            "normal-inverse-gamma": "A mean and its spread: normal-inverse gamma",
            "dirichlet-multinomial": "Shares of several classes: Dirichlet prior",
            "base-rate": "A rare condition: repeated tests",
            "linear-regression": "A polynomial and its order: evidence",
        },
    )
    data: str = field(
        "simulated",
        "The observations: simulated, a bundled column, or one of a file of your own.",
        section="data",
        kind="data",
        names={"simulated": "Simulated", **BUNDLED},
        when={"model": CONJUGATE},
    )
    column: str = field(
        "", "Column of the file; empty where there is only one.", section="data", kind="column"
    )
    threshold: float = field(
        0.5,
        "A value of the column above this is a success.",
        section="data",
        when={"model": ("beta-binomial",), "data": ("upload", *BUNDLED)},
        ge=-1e9,
        le=1e9,
    )
    samples: int = field(
        100,
        "Number of observations n, where they are simulated.",
        section="data",
        scale="log",
        when={"model": PRIORS},
        ge=1,
        le=100_000,
    )
    truth: float = field(
        0.9,
        "Where the simulated truth lies in the prior: its probability of a smaller parameter.",
        section="data",
        when={"model": CONJUGATE, "data": ("simulated",)},
        ge=0.01,
        le=0.99,
    )
    prior_share: float = field(
        0.3, "Prior mean of the share.", when={"model": ("beta-binomial",)}, ge=0.1, le=0.9, step=0.05
    )
    prior_rate: float = field(
        4.0,
        "Prior mean of the counts.",
        when={"model": ("gamma-poisson",)},
        scale="log",
        ge=0.1,
        le=1000.0,
    )
    prior_mean: float = field(
        0.0,
        "Prior mean of the values, in their unit.",
        when={"model": NORMAL},
        ge=-1e6,
        le=1e6,
    )
    spread: float = field(
        1.0,
        "Standard deviation of an observation: known, or the prior's guess where it is not.",
        when={"model": NORMAL},
        scale="log",
        ge=1e-3,
        le=1e6,
    )
    classes: int = field(
        4,
        "Number of classes, where they are simulated.",
        when={"model": ("dirichlet-multinomial",), "data": ("simulated",)},
        ge=2,
        le=CLASSES,
    )
    order: int = field(
        9, "Largest order of the polynomials.", when={"model": ("linear-regression",)}, ge=1, le=12
    )
    weight: float = field(
        3.0,
        "Standard deviation of a weight of the polynomial before the data, in units of the noise.",
        label="Prior spread of weights",
        when={"model": ("linear-regression",)},
        scale="log",
        ge=0.01,
        le=100.0,
    )
    prior_size: float = field(
        10.0,
        "How many earlier observations the prior is worth.",
        unit="observations",
        when={"model": CONJUGATE},
        scale="log",
        ge=2.0,
        le=1000.0,
    )
    prevalence: float = field(
        0.01, "Share of people who have the condition.", when=TESTS, scale="log", ge=1e-4, le=0.5
    )
    sensitivity: float = field(
        0.9,
        "Share of positive tests among those who have it.",
        when=TESTS,
        ge=0.5,
        le=0.999,
        step=0.01,
    )
    specificity: float = field(
        0.91,
        "Share of negative tests among those who do not.",
        when=TESTS,
        ge=0.5,
        le=0.999,
        step=0.01,
    )
    tests: int = field(3, "Tests of each person.", when=TESTS, ge=1, le=8)
    replicates: int = field(
        4000,
        "Truths drawn to test the posterior; people are a thousand times as many.",
        section="more",
        scale="log",
        ge=1000,
        le=50_000,
    )
    prior: Literal["right", "too_sure", "displaced"] = field(
        "right",
        "The analyst's prior: the one truths are drawn from, one worth 8 times as many observations, "
        "or one whose mean is a standard deviation away.",
        label="Analyst's prior",
        section="assumption",
        when={"model": PRIORS},
        names={
            "right": "The one truths come from",
            "too_sure": "Eight times too sure",
            "displaced": "In the wrong place",
        },
    )
    neglect: bool = field(
        False,
        "Whether the analyst neglects the base rate and starts from one half.",
        label="Neglect the base rate",
        section="assumption",
        when=TESTS,
    )
    repeat: float = field(
        0.0,
        "Share of people whose tests all repeat the first.",
        label="Tests that repeat",
        section="assumption",
        when=TESTS,
        ge=0.0,
        le=1.0,
        step=0.05,
    )


TABLES = {**layout.TABLES, "checks": CHECKS, "notes": layout.NOTES}

BREAKS = {
    "A prior eight times too sure": {"prior": "too_sure"},
    "A prior in the wrong place": {"prior": "displaced"},
    "Regression with a prior eight times too sure": {
        "model": "linear-regression",
        "prior": "too_sure",
    },
    "The base rate neglected": {"model": "base-rate", "neglect": True},
    "One person in five gets the same result each time": {"model": "base-rate", "repeat": 0.2},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; those of other models stay empty."""
    if config.data != "simulated" and config.model not in CONJUGATE:
        raise InputError(
            f"`data` must be simulated where `model` is {config.model}; it was {config.data}."
        )
    report(0.0, "updating the prior")
    kinds = {"base-rate": _tested, "linear-regression": _regression}
    return kinds.get(config.model, _conjugate)(config, report)


def _all(found: Frames, rows: list[theory.Row], notes: list[str]) -> Frames:
    """Every declared table, those that were not made empty."""
    made = {name: found.get(name, table.empty()) for name, table in TABLES.items()}
    return {**made, "checks": theory.checks(rows), "notes": layout.NOTES.frame({"note": notes})}


def _conjugate(config: Config, report: Report) -> Frames:
    from core.bayes import updating

    draw, test, simulate = np.random.default_rng(config.seed).spawn(3)
    nature, prior, values, notes = _setting(config, draw)
    truth = float(nature.at(config.truth)[0, 0]) if config.data == "simulated" else np.nan
    found = updating.described(prior, values, truth)
    report(0.1, "updating the prior", found)
    tested: list[theory.Row] = []
    seen = updating.summary(prior, values, values.size)
    found["approach"], limit, untested = updating.approach(prior, seen)
    steps = updating.calibrated(nature, prior, values.size, config.replicates, simulate)
    for done, tables, rows in steps:
        found, tested = {**found, **tables}, rows
        said = f"looking for truth {done:,} of {config.replicates:,} in its posterior"
        report(0.2 + 0.8 * done / config.replicates, said, found)
    rows = [*updating.identities(prior, values, test), *tested, *limit]
    return _all(found, rows, [*notes, *untested])


def _setting(
    config: Config, rng: np.random.Generator
) -> "tuple[Conjugate, Conjugate, NDArray[np.float64], list[str]]":
    """The prior of truths, the analyst's, the observations, and what to say of them."""
    if config.data == "simulated":
        nature, prior = (_prior(config, config.classes, kind) for kind in ("right", config.prior))
        return nature, prior, nature.observations(nature.at(config.truth), config.samples, rng), []
    values, classes, notes = _column(config)
    nature, prior = (_prior(config, classes, kind) for kind in ("right", config.prior))
    return nature, prior, values, notes


def _prior(config: Config, classes: int, kind: str) -> "Conjugate":
    """The prior of the configuration, or a wrong one."""
    from core.bayes.counted import Classes, Rate, Share
    from core.bayes.measured import Mean, MeanAndSpread

    size = config.prior_size * (TOO_SURE if kind == "too_sure" else 1.0)
    moved = 1.0 if kind == "displaced" else 0.0
    mean = config.prior_mean + moved * config.spread / size**0.5
    if config.model == "normal-normal":
        return Mean(mean, size, config.spread)
    if config.model == "normal-inverse-gamma":
        return MeanAndSpread.prior(mean, size, config.spread)
    if config.model == "gamma-poisson":
        rate = config.prior_rate
        return Rate.prior(rate + moved * (rate / size) ** 0.5, size)
    # Shares are displaced towards one half.
    share = config.prior_share if config.model == "beta-binomial" else 1 / classes
    away = moved * (share * (1 - share) / (size + 1)) ** 0.5
    share += away if share <= 0.5 else -away
    if config.model == "beta-binomial":
        return Share.prior(share, size)
    return Classes(size * np.array([share] + [(1 - share) / (classes - 1)] * (classes - 1)))


def _column(config: Config) -> tuple[NDArray[np.float64], int, list[str]]:
    """The user's observations as the model takes them, how many classes, and what to say."""
    read = column(config.data, config.column)
    x, notes, classes = read.values, list(read.notes), config.classes
    if np.abs(x).max() > LARGEST:
        raise InputError(f"column `{read.name}` must hold values within ±{LARGEST:g}.")
    if config.model == "beta-binomial":
        x = (x > config.threshold).astype(float)
        notes.append(f"{x.sum():,.0f} of {x.size:,} values are above {config.threshold:g}: successes.")
    if config.model == "gamma-poisson" and ((x < 0) | (x != np.round(x))).any():
        wrong = x[(x < 0) | (x != np.round(x))][0]
        raise InputError(
            f"column `{read.name}` must hold counts for `model` gamma-poisson; it holds {wrong:g}."
        )
    if config.model == "dirichlet-multinomial":
        kinds, numbers = np.unique(x, return_inverse=True)
        if kinds.size > CLASSES:
            raise InputError(
                f"column `{read.name}` must hold at most {CLASSES} different values for `model` "
                f"dirichlet-multinomial; it holds {kinds.size:,}."
            )
        classes, x = kinds.size, numbers.astype(float)
        notes.append(f"The classes are the different values; the share is that of {kinds[0]:g}.")
    return x, classes, [*notes, *_dispersion(config, x)]


def _dispersion(config: Config, x: NDArray[np.float64]) -> list[str]:
    """Whether the values spread as the model says, at one chance in 500."""
    from scipy import stats

    said = {"gamma-poisson": ("mean", float(x.mean())), "normal-normal": ("σ²", config.spread**2)}
    if config.model not in said or x.size < 2:
        return []
    name, variance = said[config.model]
    found = float(x.var(ddof=1))
    law = stats.chi2(x.size - 1)
    statistic = (x.size - 1) * found / variance
    if min(law.cdf(statistic), law.sf(statistic)) >= 0.001:
        return []
    return [
        f"The variance of the values is {found / variance:.3g} times the {name} that the model says: "
        "the model does not hold, and its intervals are too "
        f"{'narrow' if found > variance else 'wide'}."
    ]


def _tested(config: Config, report: Report) -> Frames:
    from core.bayes import repeated_tests

    facts = (config.sensitivity, config.specificity, config.tests)
    believed = repeated_tests.Screening(0.5 if config.neglect else config.prevalence, *facts)
    true = repeated_tests.Screening(config.prevalence, *facts, config.repeat)
    people = 1000 * config.replicates
    found, row = repeated_tests.held(true, believed, people, np.random.default_rng(config.seed))
    report(1.0, "testing people", {"groups": found})
    return _all({"groups": found}, [row], [])


def _regression(config: Config, report: Report) -> Frames:
    from core.bayes import evidence, ordering

    inputs, draw, test = np.random.default_rng(config.seed).spawn(3)
    alpha = config.weight**-2.0
    design = evidence.Polynomials(inputs.uniform(-1.0, 1.0, config.samples), config.order)
    mean = alpha**-0.5 if config.prior == "displaced" else 0.0
    nature = ordering.Nature(design, mean, alpha)
    prior = alpha * (TOO_SURE if config.prior == "too_sure" else 1.0)
    for done, _ in enumerate(nature.orders(prior, config.replicates, draw)):
        shown = nature.tables() if nature.found else None
        report(min(0.99, done / (config.order + 2)), "fitting polynomials", shown)
    return _all(nature.tables(), nature.checks(prior, test), [])
