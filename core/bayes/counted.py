"""Conjugate priors of what is counted: a share of successes, a rate, and the shares of classes.

    prior                    one observation        posterior
    beta(a, b)               success or not         beta(a + successes, b + failures)
    gamma(shape, rate)       Poisson count          gamma(shape + total, rate + n)
    Dirichlet(α₁ … α_K)      one of K classes       Dirichlet(α_k + how often k occurred)

Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, sections 2.4, 2.6 and 3.4.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from core.bayes.conjugate import Expansion, Floats, Summary, scaled, sums


@dataclass(frozen=True)
class Share:
    """A beta distribution of the probability of success; observations are 1 and 0."""

    a: Any
    b: Any

    @classmethod
    def prior(cls, mean: float, size: float) -> "Share":
        """As much as `size` earlier observations of this mean say."""
        return cls(mean * size, (1 - mean) * size)

    @property
    def worth(self) -> Any:
        return self.a + self.b

    def truths(self, size: int, rng: np.random.Generator) -> Floats:
        return np.asarray(rng.beta(self.a, self.b, size=size)[:, None], np.float64)

    def at(self, quantile: float) -> Floats:
        return np.array([[self.marginal().ppf(quantile)]], np.float64)

    def observations(self, truth: Floats, count: int, rng: np.random.Generator) -> Floats:
        return np.asarray(rng.random(count) < truth[0, 0], np.float64)

    def summaries(self, truths: Floats, count: int, rng: np.random.Generator) -> Summary:
        total = rng.binomial(count, truths[:, 0]).astype(float)
        return Summary(count, total, np.zeros_like(total))

    def running(self, values: Floats, counts: NDArray[np.int64]) -> Summary:
        total = sums(values, counts)
        return Summary(counts, total, np.zeros_like(total))

    def given(self, seen: Summary) -> "Share":
        return Share(self.a + seen.total, self.b + seen.count - seen.total)

    def marginal(self) -> Any:
        return stats.beta(self.a, self.b)

    def log_density(self, parameters: Floats) -> Floats:
        made: Floats = stats.beta.logpdf(parameters[:, 0], self.a, self.b)
        return made

    def log_likelihood(self, parameters: Floats, seen: Summary) -> Floats:
        p = parameters[:, 0]
        made = special.xlogy(seen.total, p) + special.xlog1py(seen.count - seen.total, -p)
        return np.asarray(made, np.float64)

    def log_evidence(self, seen: Summary) -> Floats:
        after = self.given(seen)
        made: Floats = special.betaln(after.a, after.b) - special.betaln(self.a, self.b)
        return made

    def log_predictive(self, values: Floats) -> Floats:
        made: Floats = stats.bernoulli.logpmf(values, self.a / (self.a + self.b))
        return made

    def expansion(self, seen: Summary) -> Expansion:
        p = float(seen.total / seen.count)
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = np.float64(1) / p, np.float64(1) / (1 - p)
            pull = (self.a - 1) * one - (self.b - 1) * other
            return Expansion(p, one * other, 2 * (one**2 - other**2), pull)

    def like(self, seen: Summary, count: float) -> Summary:
        return scaled(seen, count)


@dataclass(frozen=True)
class Rate:
    """A gamma distribution of the mean of Poisson counts."""

    shape: Any
    rate: Any

    @classmethod
    def prior(cls, mean: float, size: float) -> "Rate":
        """As much as `size` earlier observations of this mean say."""
        return cls(mean * size, size)

    @property
    def worth(self) -> Any:
        return self.rate

    def truths(self, size: int, rng: np.random.Generator) -> Floats:
        return rng.gamma(self.shape, 1 / self.rate, size=size)[:, None]

    def at(self, quantile: float) -> Floats:
        return np.array([[self.marginal().ppf(quantile)]], np.float64)

    def observations(self, truth: Floats, count: int, rng: np.random.Generator) -> Floats:
        return rng.poisson(truth[0, 0], count).astype(float)

    def summaries(self, truths: Floats, count: int, rng: np.random.Generator) -> Summary:
        total = rng.poisson(count * truths[:, 0]).astype(float)
        return Summary(count, total, np.zeros_like(total))

    def running(self, values: Floats, counts: NDArray[np.int64]) -> Summary:
        return Summary(counts, sums(values, counts), sums(special.gammaln(values + 1), counts))

    def given(self, seen: Summary) -> "Rate":
        return Rate(self.shape + seen.total, self.rate + seen.count)

    def marginal(self) -> Any:
        return stats.gamma(self.shape, scale=1 / self.rate)

    def log_density(self, parameters: Floats) -> Floats:
        made: Floats = stats.gamma.logpdf(parameters[:, 0], self.shape, scale=1 / self.rate)
        return made

    def log_likelihood(self, parameters: Floats, seen: Summary) -> Floats:
        mean = parameters[:, 0]
        made: Floats = special.xlogy(seen.total, mean) - seen.count * mean - seen.rest
        return made

    def log_evidence(self, seen: Summary) -> Floats:
        after = self.given(seen)
        grown = special.gammaln(after.shape) - special.gammaln(self.shape)
        made: Floats = grown + self.shape * np.log(self.rate) - after.shape * np.log(after.rate)
        return made - seen.rest

    def log_predictive(self, values: Floats) -> Floats:
        made: Floats = stats.nbinom.logpmf(values, self.shape, self.rate / (1 + self.rate))
        return made

    def expansion(self, seen: Summary) -> Expansion:
        mean = float(seen.total / seen.count)
        with np.errstate(divide="ignore", invalid="ignore"):
            one = np.float64(1) / mean
            pull = (self.shape - 1) * one - self.rate
        return Expansion(mean, float(one), 2 * float(one) ** 2, pull)

    def like(self, seen: Summary, count: float) -> Summary:
        return scaled(seen, count)


@dataclass(frozen=True)
class Classes:
    """A Dirichlet distribution of the probabilities of classes (…, class), the first of interest;
    observations are the numbers of classes, from 0."""

    alpha: Floats

    @classmethod
    def prior(cls, classes: int, size: float) -> "Classes":
        """As much as `size` earlier observations, equally many of each class, say."""
        return cls(np.full(classes, size / classes))

    @property
    def worth(self) -> Any:
        return self.alpha.sum(-1)

    def truths(self, size: int, rng: np.random.Generator) -> Floats:
        return rng.dirichlet(self.alpha, size=size)

    def at(self, quantile: float) -> Floats:
        first = float(self.marginal().ppf(quantile))
        rest = self.alpha[1:] / self.alpha[1:].sum()
        return np.concatenate([[first], (1 - first) * rest])[None]

    def observations(self, truth: Floats, count: int, rng: np.random.Generator) -> Floats:
        return np.searchsorted(np.cumsum(truth[0])[:-1], rng.random(count), "right").astype(float)

    def summaries(self, truths: Floats, count: int, rng: np.random.Generator) -> Summary:
        total = rng.multinomial(count, truths).astype(float)
        return Summary(count, total, np.zeros(len(total)))

    def running(self, values: Floats, counts: NDArray[np.int64]) -> Summary:
        each = [sums((values == k).astype(float), counts) for k in range(self.alpha.shape[-1])]
        return Summary(counts, np.stack(each, axis=-1), np.zeros(len(counts)))

    def given(self, seen: Summary) -> "Classes":
        return Classes(self.alpha + seen.total)

    def marginal(self) -> Any:
        return self._first().marginal()

    def log_density(self, parameters: Floats) -> Floats:
        norm = special.gammaln(self.alpha.sum(-1)) - special.gammaln(self.alpha).sum(-1)
        made: Floats = norm + special.xlogy(self.alpha - 1, parameters).sum(-1)
        return made

    def log_likelihood(self, parameters: Floats, seen: Summary) -> Floats:
        made: Floats = special.xlogy(seen.total, parameters).sum(-1)
        return made

    def log_evidence(self, seen: Summary) -> Floats:
        alpha = self.given(seen).alpha
        before = special.gammaln(self.alpha).sum(-1) - special.gammaln(self.alpha.sum(-1))
        made: Floats = special.gammaln(alpha).sum(-1) - special.gammaln(alpha.sum(-1)) - before
        return made

    def log_predictive(self, values: Floats) -> Floats:
        shares = self.alpha / self.alpha.sum(-1, keepdims=True)
        drawn = np.take_along_axis(shares, values.astype(int)[:, None], axis=-1)
        made: Floats = np.log(drawn[:, 0])
        return made

    def expansion(self, seen: Summary) -> Expansion:
        first = Summary(seen.count, seen.total[..., 0], seen.rest)
        return self._first().expansion(first)

    def like(self, seen: Summary, count: float) -> Summary:
        return scaled(seen, count)

    def _first(self) -> Share:
        return Share(self.alpha[..., 0], self.alpha[..., 1:].sum(-1))
