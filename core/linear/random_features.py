"""Ridge regression on random ReLU features: its limit, and its risk measured on replicates.

Inputs x are d independent normal values, features ReLU(u·x) for random directions u of norm one, and
the target is linear in x. As N features, n samples and d grow together, a feature acts as μ₁ u·x plus
independent noise of standard deviation μ⋆. Mei & Montanari, arXiv:1908.05355.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.linear.designs import Design, draw
from core.linear.measured import Measured, Points, Sweep
from core.linear.truth import Truth

Floats = NDArray[np.float64]

# The least limit is looked for at these penalties; the first stands for none.
PENALTIES = np.logspace(-9, 3, 121)
# E ReLU(z) z = 1/2 and Var ReLU(z) − 1/4 for a standard normal z.
SLOPE = 0.5
REST = np.sqrt(0.5 - 0.25 - 1 / (2 * np.pi))


def limit(
    features: ArrayLike, samples: int, inputs: int, signal: float, noise: float, penalty: ArrayLike
) -> Floats:
    """Test risk, noise included, of mean squared error + λ‖a‖² for each number of `features` and its
    `penalty` λ > 0; `signal` and `noise` are variances. Theorem 2 and definition 1, whose ridge is
    N/d times theirs."""
    one, level = np.broadcast_arrays(np.asarray(features, float) / inputs, np.asarray(penalty, float))
    two, q = samples / inputs, (SLOPE / REST) ** 2
    x = -_product(one, two, q, two * level / REST**2)
    p = one * two
    variance = (
        x**5 * q**3
        - 3 * x**4 * q**2
        + (one - 1) * x**3 * q**3
        + 2 * x**3 * q**2
        + 3 * x**3 * q
        - (one + 1) * x**2 * q**2
        - 2 * x**2 * q
        - x**2
    )
    bias = two * x**3 * q**2 - two * x**2 * q + p * x * q - p
    scale = (
        -(x**5) * q**3
        + 3 * x**4 * q**2
        + (p - two - one + 1) * x**3 * q**3
        - 2 * x**3 * q**2
        - 3 * x**3 * q
        + (one + two - 3 * p + 1) * x**2 * q**2
        + 2 * x**2 * q
        + x**2
        + 3 * p * x * q
        - p
    )
    return np.asarray(signal * bias / scale + noise * variance / scale + noise)


def optimal_penalty(
    features: ArrayLike, samples: int, inputs: int, signal: float, noise: float
) -> Floats:
    """The penalty at which the limit is least, for each number of `features`."""
    over = limit(features, samples, inputs, signal, noise, PENALTIES[:, None])
    return np.asarray(PENALTIES[np.argmin(over, axis=0)])


def measure(
    truth: Truth,
    design: Design,
    points: Points,
    sweep: Sweep,
    rngs: Sequence[np.random.Generator],
    *,
    tail: float,
    new: int = 400,
) -> Measured:
    """One replicate a generator, on the first p of its random features for each p of the points. The
    features of the `truth`, drawn by `design`, are the inputs; test risk is on `new` samples."""
    samples, most = points.most
    d, rows, noise = truth.features, samples + new, truth.noise
    beta = truth.coefficients(d)
    x = np.stack([draw(design, rows, d, rng, rho=truth.rho, tail=tail) for rng in rngs])
    u = np.stack([rng.standard_normal((d, most)) for rng in rngs])
    e = noise * np.stack([rng.standard_normal(samples) for rng in rngs])
    active = np.maximum(0.0, x @ (u / np.linalg.norm(u, axis=1, keepdims=True)))
    clean, fresh = x @ beta, active[:, samples:]
    y = clean[:, :samples] + e
    train, test, ridge = [], [], []
    for k, fits in enumerate(points.fits(np.ascontiguousarray(active[:, :samples]))):
        features = fresh[:, :, : points.features[k]]
        a = fits.coefficients(y, float(sweep.penalties[k]))[..., None]
        train.append(((y - (fits.used @ a)[..., 0]) ** 2).mean(axis=1))
        wrong = features @ a - clean[:, samples:, None]
        test.append(noise**2 + (wrong[..., 0] ** 2).mean(axis=1))
        if k in sweep.at:
            path, _ = fits.path(y, sweep.best[k] * sweep.multiples)
            wrong = features @ path - clean[:, samples:, None]
            ridge.append(noise**2 + (wrong**2).mean(axis=1))
    none = np.zeros((len(rngs), 0))
    return Measured(np.stack(train, axis=1), np.stack(test, axis=1), np.stack(ridge, axis=1), none)


def _product(one: Floats, two: float, q: float, square: Floats) -> Floats:
    """−ν₁ν₂ at ξ² = −`square`: with ν = i m the fixed point has ξ²-free sums, and t = m₁m₂ solves
    square · t = (ψ₁ − t g)(ψ₂ − t g), g = 1 + ζ² / (1 + ζ² t). Found by halving: monotone in t."""
    low, high = np.zeros_like(one), np.minimum(one, two)
    for _ in range(90):
        t = (low + high) / 2
        tg = t + q * t / (1 + q * t)
        over = (tg > np.minimum(one, two)) | (square * t > (one - tg) * (two - tg))
        low, high = np.where(over, low, t), np.where(over, t, high)
    return (low + high) / 2
