"""How far can the risk of a hypothesis chosen on the sample lie above its training error?

By counting: how many hypotheses there are, or how many ways they can label 2n points.
"""

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def occam(prior: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """ε with P(some h has risk > mean loss + ε(h)) ≤ δ, for countably many hypotheses h of
    probability `prior` (any numbers with sum at most 1 that were fixed before the sample):
    √((ln 1/prior + ln 1/δ) / 2n).

    Source: Hoeffding (1963) with the union bound; Langford (2005), JMLR 6, section 4.
    """
    log = -np.log(np.asarray(prior, float)) - np.log(delta)
    return np.asarray(np.sqrt(log / (2 * np.asarray(n, float))))


def finite_class(size: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """ε with P(some h has risk > mean loss + ε) ≤ δ, for `size` hypotheses fixed before the sample:
    √((ln size + ln 1/δ) / 2n), Occam's bound with a flat prior."""
    return occam(1 / np.asarray(size, float), n, delta)


def realizable(size: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """ε with P(some h without training error has risk > ε) ≤ δ, for `size` hypotheses fixed before
    the sample: (ln size + ln 1/δ) / n.

    Source: Blumer, Ehrenfeucht, Haussler & Warmuth (1987), Information Processing Letters 24.
    """
    return np.asarray((np.log(np.asarray(size, float)) - np.log(delta)) / np.asarray(n, float))


def vc(log_growth: ArrayLike, n: ArrayLike, delta: float) -> Floats:
    """ε with P(some h has |risk − mean loss| > ε) ≤ δ, for a class of two-valued hypotheses that
    label any 2n points in at most m ways, losses 0 and 1: √((8/n) ln(4 m / δ)). `log_growth` is
    ln m, of the growth function at 2n (not n).

    Source: Vapnik & Chervonenkis (1971), Theory of Probability and its Applications 16, 264–280;
    in this form Abu-Mostafa, Magdon-Ismail & Lin (2012), Learning From Data, equation 2.12.
    """
    size = np.asarray(n, float)
    return np.asarray(np.sqrt(8 / size * (np.log(4 / delta) + np.asarray(log_growth))))


def log_half_lines(points: ArrayLike) -> Floats:
    """ln of the number of ways in which thresholds x > t label this many points: points + 1."""
    return np.asarray(np.log1p(np.asarray(points, float)))


def log_half_spaces(points: ArrayLike, dimension: int) -> Floats:
    """ln of the number of ways in which half-spaces through the origin of `dimension` d label this
    many points in general position: 2 Σ_{k<d} C(points − 1, k).

    Source: Cover (1965), IEEE Transactions on Electronic Computers 14, 326–334, Theorem 1.
    """
    size = np.asarray(points, float)[..., None] - 1
    k = np.arange(dimension, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = scipy.special.gammaln(size + 1) - scipy.special.gammaln(k + 1)
        terms = terms - scipy.special.gammaln(np.maximum(size - k, 0) + 1)
    terms = np.where(k <= size, terms, -np.inf)
    return np.asarray(np.log(2) + scipy.special.logsumexp(terms, axis=-1))


def sauer(points: ArrayLike, dimension: int) -> Floats:
    """ln of the most ways in which a class of VC `dimension` d labels this many points:
    ln Σ_{k≤d} C(points, k).

    Source: Sauer (1972), Journal of Combinatorial Theory A 13, 145–147.
    """
    # Pascal's rule makes Cover's count of points + 1 in d + 1 dimensions twice this sum.
    return np.asarray(log_half_spaces(np.asarray(points, float) + 1, dimension + 1) - np.log(2))
