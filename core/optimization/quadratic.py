"""What first-order methods do on a quadratic, exactly, one eigenvalue of the Hessian at a time.

On f(x) = ½ x'Hx every method here is one step in two numbers and a look ahead,

    x⁺ = x + m (x − x⁻) − η ∇f(x + γ (x − x⁻)),        first step x₁ = x₀ − η ∇f(x₀),

gradient descent with m = γ = 0, heavy ball with γ = 0, Nesterov with γ = m. Along an eigenvector of
eigenvalue λ the distance to the minimum is that of the start times a residual polynomial p_t(λ), and
z² − (1 + m − ηλ(1 + γ)) z + m − ηλγ has the two roots whose larger modulus is the rate.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Method = Literal["gd", "heavy_ball", "nesterov"]
Spacing = Literal["geometric", "linear", "clusters"]
METHODS: tuple[Method, ...] = ("gd", "heavy_ball", "nesterov")


class Steps(NamedTuple):
    """A method: step size η, in units of 1 / curvature, momentum m and look-ahead γ; each a number,
    or an array that has one value a step."""

    size: ArrayLike
    momentum: ArrayLike = 0.0
    lookahead: ArrayLike = 0.0


def spectrum(spacing: Spacing, dimension: int, condition: float) -> Floats:
    """Eigenvalues (dimension,) from 1 / condition up to 1: spaced by equal ratios or differences,
    or half of them near each end, within a tenth of it."""
    low = 1.0 / condition
    if spacing == "geometric":
        return np.geomspace(low, 1.0, dimension)
    if spacing == "linear":
        return np.linspace(low, 1.0, dimension)
    half = dimension // 2
    flat = np.linspace(low, min(1.1 * low, 1.0), half)
    return np.concatenate([flat, np.linspace(1.0, max(0.9, low), dimension - half)[::-1]])


def tuned(method: Method, smallest: float, largest: float) -> Steps:
    """The method at its fastest on eigenvalues from `smallest` to `largest` > 0, both included.

    Gradient descent and heavy ball: Polyak (1964), USSR Comput. Math. Math. Phys. 4(5), 1–17.
    Nesterov: Lessard, Recht & Packard, arXiv:1408.3595, section 2.2.
    """
    if method == "gd":
        return Steps(2 / (largest + smallest))
    if method == "heavy_ball":
        root, other = np.sqrt(largest), np.sqrt(smallest)
        return Steps(4 / (root + other) ** 2, ((root - other) / (root + other)) ** 2)
    root = np.sqrt(3 * largest / smallest + 1)
    momentum = (root - 2) / (root + 2)
    return Steps(4 / (3 * largest + smallest), momentum, momentum)


def tuned_rate(method: Method, condition: ArrayLike) -> Floats:
    """Factor a step by which the distance to the minimum falls at last, of the `tuned` method, from
    the condition number alone. Same sources."""
    kappa = np.asarray(condition, float)
    if method == "gd":
        return np.asarray((kappa - 1) / (kappa + 1))
    if method == "heavy_ball":
        return np.asarray((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1))
    return np.asarray(1 - 2 / np.sqrt(3 * kappa + 1))


def threshold(method: Method, momentum: ArrayLike, largest: ArrayLike) -> Floats:
    """The step size beyond which the mode of the `largest` eigenvalue grows: where a root z is −1.

    2/λ for gradient descent, 2 (1 + m)/λ for heavy ball, 2 (1 + m)/((1 + 2m) λ) for Nesterov.
    """
    m, top = np.asarray(momentum, float), np.asarray(largest, float)
    if method == "gd":
        return np.asarray(2 / top + 0 * m)
    return np.asarray(2 * (1 + m) / top / (1 + 2 * m if method == "nesterov" else 1))


def companion(steps: Steps, eigenvalues: ArrayLike) -> Floats:
    """The matrices (…, 2, 2) that take (x, x⁻) to (x⁺, x), one an eigenvalue (or setting)."""
    size, m, look = (np.asarray(a, float) for a in steps)
    curve = size * np.asarray(eigenvalues, float)
    made = np.zeros((*np.broadcast_shapes(curve.shape, m.shape, look.shape), 2, 2))
    made[..., 0, 0] = 1 + m - curve * (1 + look)
    made[..., 0, 1] = curve * look - m
    made[..., 1, 0] = 1.0
    return made


def radius(steps: Steps, eigenvalues: ArrayLike) -> Floats:
    """Spectral radius of `companion`, in closed form: the factor a step at which each mode shrinks,
    or grows where it is above 1, once it has settled."""
    matrices = companion(steps, eigenvalues)
    trace, determinant = matrices[..., 0, 0], -matrices[..., 0, 1]
    under = trace**2 - 4 * determinant
    real = (np.abs(trace) + np.sqrt(np.maximum(under, 0))) / 2
    return np.where(under < 0, np.sqrt(np.maximum(determinant, 0)), real)


def rate(steps: Steps, eigenvalues: Floats) -> float:
    """The largest `radius` over all modes: the factor a step of the distance to the minimum."""
    return float(radius(steps, eigenvalues).max())


def residuals(steps: Steps, eigenvalues: Floats, count: int) -> Floats:
    """p_t(λ) for t = 0 … count, as (count + 1, eigenvalue): what is left after t steps of a start of
    1 along each eigenvector. Infinite where it has grown beyond 64 bits."""
    size, m, look = (np.broadcast_to(np.asarray(a, float), (count,)) for a in steps)
    left = np.ones((count + 1, eigenvalues.size))
    before = left[0]
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(count):
            moved = left[t] - before
            left[t + 1] = left[t] + m[t] * moved - size[t] * eigenvalues * (left[t] + look[t] * moved)
            before = left[t]
    return left


def optimal(nodes: Floats, weights: Floats, count: int) -> Steps:
    """The method whose p_t makes Σ weights · p_t(nodes)² least at every t up to `count`, among all
    first-order methods: its p_t are orthogonal polynomials for weights · nodes, and so it is heavy
    ball with a size and a momentum for each step.

    `nodes` > 0 and `weights` are a quadrature of the spectrum; more nodes than steps.
    Pedregosa & Scieur, arXiv:2002.04756; Fischer (1996), Polynomial Based Iteration Methods, ch. 3.
    """
    mass = weights * nodes
    now, before = np.ones_like(nodes), np.zeros_like(nodes)
    now /= np.sqrt((mass * now**2).sum())
    off, ratio = 0.0, np.inf
    sizes, momenta = np.empty(count), np.empty(count)
    for t in range(count):
        # Stieltjes: the three-term recurrence of orthonormal polynomials, by their inner products.
        middle = float((mass * nodes * now**2).sum())
        following = (nodes - middle) * now - off * before
        # π_(t+1)(0) / π_t(0) of the monic polynomials scales them to p_t(0) = 1.
        next_ratio = -middle - off**2 / ratio
        sizes[t], momenta[t] = -1 / next_ratio, off**2 / (ratio * next_ratio)
        off = float(np.sqrt((mass * following**2).sum()))
        now, before, ratio = following / off, now, next_ratio
    return Steps(sizes, momenta)
