"""Which of the many solutions does gradient descent reach?

Least squares with more features than samples: no step leaves w₀ + the row space of X, so the limit is
w₀ + X⁺(y − X w₀), the solution nearest to w₀; its least norm from w₀ = 0.

Logistic loss on separable data, z = y x: under gradient flow w(t) = ŵ log t + O(1), with ŵ of least norm
among those with all ŵ·z ≥ 1. In u = log t, where t = e^1000 costs little more than t = e^10,

    dw/du = Σ z exp(u − log(1 + e^{z·w})).

Diagonal networks w = a² − b² from a = b = α, on ½‖Xw − y‖²: a and b move by factors, so that the flow
stays on w = 2α² sinh(X'ν) and ends where Xw = y: at the least Σ q(w_i/α²) of all solutions, with
q(z) = 2 − √(4 + z²) + z arcsinh(z/2): ‖w‖₁ for α → 0, ‖w‖₂ for α → ∞.

Sources: Zhang et al., arXiv:1611.03530, section 5; Soudry et al., arXiv:1710.10345, theorem 3;
Woodworth et al., arXiv:2002.09277, theorem 1.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy import integrate, optimize

Floats = NDArray[np.float64]
Tick = Callable[[float], None]
Method = Literal["gd", "adam"]

# Steps between two calls of `tick`; the largest exponent of the flow's right-hand side.
TOLD, EXPONENT = 200, 30.0
# log t at which weights that have a limit are there.
SETTLED = 12.0


def nearest(x: Floats, y: Floats, start: Floats) -> Floats:
    """The solution of x w = y nearest to `start`."""
    found: Floats = start + np.linalg.lstsq(x, y - x @ start)[0]
    return found


def descend(
    x: Float[np.ndarray, "sample feature"],
    y: Float[np.ndarray, " sample"],
    starts: Float[np.ndarray, "start feature"],
    rate: float,
    method: Method,
    times: NDArray[np.int64],
    tick: Tick,
) -> Floats:
    """Weights (time, start, feature) on ½‖Xw − y‖² after the ascending step numbers `times`, from 0."""
    w, first, second = starts.copy(), np.zeros_like(starts), np.zeros_like(starts)
    seen: list[Floats] = []
    for t in range(int(times[-1]) + 1):
        if t == times[len(seen)]:
            seen.append(w.copy())
        slope = (w @ x.T - y) @ x
        if method == "adam":
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
            late = np.sqrt(second / (1 - 0.999 ** (t + 1))) + 1e-8
            slope = first / (1 - 0.9 ** (t + 1)) / late
        w = w - rate * slope
        if t % TOLD == 0:
            tick(t / max(1, int(times[-1])))
    return np.stack(seen)


def linear_course(x: Floats, y: Floats, starts: Floats, rate: float, times: NDArray[np.int64]) -> Floats:
    """What `descend` gives by gradient descent, in closed form: along a right singular vector of
    singular value s, the distance from the limit is multiplied by 1 − η s² in each step."""
    _, s, basis = np.linalg.svd(x, full_matrices=False)
    limits = np.stack([nearest(x, y, start) for start in starts])
    along = (starts - limits) @ basis.T
    with np.errstate(over="ignore", invalid="ignore"):
        left = (1 - rate * s**2) ** times[:, None, None].astype(float) * along
        found: Floats = limits + left @ basis
    return found


def margin(signed: Float[np.ndarray, "point feature"]) -> tuple[Floats, float]:
    """ŵ of least norm with ŵ·z ≥ 1 for every row z, and the margin 1/‖ŵ‖; NaN where there is none.

    The point m of the rows' convex hull nearest to 0 is ŵ/‖ŵ‖².
    """
    system = np.vstack([signed.T, np.ones(len(signed))])
    weights, residual = optimize.nnls(system, np.append(np.zeros(signed.shape[1]), 1.0))
    if residual < 1e-9:
        return np.full(signed.shape[1], np.nan), np.nan
    point = signed.T @ weights / weights.sum()
    return point / (point @ point), float(np.linalg.norm(point))


def logistic_flow(signed: Floats, log_times: Floats, tick: Tick) -> Floats:
    """w (time, feature) at t = exp(log_times), from 0 at the first; the loss is Σ log(1 + e^(−z·w)).
    Where no hyperplane separates, w has settled long before `SETTLED`, and stays as it is there."""
    begin, separates = float(log_times[0]), bool(np.isfinite(margin(signed)[1]))
    ends = log_times if separates else np.minimum(log_times, max(SETTLED, begin + 1))
    end = float(ends[-1])

    def slope(u: float, w: Floats) -> Floats:
        tick((u - begin) / (end - begin))
        power = np.minimum(u - np.logaddexp(0.0, signed @ w), EXPONENT)
        found: Floats = np.exp(power) @ signed
        return found

    zero, distinct = np.zeros(signed.shape[1]), np.unique(ends)
    made = integrate.solve_ivp(slope, (begin, end), zero, "LSODA", distinct, rtol=1e-9, atol=1e-10)
    return np.asarray(made.y.T[np.searchsorted(distinct, ends)], float)


def logistic_descent(signed: Floats, rate: float, times: NDArray[np.int64], tick: Tick) -> Floats:
    """w (time, feature) of plain gradient descent from 0 after the ascending step numbers `times`."""
    w = np.zeros(signed.shape[1])
    seen: list[Floats] = []
    for t in range(int(times[-1]) + 1):
        if t == times[len(seen)]:
            seen.append(w)
        w = w + rate * (signed.T @ np.exp(-np.logaddexp(0.0, signed @ w)))
        if t % TOLD == 0:
            tick(t / max(1, int(times[-1])))
    return np.stack(seen)


def diagonal_descent(
    x: Floats, y: Floats, alphas: Floats, share: float, steps: int, tick: Tick
) -> Floats:
    """w (alpha, feature) of diagonal networks after `steps` of gradient descent from a = b = α. The step
    is `share` of 1/(4 λ r), λ the largest eigenvalue of X'X and r the largest a² + b² to be expected."""
    largest = np.abs(least_l1(x, y)).max()
    curvature = np.linalg.norm(x, 2) ** 2
    rate = share / (4 * curvature * (2 * alphas[:, None] ** 2 + 2 * largest))
    a = np.repeat(alphas[:, None], x.shape[1], axis=1)
    b = a.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(steps):
            pull = 2 * rate * (((a**2 - b**2) @ x.T - y) @ x)
            a, b = a * (1 - pull), b * (1 + pull)
            if t % TOLD == 0:
                tick(t / steps)
        found: Floats = a**2 - b**2
    return found


@np.errstate(over="ignore", invalid="ignore")
def diagonal_limit(x: Floats, y: Floats, alpha: float) -> Floats:
    """Where the flow of a diagonal network ends: 2α² sinh(X'ν) with ν such that Xw = y. Newton's method
    on the convex dual Σ 2α² cosh(X'ν) − y'ν, with steps that are halved until it falls; not a number
    where that fails."""
    nu = np.zeros(y.size)
    scale = 2 * alpha**2

    def dual(at: Floats) -> float:
        return float(scale * np.sum(np.cosh(x.T @ at)) - y @ at)

    for _ in range(500):
        power = x.T @ nu
        off = x @ (scale * np.sinh(power)) - y
        if np.linalg.norm(off) < 1e-11 * np.linalg.norm(y):
            break
        # At a tiny alpha rounding can throw a step out of reach: the limit is then not known.
        if not np.abs(off).max() < 1e100:
            return np.full(x.shape[1], np.nan)
        step = np.linalg.lstsq((x * (scale * np.cosh(power))) @ x.T, off)[0]
        size, now = 1.0, dual(nu)
        while size > 1e-9 and not dual(nu - size * step) <= now - 1e-4 * size * (off @ step):
            size /= 2
        nu = nu - size * step
    found: Floats = scale * np.sinh(x.T @ nu)
    return found


def least_l1(x: Floats, y: Floats) -> Floats:
    """The solution of x w = y with the least Σ|w|: basis pursuit, a linear program."""
    p = x.shape[1]
    made = optimize.linprog(np.ones(2 * p), A_eq=np.hstack([x, -x]), b_eq=y, method="highs")
    both = np.asarray(made.x, float)
    found: Floats = both[:p] - both[p:]
    return found
