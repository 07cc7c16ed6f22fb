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

from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, InputError, Report, Table, field
from core.experiment import Config as Base

VERSION = 1

TESTS = ("ks", "cvm", "ad")
NAMES = {"ks": "Kolmogorov–Smirnov", "cvm": "Cramér–von Mises", "ad": "Anderson–Darling"}
LEVELS = np.unique(np.r_[np.geomspace(0.001, 0.5, 19), 0.01, 0.025, 0.05, 0.1, 0.15])
CHECKED = (0.01, 0.05, 0.1)
SMALLEST = 10
STEPHENS = "D'Agostino & Stephens 1986, Goodness-of-fit techniques, chapter 4"
DURBIN = "Durbin 1973, Annals of Statistics 1, 279; Imhof 1961, Biometrika 48, 419"


class Config(Base):
    family: Literal["normal", "lognormal", "exponential", "gumbel", "weibull", "logistic"] = field(
        "normal",
        "Family that is fitted and tested; the samples of the null are from it.",
        label="Family tested",
        names={"lognormal": "log-normal", "gumbel": "Gumbel", "weibull": "Weibull"},
    )
    samples: int = field(50, "Number of values n in a sample.", section="data", scale="log", ge=10, le=500)
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
    table: Literal["own", "known", "normal"] = field(
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
        le=2.0,
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
    "The table for known parameters": {"table": "known"},
    "The normal's table for the exponential": {"family": "exponential", "table": "normal"},
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
    rngs = iter(np.random.default_rng(config.seed).spawn(64))
    drawn = _Drawn(config, report, next)
    found = drawn.null(n, r, next(rngs))
    reference = drawn.reference(n, r, next(rngs))
    size, tail = _size(config, found, reference), _tail(config, found)
    tables: Frames = {"size": size, "tail": tail}
    powers: list[dict[str, Any]] = []
    for at in _sizes(n):
        powers += _power(config, at, drawn, next(rngs), next(rngs), tables)
        tables = {"size": size, "power": TABLES["power"].frame(powers), "tail": tail}
        report(drawn.share, f"samples of {at} values are tested", tables)
    return {**tables, "checks": theory.checks(_checks(config, found, size))}
