"""Learning curves of kernel and random-feature regression whose spectrum falls as a power law.

The kernel is K(x, x') = Σ_j λ_j φ_j(x) φ_j(x') with orthonormal φ_j, the target Σ_j w_j φ_j(x), and the
machine solves (K + δ) a = y on n samples. N random features are N Gaussian combinations of the
√λ_j φ_j with variance 1/N, so that N → ∞ gives the kernel back. With γ the solution of

    (n − z) (1 − z/N) γ = δ,    z = Σ λ_j / (λ_j + γ),    q = Σ (λ_j / (λ_j + γ))²,

and κ = γ (1 − z/N), the mean squared error on new samples is near

    (Σ [γ / (λ_j + γ) − κ λ_j / (λ_j + γ)² · N / (N − q)] w_j² + σ²) / (1 − s),

    s = (q (N − 2z) + z²) / (n (N − q)),

for N → ∞ (Σ γ² w_j² / (λ_j + γ)² + σ²) / (1 − q/n). This takes the φ_j(x) for independent entries.

Sources: Bordelon, Canatar & Pehlevan, arXiv:2002.02561; Simon, Karkada, Ghosh & Belkin,
arXiv:2311.14646; Cui, Loureiro, Krzakala & Zdeborová, arXiv:2105.15004.
"""

from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Inputs = Literal["gaussian", "parities", "circle"]


class Spectrum(NamedTuple):
    """`eigenvalues` λ_j (j,), which sum to 1, `target` w_j (j,), of squares that sum to 1, and the
    variance `noise` of the noise in the target."""

    eigenvalues: Floats
    target: Floats
    noise: float


class Predicted(NamedTuple):
    """Mean error on new samples without the noise (`test`), and mean squared residual on the
    training samples (`train`), of kernel regression."""

    test: float
    train: float


def spectrum(count: int, alpha: float, source: float, noise: float) -> Spectrum:
    """λ_j ∝ j^−α and w_j² ∝ j^−(1 + 2 α r) for j = 1 … `count`, with r = `source`."""
    j = np.arange(1.0, count + 1)
    eigenvalues, squares = j**-alpha, j ** -(1 + 2 * alpha * source)
    return Spectrum(eigenvalues / eigenvalues.sum(), np.sqrt(squares / squares.sum()), noise)


def exponent(alpha: float, source: float, noise: float, penalty: str) -> float:
    """b of the limit n^−b of the test risk without its noise, for an endless spectrum.

    Without noise and penalty 2 α min(r, 1). With noise 2 α min(r, 1) / (1 + 2 α min(r, 1)) at the best
    penalty, and 0 without one. A fixed penalty of the mean squared error leaves a bias: 0.
    Cui et al., arXiv:2105.15004.
    """
    free = 2 * alpha * min(source, 1.0)
    if penalty == "fixed":
        return 0.0
    if noise == 0:
        return free
    return free / (1 + free) if penalty == "optimal" else 0.0


def kernel(n: int, of: Spectrum, delta: float) -> Predicted:
    """Kernel regression on n < j samples; training residuals are (δ / (n γ))² times the error, noise
    included. Canatar, Bordelon & Pehlevan, arXiv:2006.13198."""
    gamma = _scale(n, np.inf, of.eigenvalues, delta)
    error = _kernel(n, of, gamma)
    return Predicted(error - of.noise, (delta / (n * gamma)) ** 2 * error)


def random_features(n: int, width: int, of: Spectrum, delta: float) -> float:
    """Mean error on new samples without the noise, of `width` random features, both below the number
    of eigenvalues; infinite for n = width without penalty."""
    gamma = _scale(n, width, of.eigenvalues, delta)
    share = of.eigenvalues / (of.eigenvalues + gamma)
    z, q = float(share.sum()), float((share**2).sum())
    kappa = gamma * (1 - min(1.0, z / width))
    kept = (1 - share) - kappa * share / (of.eigenvalues + gamma) * width / (width - q)
    left = 1 - (q * (width - 2 * z) + z**2) / (n * (width - q))
    bias = float((kept * of.target**2).sum())
    return (bias + of.noise) / left - of.noise if left > 1e-9 else np.inf


def best_penalty(n: int, of: Spectrum) -> float:
    """The δ that makes the predicted error of kernel regression least, to 1 % of itself: 0 where any
    penalty harms."""
    # γ grows with δ = γ (n − z), and the error is known once it is.
    least = np.log(_scale(n, np.inf, of.eigenvalues, 0.0))
    found = scipy.optimize.minimize_scalar(
        lambda log: _kernel(n, of, np.exp(log)), bounds=(least, np.log(10.0)), options={"xatol": 1e-3}
    )
    gamma = np.exp(found.x)
    if _kernel(n, of, np.exp(least)) <= found.fun:
        return 0.0
    return float(gamma * (n - (of.eigenvalues / (of.eigenvalues + gamma)).sum()))


def features(inputs: Inputs, samples: int, count: int, rng: np.random.Generator) -> Floats:
    """`count` orthonormal functions of random inputs, (sample, function): independent Gaussian
    numbers; products of up to three of some signs, inputs all different; or √2 cos kx and √2 sin kx
    of a uniform angle x."""
    if inputs == "gaussian":
        return rng.standard_normal((samples, count))
    if inputs == "circle":
        angle = np.outer(rng.uniform(0, 2 * np.pi, samples), np.arange(1, -(-count // 2) + 1))
        both = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        return np.asarray(np.sqrt(2) * both.reshape(samples, -1)[:, :count])
    signs, sets = _signs(count)
    drawn = rng.choice(2**signs, samples, replace=False)
    # A last column of ones: a product of fewer than three signs takes it for the rest.
    s = np.ones((samples, signs + 1))
    s[:, :signs] -= 2.0 * (drawn[:, None] >> np.arange(signs) & 1)
    return np.asarray(s[:, sets[0]] * s[:, sets[1]] * s[:, sets[2]])


def _signs(count: int) -> tuple[int, NDArray[np.int64]]:
    """The least number of signs with so many products of one, two or three of them, and the signs in
    each product (3, count), in the order of degree."""
    signs = 1
    while sum(scipy.special.comb(signs, degree) for degree in (1, 2, 3)) < count:
        signs += 1
    sets = [
        (*chosen, *[signs] * (3 - degree))
        for degree in (1, 2, 3)
        for chosen in combinations(range(signs), degree)
    ]
    return signs, np.array(sets[:count]).T


def _kernel(n: int, of: Spectrum, gamma: float) -> float:
    share = of.eigenvalues / (of.eigenvalues + gamma)
    bias = float(((1 - share) ** 2 * of.target**2).sum())
    return (bias + of.noise) / (1 - float((share**2).sum()) / n)


def _scale(n: int, width: float, eigenvalues: Floats, delta: float) -> float:
    """γ that solves (n − z) (1 − z / N) γ = δ."""

    def learned(log: float) -> float:
        return float((eigenvalues / (eigenvalues + np.exp(log))).sum())

    fewer = min(n, width)
    # Too large, as z < Σ λ / γ; and too small, as z is then nearly the number of eigenvalues.
    high, low = np.log(eigenvalues.sum() / fewer), np.log(eigenvalues[-1]) - 20
    least = scipy.optimize.brentq(lambda log: learned(log) - fewer, low, high, xtol=1e-13)
    if delta == 0:
        return float(np.exp(least))

    def excess(log: float) -> float:
        z = learned(log)
        return float((n - z) * (1 - z / width) * np.exp(log) - delta)

    # From 2 Σ λ / min(n, N) + 4 δ / n on, z is at most half of n and of N.
    beyond = np.log(2 * eigenvalues.sum() / fewer + 4 * delta / n)
    return float(np.exp(scipy.optimize.brentq(excess, least, beyond, xtol=1e-13)))
