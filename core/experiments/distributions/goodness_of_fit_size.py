"""How often does a test of fit reject a family that is right, when its parameters were estimated?

Set-up: many samples of n values from a family, each fitted by that family with maximum likelihood (the
normal's standard deviation with divisor n − 1), and its Kolmogorov–Smirnov, Cramér–von Mises and
Anderson–Darling distances from the fitted law. A test rejects where its p-value is at most the nominal
level. p-values come from three places: tables for known parameters, which ignore that parameters were
estimated; Stephens' tables; and statistics of as many other samples from the family, fitted too.

Theory: a fitted law lies closer to its sample than the true law does. The families here have a location
and a scale, perhaps after a logarithm, so that the law of each statistic is free of the parameters:
against simulated statistics the p-value is uniform, and the size is the nominal level at every n. In the
limit of large n the Cramér–von Mises and Anderson–Darling statistics are Σ λ_j χ²₁; estimation takes
g(s)' I⁻¹ g(t) from the covariance whose eigenvalues the λ_j are, which gives the size of the test by the
wrong table. A smaller covariance has no larger size (Anderson's inequality), for all three tests.
The variance of √n (F_n − F) at the normal's middle falls from 1/4 to 1/4 − 1/(2π), so that the naive
5 % point of Kolmogorov–Smirnov, 1.36, is reached about once in 10,000 samples.

Sources: Lilliefors 1967, JASA 62, 399; Durbin 1973, Annals of Statistics 1, 279; Stephens 1974, JASA 69,
730; D'Agostino & Stephens 1986, Goodness-of-fit techniques, chapter 4; Anderson 1955, Proc. AMS 6, 170.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base

if TYPE_CHECKING:
    from core.families.family import Floats
    from core.families.null_laws import Statistics

VERSION = 1

TESTS = ("ks", "cvm", "ad")
NAMES = {"ks": "Kolmogorov–Smirnov", "cvm": "Cramér–von Mises", "ad": "Anderson–Darling"}
LEVELS = np.unique(np.r_[np.geomspace(0.001, 0.5, 19), 0.01, 0.025, 0.05, 0.1, 0.15])
CHECKED = (0.01, 0.05, 0.1)
# Values between two reports, about 50 ms.
REPORTED = 500_000
STEPHENS = "D'Agostino & Stephens 1986, Goodness-of-fit techniques, chapter 4"
DURBIN = "Durbin 1973, Annals of Statistics 1, 279; Imhof 1961, Biometrika 48, 419"


class Config(Base):
    family: Literal["normal", "lognormal", "exponential", "gumbel", "weibull", "logistic"] = field(
        "normal",
        "Family that is fitted and tested; the samples of the null are from it.",
        label="Family tested",
        names={"lognormal": "log-normal", "gumbel": "Gumbel", "weibull": "Weibull"},
    )
    samples: int = field(
        50, "Number of values n in a sample.", section="data", scale="log", ge=10, le=500
    )
    level: float = field(
        0.05, "Nominal level of the tests whose power is measured.", ge=0.01, le=0.2, step=0.01
    )
    alternative: Literal["gamma", "weibull", "lognormal", "uniform", "student-t", "laplace"] = field(
        "gamma",
        "Law of the samples for which power is measured.",
        section="data",
        names={"weibull": "Weibull", "lognormal": "log-normal", "student-t": "Student t"},
    )
    shape: float = field(
        4.0,
        "Shape of that law: shape of gamma and Weibull, sdlog of the log-normal, df of Student t.",
        label="Shape of the alternative",
        section="data",
        when={"alternative": ("gamma", "weibull", "lognormal", "student-t")},
        ge=0.5,
        le=20.0,
    )
    replicates: int = field(
        10_000,
        "Samples of the null; as many again are fitted to make the simulated tables.",
        section="training",
        scale="log",
        ge=1000,
        le=20_000,
    )
    reference: Literal["own", "known", "normal"] = field(
        "own",
        "Where the p-values of the corrected tests come from.",
        label="Table in use",
        section="assumption",
        names={"own": "The family's own", "known": "For known parameters", "normal": "The normal's"},
    )
    rounding: float = field(
        0.0,
        "Unit to which values are rounded before they are tested.",
        unit="standard deviations",
        section="assumption",
        ge=0.0,
        le=1.0,
        step=0.1,
    )


TABLES = {
    "size": Table(
        "Share of samples of the null that a test rejects.",
        {
            "method": "naive (table for known parameters), simulated (the table in use), or stephens",
            "test": "ks, cvm or ad",
            "level": "nominal level",
            "size": "share of samples rejected",
            "standard_error": "standard error of that share",
            "predicted": "size in theory: the level; for naive the limit, empty for ks",
        },
    ),
    "power": Table(
        "Share of samples of the alternative that a test rejects at the nominal level.",
        {
            "method": "naive or simulated",
            "test": "ks, cvm or ad",
            "samples": "number of values n in a sample",
            "power": "share of samples rejected",
            "standard_error": "standard error of that share",
        },
    ),
    "tail": Table(
        "How often each statistic exceeds a value.",
        {
            "test": "ks (√n times the distance), cvm or ad",
            "value": "value of the statistic",
            "exceeded": "share of samples of the null above it, parameters estimated",
            "estimated": "limit with estimated parameters; empty for ks",
            "known": "the same with known parameters: what the usual table has",
        },
    ),
    "checks": CHECKS,
}

BREAKS = {
    "The table for known parameters": {"reference": "known"},
    "The normal's table for the exponential": {"family": "exponential", "reference": "normal"},
    "Values rounded to half a standard deviation": {"rounding": 0.5},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · samples.

    Raises:
        InputError: an alternative with negative values for a family of positive ones.
    """
    # Imported late: scipy's laws, when the command only lists the experiments.
    from core.families import null_laws

    if config.family in null_laws.POSITIVE and config.alternative in null_laws.ON_THE_LINE:
        raise InputError(
            f"`alternative` must have positive values only for {config.family}; it was "
            f"{config.alternative}."
        )
    n, r = config.samples, config.replicates
    rngs = iter(np.random.default_rng(config.seed).spawn(2 + 2 * len(_sizes(n))))
    drawn = _Drawn(config, report)
    report(0.0, "fitting samples of the null")
    found, reference = drawn.null(n, r, next(rngs)), drawn.reference(n, r, next(rngs))
    size, tail = _size(config, found, reference), _tail(config, found)
    drawn.tables = {"size": size, "tail": tail}
    powers: list[dict[str, Any]] = []
    report(drawn.done / drawn.total, "measuring power", drawn.tables)
    for at in _sizes(n):
        powers += _power(config, int(at), drawn, next(rngs), next(rngs))
        drawn.tables = {"size": size, "power": TABLES["power"].frame(powers), "tail": tail}
    return {**drawn.tables, "checks": theory.checks(_checks(config, size))}


def _sizes(n: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Sizes of samples at which power is measured."""
    return np.unique(np.round(np.geomspace(10, 2 * n, 6)).astype(np.int64))


def _few(config: Config) -> int:
    return config.replicates // 5


def _share(rejected: "Floats", r: int) -> dict[str, Any]:
    """A share of r samples and its standard error, never below that of one sample."""
    inside = np.clip(rejected, 1 / r, 1 - 1 / r)
    return {"standard_error": np.sqrt(inside * (1 - inside) / r)}


def _size(config: Config, found: "Statistics", reference: "Statistics") -> pd.DataFrame:
    from core.families import null_laws

    n, r = config.samples, config.replicates
    parts = []
    for method, p in (
        ("naive", null_laws.naive(found, n)),
        ("simulated", null_laws.simulated(reference, found)),
    ):
        for test in TESTS:
            size = np.array([(p[test] <= level).mean() for level in LEVELS])
            predicted = LEVELS
            if method == "naive":
                limit = test != "ks"
                predicted = (
                    null_laws.naive_size(test, LEVELS, config.family)
                    if limit
                    else np.full(LEVELS.size, np.nan)
                )
            row = {"method": method, "test": test, "level": LEVELS, "size": size, "predicted": predicted}
            parts.append(pd.DataFrame({**row, **_share(size, r)}))
    if config.reference != "known":
        family = config.family if config.reference == "own" else "normal"
        rows = list(null_laws.tabled(found, n, family, np.array([0.15, 0.1, 0.05, 0.025, 0.01])))
        made = pd.DataFrame(rows, columns=["test", "level", "size"])
        made = made.assign(method="stephens", predicted=made["level"])
        parts.append(made.assign(**_share(made["size"].to_numpy(), r)))
    return TABLES["size"].frame(pd.concat(parts, ignore_index=True))


def _power(
    config: Config, n: int, drawn: "_Drawn", one: np.random.Generator, two: np.random.Generator
) -> list[dict[str, Any]]:
    """Rows of the table `power` at one size."""
    from core.families import null_laws

    r = _few(config)
    found, reference = drawn.alternative(n, r, one), drawn.reference(n, r, two)
    rows = []
    for method, p in (
        ("naive", null_laws.naive(found, n)),
        ("simulated", null_laws.simulated(reference, found)),
    ):
        for test in TESTS:
            power = float((p[test] <= config.level).mean())
            row = {"method": method, "test": test, "samples": n, "power": power}
            rows.append({**row, **_share(np.array(power), r)})
    return rows


def _tail(config: Config, found: "Statistics") -> pd.DataFrame:
    from core.families import null_laws

    parts = []
    for test in TESTS:
        scale = np.sqrt(config.samples) if test == "ks" else 1.0
        order = np.sort(found[test]) * scale
        top = {"ks": 1.7, "cvm": 0.8, "ad": 4.0}[test]
        value = np.linspace(0, top, 101)[1:]
        row = {
            "test": test,
            "value": value,
            "exceeded": 1 - np.searchsorted(order, value, side="right") / order.size,
            "estimated": np.nan,
        }
        if test == "ks":
            from scipy import special

            row["known"] = special.kolmogorov(value)
        else:
            row["estimated"] = null_laws.limit(test, value, config.family)
            row["known"] = null_laws.limit(test, value, "known")
        parts.append(pd.DataFrame(row))
    return TABLES["tail"].frame(pd.concat(parts, ignore_index=True))


def _checks(config: Config, size: pd.DataFrame) -> "Iterator[theory.Row]":
    r = config.replicates
    at = size[(size["method"] == "simulated") & size["level"].isin(CHECKED)]
    # p-values are multiples of 1 / (r + 1); the samples they are read off vary as the others do.
    levels = np.floor(at["level"] * (r + 1) * (1 + 1e-12)) / (r + 1)
    yield theory.exact(
        "Against simulated statistics each test rejects as often as its nominal level says",
        levels,
        at["size"],
        np.sqrt(levels * (1 - levels) * 2 / r),
        source="law free of location and scale; Besag & Clifford 1991, Biometrika 78, 301",
    )
    naive = {
        (row["test"], row["level"]): row for row in size[size["method"] == "naive"].to_dict("records")
    }
    for test in ("cvm", "ad"):
        row = naive[test, 0.5]
        yield theory.asymptotic(
            f"The naive {NAMES[test]} test at nominal level 0.5 has the size that the limit with "
            "estimated parameters gives",
            row["predicted"],
            row["size"],
            tolerance=0.1 + 3.09 * float(np.sqrt((1 - row["predicted"]) / (r * row["predicted"]))),
            standard_error=row["standard_error"],
            source=DURBIN,
        )
    ks = naive["ks", 0.05]
    yield theory.bound(
        "The naive Kolmogorov–Smirnov test at 5 % rejects no more often than that",
        0.05,
        float(ks["size"]),
        violations=round(ks["size"] * r),
        trials=r,
        allowed=0.05,
        source="Anderson 1955, Proc. AMS 6, 170, with Durbin's smaller covariance",
    )
    tables = size[(size["method"] == "stephens") & size["level"].isin(CHECKED)]
    if config.reference == "own":
        yield theory.asymptotic(
            "By Stephens' tables the tests reject as often as their nominal level says (5 %, 10 %, 1 %)",
            tables["level"],
            tables["size"],
            tolerance=0.08 + 3.09 * float(np.sqrt(0.95 / (0.05 * r))),
            source=STEPHENS,
        )


class _Drawn:
    """Draws samples and measures them, reporting on the way."""

    def __init__(self, config: Config, report: Report) -> None:
        self.config, self.report = config, report
        sizes = _sizes(config.samples)
        self.total = 2 * config.replicates * config.samples + 2 * _few(config) * int(sizes.sum())
        self.done = self.said = 0
        self.tables: Frames = {}

    def null(self, n: int, r: int, rng: np.random.Generator) -> "Statistics":
        """Distances of samples from the family, fitted."""
        return self._estimated(self.config.family, self.config.rounding, n, r, rng)

    def alternative(self, n: int, r: int, rng: np.random.Generator) -> "Statistics":
        """Distances of samples from the alternative, fitted by the family."""
        return self._estimated(self.config.alternative, self.config.rounding, n, r, rng)

    def reference(self, n: int, r: int, rng: np.random.Generator) -> "Statistics":
        """Distances that the table in use is made of."""
        from core.families import null_laws

        if self.config.reference == "known":
            return self._measured(lambda size: null_laws.known(*size, rng), n, r)
        family = self.config.family if self.config.reference == "own" else "normal"
        return self._measured(
            lambda size: null_laws.estimated(null_laws.draw(family, 1.0, size, rng), family), n, r
        )

    def _estimated(
        self, law: str, unit: float, n: int, r: int, rng: np.random.Generator
    ) -> "Statistics":
        from core.families import null_laws

        shape = self.config.shape if law == self.config.alternative else 1.0

        def measure(size: tuple[int, int]) -> "Statistics":
            x = null_laws.rounded(null_laws.draw(law, shape, size, rng), unit)
            return null_laws.estimated(x, self.config.family)

        return self._measured(measure, n, r)

    def _measured(
        self, measure: "Callable[[tuple[int, int]], Statistics]", n: int, r: int
    ) -> "Statistics":
        from core.families import null_laws

        parts = []
        for rows in null_laws.batches(r, n):
            parts.append(measure((rows, n)))
            self.done += rows * n
            if self.done >= self.said + REPORTED:
                share = min(self.done / self.total, 1.0)
                self.report(share, f"fitting samples of {n} values", self.tables)
                self.said = self.done
        return null_laws.joined(parts)
