"""Mean negative log-likelihoods of many samples that are censored at common limits, or truncated."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.families.family import Family, Floats
from core.families.jets import jets, unpacked
from core.families.likelihood import Measured
from core.families.newton import Measure
from core.families.prepare import interval

# Rows of a compiled program.
ROWS = 16


@dataclass(frozen=True)
class Part:
    """An interval, infinite where it is open, with how often its probability enters each sample (r,)."""

    low: float
    high: float
    times: Floats


class Incomplete:
    """As `core.families.newton` measures them, of samples of n values: `seen` measures those of each
    that are known exactly, so many as `counts` (r,), and each of `parts` adds its probability.
    `full` (p,) has all parameters, unconstrained, of which those in `free` move."""

    def __init__(
        self,
        family: Family,
        free: tuple[int, ...],
        full: Floats,
        seen: Measure,
        counts: Floats,
        n: int,
        parts: list[Part],
    ) -> None:
        self.family, self.free, self.full = family, np.asarray(free), full
        self.seen, self.counts, self.n = seen, counts, n
        self.parts = [(part.times, interval(family, part.low, part.high)) for part in parts]

    def __call__(self, rows: Any, points: Floats) -> Measured:
        share = self.counts[rows] / self.n
        value, gradient, hessian = self.seen(rows, points)
        value, gradient = value * share, gradient * share[:, None]
        hessian = hessian * share[:, None, None]
        full = np.tile(self.full, (len(rows), 1))
        full[:, self.free] = points
        full = np.concatenate([full, np.repeat(full[:1], -len(rows) % ROWS, axis=0)])
        fixed, ones = np.full(full.shape[1], np.nan), np.ones((ROWS, 1))
        for times, one in self.parts:
            x, right = (np.repeat(np.asarray(end)[:1][None], ROWS, axis=0) for end in (one.x, one.right))
            found = [
                np.asarray(jets(self.family, one.kind, x, right, ones, fixed, full[k : k + ROWS]))
                for k in range(0, len(full), ROWS)
            ]
            v, g, h = unpacked(np.concatenate(found)[: len(rows)])
            w = times[rows] / self.n
            value = value + v * w
            gradient = gradient + g[:, self.free] * w[:, None]
            hessian = hessian + h[:, self.free[:, None], self.free] * w[:, None, None]
        return value, gradient, hessian
