"""How well a fitted family foretells values that it has not seen: cross-validated log density.

The values are dealt into K folds, each left out once while the family is fitted to the others, all
folds together. The score of a value is its log density under the fit without its fold. As n grows, n
times the mean score of folds of one tends to log L(θ̂) − tr(J H⁻¹), J the variance of a value's score
and H the observed information: to −AIC / 2 where the family is right (Stone 1977, JRSS B 39, 44).

A standard error of the difference between two families is that of the mean of the values' own
differences. It is somewhat too small, because the fits of two folds share most of their values
(Bengio & Grandvalet 2004, J. Machine Learning Research 5, 1089).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families import jets, registry
from core.families.family import Floats
from core.families.likelihood import ManySamples, bounded, box, held
from core.families.newton import climb
from core.families.prepare import frequencies
from core.families.result import Fit

# Weights at once: rows times values.
ROOM = 2**19


@dataclass(frozen=True)
class Scores:
    """Log densities of values left out (n,), in nats, in the sample's order: −∞ for one outside the
    support that the others give."""

    family: str
    each: Floats

    @property
    def mean(self) -> float:
        """The log score, nats a value."""
        return float(self.each.mean())

    def above(self, other: "Scores") -> tuple[float, float]:
        """How much higher this score is than the other, and the standard error of that."""
        with np.errstate(invalid="ignore"):
            d = self.each - other.each
        if not np.isfinite(d).all():
            return float("nan"), float("nan")
        return float(d.mean()), float(d.std(ddof=1) / np.sqrt(d.size))


def folds(n: int, k: int, generator: np.random.Generator) -> Any:
    """A fold from 0 to k − 1 for each of n values, at random, of sizes that differ by 1 at most."""
    return generator.permutation(n) % k


def scores(fit: Fit, fold: Any) -> Scores:
    """The scores of the values of `fit`, in folds (n,).

    Raises:
        InputError: a censored or weighted sample, another method than maximum likelihood, a number of
            trials that is estimated, or fewer than 2 folds.
    """
    _check(fit, fold)
    family, standard = registry.find(fit.family), fit.peak
    z = (fit.sample.left - standard.shift) / standard.stretch
    of_fold = np.split(np.argsort(fold, kind="stable"), np.cumsum(np.bincount(fold))[:-1])
    theta = _closed(fit, z, of_fold) if family.closed else _searched(fit, z, fold)
    each = np.empty(z.size)
    if len(of_fold) == z.size:
        order = np.concatenate(of_fold)
        each[order] = _one_each(fit, z[order], theta)
    else:
        for left_out, at in zip(of_fold, theta, strict=True):
            each[left_out] = jets.each(family, z[left_out], at)
    with np.errstate(invalid="ignore"):
        each = np.where(np.isnan(each), -np.inf, each)
    return Scores(fit.family, each - float(np.log(standard.stretch)))


def _check(fit: Fit, fold: Any) -> None:
    family = registry.find(fit.family)
    if fit.sample.partial:
        raise InputError("`sample` must not be censored or truncated for a log score.")
    if (fit.sample.weights != 1).any():
        raise InputError("`weights` must all be 1 for a log score, because values are left out.")
    if fit.method != "mle":
        raise InputError(
            f"`fit` must be by maximum likelihood (mle) for a log score, not by {fit.method}."
        )
    if any(p.whole and p.name in fit.free for p in family.parameters):
        raise InputError(f"`fit` must hold the whole number of {fit.family} for a log score.")
    if fold.max() < 1:
        raise InputError(f"`folds` must be at least 2, not {fold.max() + 1}.")


def _searched(fit: Fit, z: Floats, fold: Any) -> Floats:
    """Parameters (k, p) without each fold, by search from the fit."""
    family, standard = registry.find(fit.family), fit.peak
    free, k = standard.free, int(fold.max()) + 1
    fixed = held(family, {i: float(v) for i, v in enumerate(standard.theta) if i not in free})
    values, times = frequencies(family, z, np.ones(z.size))
    cell = np.searchsorted(values, z) if family.discrete else np.arange(z.size)
    theta = np.tile(standard.theta, (k, 1))
    batch = max(1, ROOM // values.size)
    for first in range(0, k, batch):
        rows = np.arange(first, min(first + batch, k))
        inside = (fold >= first) & (fold < first + rows.size)
        weights = np.tile(times, (rows.size, 1))
        np.subtract.at(weights, (fold[inside] - first, cell[inside]), 1.0)
        measure = ManySamples(family, free, values, weights, fixed)
        start = np.tile(standard.u, (rows.size, 1))
        peaks = climb(measure, start, box(family, free), bounded(family, free), weights.sum(axis=1))
        for j, i in enumerate(free):
            theta[rows, i] = family.parameters[i].value(peaks.u[:, j])
    return theta


def _closed(fit: Fit, z: Floats, of_fold: list[Any]) -> Floats:
    """Parameters (k, p) without each fold, where they are known."""
    family, standard = registry.find(fit.family), fit.peak
    assert family.closed is not None
    inside = {i: float(v) for i, v in enumerate(standard.theta) if i not in standard.free}
    found = []
    for left_out in of_fold:
        others = np.delete(z, left_out)
        found.append(family.closed(others, np.ones(others.size), inside))
    return np.array(found)


def _one_each(fit: Fit, z: Floats, theta: Floats) -> Floats:
    """The log density of each value (n,) at parameters of its own (n, p)."""
    family = registry.find(fit.family)
    # The program of the densities takes one point: the values' laws by scipy take many.
    shapes = [family.to_scipy(*row) for row in theta.tolist()]
    arguments = np.array([(*s, location, scale) for s, location, scale in shapes]).T
    known: Any = (
        registry.find(fit.family).frozen(dict(zip(family.names, theta[0].tolist(), strict=True))).dist
    )
    if family.discrete:
        return np.asarray(known.logpmf(z, *arguments[:-1]))
    return np.asarray(known.logpdf(z, *arguments))
