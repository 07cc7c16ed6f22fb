"""Posteriors in closed form of an exponential rate, a Poisson mean, and a normal mean and spread.

In the unconstrained parameters: for a rate or mean λ with posterior gamma(a, b), log λ has mean
ψ(a) − log b and variance ψ′(a). For a variance σ² with posterior inverse gamma (a, b), log σ has mean
(log b − ψ(a)) / 2 and variance ψ′(a) / 4, and the mean has a t distribution on 2a degrees of freedom.
Values left out are predicted by the law that is left: Lomax, negative binomial, or t.

Source: Gelman et al. 2013, Bayesian Data Analysis, sections 2.6, 2.7 and 3.3.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import digamma, polygamma

from core.bayes.conjugate import Floats, Summary
from core.bayes.counted import Rate
from core.bayes.measured import MeanAndSpread
from core.bayes.target import Target


class Closed(NamedTuple):
    """Means and standard deviations (k,) of the unconstrained parameters, and log-densities (m,) of
    the first m values given all others."""

    mean: Floats
    sd: Floats
    left_out: Floats


def closed(target: Target, kept: int) -> Closed:
    """Of a posterior whose prior is conjugate."""
    forms = {"exponential": _exponential, "poisson": _poisson, "normal": _normal}
    return forms[target.family.name](target, target.x[:kept])


def _total(target: Target) -> tuple[float, float]:
    return float(target.weights.sum()), float(target.weights @ target.x)


def _exponential(target: Target, x: Floats) -> Closed:
    count, total = _total(target)
    a, b = target.prior.numbers[0] + count, target.prior.numbers[1] + total
    rest, left = a - 1, b - x
    predicted = np.log(rest) + rest * np.log(left) - a * np.log(left + x)
    mean, sd = digamma(a) - np.log(b), np.sqrt(polygamma(1, a))
    return Closed(np.array([-mean]), np.array([sd]), predicted)


def _poisson(target: Target, x: Floats) -> Closed:
    count, total = _total(target)
    prior = Rate(*target.prior.numbers[:2])
    after = prior.given(Summary(count, np.asarray(total), np.zeros(())))
    left = prior.given(Summary(count - 1, total - x, np.zeros(x.size)))
    mean, sd = digamma(after.shape) - np.log(after.rate), np.sqrt(polygamma(1, after.shape))
    return Closed(np.array([mean]), np.array([sd]), left.log_predictive(x))


def _normal(target: Target, x: Floats) -> Closed:
    count, total = _total(target)
    prior = MeanAndSpread(*target.prior.numbers)
    middle = total / count
    squares = float(target.weights @ (target.x - middle) ** 2)
    after = prior.given(Summary(count, np.asarray(total), np.asarray(squares)))
    without = squares - (x - middle) ** 2 * count / (count - 1)
    left = prior.given(Summary(count - 1, total - x, np.maximum(without, 0.0)))
    wide = after.b / (after.a * after.size) * after.a / (after.a - 1)
    return Closed(
        np.array([after.mean, (np.log(after.b) - digamma(after.a)) / 2]),
        np.array([np.sqrt(wide), np.sqrt(polygamma(1, after.a)) / 2]),
        left.log_predictive(x),
    )
