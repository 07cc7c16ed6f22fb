"""Noise matrices with a few strong directions: their limits, and the exact path of one direction.

The strength w of a direction is in units of the weakest that can be seen. In a covariance it has
the population variance ℓ = 1 + w √γ, γ = p / n, all others 1; in a symmetric matrix of noise it is
added as w e e'. From w = 1 on, an eigenvalue leaves the bulk: Baik, Ben Arous & Péché,
arXiv:math/0403022; Baik & Silverstein, arXiv:math/0408165; vectors: Benaych-Georges & Nadakuditi,
arXiv:0910.2120. The edge is centred as by Ma, arXiv:0810.1329, and Johnstone & Ma, arXiv:1110.0108.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.linear import tridiagonal
from core.linear.designs import Design, draw
from core.optimization import marchenko_pastur

Floats = NDArray[np.float64]


class Path(NamedTuple):
    """For each strength: the largest eigenvalue, and the squared cosine of its vector with the
    direction; (k,) each."""

    eigenvalue: Floats
    overlap: Floats


class Law(Protocol):
    """A kind of noise matrix of `features` rows, of `rank` eigenvalues that are not zero: how it is
    drawn, and what the limits say of it."""

    @property
    def features(self) -> int: ...

    @property
    def rank(self) -> int: ...

    def noise(self, design: Design, rng: np.random.Generator, *, rho: float, tail: float) -> Floats:
        """A matrix (p, p) of noise alone."""

    def lifted(self, noise: Floats, strengths: Floats) -> Floats:
        """`noise` with directions of these strengths along the first features."""

    def edges(self) -> tuple[float, float]:
        """The ends of the density."""

    def density(self, at: ArrayLike) -> Floats:
        """Density of the eigenvalues, per unit of eigenvalue."""

    def quantiles(self, shares: ArrayLike) -> Floats:
        """Eigenvalues below which these shares of the eigenvalues that are not zero lie."""

    def square(self) -> float:
        """Mean of tr S² / p for Gaussian noise."""

    def largest(self) -> tuple[float, float]:
        """Centre and scale of the largest eigenvalue of noise, Tracy–Widom in the limit."""

    def sampled(self, count: int, rng: np.random.Generator) -> Floats:
        """Draws of the largest eigenvalue of Gaussian noise."""

    def eigenvalue(self, strength: ArrayLike) -> Floats:
        """Limit of the largest eigenvalue."""

    def overlap(self, strength: ArrayLike) -> Floats:
        """Limit of the squared cosine."""

    def path(self, noise: Floats, strengths: Floats, inner: tuple[Floats, Floats]) -> Path:
        """One direction of each strength, given `noise` and the eigenvalues and vectors `inner` of
        it without its first feature."""


@dataclass(frozen=True)
class Covariance:
    """X'X / n for `samples` n rows of `features` p columns."""

    samples: int
    features: int

    @property
    def ratio(self) -> float:
        return self.features / self.samples

    @property
    def rank(self) -> int:
        return min(self.features, self.samples)

    def noise(self, design: Design, rng: np.random.Generator, *, rho: float, tail: float) -> Floats:
        x = draw(design, self.samples, self.features, rng, rho=rho, tail=tail)
        return np.asarray(x.T @ x / self.samples)

    def lifted(self, noise: Floats, strengths: Floats) -> Floats:
        scale = np.ones(self.features)
        scale[: strengths.size] = np.sqrt(1 + strengths * np.sqrt(self.ratio))
        return scale[:, None] * noise * scale

    def edges(self) -> tuple[float, float]:
        return marchenko_pastur.edges(self.ratio)

    def density(self, at: ArrayLike) -> Floats:
        return marchenko_pastur.density(at, self.ratio)

    def quantiles(self, shares: ArrayLike) -> Floats:
        return marchenko_pastur.quantiles(shares, self.ratio)

    def square(self) -> float:
        return 1 + (self.features + 1) / self.samples

    def largest(self) -> tuple[float, float]:
        n, p = np.sqrt(self.samples - 0.5), np.sqrt(self.features - 0.5)
        return (n + p) ** 2 / self.samples, (n + p) * np.cbrt(1 / n + 1 / p) / self.samples

    def sampled(self, count: int, rng: np.random.Generator) -> Floats:
        return tridiagonal.covariance(self.samples, self.features, count, rng)

    def eigenvalue(self, strength: ArrayLike) -> Floats:
        w, root = np.maximum(np.asarray(strength, float), 1.0), np.sqrt(self.ratio)
        return np.asarray((1 + w * root) * (1 + root / w))

    def overlap(self, strength: ArrayLike) -> Floats:
        w = np.maximum(np.asarray(strength, float), 1.0)
        return np.asarray((1 - w**-2) / (1 + np.sqrt(self.ratio) / w))

    def path(self, noise: Floats, strengths: Floats, inner: tuple[Floats, Floats]) -> Path:
        poles, weights = inner[0], (inner[1].T @ noise[1:, 0]) ** 2
        variance = 1 + strengths * np.sqrt(self.ratio)

        # λ is an eigenvalue where λ / ℓ = S₁₁ + Σ w / (λ − s), which the left side passes once.
        def excess(at: Floats) -> Floats:
            reached = noise[0, 0] + (weights / (at[:, None] - poles)).sum(axis=1)
            return np.asarray(at / variance - reached)

        high = variance * np.trace(noise) + poles[-1]
        at = _root(excess, poles[-1], high)
        norm = 1 + variance * (weights / (at[:, None] - poles) ** 2).sum(axis=1)
        return Path(at, 1 / norm)


@dataclass(frozen=True)
class Symmetric:
    """A symmetric matrix of `features` p rows, entries of variance 1 / p."""

    features: int

    @property
    def rank(self) -> int:
        return self.features

    def noise(self, design: Design, rng: np.random.Generator, *, rho: float, tail: float) -> Floats:
        x = draw(design, self.features, self.features, rng, rho=rho, tail=tail)
        return np.asarray((x + x.T) / np.sqrt(2 * self.features))

    def lifted(self, noise: Floats, strengths: Floats) -> Floats:
        added = noise.copy()
        added[np.arange(strengths.size), np.arange(strengths.size)] += strengths
        return added

    def edges(self) -> tuple[float, float]:
        return -2.0, 2.0

    def density(self, at: ArrayLike) -> Floats:
        return np.asarray(np.sqrt(np.maximum(4 - np.asarray(at, float) ** 2, 0)) / (2 * np.pi))

    def quantiles(self, shares: ArrayLike) -> Floats:
        at = -2 * np.cos(np.linspace(0, np.pi, 4001))
        below = 0.5 + at * np.sqrt(np.maximum(4 - at**2, 0)) / (4 * np.pi) + np.arcsin(at / 2) / np.pi
        return np.asarray(np.interp(np.asarray(shares, float), below, at))

    def square(self) -> float:
        return 1 + 1 / self.features

    def largest(self) -> tuple[float, float]:
        p = self.features
        return 2 * float(np.sqrt(1 - 0.5 / p)), p ** (-2 / 3)

    def sampled(self, count: int, rng: np.random.Generator) -> Floats:
        return tridiagonal.symmetric(self.features, count, rng)

    def eigenvalue(self, strength: ArrayLike) -> Floats:
        w = np.maximum(np.asarray(strength, float), 1.0)
        return np.asarray(w + 1 / w)

    def overlap(self, strength: ArrayLike) -> Floats:
        w = np.maximum(np.asarray(strength, float), 1.0)
        return np.asarray(1 - w**-2)

    def path(self, noise: Floats, strengths: Floats, inner: tuple[Floats, Floats]) -> Path:
        poles, weights = inner[0], (inner[1].T @ noise[1:, 0]) ** 2

        def excess(at: Floats) -> Floats:
            own = noise[0, 0] + strengths
            return np.asarray(at - own - (weights / (at[:, None] - poles)).sum(axis=1))

        high = poles[-1] + np.abs(noise[0, 0] + strengths - poles[-1]) + np.sqrt(weights.sum())
        at = _root(excess, poles[-1], high)
        return Path(at, 1 / (1 + (weights / (at[:, None] - poles) ** 2).sum(axis=1)))


def _root(excess: Callable[[Floats], Floats], low: float, high: Floats) -> Floats:
    """Where an increasing function passes zero between the last pole and `high`, by bisection."""
    below = np.full(high.shape, low)
    for _ in range(60):
        middle = (below + high) / 2
        with np.errstate(divide="ignore"):
            over = excess(middle) > 0
        below, high = np.where(over, below, middle), np.where(over, middle, high)
    return np.asarray(high)
