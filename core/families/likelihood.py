"""Mean negative log-likelihoods, as the searches of `core.families.newton` measure them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from core.families.family import Family, Floats
from core.families.jets import Chunk, jet, jets, unpacked

Measured = tuple[Floats, Floats, Floats]


def unconstrained(family: Family, theta: Sequence[float] | Floats) -> Floats:
    """All parameters (k,) in unconstrained coordinates."""
    return np.array([p.free(v) for p, v in zip(family.parameters, theta, strict=True)])


def box(family: Family, free: Sequence[int]) -> Floats:
    """Limits (k, 2) of the free parameters in unconstrained coordinates."""
    return np.array([family.parameters[i].box for i in free])


def bounded(family: Family, free: Sequence[int]) -> Any:
    """Which free parameters have unconstrained coordinates of their own, (k,)."""
    return np.array([family.parameters[i].domain != "real" for i in free])


@dataclass(frozen=True)
class OneSample:
    """Of one sample: `at` (p,) has all parameters, unconstrained, those in `free` replaced by a
    search; `total` is the sum of weights."""

    family: Family
    free: tuple[int, ...]
    chunks: tuple[Chunk, ...]
    at: Floats
    total: float

    def __call__(self, rows: Any, points: Floats) -> Measured:
        full = np.tile(self.at, (len(points), 1))
        full[:, self.free] = points
        sums = [self._sum(jnp.asarray(u)) for u in full]
        return _free(unpacked(np.array(sums) / self.total), self.free)

    def _sum(self, u: Any) -> Any:
        parts = [jet(self.family, c.kind, c.x, c.right, c.weights, u) for c in self.chunks]
        return np.sum([np.asarray(p) for p in parts], axis=0)


# Values a row and rows in a batch of `ManySamples`.
WIDTHS, ROWS = (128, 1024), 16


class ManySamples:
    """Of many samples at once, a row each: values (n,) or (r, n), weights (r, n), and all parameters
    `at` (p,), unconstrained, those in `free` replaced by a search."""

    def __init__(
        self, family: Family, free: tuple[int, ...], x: Floats, weights: Floats | None, at: Floats
    ) -> None:
        n = x.shape[-1]
        width = WIDTHS[0] if n <= WIDTHS[0] else WIDTHS[1]
        room = -n % width
        self.family, self.free, self.width, self.at = family, free, width, at
        self.x = np.concatenate([x, np.repeat(x[..., :1], room, axis=-1)], axis=-1)
        rows = (1, n) if weights is None else weights.shape
        given = np.ones(rows) if weights is None else weights
        self.weights = np.concatenate([given, np.zeros((rows[0], room))], axis=1)
        self.total = given.sum(axis=1)

    def __call__(self, rows: Any, points: Floats) -> Measured:
        full = np.tile(self.at, (len(points), 1))
        full[:, self.free] = points
        parts = [
            self._sum(rows[first : first + ROWS], full[first : first + ROWS])
            for first in range(0, len(rows), ROWS)
        ]
        total = self.total[rows] if self.total.size > 1 else self.total
        return _free(unpacked(np.concatenate(parts) / total[:, None]), self.free)

    def _sum(self, rows: Any, u: Floats) -> Any:
        """The sums of at most `ROWS` rows, over their chunks."""
        kept = len(rows)
        room = ROWS - kept
        if room:
            rows, u = np.r_[rows, np.repeat(rows[:1], room)], np.r_[u, np.repeat(u[:1], room, axis=0)]
        at, shape = jnp.asarray(u), (ROWS, self.width)
        total = np.zeros(1)
        for first in range(0, self.x.shape[-1], self.width):
            part = slice(first, first + self.width)
            x = self.x[rows, part] if self.x.ndim == 2 else np.broadcast_to(self.x[part], shape)
            w = self.weights[rows, part] if len(self.weights) > 1 else self.weights[:, part]
            w = np.broadcast_to(w, shape)
            total = total + np.asarray(jets(self.family, "density", x, x, w, at))
        return total[:kept]


def _free(measured: Measured, free: tuple[int, ...]) -> Measured:
    value, gradient, hessian = measured
    index = np.asarray(free)
    return value, gradient[:, index], hessian[:, index[:, None], index]
