"""Goodness-of-fit statistics of many simulated samples, with and without estimated parameters, and the
p-values that different tables give them."""

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
from scipy import special

from core.families import limiting, stephens
from core.families.distances import TESTS, Floats, between

Null = Literal["normal", "lognormal", "exponential", "gumbel", "weibull", "logistic"]
Alternative = Literal["gamma", "weibull", "lognormal", "uniform", "student-t", "laplace"]
POSITIVE: tuple[str, ...] = ("exponential", "lognormal", "weibull")
ON_THE_LINE: tuple[str, ...] = ("student-t", "laplace")

# Values of a batch: few enough for a processor's cache.
ROOM = 2**15
Statistics = dict[str, Floats]


def draw(family: str, shape: float, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Values (r, n) of a law of scale 1; `shape` is that of the gamma and Weibull, the sdlog of the
    log-normal, the degrees of freedom of Student's t."""
    if family == "normal":
        return rng.standard_normal(size)
    if family == "lognormal":
        return np.exp(shape * rng.standard_normal(size))
    if family == "exponential":
        return rng.standard_exponential(size)
    if family == "gumbel":
        return rng.gumbel(size=size)
    if family == "weibull":
        return rng.weibull(shape, size)
    if family == "logistic":
        return rng.logistic(size=size)
    if family == "gamma":
        return rng.standard_gamma(shape, size)
    if family == "uniform":
        return rng.random(size)
    if family == "student-t":
        return rng.standard_t(shape, size)
    return rng.laplace(size=size)


def batches(replicates: int, n: int) -> Iterator[int]:
    """Numbers of samples of n values that make `replicates` together."""
    at_once = max(1, ROOM // n)
    for first in range(0, replicates, at_once):
        yield min(at_once, replicates - first)


def rounded(x: Floats, unit: float) -> Floats:
    """Values rounded to whole multiples of `unit` standard deviations of the central ones of all; those
    of a positive law that would be 0 stand at half a unit, and of a row that would be constant, which
    nothing could be fitted to, one value stands a unit higher."""
    if unit == 0:
        return x
    step = unit * (x - np.median(x)).clip(*np.quantile(x - np.median(x), (0.01, 0.99))).std()
    made = np.round(x / step) * step
    made = np.where((x > 0).all() & (made == 0), step / 2, made)
    made[np.ptp(made, axis=1) == 0, 0] += step
    return np.asarray(made, float)


def estimated(x: Floats, family: str) -> Statistics:
    """`ks`, `cvm`, `ad` (r,) of rows x (r, n) from the law of `family` fitted to each."""
    return stephens.statistics(x, family)


def known(r: int, n: int, rng: np.random.Generator) -> Statistics:
    """The same from the true law: values under it are uniform probabilities."""
    return between(np.sort(rng.random((r, n)), axis=1))


def joined(parts: list[Statistics]) -> Statistics:
    """Statistics of several batches as one."""
    return {test: np.concatenate([p[test] for p in parts]) for test in TESTS}


def simulated(reference: Statistics, found: Statistics) -> Statistics:
    """p-values (1 + samples of `reference` at least as far) / (1 + samples)."""
    made = {}
    for test in TESTS:
        order = np.sort(reference[test])
        above = order.size - np.searchsorted(order, found[test], side="left")
        made[test] = (1 + above) / (1 + order.size)
    return made


def naive(found: Statistics, n: int) -> Statistics:
    """p-values by the tables for known parameters: limits, for `ks` of Stephens' modification of it to n
    (D'Agostino & Stephens 1986, table 4.2)."""
    root = np.sqrt(n)
    made = {"ks": np.asarray(special.kolmogorov(found["ks"] * (root + 0.12 + 0.11 / root)))}
    return made | {test: limit(test, found[test], "known") for test in get_args(limiting.Test)}


def limit(test: str, values: Floats, family: str) -> Floats:
    """P(statistic > values) by the limiting law of `cvm` or `ad`."""
    grid, above = limiting.tail("cvm" if test == "cvm" else "ad", family)
    return np.asarray(np.interp(values, grid, above))


def quantile(test: str, level: Floats, family: str) -> Floats:
    """Where the limiting law of `cvm` or `ad` is exceeded with probability `level`."""
    grid, above = limiting.tail("cvm" if test == "cvm" else "ad", family)
    return np.asarray(np.interp(-np.asarray(level), -above, grid))


def naive_size(test: str, level: Floats, family: str) -> Floats:
    """The size, in the limit, of the test at `level` by the table for known parameters."""
    return limit(test, quantile(test, level, "known"), family)


def tabled(found: Statistics, n: int, family: str, levels: Floats) -> Iterator[tuple[str, float, float]]:
    """(test, level, share rejected) by Stephens' tables, where there are such."""
    for test in TESTS:
        if not stephens.tabled(test, family):
            continue
        value = stephens.modified(test, found[test], n, family)
        if test == "ks":
            for level, point in stephens.points(family).items():
                yield test, level, float((value > point).mean())
            continue
        for level, point in zip(levels, quantile(test, levels, family), strict=True):
            yield test, float(level), float((value > point).mean())
