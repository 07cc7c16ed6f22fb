"""Likelihood regions of two parameters of a fit, the likelihood maximised over all others.

A region's edge is found along rays from the estimate, in directions that its normal limit, an ellipse,
makes equally likely; along a ray the root of the likelihood ratio is nearly linear.

Source: Cox & Hinkley 1974, Theoretical Statistics, section 9.3; Pawitan 2001, In All Likelihood,
section 3.3.
"""

from typing import Any

import numpy as np

from core.families import registry
from core.families.family import Floats
from core.families.likelihood import Measured, bounded, box
from core.families.newton import Measure, climb
from core.families.profiles import Tick, measure, still
from core.families.result import Fit
from core.families.wald import covariance, critical

RAYS, LOOKS, NEAR = 48, 8, 1e-4
# Beyond so many times the ellipse a region is open.
FARTHEST = 8.0


def contours(
    fit: Fit, pair: tuple[int, int], levels: tuple[float, ...], tick: Tick = still
) -> tuple[Floats, Floats]:
    """The edges of the regions of free parameters `pair`, by their places, of confidence `levels`, and
    the ellipses of their normal limit: unconstrained coordinates (levels, rays + 1, 2) each, closed, not
    a number where a region is open. `tick` is called while it works."""
    spread = covariance(fit)
    at = np.array(pair)
    shape = np.linalg.cholesky(spread[np.ix_(at, at)])
    angle = 2 * np.pi * np.arange(RAYS + 1) / RAYS
    rays = np.stack([np.cos(angle), np.sin(angle)], axis=1) @ shape.T
    search = _Rays(fit, at, rays[:-1], tick)
    edges, ellipses = [], []
    start = np.ones(RAYS)
    for level in levels:
        radius = critical(level, 2) ** 0.5
        far = search.reach(radius, start * radius)
        start = np.where(np.isfinite(far), far / radius, 1.0)
        edges.append(fit.peak.u[at] + np.r_[far, far[:1]][:, None] * rays)
        ellipses.append(fit.peak.u[at] + radius * rays)
    return np.array(edges), np.array(ellipses)


class _Rays:
    def __init__(self, fit: Fit, at: Any, rays: Floats, tick: Tick) -> None:
        self.fit, self.at, self.rays = fit, at, rays
        self.rest = np.setdiff1d(np.arange(fit.peak.u.size), at)
        self.measure: Measure = measure(fit, tick)
        self.least = float(self.measure(np.zeros(1, int), fit.peak.u[None])[0][0])
        family, free = registry.find(fit.family), np.array(fit.peak.free)
        self.box = box(family, fit.peak.free)
        self.limits = box(family, free[self.rest]) if self.rest.size else np.zeros((0, 2))
        self.bounded = bounded(family, free[self.rest])
        spread = covariance(fit)
        inverse = np.linalg.inv(spread[np.ix_(at, at)])
        self.follow = spread[np.ix_(self.rest, at)] @ inverse

    def reach(self, radius: float, far: Floats) -> Floats:
        """How far along each ray (m,) the root of the likelihood ratio is `radius`, from a guess."""
        found, rows = np.full(far.size, np.nan), np.arange(far.size)
        far = far.copy()
        rest = self.fit.peak.u[self.rest] + far[:, None] * (self.rays @ self.follow.T)
        for _ in range(LOOKS):
            ratio, slope, rest[rows] = self._ratio(rows, far[rows], rest[rows])
            root = np.sqrt(np.maximum(ratio, 0.0))
            close = np.abs(root - radius) < NEAR * radius
            found[rows[close]] = far[rows[close]]
            going = ~close & np.isfinite(root) & (slope > 0) & (far[rows] < FARTHEST * radius)
            rows, root, slope = rows[going], root[going], slope[going]
            if not rows.size:
                break
            step = (radius - root) * 2 * root / slope
            far[rows] += np.clip(step, -0.5 * far[rows], 2 * far[rows])
        return found

    def _ratio(self, rows: Any, far: Floats, rest: Floats) -> tuple[Floats, Floats, Floats]:
        """Twice the fall of the log-likelihood (m,), its slope along the ray (m,), and the other
        parameters there (m, k − 2)."""
        pair = self.fit.peak.u[self.at] + far[:, None] * self.rays[rows]
        pair = np.clip(pair, self.box[self.at, 0], self.box[self.at, 1])
        if self.rest.size:

            def inner(some: Any, points: Floats) -> Measured:
                value, gradient, hessian = self.measure(some * 0, self._whole(pair[some], points))
                left = self.rest
                return value, gradient[:, left], hessian[:, left[:, None], left]

            rest = climb(inner, rest, self.limits, self.bounded, self.fit.n, most=40).u
        value, gradient, _ = self.measure(rows * 0, self._whole(pair, rest))
        along = np.einsum("rk,rk->r", gradient[:, self.at], self.rays[rows])
        return 2 * self.fit.n * (value - self.least), 2 * self.fit.n * along, rest

    def _whole(self, pair: Floats, rest: Floats) -> Floats:
        full = np.empty((len(pair), self.fit.peak.u.size))
        full[:, self.at], full[:, self.rest] = pair, rest
        return full
