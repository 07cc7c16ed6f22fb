"""What every conjugate family of priors can do, whatever it is a prior of.

A `Conjugate` is a distribution of parameters: a prior, or a posterior, which is of the same family.
Its hyperparameters are numbers or arrays, one entry for each of many priors; functions that take
parameters or summaries take as many. A `Summary` holds what the data say of the parameters.
"""

from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Summary(NamedTuple):
    """Sufficient statistics of the first `count` observations: `total` is their sum (of classes, how
    often each occurred, on a last axis), `rest` what else the likelihood needs: the sum of squared
    deviations from their mean, or of log y!."""

    count: Any
    total: Floats
    rest: Floats


class Expansion(NamedTuple):
    """The posterior of the parameter of interest near the estimate from the data alone: the estimate,
    Fisher information of one observation, third derivative of the mean log-likelihood, and
    derivative of the log-prior."""

    estimate: float
    information: float
    third: float
    pull: float


class Conjugate(Protocol):
    """A family of priors that data leave within it."""

    @property
    def worth(self) -> Any:
        """Of how many observations it says as much."""
        ...

    def truths(self, size: int, rng: np.random.Generator) -> Floats:
        """Parameters (size, parameter), the one of interest first."""
        ...

    def at(self, quantile: float) -> Floats:
        """Parameters (1, parameter) with the one of interest at a quantile of its distribution."""
        ...

    def observations(self, truth: Floats, count: int, rng: np.random.Generator) -> Floats:
        """`count` observations given one parameter (1, parameter)."""
        ...

    def summaries(self, truths: Floats, count: int, rng: np.random.Generator) -> Summary:
        """Summaries of `count` observations for each of many parameters, drawn from their own law."""
        ...

    def running(self, values: Floats, counts: NDArray[np.int64]) -> Summary:
        """Summaries of the first `counts` of these observations."""
        ...

    def given(self, seen: Summary) -> Self:
        """The posterior."""
        ...

    def marginal(self) -> Any:
        """The parameter of interest as a frozen distribution of scipy."""
        ...

    def log_density(self, parameters: Floats) -> Floats:
        """Log-density of parameters (size, parameter)."""
        ...

    def log_likelihood(self, parameters: Floats, seen: Summary) -> Floats:
        """Log-probability of the observations in their order, given parameters (size, parameter)."""
        ...

    def log_evidence(self, seen: Summary) -> Floats:
        """Log-probability of the observations in their order, parameters integrated out."""
        ...

    def log_predictive(self, values: Floats) -> Floats:
        """Log-probability of one next observation, by a law of scipy's."""
        ...

    def expansion(self, seen: Summary) -> Expansion:
        """Of the prior and these observations; not finite where the estimate is at the boundary."""
        ...

    def like(self, seen: Summary, count: float) -> Summary:
        """Data like these, `count` observations of them (fractions of an observation allowed)."""
        ...


def scaled(seen: Summary, count: float) -> Summary:
    """Every statistic in proportion."""
    share = count / seen.count
    return Summary(count, seen.total * share, seen.rest * share)


def sums(values: Floats, counts: NDArray[np.int64]) -> Floats:
    """Sums of the first `counts` values, along the first axis; 0 of them sum to 0."""
    zero = np.zeros((1, *values.shape[1:]))
    made: Floats = np.concatenate([zero, np.cumsum(values, axis=0)])[counts]
    return made
