"""How far is the mean of n losses, or their whole distribution, from the truth?

For one hypothesis that was fixed before the sample was seen.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def hoeffding(n: ArrayLike, delta: float, *, width: float = 1.0) -> Floats:
    """ε with P(risk > mean loss + ε) ≤ δ, for independent losses in an interval of this `width`:
    width · √(ln(1/δ) / 2n). One-sided; in the unit of the loss.

    Source: Hoeffding (1963), Journal of the American Statistical Association 58, Theorem 2.
    """
    return np.asarray(width * np.sqrt(np.log(1 / delta) / (2 * np.asarray(n, float))))


def bernstein(variance: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """ε with P(risk > mean loss + ε) ≤ δ, for independent losses in [0, 1] of sample `variance` V
    (the unbiased one, of the same losses; n ≥ 2): √(2 V ln(2/δ) / n) + 7 ln(2/δ) / (3 (n − 1)).

    Source: Maurer & Pontil (2009), arXiv:0907.3740, Theorem 4.
    """
    size, log = np.asarray(n, float), np.log(2 / delta)
    return np.asarray(np.sqrt(2 * np.asarray(variance) * log / size) + 7 * log / (3 * (size - 1)))


def binomial(errors: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """The largest risk under which this few `errors` in n have probability δ: the exact upper limit
    for losses 0 and 1. No valid limit that grows with the count of errors is lower.

    Source: Clopper & Pearson (1934), Biometrika 26; Langford (2005), JMLR 6, section 3.
    """
    wrong, size = np.asarray(errors, float), np.asarray(n, float)
    # At n errors of n there is no upper limit but 1; the inverse would be asked for at b = 0.
    limit = scipy.special.betaincinv(wrong + 1, np.maximum(size - wrong, 1), 1 - delta)
    return np.asarray(np.where(wrong >= size, 1.0, limit))


def dkw(n: ArrayLike, delta: float) -> Floats:
    """ε with P(sup |F_n − F| > ε) ≤ δ, for the empirical distribution function F_n of n independent
    numbers of any law F: √(ln(2/δ) / 2n). Two-sided, at all points at once.

    Source: Dvoretzky, Kiefer & Wolfowitz (1956); the constant 2: Massart (1990), Annals of
    Probability 18, 1269–1283.
    """
    return np.asarray(np.sqrt(np.log(2 / delta) / (2 * np.asarray(n, float))))


def hoeffding_rate(risk: float, n: int, delta: float) -> float:
    """How often Hoeffding's bound is broken for losses 0 and 1 of this risk: a binomial tail."""
    wrong = np.arange(n + 1)
    return _mass(wrong / n + hoeffding(n, delta) < risk, risk, n)


def bernstein_rate(risk: float, n: int, delta: float) -> float:
    """How often the empirical Bernstein bound is broken for losses 0 and 1 of this risk."""
    mean = np.arange(n + 1) / n
    variance = mean * (1 - mean) * n / (n - 1)
    return _mass(mean + bernstein(variance, n, delta) < risk, risk, n)


def binomial_rate(risk: float, n: int, delta: float) -> float:
    """How often the binomial limit is broken at this risk: at most δ, less as counts are discrete."""
    return _mass(binomial(np.arange(n + 1), n, delta) < risk, risk, n)


def dkw_rate(n: int, delta: float) -> float:
    """How often the Dvoretzky–Kiefer–Wolfowitz bound is broken by n samples of a continuous law:
    the exact law of Kolmogorov's statistic."""
    return float(scipy.stats.kstwo.sf(dkw(n, delta), n))


def _mass(broken: NDArray[np.bool_], risk: float, n: int) -> float:
    """The probability of the counts 0 … n that break a bound."""
    return float(scipy.stats.binom.pmf(np.flatnonzero(broken), n, risk).sum())
