"""First-order methods on a least-squares problem, run and predicted.

The loss is f(e) = ‖X e − σε‖² / 2n for a design X (n, d) and the distance e (d,) to the true
coefficients; residuals at the start are r₀ = X e₀ − σε. A method of residual polynomial p_t leaves
r_t = p_t(X X'/n) r₀, so with the eigenvalues λ_i and eigenvectors u_i of X X'/n

    f_t = ½ Σ_i p_t(λ_i)² (u_i'r₀)² / n.

For independent e₀ of mean 0, E‖e₀‖² = s and equal variances, and noise of variance σ², given X,

    E f_t = ½ s (1/d) Σ_j λ_j p_t(λ_j)² + ½ σ² (1/n) Σ_i p_t(λ_i)²,

the first sum over the d eigenvalues of X'X/n, the second over the n of X X'/n; as n, d → ∞ the sums
become integrals over the Marchenko–Pastur law. Paquette, van Merriënboer, Paquette & Pedregosa,
arXiv:2006.04299.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import linalg

from core.optimization.marchenko_pastur import Floats, Quadrature
from core.optimization.quadratic import Steps, residuals


class Modes(NamedTuple):
    """A problem in the eigenvectors of its Hessian: the `eigenvalues` (k,), k = min(n, d), the
    `energies` (u_i'r₀)²/n (k,) of the residuals along them, and the `rest` of ‖r₀‖²/n that no
    method can reach. Losses are in squared units of the target."""

    eigenvalues: Floats
    energies: Floats
    rest: float


def descend(x: Floats, start: Floats, noise: Floats, methods: Sequence[Steps], count: int) -> Floats:
    """Losses (method, count + 1) of `methods` that step along the gradient X'(X e − noise)/n, from
    e = `start` (d,), with residuals of `noise` (n,). Infinite or NaN where they have left 64 bits."""
    n = len(x)
    size, m, look = np.stack(
        [[np.broadcast_to(np.asarray(a, float), (count,)) for a in steps] for steps in methods], axis=1
    )
    at = np.repeat(start[:, None], len(methods), axis=1)
    moved = np.zeros_like(at)
    losses = np.empty((len(methods), count + 1))
    with np.errstate(over="ignore", invalid="ignore"):
        left = x @ at - noise[:, None]
        for t in range(count):
            losses[:, t] = (left**2).sum(axis=0) / (2 * n)
            # Residuals are linear in the place: a look ahead costs no further product.
            ahead = left + look[:, t] * (x @ moved) if look[:, t].any() else left
            moved = m[:, t] * moved - size[:, t] * (x.T @ ahead) / n
            at = at + moved
            left = x @ at - noise[:, None]
        losses[:, count] = (left**2).sum(axis=0) / (2 * n)
    return losses


def modes(x: Floats, start: Floats, noise: Floats) -> Modes:
    """The `Modes` of a problem, by the eigenvectors of the smaller of X'X/n and X X'/n."""
    n, d = x.shape
    left = x @ start - noise
    if n <= d:
        values, vectors = linalg.eigh(x @ x.T / n, check_finite=False)
        return Modes(np.maximum(values, 0.0), (vectors.T @ left) ** 2 / n, 0.0)
    values, vectors = linalg.eigh(x.T @ x / n, check_finite=False)
    values = np.maximum(values, np.finfo(float).tiny)
    # u_i = X v_i / √(n λ_i).
    energies = (vectors.T @ (x.T @ left)) ** 2 / (n**2 * values)
    return Modes(values, energies, max(0.0, float(left @ left / n - energies.sum())))


def curve(problem: Modes, polynomials: Floats) -> Floats:
    """Losses (t,) of a method whose `polynomials` (t, k) are p_t at the problem's eigenvalues."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((polynomials**2 @ problem.energies + problem.rest) / 2)


def expected(
    eigenvalues: Floats, polynomials: Floats, n: int, d: int, signal: float, noise: float
) -> Floats:
    """Mean losses (t,) over starts and noise, given the k eigenvalues at which `polynomials` (t, k)
    are p_t: `signal` is E‖e₀‖², `noise` the noise's variance."""
    with np.errstate(over="ignore", invalid="ignore"):
        along = polynomials**2 @ (signal / d * eigenvalues + noise / n)
    return np.asarray((along + noise * (1 - eigenvalues.size / n)) / 2)


def limit(
    law: Quadrature, steps: Steps, count: int, ratio: float, signal: float, noise: float
) -> Floats:
    """Mean losses (count + 1,) as n, d → ∞ at d / n = `ratio`: with r the ratio and μ the law,
    ½ s ∫ λ p_t² dμ + ½ σ² (r ∫ p_t² dμ + 1 − r)."""
    with np.errstate(over="ignore", invalid="ignore"):
        squares = residuals(steps, law.nodes, count) ** 2
        along = squares @ (law.weights * (signal * law.nodes + noise * ratio))
    return np.asarray((along + noise * (1 - ratio * law.weights.sum())) / 2)


def worst(problem: Modes, polynomials: Floats, points: Floats, fine: Floats) -> Floats:
    """Losses (t,) that no problem exceeds which has the same distance to its minimum and all its
    eigenvalues between the least and the largest: rest + ½ ‖e₀ − ê‖² max λ p_t(λ)², the maximum
    over `points` (m,), at which `fine` (t, m) are p_t, and the problem's own eigenvalues."""
    distance = float((problem.energies / np.maximum(problem.eigenvalues, np.finfo(float).tiny)).sum())
    with np.errstate(over="ignore", invalid="ignore"):
        most = np.maximum(
            (fine**2 * points).max(axis=1), (polynomials**2 * problem.eigenvalues).max(axis=1)
        )
        return np.asarray((problem.rest + distance * most) / 2)
