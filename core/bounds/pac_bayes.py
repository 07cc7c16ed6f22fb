"""How far can the risk of a randomised classifier lie above what the sample shows?

A law Q over classifiers may be chosen on the sample; the prior P may not. The Gibbs risk is the
mean risk of a classifier drawn from Q, and KL that of Q from P, in nats.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def kl(first: ArrayLike, second: ArrayLike) -> Floats:
    """The divergence of a coin of probability `second` from one of `first`, in nats."""
    q, p = np.asarray(first, float), np.asarray(second, float)
    return np.asarray(scipy.special.rel_entr(q, p) + scipy.special.rel_entr(1 - q, 1 - p))


def kl_inverse(first: ArrayLike, most: ArrayLike) -> Floats:
    """The largest p ≥ `first` with kl(first, p) ≤ `most`, to within 1e-12."""
    q, limit = np.broadcast_arrays(np.asarray(first, float), np.asarray(most, float))
    low, high = q.copy(), np.ones_like(q)
    for _ in range(40):  # halves an interval of 1 to 1e-12
        middle = (low + high) / 2
        within = kl(q, middle) <= limit
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return high


def seeger(risk: ArrayLike, divergence: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """The upper limit on the Gibbs risk, for all Q at once, from its value `risk` on the sample:
    the largest p with kl(risk, p) ≤ (KL + ln(2 √n / δ)) / n. For n ≥ 8 in the proof.

    Source: Seeger (2002), JMLR 3; the constant 2 √n: Maurer (2004), arXiv:cs/0411099.
    """
    size = np.asarray(n, float)
    return kl_inverse(risk, (np.asarray(divergence) + np.log(2 * np.sqrt(size) / delta)) / size)


def mcallester(risk: ArrayLike, divergence: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """The looser limit risk + √((KL + ln(2 √n / δ)) / 2n): `seeger` and Pinsker's inequality.

    Source: McAllester (2003), Machine Learning 51, with Maurer's constant.
    """
    size = np.asarray(n, float)
    excess = (np.asarray(divergence) + np.log(2 * np.sqrt(size) / delta)) / (2 * size)
    return np.asarray(np.asarray(risk) + np.sqrt(excess))


def catoni(
    risk: ArrayLike, divergence: ArrayLike, n: ArrayLike, delta: float, *, c: float = 1.0
) -> Floats:
    """The limit (1 − exp(−c risk − (KL + ln 1/δ) / n)) / (1 − exp(−c)), for `c` > 0 fixed before the
    sample and all Q at once.

    Source: Catoni (2007), arXiv:0712.0248, Theorem 1.2.1; in this form Germain, Lacasse, Laviolette
    & Marchand (2009), ICML, Corollary 2.2.
    """
    price = (np.asarray(divergence) - np.log(delta)) / np.asarray(n, float)
    return np.asarray(-np.expm1(-c * np.asarray(risk) - price) / -np.expm1(-c))


def gaussian(length: ArrayLike) -> Floats:
    """KL of N(w, I) from N(0, I) in nats, with ‖w‖ the `length`: half its square."""
    return np.asarray(np.asarray(length, float) ** 2 / 2)


def gibbs_errors(margins: Floats, length: ArrayLike) -> Floats:
    """The probability that sign(v·x) errs, with v from N(w, I) and ‖w‖ the `length`, at normalised
    `margins` y w·x / (‖w‖ ‖x‖): Φ(−length · margin).

    Source: Langford & Shawe-Taylor (2003), NIPS 15; Langford (2005), JMLR 6, section 5.3.
    """
    errors: Floats = scipy.special.ndtr(-np.asarray(length, float) * margins)
    return errors
