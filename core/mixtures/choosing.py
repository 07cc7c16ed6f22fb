"""How many components: BIC, and the likelihood ratio with its law by simulation.

BIC finds the true number as samples grow (Leroux 1992, Annals of Statistics 20, 1350; Keribin 2000,
Sankhyā A 62, 49). The likelihood ratio of k against k + 1 components does not follow χ², because the
smaller mixture lies where the larger one's parameters are not identified; its law is found by
simulation from the fitted smaller mixture (McLachlan 1987, Applied Statistics 36, 318).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.mixtures import search
from core.mixtures.kinds import Floats, Kind
from core.mixtures.search import Found, Row

Tell = Callable[[float], None]

# A search ends when a call adds less to the log-likelihood, in nats.
GAIN = 1e-3
ENOUGH = 5


@dataclass(frozen=True)
class Choice:
    """Searches of 1 to m components: `found` in that order, `begun` the starts of each; by number of
    components the best log-likelihood, BIC, free parameters and the row that it is, (m,) each."""

    found: Found
    begun: list[Floats]
    log_likelihood: Floats
    bic: Floats
    free: Floats
    row: np.ndarray

    @property
    def chosen(self) -> int:
        """The number of components with the least BIC, of those off the floor where any is."""
        floored = self.found.floored[self.row]
        value = self.bic if floored.all() else np.where(floored, np.inf, self.bic)
        return int(np.argmin(value)) + 1

    def mixture(self, k: int) -> Floats:
        """The best mixture of k components, (1 + p, k)."""
        return np.asarray(self.found.mixtures[self.row[k - 1]][:, :k])


@dataclass(frozen=True)
class Ratio:
    """2 (log L of k + 1 components − of k), for the sample and simulated ones (r,) of k components,
    with `p` the share of those at least as large: (1 + their number) / (1 + r), or without the ones
    where the simulation ended at `ENOUGH` of them."""

    null: int
    statistic: float
    simulated: Floats

    @property
    def p(self) -> float:
        above, r = int((self.simulated >= self.statistic).sum()), self.simulated.size
        return above / r if above >= ENOUGH else (1 + above) / (1 + r)


def choose(
    kind: Kind,
    x: Floats,
    most: int,
    restarts: int,
    floor: float,
    generator: np.random.Generator,
    tell: Tell = lambda fraction: None,
) -> Choice:
    """Fits of 1 to `most` components to x (n,), from `restarts` starts each; one from 1 start."""
    counts = [1, *[restarts] * (most - 1)]
    begun = [search.starts(kind, x, k, most, c, generator) for k, c in enumerate(counts, start=1)]
    rows = [Row(x, start) for some in begun for start in some]
    found = search.run(kind, rows, floor, GAIN, tell)
    at = np.split(np.arange(len(rows)), np.cumsum(counts)[:-1])
    best = np.array([found.best(among) for among in at])
    free: Floats = (1 + len(kind.parameters)) * np.arange(1.0, most + 1) - 1
    value = found.log_likelihood[best]
    return Choice(found, begun, value, free * np.log(x.size) - 2 * value, free, best)


def draw(kind: Kind, mixture: Floats, n: int, generator: np.random.Generator) -> Floats:
    """n values of the mixture (1 + p, k)."""
    counts = generator.multinomial(n, mixture[0] / mixture[0].sum())
    parts = [kind.draw(generator, theta, int(m)) for theta, m in zip(mixture[1:].T, counts, strict=True)]
    return generator.permutation(np.concatenate(parts))


def likelihood_ratio(
    kind: Kind,
    choice: Choice,
    n: int,
    null: int,
    floor: float,
    replicates: int,
    generator: np.random.Generator,
    tell: Tell = lambda fraction: None,
) -> Ratio:
    """`null` components against one more, by up to `replicates` samples of n simulated from the
    fitted smaller mixture, searched as the sample was: from that mixture and, for one component
    more, from as many starts. It ends after `ENOUGH` ratios at or above the sample's, when their
    share is a p-value already (Besag & Clifford 1991, Biometrika 78, 301)."""
    observed = max(2 * (choice.log_likelihood[null] - choice.log_likelihood[null - 1]), 0.0)
    simulated: Floats = np.zeros(0)
    while simulated.size < replicates and (simulated >= observed).sum() < ENOUGH:
        several = min(ENOUGH, replicates - simulated.size)

        def part(fraction: float, done: int = simulated.size, several: int = several) -> None:
            tell((done + several * fraction) / replicates)

        ratios = _simulated(kind, choice, n, null, floor, several, generator, part)
        simulated = np.concatenate([simulated, ratios])
    return Ratio(null, float(observed), simulated)


def _simulated(
    kind: Kind,
    choice: Choice,
    n: int,
    null: int,
    floor: float,
    several: int,
    generator: np.random.Generator,
    tell: Tell,
) -> Floats:
    """Ratios (several,) of simulated samples; 0 where the larger mixture stays below the smaller."""
    smaller, (restarts, _, most) = choice.mixture(null), choice.begun[null].shape
    rows = []
    for _ in range(several):
        x = draw(kind, smaller, n, generator)
        rows.append(Row(x, search.widened(smaller, most)))
        begun = search.starts(kind, x, null + 1, most, restarts, generator)
        rows += [Row(x, start) for start in begun]
    found = search.run(kind, rows, floor, GAIN, tell)
    value = found.log_likelihood
    firsts = np.arange(0, len(rows), restarts + 1)
    larger = np.array([found.best(first + 1 + np.arange(restarts)) for first in firsts])
    return np.asarray(np.maximum(2 * (value[larger] - value[firsts]), 0.0))
