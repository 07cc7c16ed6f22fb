"""Refits to resampled data: the nonparametric bootstrap (Efron 1979, Annals of Statistics 7, 1).

A resample of n values is the sample with multinomial weights, so that all refits run in one
compiled program on the same values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from core.families import registry, search
from core.families.family import Floats
from core.families.fitting import CONVERGED
from core.families.prepare import standardised
from core.families.result import Fit

# Rows of weights at once, times values: what a batch may hold.
ROOM = 2**18


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


def refits(fit: Fit, replicates: int, generator: np.random.Generator) -> Iterator[Refits]:
    """Refits of an uncensored `fit` with smooth likelihood, in batches: `replicates` in all."""
    family, standard = registry.find(fit.family), fit.peak
    data = standardised(family, fit.sample, standard.shift, standard.stretch)
    share = np.asarray(data.weights) / fit.n
    batch = max(1, min(64, ROOM // data.x.size))
    fixed = jnp.asarray(standard.theta)
    for first in range(0, replicates, batch):
        # Always a whole batch, so that one compiled program serves any number of replicates.
        weights = generator.multinomial(round(fit.n), share, size=batch).astype(np.float64)
        peaks, fall = search.refit(
            family, standard.free, data.x, jnp.asarray(weights), fixed, jnp.asarray(standard.u)
        )
        wanted = min(batch, replicates - first)
        yield _kept(fit, jax.tree.map(lambda leaf: np.asarray(leaf)[:wanted], peaks), fall[:wanted])  # noqa: B023


def _kept(fit: Fit, peaks: search.Peak, fall: jax.Array) -> Refits:
    family, standard = registry.find(fit.family), fit.peak
    good = (np.abs(peaks.decrement) < CONVERGED) & ~peaks.edge.any(axis=1)
    u = np.asarray(peaks.u)[good]
    moving = [family.parameters[i] for i in standard.free]
    natural = [
        p.restore(np.asarray(p.natural(jnp.asarray(u[:, k]))), standard.shift, standard.stretch)
        for k, p in enumerate(moving)
    ]
    return Refits(
        natural=np.column_stack(natural),
        unconstrained=u,
        likelihood_ratio=2 * fit.n * np.asarray(fall)[good],
        lost=int((~good).sum()),
    )
