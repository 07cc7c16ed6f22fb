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


# Prior variances that a Gaussian posterior may choose from, c exp(−j / b) for j = 1, 2, …, and the
# share of δ that is spent on estimating the Gibbs risk from draws.
WIDEST, FINENESS, ON_DRAWS = 0.1, 100.0, 0.2


def sampled(mean: ArrayLike, draws: ArrayLike, delta: float) -> Floats:
    """The upper limit on a Gibbs risk on given rows from its `mean` over so many independent draws of
    the classifier: the largest p with kl(mean, p) ≤ ln(1/δ) / draws. It holds with probability 1 − δ
    over the draws, whatever the rows.

    Source: Hoeffding (1963), Theorem 1, one-sided; used so by Langford & Caruana (2001), NIPS 14, and
    Dziugaite & Roy, arXiv:1703.11008, both with the two-sided ln(2/δ).
    """
    return kl_inverse(mean, -np.log(delta) / np.asarray(draws, float))


def spherical(second: ArrayLike, log_variances: ArrayLike, size: int, prior: ArrayLike) -> Floats:
    """KL of N(w, diag(s)) from N(w₀, λ I) in nats, for `size` d weights and λ the `prior` variance:
    ½ (second/λ − d + d ln λ − log_variances), with `second` = ‖w − w₀‖² + Σ s and `log_variances` =
    Σ ln s."""
    at = np.asarray(prior, float)
    rest = size * np.log(at) - np.asarray(log_variances)
    return np.asarray((np.asarray(second) / at - size + rest) / 2)


def scale_share(j: ArrayLike) -> Floats:
    """The share 6 / (π² j²) of δ for the j-th prior variance of the grid: the shares sum to 1."""
    return np.asarray(6 / (np.pi * np.asarray(j, float)) ** 2)


def scaled(second: float, log_variances: float, size: int) -> tuple[float, int]:
    """KL from the prior of the grid for which KL + ln(π² j² / 6) is least, and its number j; none beyond
    the best variance `second` / d, where both grow, is worth a look."""
    best = FINENESS * np.log(WIDEST * size / second)
    numbers = np.arange(1.0, max(1.0, np.ceil(best)) + 1)
    priors = WIDEST * np.exp(-numbers / FINENESS)
    divergences = spherical(second, log_variances, size, priors)
    at = int((divergences - np.log(scale_share(numbers))).argmin())
    return float(divergences[at]), int(numbers[at])


def stochastic(
    mean: ArrayLike, draws: ArrayLike, divergence: ArrayLike, j: ArrayLike, n: int, delta: float
) -> Floats:
    """The upper limit on the Gibbs risk of a law Q from `mean`, the share of errors on the sample over
    so many draws from it; `divergence` is KL from the prior of number `j`. It holds with probability
    1 − δ over sample and draws together, for all Q and j at once: δ/5 goes to `sampled`, the rest to
    `seeger`, divided over the prior's scales by `scale_share`.

    It assumes independent rows, and a prior centre, grid and number of draws that were fixed before.

    Source: Dziugaite & Roy, arXiv:1703.11008, after Langford & Caruana (2001).
    """
    risk = sampled(mean, draws, ON_DRAWS * delta)
    price = np.asarray(divergence) - np.log(scale_share(j))
    return seeger(risk, price, n, (1 - ON_DRAWS) * delta)
