"""How fast does a sum become normal, and which sums never do?

Set-up: many sums of n independent terms of one law, for n from 1 up; smaller n take the first terms of
the same sums. F_n is the distribution function of the sum less n μ, divided by σ √n; where the variance
is infinite, of the sum less its median, divided by 0.741 times its interquartile range, which makes a
normal one standard.

Theory: F_n tends to the normal Φ where the variance is finite. How fast is Edgeworth's expansion, with
the skewness κ₃ and the excess κ₄ of one term:

    F_n − Φ = −φ(x) [κ₃ (x² − 1) / (6√n) + (κ₄ (x³ − 3x) / 24 + κ₃² (x⁵ − 10x³ + 15x) / 72) / n] + …

so that the largest gap is |κ₃| / (6 √(2πn)) first; terms on a lattice of span d (in σ) add 3 d to |κ₃|.
Berry and Esseen bound it at every n by 0.4748 E|X − μ|³ / (σ³ √n). Where tails fall as x^−α with
α < 2 the variance is infinite and sums grow as n^(1/α), not √n: divided by that they tend to a
stable law, which is not normal however large n is. The mean of Cauchy values is one more Cauchy value.

Sources: Feller 1971, An Introduction to Probability Theory II, chapters XVI and XVII; Esseen 1956,
Skandinavisk Aktuarietidskrift 39, 160; Shevtsova 2011, arXiv:1111.6554; Nolan 2020, Univariate stable
distributions.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy

from core import theory
from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.families import sum_tables, sums
from core.families.distances import Floats
from core.families.sums import Law

VERSION = 1

# Terms of a batch.
ROOM = 2**18
# Gaps are told from the noise of the simulation where they are so many times 1/√replicates.
CLEAR = 5.0
FELLER = "Feller 1971, An Introduction to Probability Theory II, section XVI.4"
SHAPED = ("gamma", "weibull", "lognormal", "student-t", "pareto", "poisson")


class Config(Base):
    family: Literal[
        "exponential",
        "gamma",
        "weibull",
        "lognormal",
        "uniform",
        "laplace",
        "student-t",
        "pareto",
        "cauchy",
        "bernoulli",
        "poisson",
    ] = field(
        "exponential",
        "Law of one term.",
        label="Law of a term",
        section="data",
        names={
            "weibull": "Weibull",
            "lognormal": "log-normal",
            "laplace": "Laplace",
            "student-t": "Student t",
            "pareto": "Pareto",
            "cauchy": "Cauchy",
            "bernoulli": "0 or 1",
            "poisson": "Poisson",
        },
    )
    shape: float = field(
        3.0,
        "Shape of that law: sdlog of the log-normal, df of t, tail index of Pareto, mean of Poisson.",
        section="data",
        when={"family": SHAPED},
        ge=0.3,
        le=8.0,
        step=0.1,
    )
    probability: float = field(
        0.2,
        "Probability of a 1.",
        section="data",
        when={"family": ("bernoulli",)},
        ge=0.01,
        le=0.99,
        step=0.01,
    )
    terms: int = field(
        32, "Largest number of terms n in a sum.", section="data", scale="log", ge=4, le=512
    )
    replicates: int = field(
        100_000, "Sums of each length.", section="training", scale="log", ge=5000, le=100_000
    )
    copies: int = field(
        1,
        "How many terms in a row are one and the same value.",
        section="assumption",
        ge=1,
        le=10,
    )


TABLES = {**sum_tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Infinite variance": {"family": "pareto", "shape": 1.5},
    "Cauchy terms": {"family": "cauchy"},
    "Each value five times": {"copies": 5},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · terms."""
    term = sums.law(config.family, config.probability if config.family == "bernoulli" else config.shape)
    sizes = _sizes(config.terms)
    rng = np.random.default_rng(config.seed)
    parts, done = [], 0
    report(0.0, "drawing terms")
    while done < config.replicates:
        rows = min(max(1, ROOM // config.terms), config.replicates - done)
        x = term.draw((rows, -(-config.terms // config.copies)), rng)
        x = np.repeat(x, config.copies, axis=1)[:, : config.terms] if config.copies > 1 else x
        parts.append(np.cumsum(x, axis=1)[:, sizes - 1])
        done += rows
        report(0.8 * done / config.replicates, f"{done:,} sums are drawn")
    total = np.sort(np.concatenate(parts).T, axis=1)
    spread = np.array([np.subtract(*np.quantile(row, (0.75, 0.25))) for row in total])
    standard = sum_tables.standardised(term, sizes, total, spread)
    report(0.85, "comparing the sums with their limits")
    tables = {
        "gaps": sum_tables.gaps(term, sizes, total, standard),
        "difference": sum_tables.difference(term, sizes, standard),
        "density": sum_tables.density(term, sizes, total, standard, spread),
        "growth": sum_tables.growth(term, sizes, spread),
    }
    report(0.95, "comparing the sums with their limits", tables)
    return {**tables, "checks": theory.checks(_checks(config, term, sizes, total, tables))}


def _sizes(most: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Powers of two below the largest number of terms, and that."""
    return np.unique(np.r_[2 ** np.arange(int(np.log2(most)) + 1), most])


def _checks(
    config: Config, term: Law, sizes: Any, total: Floats, tables: Frames
) -> Iterator[theory.Row]:
    r, gaps, growth = config.replicates, tables["gaps"], tables["growth"]
    terms, edgeworth = gaps["terms"].tolist(), gaps["edgeworth"].to_numpy(float)
    regular = np.array(
        [np.isfinite(e) and sums.first_order(n, term) for n, e in zip(terms, edgeworth, strict=True)]
    )
    clear = regular & (edgeworth > CLEAR / np.sqrt(r))
    if clear.any():
        shown = gaps[clear]
        yield theory.asymptotic(
            "The largest gap from the normal law is that of Edgeworth's expansion",
            shown["edgeworth"],
            shown["gap"],
            # The median largest gap of r values alone is 0.83/√r; gaps are at least 5/√r.
            tolerance=0.1 + 0.83 / np.sqrt(r) / float(shown["edgeworth"].median()),
            source=f"{FELLER}; lattices: Esseen 1956, Skandinavisk Aktuarietidskrift 39, 160",
        )
    if np.isfinite(gaps["berry_esseen"]).all():
        beyond = gaps["gap"] - gaps["noise"] > gaps["berry_esseen"]
        yield theory.bound(
            f"No gap exceeds the bound of Berry and Esseen (shown at n = {sizes[-1]})",
            float(gaps["berry_esseen"].iloc[-1]),
            float(gaps["gap"].iloc[-1]),
            violations=int(beyond.sum()),
            trials=len(gaps),
            allowed=0.0,
            source="Shevtsova 2011, arXiv:1111.6554, constant 0.4748",
        )
    yield from _spreads(config, term, growth)
    yield from _exact(config, term, sizes, total)


def _spreads(config: Config, term: Law, growth: pd.DataFrame) -> Iterator[theory.Row]:
    last, r = growth.iloc[-1], config.replicates
    n = int(last["terms"])
    # The interquartile range of r values has a relative standard error of 1.2/√r under a normal law.
    noise = 5 / np.sqrt(r)
    fine = term.span == 0 or term.span < 0.02 * np.sqrt(n * term.variance)
    if term.alpha < 2 or (np.isfinite(term.excess) and sums.first_order(n, term) and fine):
        yield theory.asymptotic(
            f"The interquartile range of sums of {n} terms has grown as √n (to 1.349 σ √n)",
            last["normal"],
            last["spread"],
            # Cornish and Fisher: relative to the normal's, (0.114 κ₃² − 0.106 κ₄) / n.
            tolerance=noise
            + (0.02 if term.alpha < 2 else (0.2 * abs(term.excess) + 0.2 * term.skewness**2) / n),
            source="central limit theorem: Feller 1971, section VIII.4",
        )
    if np.isfinite(last["stable"]):
        yield theory.asymptotic(
            f"The interquartile range of sums of {n} terms is n^(1/α) times that of the stable limit",
            last["stable"],
            last["spread"],
            # Terms of the expansion about a stable law fall as n^(1 − 2/α), and as 1/n at best.
            tolerance=noise + n ** max(1 - 2 / term.alpha, -1.0),
            source="Feller 1971, section XVII.5; Nolan 2020, theorem 3.12",
        )


def _exact(config: Config, term: Law, sizes: Any, total: Floats) -> Iterator[theory.Row]:
    laws: dict[str, Callable[[int], Any]] = {
        "exponential": scipy.stats.gamma,
        "gamma": lambda n: scipy.stats.gamma(n * config.shape),
        "cauchy": lambda n: scipy.stats.cauchy(scale=n),
        "bernoulli": lambda n: scipy.stats.binom(n, config.probability),
        "poisson": lambda n: scipy.stats.poisson(n * config.shape),
    }
    if config.family not in laws:
        return
    predicted, measured = [], []
    for k, n in enumerate(sizes.tolist()):
        known = laws[config.family](n)
        points = known.ppf((0.1, 0.5, 0.9))
        predicted.append(known.cdf(points))
        # Rounding must not move a whole number past its own point.
        near = points + 1e-9 * np.abs(points)
        measured.append(np.searchsorted(total[k], near, side="right") / total.shape[1])
    p = np.array(predicted).ravel()
    yield theory.exact(
        "The share of sums below three points is that of their exact law at every n",
        p,
        np.array(measured).ravel(),
        np.sqrt(np.maximum(p * (1 - p), 1e-300) / total.shape[1]),
        source="sums of gamma, Cauchy, 0-or-1 and Poisson values stay in their families",
    )
