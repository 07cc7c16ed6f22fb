"""What noise in the gradient does to gradient descent: closed forms.

Where the loss is the quadratic ½ λ x² and the noise of the gradient is independent of x and of other
steps, and for least squares on a stream of Gaussian inputs, where it is neither.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def stationary_variance(
    step: ArrayLike, momentum: ArrayLike, curvature: ArrayLike, variance: ArrayLike
) -> Floats:
    """E x² of heavy-ball SGD x⁺ = x − η(λx + noise) + β(x − x⁻) in its stationary state,
    η s² (1 + β) / (λ (1 − β) (2 (1 + β) − ηλ)), for noise of variance s²; infinite where ηλ is
    2 (1 + β) or more, in squared units of x.

    It solves V = A V A' + η² s² e e' with A = [[1 + β − ηλ, −β], [1, 0]] and e = (1, 0).
    """
    eta, beta, lam, s2 = (np.asarray(a, float) for a in (step, momentum, curvature, variance))
    room = 2 * (1 + beta) - eta * lam
    with np.errstate(divide="ignore", invalid="ignore"):
        settled = eta * s2 * (1 + beta) / (lam * (1 - beta) * room)
    found: Floats = np.where(room > 0, settled, np.inf)
    return found


def memory(step: ArrayLike, momentum: ArrayLike, curvature: ArrayLike) -> Floats:
    """The factor by which heavy ball forgets where it began, in a step: the larger modulus of the
    roots of z² − (1 + β − ηλ) z + β."""
    eta, beta, lam = (np.asarray(a, float) for a in (step, momentum, curvature))
    half = (1 + beta - eta * lam) / 2
    root = np.sqrt(half**2 - beta + 0j)
    larger: Floats = np.maximum(np.abs(half + root), np.abs(half - root))
    return larger


def growth(step: ArrayLike, features: int, batch: int = 1) -> Floats:
    """The factor 1 − 2η + η² (1 + (d + 1)/B) on E‖w − w*‖² in a step of least mean squares, for
    inputs N(0, I) in d dimensions and batches of B new samples. (d + 2 replaces 1 + (d + 1)/B for
    single samples, since E xx'xx' = (d + 2) I.)"""
    eta = np.asarray(step, float)
    return 1 - 2 * eta + eta**2 * (1 + (features + 1) / batch)


def largest_step(features: int, batch: int = 1) -> float:
    """The step at which `growth` is one: 2 / (d + 2) for single samples, below 2 / λ_max = 2."""
    return 2 / (1 + (features + 1) / batch)


def least_mean_squares(
    step: ArrayLike, steps: int, features: int, batch: int, variance: float, start: float
) -> Floats:
    """E‖w − w*‖² after 0 … `steps` steps (step size, time): ← `growth` · it + η² σ² d / B, from
    `start`, for label noise of variance σ²."""
    eta = np.atleast_1d(np.asarray(step, float))
    factor, added = growth(eta, features, batch), eta**2 * variance * features / batch
    course = np.empty((eta.size, steps + 1))
    course[:, 0] = start
    # Past the largest step it grows for ever, in the end past what a float can hold.
    with np.errstate(over="ignore"):
        for t in range(steps):
            course[:, t + 1] = factor * course[:, t] + added
    return course


def settled_error(step: ArrayLike, features: int, batch: int, variance: float) -> Floats:
    """E‖w − w*‖² where `least_mean_squares` settles, infinite from `largest_step` on."""
    eta = np.asarray(step, float)
    lost = 1 - growth(eta, features, batch)
    with np.errstate(divide="ignore", invalid="ignore"):
        settled = eta**2 * variance * features / batch / lost
    found: Floats = np.where(lost > 0, settled, np.inf)
    return found


def averaging(time: ArrayLike, curvature: float, variance: float) -> Floats:
    """E x² after t ≥ 1 steps of η_t = 1/(λt): s²/(λ²t), since x_t is then minus the mean of the
    noise so far over λ, wherever x began."""
    return variance / (curvature**2 * np.asarray(time, float))


def noise_scale(error: ArrayLike, features: int, variance: float) -> Floats:
    """The noise scale tr(HΣ) / g'Hg of least squares on inputs N(0, I) at squared distance ‖w − w*‖²
    = `error`: d + 1 + d σ²/‖w − w*‖², in samples. (H = I, g = w − w*, and a sample's gradient
    x (x'g − ε) has E‖·‖² = (d + 2) ‖g‖² + d σ².)"""
    return features + 1 + features * variance / np.asarray(error, float)


def best_gain(batch: ArrayLike, most: ArrayLike, scale: ArrayLike) -> Floats:
    """The largest expected fall of a quadratic loss in one step on a batch of B samples,
    ΔL_max / (1 + B_noise / B)."""
    shared = np.asarray(scale, float) / np.asarray(batch, float)
    gain: Floats = np.asarray(most, float) / (1 + shared)
    return gain
