"""What must hold of any fit, and how closely theory can be expected to hold in a sample."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.families import jets, registry
from core.families.family import Floats
from core.families.likelihood import unconstrained
from core.families.quiet import quiet
from core.families.result import Fit

Map = Callable[[Floats], Floats]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
# Log odds of the quantiles between which a density is integrated: 1e-10 is left out at each end.
_PANELS = np.arange(-23.0, 23.5, 0.5)


# Probabilities that are summed at most.
MOST = 1 << 20


def total_mass(fit: Fit) -> float:
    """The integral of the fitted density over its support, by Gauss–Legendre between quantiles in
    the support's coordinate; for counts the sum of the probabilities, with scipy's for the tails
    beyond 1e-12 or beyond `MOST` numbers."""
    family = registry.find(fit.family)
    theta = np.array([fit.parameters[name] for name in family.names])
    law = fit.distribution
    if family.discrete:
        first, last = float(law.ppf(1e-12)), float(law.isf(1e-12))
        size = 1 << int(min(last - first, MOST - 1)).bit_length()
        whole = max(first, family.support.low) + np.arange(float(size))
        mass = np.exp(jets.each(family, whole, theta))
        # A heavy tail reaches too far to be summed: its remainder is the law's own.
        return float(mass.sum() + law.cdf(whole[0] - 1) + law.sf(whole[-1]))
    lower = _PANELS <= 0
    with quiet():
        edges = np.r_[law.ppf(_odds(_PANELS[lower])), law.isf(_odds(-_PANELS[~lower]))]
        line, back, stretch = _coordinate(family.support.coordinate, law)
        u = np.unique(line(edges))
    # Where scipy finds no quantile the panels beside it meet.
    u = u[np.isfinite(u)]
    half = np.diff(u)[:, None] / 2
    at = ((u[1:] + u[:-1])[:, None] / 2 + half * _NODES).ravel()
    density = np.exp(jets.each(family, back(at), theta))
    return float(np.sum((half * _WEIGHTS).ravel() * density * stretch(at)))


def fluctuation(fit: Fit, replicates: int) -> tuple[float, float]:
    """Relative standard deviations to expect, were the fitted family true, of (the spread of
    `replicates` refits as a multiple of the standard error) and (the mean likelihood-ratio of the
    refits as a multiple of the number of parameters).

    The bootstrap variance of a parameter is the mean of ψ² / n over the sample, ψ = H⁻¹s its
    influence, so its relative variance is (κ − 1) / n with κ the kurtosis of ψ, plus 2 / r from
    finitely many refits; half of the root of that for a standard deviation. The mean ratio is that
    of s'H⁻¹s over the sample. Both expectations are taken over quantiles of the fitted family.
    """
    psi = _scores(fit) @ np.linalg.inv(fit.peak.hessian)
    kurtosis = float(np.max(np.mean(psi**4, axis=0) / np.mean(psi**2, axis=0) ** 2))
    k = len(fit.free)
    spread = np.sqrt((kurtosis - 1) / (4 * fit.n) + 1 / (2 * replicates))
    return float(spread), float(np.sqrt(ratio_variance(fit) / (fit.n * k**2) + 2 / (k * replicates)))


def ratio_variance(fit: Fit) -> float:
    """The variance of s'H⁻¹s, s the score of one value, were the fitted family true: 2k for normal
    scores of k parameters."""
    s, inverse = _scores(fit), np.linalg.inv(fit.peak.hessian)
    return float(np.einsum("ij,jk,ik->i", s, inverse, s).var())


def influence_kurtosis(fit: Fit, slopes: Floats) -> Floats:
    """Kurtosis (q,) of the influence of a value on quantities with derivatives `slopes` (q, k) in the
    unconstrained parameters, under the fitted family."""
    psi = _scores(fit) @ np.linalg.inv(fit.peak.hessian) @ slopes.T
    return np.asarray(np.mean(psi**4, axis=0) / np.mean(psi**2, axis=0) ** 2)


def _scores(fit: Fit) -> Floats:
    family, standard = registry.find(fit.family), fit.peak
    x = fit.distribution.ppf((np.arange(2048) + 0.5) / 2048)
    z, u = (x - standard.shift) / standard.stretch, unconstrained(family, standard.theta)
    return jets.scores(family, z, u)[:, list(standard.free)]


def _odds(v: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-v)))


def _coordinate(name: str, law: Any) -> tuple[Map, Map, Map]:
    """To a line on which the density has exponential tails, back, and the derivative of back."""
    if name == "log":
        return np.log, np.exp, np.exp
    if name == "logit":
        return lambda x: np.log(x) - np.log1p(-x), _odds, lambda u: _odds(u) * _odds(-u)
    middle, width = law.median(), law.ppf(0.75) - law.ppf(0.25)
    return (
        lambda x: np.arcsinh((x - middle) / width),
        lambda u: middle + width * np.sinh(u),
        lambda u: width * np.cosh(u),
    )
