"""Mean negative log-likelihoods, as the searches of `core.families.newton` measure them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from core.families.family import Family, Floats
from core.families.jets import Chunk, jet, jets, unpacked

Measured = tuple[Floats, Floats, Floats]


def unconstrained(family: Family, theta: Sequence[float] | Floats) -> Floats:
    """All parameters (k,) in unconstrained coordinates."""
    return np.array([p.free(v) for p, v in zip(family.parameters, theta, strict=True)])


def held(family: Family, values: Mapping[int, float]) -> Floats:
    """Parameters (p,) that are held at `values`, by index; not a number for the others."""
    return np.array([values.get(i, np.nan) for i in range(len(family.parameters))])


def box(family: Family, free: Sequence[int]) -> Floats:
    """Limits (k, 2) of the free parameters in unconstrained coordinates."""
    return np.array([family.parameters[i].box for i in free])


def bounded(family: Family, free: Sequence[int]) -> Any:
    """Which free parameters have unconstrained coordinates of their own, (k,)."""
    return np.array([family.parameters[i].domain != "real" for i in free])


@dataclass(frozen=True)
class OneSample:
    """Of one sample: `fixed` (p,) has the parameters that are held, not a number for those in `free`;
    `total` is the sum of weights."""

    family: Family
    free: tuple[int, ...]
    chunks: tuple[Chunk, ...]
    fixed: Floats
    total: float

    def __call__(self, rows: Any, points: Floats) -> Measured:
        full = _full(self.family, self.free, points)
        sums = [self._sum(jax.device_put(u)) for u in full]
        return _free(unpacked(np.array(sums) / self.total), self.free)

    def _sum(self, u: Any) -> Any:
        parts = [jet(self.family, c.kind, c.x, c.right, c.weights, self.fixed, u) for c in self.chunks]
        return np.sum([np.asarray(p) for p in parts], axis=0)


# Values a row and rows in a batch of `ManySamples`.
WIDTHS, ROWS = (128, 1024), 16


class ManySamples:
    """Of many samples at once, a row each: values (n,) or (r, n), weights (r, n), 1 where there are
    none, and `fixed` (p,) as in `OneSample`."""

    def __init__(
        self, family: Family, free: tuple[int, ...], x: Floats, weights: Floats | None, fixed: Floats
    ) -> None:
        n = x.shape[-1]
        width = WIDTHS[0] if n <= WIDTHS[0] else WIDTHS[1]
        room = -n % width
        self.family, self.free, self.width, self.fixed = family, free, width, fixed
        self.x = np.concatenate([x, np.repeat(x[..., :1], room, axis=-1)], axis=-1)
        rows = (1, n) if weights is None else weights.shape
        given = np.ones(rows) if weights is None else weights
        self.weights = np.concatenate([given, np.zeros((rows[0], room))], axis=1)
        self.total = given.sum(axis=1)

    def __call__(self, rows: Any, points: Floats) -> Measured:
        full = _full(self.family, self.free, points)
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
        at, shape = jax.device_put(u), (ROWS, self.width)
        total = np.zeros(1)
        for first in range(0, self.x.shape[-1], self.width):
            part = slice(first, first + self.width)
            x = self.x[rows, part] if self.x.ndim == 2 else np.broadcast_to(self.x[part], shape)
            w = self.weights[rows, part] if len(self.weights) > 1 else self.weights[:, part]
            w = np.broadcast_to(w, shape)
            total = total + np.asarray(jets(self.family, "density", x, x, w, self.fixed, at))
        return total[:kept]


def _full(family: Family, free: tuple[int, ...], points: Floats) -> Floats:
    """All parameters (m, p), unconstrained, from the free ones (m, k)."""
    full = np.zeros((len(points), len(family.parameters)))
    full[:, free] = points
    return full


def _free(measured: Measured, free: tuple[int, ...]) -> Measured:
    value, gradient, hessian = measured
    index = np.asarray(free)
    return value, gradient[:, index], hessian[:, index[:, None], index]
