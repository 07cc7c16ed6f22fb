"""Linear smoothers of one input: fits that are a matrix times the targets, at every complexity.

A linear smoother predicts S(x)'y with weights S(x) that do not depend on the targets y. One
decomposition of the design serves all settings of a learner. Inputs lie in [0, 1].

Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning (2009), sections 5.4, 6.1.
"""

from typing import Literal

import numpy as np

from core.linear.designs import Floats

Smoother = Literal["polynomial", "spline", "neighbours", "ridge", "kernel"]


def settings(learner: Smoother, samples: int, degree: int) -> Floats:
    """Settings of `learner` from the simplest to the most flexible (c,): degrees up to `degree`;
    interior knots; neighbours, falling; or penalties λ, falling."""
    if learner == "polynomial":
        return np.arange(min(degree, samples - 1) + 1.0)
    if learner == "spline":
        counts = np.array([0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 26])
        return counts[counts + 4 <= samples].astype(float)
    if learner == "neighbours":
        return np.unique(np.round(np.geomspace(1, samples, 14)))[::-1]
    return np.logspace(1, -5, 13) if learner == "ridge" else np.logspace(1, -6, 15)


def weights(
    learner: Smoother, x: Floats, at: Floats, chosen: Floats, *, degree: int, width: float
) -> Floats:
    """Weights (c, m, n): row i of matrix c predicts at the input `at`[i] (m,) from targets at the
    inputs `x` (n,), with setting `chosen`[c] of `learner`.

    `polynomial` is least squares on Legendre polynomials up to the degree; `spline` on cubic
    B-splines with equally spaced interior knots; `neighbours` the mean of the nearest targets;
    `ridge` minimises the mean squared error + λ‖b‖² on Legendre polynomials of norm 1 up to
    `degree`; `kernel` minimises it + λ‖g‖² in the space of the Gaussian kernel of that `width`.
    """
    if learner == "polynomial":
        return _polynomial(x, at, chosen.astype(int))
    if learner == "spline":
        return np.stack([_least_squares(_splines(x, k), _splines(at, k)) for k in chosen.astype(int)])
    if learner == "neighbours":
        order = np.argsort(np.abs(at[:, None] - x), axis=1, kind="stable")
        rank = np.argsort(order, axis=1)
        return (rank < chosen[:, None, None]) / chosen[:, None, None]
    if learner == "ridge":
        u, s, vt = np.linalg.svd(_legendre(x, degree), full_matrices=False)
        shrunk = s / (s**2 + x.size * chosen[:, None])
        return np.asarray((_legendre(at, degree) @ vt.T * shrunk[:, None, :]) @ u.T)
    values, vectors = np.linalg.eigh(_gaussian(x, x, width))
    inverse = 1 / (np.maximum(values, 0) + x.size * chosen[:, None])
    return np.asarray((_gaussian(at, x, width) @ vectors * inverse[:, None, :]) @ vectors.T)


def _polynomial(x: Floats, at: Floats, degrees: np.ndarray) -> Floats:
    most = int(degrees.max())
    q, r = np.linalg.qr(_legendre(x, most))
    # R is triangular, so that the first columns are the orthonormal basis of every lower degree.
    basis = np.linalg.solve(r.T, _legendre(at, most).T).T
    return np.stack([basis[:, : d + 1] @ q[:, : d + 1].T for d in degrees])


def _legendre(x: Floats, degree: int) -> Floats:
    """Legendre polynomials of norm 1 on [0, 1] (n, degree + 1)."""
    scale = np.sqrt(2 * np.arange(degree + 1) + 1)
    return np.asarray(np.polynomial.legendre.legvander(2 * x - 1, degree) * scale)


def _splines(x: Floats, knots: int) -> Floats:
    """Cubic B-splines with equally spaced interior knots (n, knots + 4)."""
    # Imported late: SciPy's interpolation takes a while to load.
    from scipy.interpolate import BSpline

    inner = np.linspace(0, 1, knots + 2)
    full = np.concatenate([np.zeros(3), inner, np.ones(3)])
    return np.asarray(BSpline.design_matrix(x, full, 3).toarray())


def _least_squares(basis: Floats, at: Floats) -> Floats:
    """Weights of the least-norm solution: a random design can leave a B-spline without a sample."""
    return np.asarray(at @ np.linalg.pinv(basis))


def _gaussian(a: Floats, b: Floats, width: float) -> Floats:
    return np.asarray(np.exp(-((a[:, None] - b) ** 2) / (2 * width**2)))
