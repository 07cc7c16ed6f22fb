"""Refits to resampled data: the nonparametric bootstrap (Efron 1979, Annals of Statistics 7, 1).

A resample of n values is the sample with multinomial weights, so that many refits run together on
the same values. Of a large sample fewer values, m, are drawn each time, and the refits' deviations are
multiplied by √(m / n) (Bickel, Götze & van Zwet 1997, Statistica Sinica 7, 1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.families import registry
from core.families.family import Family, Floats
from core.families.fitting import CONVERGED
from core.families.likelihood import ManySamples, bounded, box, held
from core.families.newton import climb
from core.families.prepare import frequencies
from core.families.result import Fit

# Rows at once, times values: what a batch may hold.
ROOM = 2**19


@dataclass(frozen=True)
class Refits:
    """Free parameters by refit, natural (r, k) and unconstrained (r, k), the fall 2 (log L(refit) −
    log L(fit)) on each resample (r,), and how many searches failed or ended at an edge."""

    natural: Floats
    unconstrained: Floats
    likelihood_ratio: Floats
    lost: int

    @staticmethod
    def joined(parts: Sequence["Refits"]) -> "Refits":
        """Several batches as one."""
        return Refits(
            np.concatenate([p.natural for p in parts]),
            np.concatenate([p.unconstrained for p in parts]),
            np.concatenate([p.likelihood_ratio for p in parts]),
            sum(p.lost for p in parts),
        )


def refits(fit: Fit, replicates: int, generator: np.random.Generator, most: int) -> Iterator[Refits]:
    """Refits of an uncensored `fit` with smooth likelihood, in batches: `replicates` in all, each to
    as many values as the sample has, but to `most` if there are more distinct ones."""
    family, standard = registry.find(fit.family), fit.peak
    x, w = frequencies(family, (fit.sample.left - standard.shift) / standard.stretch, fit.sample.weights)
    size = min(x.size, most)
    batch = max(1, min(64, ROOM // size))
    share = w / fit.n
    for first in range(0, replicates, batch):
        wanted = min(batch, replicates - first)
        if size == x.size:
            weights = generator.multinomial(round(fit.n), share, size=wanted).astype(np.float64)
            yield _refitted(fit, family, x, weights, fit.n)
        else:
            at = np.searchsorted(np.cumsum(share[:-1]), generator.random((wanted, size)), side="right")
            yield _refitted(fit, family, x[at], None, size)


def _refitted(fit: Fit, family: Family, x: Floats, weights: Floats | None, size: float) -> Refits:
    standard = fit.peak
    free, r = standard.free, len(x if weights is None else weights)
    fixed = {i: v for i, v in enumerate(standard.theta) if i not in free}
    measure = ManySamples(family, free, x, weights, held(family, fixed))
    start = np.tile(standard.u, (r, 1))
    peaks = climb(measure, start, box(family, free), bounded(family, free), size)
    good = (np.abs(peaks.decrement) < CONVERGED) & ~peaks.edge.any(axis=1)
    u = standard.u + np.sqrt(size / fit.n) * (peaks.u[good] - standard.u)
    moving = [family.parameters[i] for i in free]
    natural = [
        p.restore(p.value(u[:, k]), standard.shift, standard.stretch) for k, p in enumerate(moving)
    ]
    return Refits(
        natural=np.column_stack(natural),
        unconstrained=u,
        likelihood_ratio=2 * size * (peaks.first - peaks.loss)[good],
        lost=int((~good).sum()),
    )
