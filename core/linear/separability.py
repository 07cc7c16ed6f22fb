"""Can a hyperplane through the origin give these labels to these points?

n points in general position in d dimensions have 2 Σ_{k<d} C(n − 1, k) labellings that a hyperplane
through the origin realises (Cover), so that random labels are separable with probability
P(Bin(n − 1, ½) ≤ d − 1). Points one by one, the longest separable start has the law of the number of
coin tosses up to the d-th head: mean 2d, variance 2d. A bias counts as a dimension.

With labels from a logistic model of signal γ, P(y = 1 | x) = 1/(1 + e^(−γ x₁)), the data become
separable, and the maximum-likelihood estimate ceases to exist, at d/n above

    κ*(γ) = min_t E[(Z − t V)₊²],   Z ~ N(0, 1), V = y x₁, for n, d → ∞.

Sources: Cover (1965), IEEE Transactions on Electronic Computers EC-14, 326–334; Candès & Sur,
arXiv:1804.09753, theorem 1.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]

# Relative rounding below which a margin or a residual counts as 0.
ROUNDING = 1e-10


def cover(points: ArrayLike, dimensions: ArrayLike) -> Floats:
    """The probability that random labels of this many points in general position are separable."""
    n, d = np.broadcast_arrays(np.asarray(points, float), np.asarray(dimensions, float))
    found: Floats = special.bdtr(np.minimum(d, n) - 1, n.astype(int) - 1, 0.5)
    return np.where(d >= n, 1.0, found)


def separable(signed: Float[np.ndarray, "point dimension"]) -> bool:
    """Whether some w has w·z > 0 for every row z = y x of `signed`.

    By Gordan's theorem either there is such a w, or a convex combination of the rows is 0. The
    combination nearest to 0 decides: if it is not 0, it is itself such a w up to its length.
    """
    points, dimensions = signed.shape
    spread = np.linalg.norm(signed, axis=1)
    if not spread.all():
        return False
    rows = signed / spread[:, None]
    system = np.vstack([rows.T, np.ones(points)])
    goal = np.append(np.zeros(dimensions), 1.0)
    weights, residual = optimize.nnls(system, goal, maxiter=100 * points)
    if residual < ROUNDING:
        return False
    direction = system[:dimensions] @ weights
    return bool((rows @ direction).min() > ROUNDING * np.linalg.norm(direction))


def last(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The largest number for which `holds`, which is true at `low`, false at `high` and changes
    once in between."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def logistic_threshold(signal: float) -> float:
    """κ*(γ), dimensions per sample from which the logistic estimate does not exist."""
    v, step = np.linspace(-9, 9, 1801, retstep=True)
    density = 2 * special.expit(signal * v) * np.exp(-(v**2) / 2) / np.sqrt(2 * np.pi)

    def expected(t: float) -> float:
        # E (Z − a)₊² = (1 + a²) Φ(−a) − a φ(a).
        a = t * v
        square = (1 + a**2) * special.ndtr(-a) - a * np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)
        return float(np.sum(square * density) * step)

    return float(optimize.minimize_scalar(expected, bounds=(0, 50), method="bounded").fun)
