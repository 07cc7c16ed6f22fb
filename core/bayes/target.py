"""The posterior of a family's parameters as a sampler sees it: centred and stretched by its peak.

Coordinates q: u = mode + factor · q, with u the unconstrained parameters of standardised data and
factor · factorᵀ the inverse of minus the Hessian of the log-posterior at its mode. In them a posterior
of many data is nearly N(0, 1), whatever the family and the size of the sample.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from core.bayes.conjugate import Floats
from core.bayes.priors import Prior, log_prior, slopes
from core.families.family import DOMAINS, Family
from core.families.jets import chunks
from core.families.likelihood import OneSample
from core.families.prepare import frequencies
from core.families.result import Fit

# Of a Newton step, and the largest standard deviation along an axis that a flat peak is given.
STEPS, LONGEST, WIDEST = 100, 4.0, 3.0

Loss = tuple[float, Floats, Floats]


@dataclass(frozen=True)
class Target:
    """Standardised values (n,) with weights, their prior, and the posterior's mode (k,) and `factor`
    (k, k); `box` (k, 2) holds the family's limits of u. Data are shift + stretch · values."""

    family: Family
    x: Floats
    weights: Floats
    prior: Prior
    mode: Floats
    factor: Floats
    box: Floats
    shift: float
    stretch: float

    @cached_property
    def _likelihood(self) -> OneSample:
        k = len(self.family.parameters)
        pieces = tuple(chunks("density", self.x, self.weights))
        return OneSample(self.family, tuple(range(k)), pieces, np.full(k, np.nan), 1.0)

    def loss(self, u: Floats) -> Loss:
        """Minus the log-posterior at u (k,), with its gradient and Hessian."""
        value, gradient, hessian = (each[0] for each in self._likelihood(None, u[None]))
        prior = self.prior
        pull, bend = slopes(self.family.name, prior.conjugate, u, prior.numbers)
        before = log_prior(self.family.name, prior.conjugate, u, prior.numbers, np)
        return float(value - before), gradient - pull, hessian - bend

    def shuffled(self, rng: np.random.Generator) -> "Target":
        """The same, its values in random order."""
        order = rng.permutation(self.x.size)
        return replace(self, x=self.x[order], weights=self.weights[order])

    def at(self, q: Floats) -> Floats:
        """Unconstrained parameters (…, k) at q (…, k)."""
        made: Floats = self.mode + q @ self.factor.T
        return made

    def natural(self, u: Floats) -> Floats:
        """Parameters (…, k) in the unit of the data."""
        moved = [
            p.restore(p.value(u[..., j]), self.shift, self.stretch)
            for j, p in enumerate(self.family.parameters)
        ]
        return np.stack(moved, axis=-1)

    def slope(self, index: int, u: Floats) -> Floats:
        """The derivative of one parameter in the unit of the data."""
        p = self.family.parameters[index]
        slope = DOMAINS[p.domain].slope
        inner = np.array([slope(v) for v in np.atleast_1d(p.value(u))])
        return inner * p.slope(self.stretch)


def target(family: Family, fit: Fit, prior: Prior) -> Target:
    """The posterior of the sample that `fit` fitted, from whose estimate the peak is searched."""
    shift, stretch = fit.peak.shift, fit.peak.stretch
    x, weights = frequencies(family, (fit.sample.left - shift) / stretch, fit.sample.weights)
    box = np.array([p.box for p in family.parameters])
    start = np.clip(fit.peak.u, box[:, 0] + 1e-6, box[:, 1] - 1e-6)
    given = Target(family, x, weights, prior, start, np.eye(start.size), box, shift, stretch)
    mode, hessian = _climb(given.loss, start, box)
    curve, axes = np.linalg.eigh(hessian)
    spread = np.maximum(curve, WIDEST**-2.0) ** -0.5
    factor = np.linalg.cholesky((axes * spread**2) @ axes.T)
    return replace(given, mode=mode, factor=factor)


def _climb(loss: Callable[[Floats], Loss], start: Floats, box: Floats) -> tuple[Floats, Floats]:
    """The mode (k,) of the log-posterior by damped Newton steps, and minus the Hessian there."""
    u, (value, gradient, hessian) = start, loss(start)
    for _ in range(STEPS):
        step = _step(gradient, hessian)
        rate = 1.0
        while rate > 1e-6:
            tried = np.clip(u - rate * step, box[:, 0], box[:, 1])
            found = loss(tried)
            if np.isfinite(found[0]) and found[0] <= value - 1e-4 * rate * float(gradient @ step):
                break
            rate /= 2
        else:
            break
        moved: Any = np.abs(tried - u).max()
        u, (value, gradient, hessian) = tried, found
        if moved < 1e-9:
            break
    return u, hessian


def _step(gradient: Floats, hessian: Floats) -> Floats:
    """Newton's, with the curvature of every axis made positive, and of limited length."""
    curve, axes = np.linalg.eigh(hessian)
    step: Floats = axes @ (axes.T @ gradient / np.maximum(np.abs(curve), 1e-3))
    return step * min(1.0, LONGEST / max(float(np.linalg.norm(step)), 1e-300))
