"""Deep linear networks: how fast each mode of a linear map is learned, in closed form.

A network W_N … W_1 under gradient flow on ½‖W_N … W_1 − S‖² (inputs whitened), S = Σ s_k a_k b_k'.
Times are in units of τ, which is 1 / learning rate in steps of gradient descent.
"""

import numpy as np
import scipy
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def course(time: ArrayLike, strength: float, start: float, depth: int = 2) -> Floats:
    """The mode u(t) of an aligned, balanced network: τ u̇ = N u^(2 − 2/N) (s − u) from u(0) = `start`
    towards `strength` = s; for N = 2 the sigmoid s e^{2st/τ} / (e^{2st/τ} − 1 + s/u₀) (Saxe, McClelland
    & Ganguli, arXiv:1312.6120, section 1.3; for
    more layers section 2)."""
    t = np.asarray(time, float)
    if depth == 2:
        sigmoid: Floats = strength / (1 + (strength / start - 1) * np.exp(-2 * strength * t))
        return sigmoid
    grid, times = _clock(strength, start, depth)
    found: Floats = strength * scipy.special.expit(np.interp(t, times, grid))
    return found


def half_time(strength: ArrayLike, start: ArrayLike, depth: int = 2) -> Floats:
    """When u = s/2: τ ln(s/u₀ − 1) / (2s) for N = 2, by quadrature for more; undefined where u₀ is
    s/2 or more."""
    s, u = np.broadcast_arrays(np.asarray(strength, float), np.asarray(start, float))
    begun = u < s / 2
    if depth == 2:
        found: Floats = np.log(np.where(begun, s / u - 1, np.nan)) / (2 * s)
        return found
    found = np.full(s.shape, np.nan)
    for at in np.argwhere(begun):
        grid, times = _clock(float(s[*at]), float(u[*at]), depth)
        found[*at] = np.interp(0.0, grid, times)
    return found


def balanced(
    first: Float[np.ndarray, "replicate hidden inputs"],
    second: Float[np.ndarray, "replicate outputs hidden"],
    left: Float[np.ndarray, "outputs mode"],
    right: Float[np.ndarray, "inputs mode"],
) -> tuple[Floats, Floats]:
    """The u₀ of each mode (replicate, mode) of two layers of small random weights, strongest first,
    and what it would be if modes did not meet.

    With a = W₂'a_k and b = W₁ b_k, small weights obey τ ȧ = s b, τ ḃ = s a: (a − b)/2 dies out and
    c_k = (a + b)/2 grows as e^{st/τ}, so that alone u₀ = ‖c_k‖². A mode learned earlier suppresses
    the part of later ones that shares its direction among the hidden units: what is left of c_k is
    its part orthogonal to c_1 … c_{k−1}.
    """
    c = (first @ right + np.swapaxes(second, 1, 2) @ left) / 2
    corner = np.linalg.qr(c).R
    left_over: Floats = np.diagonal(corner, axis1=1, axis2=2) ** 2
    return left_over, np.asarray(np.sum(c**2, axis=1), float)


def expected_half_time(strength: ArrayLike, width: int, deviation: float) -> Floats:
    """The mean half-time of modes of these strengths (decreasing) in two layers of `width` hidden
    units with independent weights N(0, σ²), for σ → 0.

    ‖c_k‖² less its shared part is (σ²/2) χ² with h − k + 1 degrees of freedom, so u₀ is (h − k + 1) σ²/2
    on average, and E ln u₀ = ln σ² + ψ((h − k + 1)/2).
    """
    s = np.asarray(strength, float)
    freedom = width - np.arange(s.size)
    log_start = 2 * np.log(deviation) + scipy.special.digamma(freedom / 2)
    found: Floats = (np.log(s) - log_start) / (2 * s)
    return found


def typical_start(width: int, deviation: float, modes: int) -> Floats:
    """The median u₀ of each mode of two layers of random weights N(0, σ²)."""
    freedom = np.asarray(width - np.arange(modes), float)
    return np.asarray(deviation**2 / 2 * scipy.special.chdtri(freedom, 0.5), float)


def stability(strength: float, depth: int) -> float:
    """The curvature N s^(2 − 2/N) along a learned mode: gradient descent there needs steps below two
    over it."""
    return float(depth * strength ** (2 - 2 / depth))


def _clock(strength: float, start: float, depth: int) -> tuple[Floats, Floats]:
    """logit(u/s) on a grid, and the time that u takes to get there.

    dt = τ du / (N u^(2 − 2/N) (s − u)) = τ u^(2/N − 1) dlogit / (N s), a smooth integrand.
    """
    # The last point is within 1e-13 of s; u₀ may lie above s.
    if start >= strength:
        raise ValueError("the initial mode must be below its strength")
    grid = np.linspace(scipy.special.logit(start / strength), 30.0, 4001)
    rate = (strength * scipy.special.expit(grid)) ** (2 / depth - 1) / (depth * strength)
    return grid, scipy.integrate.cumulative_simpson(rate, x=grid, initial=0.0)
