"""Conjugate priors of the mean of normal values, with known and with unknown spread.

    prior                                       posterior
    μ ~ N(m, σ²/κ), σ known                     m' = (κ m + Σ y) / (κ + n), κ' = κ + n
    σ² ~ inverse gamma(a, b), μ ~ N(m, σ²/κ)    and a' = a + n/2,
                                                b' = b + Σ(y − ȳ)²/2 + κ n (ȳ − m)² / (2 (κ + n))

With unknown spread the mean is a Student t of 2a degrees of freedom, about m, of scale √(b / (a κ)).

Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, sections 2.5 and 3.3.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from core.bayes.conjugate import Expansion, Floats, Summary, scaled, sums

LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Mean:
    """A normal distribution of the mean: that of `size` earlier values of mean `mean`."""

    mean: Any
    size: Any
    spread: float

    @property
    def worth(self) -> Any:
        return self.size

    def truths(self, size: int, rng: np.random.Generator) -> Floats:
        return rng.normal(self.mean, self.spread / np.sqrt(self.size), size=size)[:, None]

    def at(self, quantile: float) -> Floats:
        return np.array([[self.marginal().ppf(quantile)]])

    def observations(self, truth: Floats, count: int, rng: np.random.Generator) -> Floats:
        return rng.normal(truth[0, 0], self.spread, count)

    def summaries(self, truths: Floats, count: int, rng: np.random.Generator) -> Summary:
        mean = rng.normal(truths[:, 0], self.spread / np.sqrt(count))
        return Summary(count, count * mean, np.zeros(len(mean)))

    def running(self, values: Floats, counts: NDArray[np.int64]) -> Summary:
        return deviations(values, counts)

    def given(self, seen: Summary) -> "Mean":
        size = self.size + seen.count
        return Mean((self.size * self.mean + seen.total) / size, size, self.spread)

    def marginal(self) -> Any:
        return stats.norm(self.mean, self.spread / np.sqrt(self.size))

    def log_density(self, parameters: Floats) -> Floats:
        made: Floats = self.marginal().logpdf(parameters[:, 0])
        return made

    def log_likelihood(self, parameters: Floats, seen: Summary) -> Floats:
        return _log_likelihood(parameters[:, 0], self.spread**2, seen)

    def log_evidence(self, seen: Summary) -> Floats:
        n, size = np.asarray(seen.count, float), self.size + seen.count
        away = n * (seen.total / np.maximum(n, 1) - self.mean) ** 2 * self.size / size
        spent = (seen.rest + away) / self.spread**2
        made: Floats = (np.log(self.size / size) - n * (LOG_2PI + 2 * np.log(self.spread)) - spent) / 2
        return made

    def log_predictive(self, values: Floats) -> Floats:
        wide = self.spread * np.sqrt(1 + 1 / self.size)
        made: Floats = stats.norm.logpdf(values, self.mean, wide)
        return made

    def expansion(self, seen: Summary) -> Expansion:
        mean, information = float(seen.total / seen.count), self.spread**-2.0
        return Expansion(mean, information, 0.0, self.size * (self.mean - mean) * information)

    def like(self, seen: Summary, count: float) -> Summary:
        return scaled(seen, count)


@dataclass(frozen=True)
class MeanAndSpread:
    """A normal-inverse gamma distribution of mean and variance; the mean is of interest."""

    mean: Any
    size: Any
    a: Any
    b: Any

    @classmethod
    def prior(cls, mean: float, size: float, spread: float) -> "MeanAndSpread":
        """As much as `size` earlier values of this mean and standard deviation say."""
        return cls(mean, size, size / 2, size / 2 * spread**2)

    @property
    def worth(self) -> Any:
        return self.size

    def truths(self, size: int, rng: np.random.Generator) -> Floats:
        variance = self.b / rng.gamma(self.a, size=size)
        return np.stack([rng.normal(self.mean, np.sqrt(variance / self.size)), variance], axis=1)

    def at(self, quantile: float) -> Floats:
        return np.array([[self.marginal().ppf(quantile), self.b / self.a]])

    def observations(self, truth: Floats, count: int, rng: np.random.Generator) -> Floats:
        return rng.normal(truth[0, 0], np.sqrt(truth[0, 1]), count)

    def summaries(self, truths: Floats, count: int, rng: np.random.Generator) -> Summary:
        mean = rng.normal(truths[:, 0], np.sqrt(truths[:, 1] / count))
        rest = truths[:, 1] * (rng.chisquare(count - 1, len(mean)) if count > 1 else 0.0)
        return Summary(count, count * mean, rest)

    def running(self, values: Floats, counts: NDArray[np.int64]) -> Summary:
        return deviations(values, counts)

    def given(self, seen: Summary) -> "MeanAndSpread":
        n, size = np.asarray(seen.count, float), self.size + seen.count
        away = n * (seen.total / np.maximum(n, 1) - self.mean) ** 2 * self.size / size
        mean = (self.size * self.mean + seen.total) / size
        return MeanAndSpread(mean, size, self.a + n / 2, self.b + (seen.rest + away) / 2)

    def marginal(self) -> Any:
        return stats.t(2 * self.a, self.mean, np.sqrt(self.b / (self.a * self.size)))

    def log_density(self, parameters: Floats) -> Floats:
        mean, variance = parameters[:, 0], parameters[:, 1]
        about: Floats = stats.norm.logpdf(mean, self.mean, np.sqrt(variance / self.size))
        made: Floats = about + stats.invgamma.logpdf(variance, self.a, scale=self.b)
        return made

    def log_likelihood(self, parameters: Floats, seen: Summary) -> Floats:
        return _log_likelihood(parameters[:, 0], parameters[:, 1], seen)

    def log_evidence(self, seen: Summary) -> Floats:
        after, n = self.given(seen), np.asarray(seen.count, float)
        grown = special.gammaln(after.a) - special.gammaln(self.a)
        spread = self.a * np.log(self.b) - after.a * np.log(after.b)
        made: Floats = grown + spread + np.log(self.size / after.size) / 2 - n / 2 * LOG_2PI
        return made

    def log_predictive(self, values: Floats) -> Floats:
        wide = np.sqrt(self.b / self.a * (1 + 1 / self.size))
        made: Floats = stats.t.logpdf(values, 2 * self.a, self.mean, wide)
        return made

    def expansion(self, seen: Summary) -> Expansion:
        mean = float(seen.total / seen.count)
        with np.errstate(divide="ignore"):
            information = float(np.float64(seen.count) / seen.rest)
        return Expansion(mean, information, 0.0, self.size * (self.mean - mean) * information)

    def like(self, seen: Summary, count: float) -> Summary:
        return scaled(seen, count)


def deviations(values: Floats, counts: NDArray[np.int64]) -> Summary:
    """Sums and squared deviations of the first `counts` values, about the middle of all of them, so
    that a large mean costs no digits."""
    middle = float(values.mean())
    away = sums(values - middle, counts)
    squares = sums((values - middle) ** 2, counts)
    rest = np.maximum(squares - away**2 / np.maximum(counts, 1), 0.0)
    return Summary(counts, away + counts * middle, rest)


def _log_likelihood(mean: Floats, variance: Any, seen: Summary) -> Floats:
    n = seen.count
    away = seen.rest + n * (seen.total / n - mean) ** 2
    made: Floats = -(n * (LOG_2PI + np.log(variance)) + away / variance) / 2
    return made
