"""Choosing a model by its training error and a penalty, or by data held out: fits that are a matrix
times the targets, and how often too large an order is chosen.

With prediction A y of targets y = f + ε, noise of variance σ², whatever the matrix A (n, n),

    E ‖y − A y‖² / n = ‖(I − A) f‖² / n + σ² ‖I − A‖² / n.

Training error, leave-one-out and K-fold cross-validation are all of this form.
"""

from typing import Literal

import numpy as np

from core.linear.designs import Floats

Model = Literal["subsets", "ridge"]


def weights(model: Model, x: Floats, at: Floats, settings: Floats) -> Floats:
    """Weights (c, m, n) that predict at the rows of `at` (m, p) from targets at those of `x` (n, p):
    least squares on the first `settings`[c] features, or ridge with Σ (y − x'b)² + λ‖b‖²."""
    if model == "ridge":
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        shrunk = s / (s**2 + settings[:, None])
        return np.asarray((at @ vt.T * shrunk[:, None, :]) @ u.T)
    q, r = np.linalg.qr(x)
    # R is triangular: the first columns of Q are a basis of the first features.
    basis = np.linalg.solve(r.T, at.T).T
    return np.stack([basis[:, :p] @ q[:, :p].T for p in settings.astype(int)])


def leave_one_out(fitted: Floats) -> Floats:
    """Weights (c, n, n) of predictions for each sample from all others, given those of the fit to all.

    The residual is (y_i − (H y)_i) / (1 − h_ii), exactly for least squares and ridge: Hastie,
    Tibshirani & Friedman (2009), equation 7.64.
    """
    own = np.diagonal(fitted, axis1=1, axis2=2)
    eye = np.eye(fitted.shape[1])
    return np.asarray(eye - (eye - fitted) / (1 - own)[:, :, None])


def held_out(model: Model, x: Floats, settings: Floats, folds: list[np.ndarray]) -> Floats:
    """Weights (c, n, n) of predictions for each sample by the fit to all other `folds`."""
    made = np.zeros((settings.size, len(x), len(x)))
    for fold in folds:
        rest = np.setdiff1d(np.arange(len(x)), fold)
        made[np.ix_(np.arange(settings.size), fold, rest)] = weights(model, x[rest], x[fold], settings)
    return made


def expected(predicting: Floats, truth: Floats, noise: float) -> Floats:
    """Mean squared residual (c,) of predictions with weights (c, n, n) for the sample's own targets,
    of noiseless values `truth` (n,) and variance `noise`."""
    left = np.eye(truth.size) - predicting
    return np.asarray(((left @ truth) ** 2).mean(axis=1) + noise * (left**2).sum(axis=2).mean(axis=1))


def residual(predicting: Floats, y: Floats) -> Floats:
    """Mean squared residual (r, c) of predictions with weights (c, n, n) for targets (r, n)."""
    return np.stack([((y - y @ matrix.T) ** 2).mean(axis=1) for matrix in predicting], axis=1)


def chosen_beyond(extra: int, penalty: float) -> Floats:
    """Probability (extra + 1,) that a criterion which adds `penalty` for each coefficient, on the
    scale −2 log likelihood, chooses 0, 1, … of `extra` nested features that have no effect.

    Each lowers the residual sum by an independent χ²₁, so that the choice is where a random walk with
    steps χ²₁ − penalty is highest: P(i) = a_i b_(K−i), with generating functions
    exp Σ x^j P(χ²_j > j penalty) / j and exp Σ x^j P(χ²_j < j penalty) / j. Source: Shibata (1976),
    Biometrika 63, 117–126.
    """
    # Imported late: SciPy's distributions take a while to load.
    from scipy.stats import chi2

    count = np.arange(1, extra + 1)
    above = np.asarray(chi2.sf(count * penalty, count), dtype=float)
    a, b = _coefficients(above), _coefficients(1 - above)
    return a * b[::-1]


def _coefficients(probabilities: Floats) -> Floats:
    """Of exp Σ x^j p_j / j: i a_i = Σ_j p_j a_(i−j)."""
    made = [1.0]
    for i in range(1, probabilities.size + 1):
        made.append(float(probabilities[:i] @ np.array(made[::-1])) / i)
    return np.array(made)


def james_stein(norms: Floats, dimension: int) -> Floats:
    """Risk E‖θ̂ − θ‖² of the James–Stein estimate of a mean θ of that many (at least 3) independent
    normal values of variance 1, at the lengths `norms` (k,) of θ: p − (p − 2)² E 1/(p − 2 + 2K) with
    K Poisson of mean ‖θ‖² / 2. Source: James & Stein (1961), equation 9."""
    from scipy.stats import poisson

    mean = norms**2 / 2
    k = np.arange(int(mean.max() + 12 * np.sqrt(mean.max()) + 40))
    share = poisson.pmf(k, mean[:, None]) / (dimension - 2 + 2 * k)
    return np.asarray(dimension - (dimension - 2) ** 2 * share.sum(axis=1))
