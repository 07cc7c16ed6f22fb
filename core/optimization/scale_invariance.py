"""Weights whose size does not matter to the loss, under gradient descent with weight decay.

Where L(c w) = L(w), the gradient is orthogonal to w and falls as 1/‖w‖: only the direction of w
learns, and the size decides how fast. With q = ‖w‖² ‖g‖², the squared gradient at unit norm,

    w⁺ = (1 − ηλ) w − ηg,    ‖w⁺‖² = (1 − ηλ)² ‖w‖² + η² q / ‖w‖².
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def turning(rate: ArrayLike, decay: ArrayLike) -> Floats:
    """The angle in radians by which a step turns w in equilibrium, arccos(1 − ηλ), near √(2ηλ).

    Where ‖w⁺‖ = ‖w‖ = r, the step has w⁺·w = (1 − ηλ) r² since g ⟂ w. (Van Laarhoven,
    arXiv:1706.05350; Wan et al., arXiv:2006.08419; Li, Lyu & Arora, arXiv:2010.02916.)
    """
    angle: Floats = np.arccos(1 - np.asarray(rate, float) * np.asarray(decay, float))
    return angle


def equilibrium(rate: ArrayLike, decay: ArrayLike, gradient: ArrayLike) -> Floats:
    """‖w‖⁴ = η q / (2λ − ηλ²), where decay and growth balance; infinite without decay."""
    eta, lam = np.asarray(rate, float), np.asarray(decay, float)
    with np.errstate(divide="ignore"):
        fourth: Floats = eta * np.asarray(gradient, float) / (2 * lam - eta * lam**2)
    return fourth


def relaxation(
    time: ArrayLike, start: ArrayLike, rate: ArrayLike, decay: ArrayLike, gradient: ArrayLike
) -> Floats:
    """‖w‖⁴ after `time` steps from `start`, while q stays the same.

    Squaring the recursion of ‖w‖², to first order, p⁺ = (1 − ηλ)⁴ p + 2 η² q (1 − ηλ)²: an exponential
    approach at the rate 4ηλ a step, and growth by 2η²q a step without decay (Arora, Li & Lyu,
    arXiv:1812.03981).
    """
    t, eta, lam = (np.asarray(a, float) for a in (time, rate, decay))
    first, q = np.asarray(start, float), np.asarray(gradient, float)
    kept = (1 - eta * lam) ** 4
    gained = 2 * eta**2 * q * (1 - eta * lam) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        summed = np.where(kept == 1, t, (1 - kept**t) / (1 - kept))
    fourth: Floats = kept**t * first + gained * summed
    return fourth


def label_noise_floor(share: float, classes: int) -> float:
    """The least cross-entropy in nats where a label is, with probability `share`, another of the
    classes at random: the entropy of the label given its input, −(1 − p) ln(1 − p) − p ln(p/(K − 1))."""
    if share == 0:
        return 0.0
    return float(-(1 - share) * np.log1p(-share) - share * np.log(share / (classes - 1)))
