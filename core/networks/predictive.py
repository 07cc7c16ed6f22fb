"""The law of a target that a head predicts, as distributions of scipy in the target's own unit.

A law is a mixture of distributions, one for each row: of one component, or of three. Of counts every
law gives whole numbers probabilities: that of a measurement between y − ½ and y + ½.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from core.networks import heads
from core.networks.names import Head

Floats = NDArray[np.float64]
COUNTS = ("poisson", "negative-binomial")
# A probability below this is taken from the density, which does not underflow.
TINY = 1e-250


@dataclass(frozen=True)
class Law:
    """Components (log-weight of each row, frozen distribution of all rows), of counts or not;
    `whole` says that the target is a count."""

    components: tuple[tuple[Floats, Any], ...]
    discrete: bool
    whole: bool

    def log_score(self, y: Floats) -> Floats:
        """Log-density of targets, or log-probability of counts; `y` broadcasts with the rows."""
        if self.discrete:
            return self._sum([w + law.logpmf(y) for w, law in self.components])
        density = self._sum([w + law.logpdf(y) for w, law in self.components])
        if not self.whole:
            return density
        with np.errstate(divide="ignore"):
            p = self._between(y)
            return np.where(p > TINY, np.log(p), density)

    def below(self, y: Floats) -> Floats:
        """Probability of less than y: of a count, of a smaller whole number."""
        at = y - 1 if self.discrete else y - 0.5 if self.whole else y
        made: Floats = sum(np.exp(w) * law.cdf(at) for w, law in self.components)
        return made

    def pit(self, y: Floats, rng: np.random.Generator) -> Floats:
        """Probability of a smaller target; of a count, at random within the step at the count."""
        low = self.below(y)
        return low + rng.random(y.shape) * np.exp(self.log_score(y)) if self.whole else low

    def _between(self, y: Floats) -> Floats:
        made: Floats = np.zeros(np.shape(y))
        for w, law in self.components:
            # From the nearer tail, so that a small probability is no difference of large ones.
            low, high = y - 0.5, y + 0.5
            upper = law.sf(low) - law.sf(high)
            made = made + np.exp(w) * np.where(low > law.mean(), upper, law.cdf(high) - law.cdf(low))
        return made

    @staticmethod
    def _sum(logs: list[Floats]) -> Floats:
        return logs[0] if len(logs) == 1 else np.asarray(special.logsumexp(logs, axis=0), float)


@dataclass(frozen=True)
class Unit:
    """How a target was standardised; the mean of counts; and the root mean squared residual of the
    training part, the spread of the squared-error head, in standardised units."""

    center: float
    spread: float
    mean: float
    whole: bool
    residual: float = 1.0


def law(head: Head, outputs: Floats, unit: Unit) -> Law:
    """The law of each row that a network's `outputs` (…, 9) predict."""
    z = np.asarray(outputs, float)
    place = unit.center + unit.spread * z[..., 0]
    wide = unit.spread * np.exp(np.clip(z[..., 1], -heads.LIMIT, heads.LIMIT))
    whole = np.zeros(z.shape[:-1])
    if head in COUNTS:
        mean = unit.mean * np.exp(z[..., 0])
        size = np.exp(np.clip(z[..., 1], -heads.SIZE_LIMIT, heads.SIZE_LIMIT))
        spread_out = stats.nbinom(size, size / (size + mean))
        counted: Any = stats.poisson(mean) if head == "poisson" else spread_out
        return Law(((whole, counted),), True, True)
    # scipy's own Laplace law takes the logarithm of a density that underflows; it is this one's.
    if head == "mixture":
        return Law(_components(z, unit), False, unit.whole)
    one: Any
    if head == "student-t":
        df = heads.DEGREES * np.exp(np.clip(z[..., 2], -heads.LIMIT, heads.LIMIT))
        one = stats.t(np.clip(df, heads.LEAST_DEGREES, heads.MOST_DEGREES), place, wide)
    elif head == "laplace":
        one = stats.gennorm(1.0, place, wide)
    else:
        constant = np.full_like(wide, unit.spread * unit.residual)
        one = stats.norm(place, constant if head == "squared-error" else wide)
    return Law(((whole, one),), False, unit.whole)


def _components(z: Floats, unit: Unit) -> tuple[tuple[Floats, Any], ...]:
    k = heads.COMPONENTS
    weights = special.log_softmax(z[..., :k], axis=-1)
    means = unit.center + unit.spread * (z[..., k : 2 * k] + heads.OFFSETS)
    wide = unit.spread * np.exp(np.clip(z[..., 2 * k :], -heads.LIMIT, heads.LIMIT))
    return tuple((weights[..., j], stats.norm(means[..., j], wide[..., j])) for j in range(k))
