"""Is a posterior's probability the share of truths it says? Simulation-based calibration.

Truths are drawn from a prior, data given each truth, and the posterior of the analyst's prior is
computed from the data. Where the two priors are one, truth and posterior draws are exchangeable given
the data: the rank of the truth among L draws is uniform on 0 … L, and a 90 % interval holds the truth
in 90 % of cases, exactly and at every size of sample. Both hold on average over the prior, not for
each truth.

Source: Cook, Gelman & Rubin (2006), J. Computational and Graphical Statistics 15, 675; Talts et al.,
arXiv:1804.06788, theorem 1.
"""

from collections.abc import Iterator

import numpy as np

from core.bayes.conjugate import Conjugate, Floats

DRAWS, BINS = 99, 20
LEVELS = np.array([0.5, 0.8, 0.9, 0.95, 0.99])
# Truths at once: a tenth of a second, and 16 MB of draws.
BLOCK = 2_000


def calibration(
    nature: Conjugate,
    prior: Conjugate,
    count: int,
    replicates: int,
    rng: np.random.Generator,
    block: int = BLOCK,
) -> Iterator[tuple[Floats, Floats]]:
    """For truths from `nature` and `count` observations each, in blocks: the rank of the parameter of
    interest among `DRAWS` draws of the posterior of `prior`, from 0, and the posterior's probability
    of a smaller parameter. Ties, which only rounding makes, are broken at random."""
    for first in range(0, replicates, block):
        size = min(block, replicates - first)
        truths = nature.truths(size, rng)
        after = prior.given(nature.summaries(truths, count, rng)).marginal()
        drawn = after.rvs(size=(DRAWS, size), random_state=rng)
        truth = truths[:, 0]
        ties = rng.integers(0, (drawn == truth).sum(axis=0) + 1)
        yield ((drawn < truth).sum(axis=0) + ties).astype(float), after.cdf(truth)


def histogram(ranks: Floats) -> tuple[Floats, Floats]:
    """Share of the ranks in each of `BINS` equal bins, and its standard error were they uniform."""
    found = np.bincount((ranks * BINS // (DRAWS + 1)).astype(int), minlength=BINS) / ranks.size
    return found, np.full(BINS, np.sqrt((1 - 1 / BINS) / BINS / ranks.size))


def coverage(below: Floats) -> tuple[Floats, Floats]:
    """Share of truths within the central interval of each of `LEVELS`, from the posterior's
    probability of a smaller parameter; and its standard error were it the level."""
    inside = (np.abs(2 * below - 1)[:, None] <= LEVELS).mean(axis=0)
    return inside, np.sqrt(LEVELS * (1 - LEVELS) / below.size)
