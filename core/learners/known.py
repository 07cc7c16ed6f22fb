"""Designs whose learning curve is known in closed form: what are the rows, and what is the risk?

Linear model: y = Σ x_j/√p + σ ε with p independent standard normal features. Least squares with an
intercept on n ≥ p + 3 samples has expected squared error on new samples, exactly,

    σ² (1 + 1/n) (n − 2) / (n − p − 2).

Two Gaussian classes with equal shares, means ±Δ/2 along one direction and identity covariance. The
linear discriminant with estimated means and covariance errs, for n and p → ∞ at γ = p/n < 1, at rate

    Φ(−Δ² √(1 − γ) / (2 √(Δ² + 4γ))),

and one nearest neighbour, for n → ∞ at fixed p, at rate E[2η(1 − η)] with η the probability of a
class at x; the best possible rate is Φ(−Δ/2).

Teacher perceptron: x of p independent standard normal features, its class the sign of x'w. Hebb's rule,
the sum of the x with their signs, errs, for n and p → ∞ at α = n/p, at rate

    arccos(√(2α / (2α + π))) / π.

For √n χ across and n √(2/π) along w are the two parts of that sum.

Sources: Breiman & Freedman (1983), JASA 78, 131–136; Raudys & Young (2004), Journal of Multivariate
Analysis 89, 1–35, section 3; Cover & Hart (1967), IEEE Trans. Information Theory 13, 21–27; Vallet
(1989), Europhysics Letters 8, 747–751.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def draw(
    name: str, samples: int, features: int, noise: float, distance: float, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.float64] | NDArray[np.int64]]:
    """Inputs (n, p) and target (n,) of the design `name`, one of core.learners.names.KNOWN."""
    inputs = rng.standard_normal((samples, features))
    if name == "linear-model":
        target = inputs.sum(axis=1) / np.sqrt(features) + noise * rng.standard_normal(samples)
        return inputs, np.asarray(target)
    if name == "perceptron":
        return inputs, (inputs.sum(axis=1) > 0).astype(np.int64)
    codes = rng.permutation(np.arange(samples) % 2)
    inputs[:, 0] += distance * (codes - 0.5)
    return inputs, codes.astype(np.int64)


def least_squares(samples: ArrayLike, features: int, noise: float) -> Floats:
    """Expected squared error of least squares with an intercept on the linear model; NaN where
    n < p + 3 and it does not exist."""
    n = np.asarray(samples, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        risk = noise**2 * (1 + 1 / n) * (n - 2) / (n - features - 2)
    return np.where(n > features + 2, risk, np.nan)


def discriminant(samples: ArrayLike, features: int, distance: float) -> Floats:
    """Limiting error rate of the linear discriminant at γ = p/n; NaN where γ ≥ 1."""
    gamma = features / np.asarray(samples, float)
    root = np.sqrt(np.maximum(1 - gamma, 0.0))
    rate = scipy.special.ndtr(-(distance**2) * root / (2 * np.sqrt(distance**2 + 4 * gamma)))
    return np.where(gamma < 1, rate, np.nan)


def hebb(samples: ArrayLike, features: int) -> Floats:
    """Limiting error rate of Hebb's rule on a teacher perceptron at α = n/p."""
    alpha = np.asarray(samples, float) / features
    return np.asarray(np.arccos(np.sqrt(2 * alpha / (2 * alpha + np.pi))) / np.pi)


def nearest_neighbour(distance: float) -> float:
    """Limiting error rate of one nearest neighbour between two Gaussian classes."""
    # Along the line of the means, in standard deviations; both classes' tails are inside.
    x = np.linspace(-distance / 2 - 9, distance / 2 + 9, 4001)
    densities = [scipy.stats.norm.pdf(x, m) for m in (-distance / 2, distance / 2)]
    eta = scipy.special.expit(distance * x)
    return float(np.trapezoid(0.5 * sum(densities) * 2 * eta * (1 - eta), x))


def bayes(distance: float) -> float:
    """The least possible error rate between two Gaussian classes."""
    return float(scipy.special.ndtr(-distance / 2))
