"""Linear regression with a normal prior of its weights: evidence, effective parameters, predictions.

    t = Φ w + noise of variance σ²,        w ~ N(0, I/α),        λ_i the eigenvalues of Φ'Φ / σ²

The posterior mean is m = (ασ² I + Φ'Φ)⁻¹ Φ't, the evidence p(t) = N(t; 0, σ² I + ΦΦ'/α), and
γ = Σ λ_i / (α + λ_i) counts the weights that the data decide. Averaged over prior and noise,

    E[α |m|²] = γ,        E[|t − Φ m|² / σ²] = N − γ.

Everything is computed from one singular value decomposition for each number of columns, and data for
many replicates are drawn in the space that all columns span, the rest of the residual as χ².

Source: Bishop (2006), Pattern Recognition and Machine Learning, sections 3.3 and 3.5; MacKay (1992),
Neural Computation 4, 415.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.polynomial import legendre
from scipy import stats

from core.bayes.conjugate import Floats


class Targets(NamedTuple):
    """Targets of many replicates: their coordinates in the space of all columns (replicate,
    coordinate), and the squared length of what lies outside of it."""

    inside: Floats
    outside: Floats


@dataclass(frozen=True)
class Polynomials:
    """Polynomials up to an order, in Legendre's basis, at inputs within ±1."""

    inputs: Floats
    order: int

    @cached_property
    def columns(self) -> Floats:
        """The design Φ (sample, column) of the largest order."""
        return np.asarray(legendre.legvander(self.inputs, self.order), np.float64)

    @cached_property
    def basis(self) -> Floats:
        """Orthonormal columns that span Φ."""
        return np.asarray(np.linalg.qr(self.columns)[0], np.float64)

    def targets(self, weights: Floats, rng: np.random.Generator, noise: float = 1.0) -> Targets:
        """Targets for each row of weights (replicate, column) of the first columns."""
        span, n = self.basis.shape[1], self.inputs.size
        mean = weights @ (self.basis.T @ self.columns[:, : weights.shape[1]]).T
        inside = mean + noise * rng.standard_normal((len(weights), span))
        outside = rng.chisquare(n - span, len(weights)) if n > span else np.zeros(len(weights))
        return Targets(inside, noise**2 * outside)

    def coordinates(self, targets: Floats) -> Targets:
        """One vector of targets (sample,) as `Targets`."""
        inside = self.basis.T @ targets
        return Targets(inside[None], np.array([np.sum((targets - self.basis @ inside) ** 2)]))


class Fit(NamedTuple):
    """The posterior of one order, a row a replicate: log-evidence, α|m|², |t − Φm|²/σ², maximum of the
    log-likelihood; and mean and variance of a new target at inputs given for each."""

    log_evidence: Floats
    weight: Floats
    residual: Floats
    log_likelihood: Floats
    mean: Floats
    variance: Floats


@dataclass(frozen=True)
class Regression:
    """The model with the first `order` + 1 columns, prior precision `alpha` and noise `noise`."""

    design: Polynomials
    order: int
    alpha: float
    noise: float = 1.0

    @cached_property
    def _parts(self) -> tuple[Floats, Floats, Floats]:
        left, values, right = np.linalg.svd(
            self.design.basis.T @ self.design.columns[:, : self.order + 1], full_matrices=False
        )
        return left, values, right.T

    @property
    def gamma(self) -> float:
        """Effective number of parameters."""
        decided = self._parts[1] ** 2 / self.noise**2
        return float(np.sum(decided / (self.alpha + decided)))

    def fit(self, targets: Targets, at: Floats) -> Fit:
        """The posterior of each replicate; `at` (replicate,) are inputs of new targets."""
        left, values, right = self._parts
        n, noise = self.design.inputs.size, self.noise**2
        seen = targets.inside @ left
        beyond = targets.outside + np.sum(targets.inside**2, 1) - np.sum(seen**2, 1)
        beyond = np.maximum(beyond, 0.0)
        wide = values**2 / self.alpha + noise
        spent = np.sum(seen**2 / wide, 1) + beyond / noise
        spread = np.sum(np.log(wide)) + (n - values.size) * np.log(noise)
        mean = seen * values / (values**2 + self.alpha * noise)
        rest = np.sum((seen - values * mean) ** 2, 1) + beyond
        basis = legendre.legvander(at, self.order) @ right
        inside = np.sum(basis**2 / (self.alpha + values**2 / noise), 1)
        # Directions that the data do not reach keep the variance of the prior.
        unseen = np.sum(legendre.legvander(at, self.order) ** 2, 1) - np.sum(basis**2, 1)
        return Fit(
            log_evidence=-(n * np.log(2 * np.pi) + spread + spent) / 2,
            weight=self.alpha * np.sum(mean**2, 1),
            residual=rest / noise,
            log_likelihood=-(n * np.log(2 * np.pi * noise) + beyond / noise) / 2,
            mean=np.sum(basis * mean, 1),
            variance=noise + inside + np.maximum(unseen, 0.0) / self.alpha,
        )

    def density(self, targets: Floats) -> float:
        """The evidence of one vector of targets (sample,) as the log-density of a multivariate normal
        law, by a factorisation of its covariance (sample, sample)."""
        phi = self.design.columns[:, : self.order + 1]
        covariance = phi @ phi.T / self.alpha + self.noise**2 * np.eye(targets.size)
        return float(stats.multivariate_normal.logpdf(targets, np.zeros(targets.size), covariance))
