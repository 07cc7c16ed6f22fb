"""How well can a class fit random signs, and what does that promise for margins?

For linear functions x → w·x with ‖w‖ ≤ B. The margin of a sample is y w·x, and its ramp loss at
margin ρ is 1 below 0, 0 above ρ and linear between: never less than the error, and 1/ρ-Lipschitz.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def ball(squares: ArrayLike, n: ArrayLike, norm: float) -> Floats:
    """The least simple upper bound on the Rademacher complexity E sup (1/n) Σ σᵢ w·xᵢ of linear
    functions with ‖w‖ ≤ `norm`: norm · √(squares / n). With `squares` the mean of ‖xᵢ‖² over the
    sample it bounds the empirical complexity of that sample, with E‖x‖² the complexity of the law.
    The complexity is at least 1/√2 of it (Khintchine's inequality).

    Source: Bartlett & Mendelson (2002), JMLR 3, Lemma 22; Mohri, Rostamizadeh & Talwalkar (2018),
    Foundations of Machine Learning, 2nd edition, section 5.4.
    """
    return np.asarray(norm * np.sqrt(np.asarray(squares, float) / np.asarray(n, float)))


def by_signs(inputs: Floats, norm: float, draws: int, rng: np.random.Generator) -> Floats:
    """Draws (..., draw) of sup (1/n) Σ σᵢ w·xᵢ over ‖w‖ ≤ `norm`, for samples `inputs` (..., n, d):
    norm ‖Σ σᵢ xᵢ‖ / n. Its expectation over the signs is the empirical Rademacher complexity."""
    *lead, n, _ = inputs.shape
    signs = 2.0 * rng.integers(0, 2, (*lead, draws, n), dtype=np.int8) - 1
    return np.asarray(norm * np.linalg.norm(signs @ inputs, axis=-1) / n)


def measured(suprema: Floats, limit: ArrayLike) -> tuple[Floats, Floats]:
    """The empirical Rademacher complexity (...) from draws `suprema` (..., draw) of `by_signs`, without
    bias, and its standard error; `limit` is `ball` of the sample's mean square, and never less.

    The mean square of the draws is known, limit²: so the mean of s − (s² − limit²) / (2 limit) =
    limit − (s − limit)² / (2 limit) is that of s, with a tenth of its spread or less.
    """
    top = np.asarray(limit, float)[..., None]
    # A sample of zeros has no complexity, and its limit is 0.
    values = top - (suprema - top) ** 2 / (2 * np.where(top > 0, top, 1.0))
    return values.mean(axis=-1), values.std(axis=-1, ddof=1) / np.sqrt(values.shape[-1])


def ramp(margins: Floats, rho: float) -> Floats:
    """The ramp loss of margins: min(1, max(0, 1 − margin / rho))."""
    return np.clip(1 - margins / rho, 0.0, 1.0)


def expected(complexity: ArrayLike, rho: float, n: ArrayLike, delta: float) -> Floats:
    """ε with P(some h has risk > mean ramp loss + ε) ≤ δ, for `rho` fixed before the sample and the
    Rademacher `complexity` of the law: 2 complexity / rho + √(ln(1/δ) / 2n).

    Source: Koltchinskii & Panchenko (2002), Annals of Statistics 30; with these constants Mohri,
    Rostamizadeh & Talwalkar (2018), section 5.4.
    """
    tail = np.sqrt(np.log(1 / delta) / (2 * np.asarray(n, float)))
    return np.asarray(2 * np.asarray(complexity) / rho + tail)


def empirical(complexity: ArrayLike, rho: float, n: ArrayLike, delta: float) -> Floats:
    """As `expected`, with the complexity of the sample at hand: 2 complexity / rho +
    3 √(ln(2/δ) / 2n).

    Source: Bartlett & Mendelson (2002), JMLR 3; Mohri, Rostamizadeh & Talwalkar (2018), section 5.4.
    """
    tail = 3 * np.sqrt(np.log(2 / delta) / (2 * np.asarray(n, float)))
    return np.asarray(2 * np.asarray(complexity) / rho + tail)


def any_margin(
    complexity: ArrayLike, rho: ArrayLike, largest: float, n: ArrayLike, delta: float
) -> Floats:
    """ε(ρ) with P(some h and some ρ in (0, largest] have risk > mean ramp loss at ρ + ε(ρ)) ≤ δ, for
    the Rademacher `complexity` of the law, so that ρ may be chosen on the sample:
    4 complexity / ρ + √(ln log₂(2 largest / ρ) / n) + √(ln(2/δ) / 2n).

    Source: Mohri, Rostamizadeh & Talwalkar (2018), section 5.4, after Koltchinskii & Panchenko
    (2002).
    """
    at, size = np.asarray(rho, float), np.asarray(n, float)
    chosen = np.sqrt(np.log(np.log2(2 * largest / at)) / size)
    return np.asarray(4 * np.asarray(complexity) / at + chosen + np.sqrt(np.log(2 / delta) / (2 * size)))
