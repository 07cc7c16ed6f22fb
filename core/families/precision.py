"""Estimators of a location whose precision is known: laws, their information, and exact variances."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy

from core.families.distances import Floats

Law = Literal["normal", "logistic", "laplace", "student-t"]

_NODES = np.polynomial.legendre.leggauss(400)


@dataclass(frozen=True)
class Known:
    """A law around 0: its variance, density at 0, Fisher information of the location, and kurtosis
    E x⁴ / variance² (infinite where there is none)."""

    name: Law
    df: float
    variance: float
    middle: float
    information: float
    kurtosis: float

    @property
    def moments(self) -> float:
        """Moments of lower order than this are finite."""
        return self.df if self.name == "student-t" else np.inf

    def draw(self, size: tuple[int, int], rng: np.random.Generator) -> Floats:
        """Values (r, n) of scale 1."""
        if self.name == "normal":
            return rng.standard_normal(size)
        if self.name == "logistic":
            return rng.logistic(size=size)
        if self.name == "laplace":
            return rng.laplace(size=size)
        return rng.standard_t(self.df, size)

    def quantile(self, p: Floats) -> Floats:
        """The value below which a share p lies."""
        laws = {
            "normal": scipy.stats.norm,
            "logistic": scipy.stats.logistic,
            "laplace": scipy.stats.laplace,
        }
        return np.asarray(laws[self.name].ppf(p) if self.name in laws else scipy.stats.t.ppf(p, self.df))

    def score(self, x: Floats) -> Floats:
        """The derivative of the log-likelihood of the location at 0."""
        if self.name == "normal":
            return x
        if self.name == "logistic":
            return np.asarray(np.tanh(x / 2))
        if self.name == "laplace":
            return np.asarray(np.sign(x))
        return (self.df + 1) * x / (self.df + x * x)


def known(name: Law, df: float) -> Known:
    """The law by name; `df` is for Student's t."""
    if name == "normal":
        return Known(name, df, 1.0, 1 / np.sqrt(2 * np.pi), 1.0, 3.0)
    if name == "logistic":
        return Known(name, df, np.pi**2 / 3, 0.25, 1 / 3, 4.2)
    if name == "laplace":
        return Known(name, df, 2.0, 0.5, 1.0, 6.0)
    middle = float(
        np.exp(scipy.special.gammaln((df + 1) / 2) - scipy.special.gammaln(df / 2)) / np.sqrt(df * np.pi)
    )
    variance = df / (df - 2) if df > 2 else np.inf
    kurtosis = 3 + 6 / (df - 4) if df > 4 else np.inf
    return Known(name, df, variance, middle, (df + 1) / (df + 3), kurtosis)


def median_variance(law: Known, n: int) -> float:
    """The exact variance of the median of an odd number n of values: the middle one is the quantile
    of a Beta((n + 1)/2, (n + 1)/2) probability: David & Nagaraja 2003, Order Statistics, section 3.1."""
    half = (n + 1) / 2
    angle, weight = _NODES
    # On s = sin²: the quantile's growth at the ends is met by nodes that crowd there.
    theta = np.pi / 4 * (1 + angle)
    s = np.sin(theta) ** 2
    log_density = (half - 1) * (np.log(s) + 2 * np.log(np.cos(theta))) - scipy.special.betaln(half, half)
    share = weight * np.pi / 4 * np.sin(2 * theta) * np.exp(log_density)
    return float(np.sum(share * law.quantile(s) ** 2))


def likeliest(law: Known, x: Floats, start: Floats) -> Floats:
    """Maximum likelihood locations (r,) of rows x (r, n) by Fisher scoring from the medians, to 1e-3 of
    a standard error or 8 steps."""
    at = start.copy()
    if law.name == "laplace":
        return at
    for _ in range(8):
        step = law.score(x - at[:, None]).mean(axis=1) / law.information
        at = at + step
        if np.abs(step).max() < 1e-3 / np.sqrt(law.information * x.shape[1]):
            break
    return at


def squares_variance(law: Known, n: int) -> float:
    """The exact variance of the mean square around the mean, Σ (x − x̄)² / n."""
    unbiased = law.variance**2 * (law.kurtosis - (n - 3) / (n - 1)) / n
    return unbiased * ((n - 1) / n) ** 2


def ratio_mean(n: int, tested: int) -> float:
    """The exact mean of 2 log Λ for `tested` of the slopes of a Gaussian regression with intercept on n
    samples and no other slope: −n times that of log of a Beta((n − 1 − q)/2, q/2) variable."""
    left = (n - 1 - tested) / 2
    return float(n * (scipy.special.digamma((n - 1) / 2) - scipy.special.digamma(left)))


def ratio_above(n: int, tested: int, point: Floats) -> Floats:
    """The exact P(2 log Λ > point): the tail of an F variable."""
    left = n - 1 - tested
    return np.asarray(scipy.stats.f.sf(np.expm1(np.asarray(point) / n) * left / tested, tested, left))
