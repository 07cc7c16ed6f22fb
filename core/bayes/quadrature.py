"""A posterior of up to three parameters without sampling: sums over a grid around its mode.

The integrand falls to nothing on all sides, so that the trapezoidal rule converges faster than any
power of its spacing (Trefethen & Weideman 2014, SIAM Review 56, 385): for a normal density the
relative error at spacing h standard deviations is 2 exp(−2π²/h²), 3e-9 at h = 1. A posterior counts
as integrated only where twice the spacing gives the same means, standard deviations and
leave-one-out densities, and where the outermost points weigh nothing. Otherwise the grid is laid once
more, by the moments of the first.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.special import logsumexp

from core.bayes.conjugate import Floats
from core.bayes.pointwise import blocks
from core.bayes.priors import log_prior
from core.bayes.target import Target

# Spacing in standard deviations and half the number of steps, by the number of parameters; points
# farther from the middle than the half-width are left out. Densities computed at most.
GRIDS = {1: (0.25, 40), 2: (0.5, 16), 3: (0.75, 10)}
WORK = 100_000_000
# What twice the spacing may change, whose error is about the root of that of the grid itself: moments in
# standard deviations, and leave-one-out log-densities in sum; and the weight of the outermost points.
SAME, AS_GOOD, OUTSIDE = 0.02, 0.2, 5e-5
Watch = Callable[[float], None]


@dataclass(frozen=True)
class Integral:
    """A posterior on a grid: points u (G, k) and their weights (G,), which sum to 1; `left_out` (m,)
    are exact log-densities of the first m values given all others, `seen` given all of them."""

    target: Target
    nodes: Floats
    u: Floats
    weights: Floats
    left_out: Floats
    seen: Floats

    def moments(self, values: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of functions (G, …) of the parameters."""
        mean = np.tensordot(self.weights, values, 1)
        return mean, np.sqrt(np.tensordot(self.weights, (values - mean) ** 2, 1))

    def marginal(self, index: int, at: Floats) -> Floats:
        """The posterior density of one unconstrained parameter at values (v,)."""
        k, nodes = self.u.shape[1], self.nodes
        with np.errstate(divide="ignore"):
            logs = np.log(self.weights).reshape((nodes.size,) * k)
        inner = tuple(range(index + 1, k))
        rows = (logsumexp(logs, axis=inner) if inner else logs).reshape(-1, nodes.size)
        low = rows.max() - 700.0
        before = np.array(list(product(nodes, repeat=index))).reshape(len(rows), index)
        factor = self.target.factor
        steps = at - self.target.mode[index] - (before @ factor[index, :index])[:, None]
        places = steps / factor[index, index]
        found = np.zeros(at.size)
        for row, place in zip(np.maximum(rows, low), places, strict=True):
            # Without the points left out, whose stand-in value would bend the spline.
            kept = row > low
            if kept.sum() >= 4 and row.max() > low + 660.0:
                inside = (place >= nodes[kept][0]) & (place <= nodes[kept][-1])
                found[inside] += np.exp(CubicSpline(nodes[kept], row[kept])(place[inside]))
        made: Floats = found / ((nodes[1] - nodes[0]) * factor[index, index])
        return made


def integral(target: Target, kept: int, watch: Watch) -> tuple[Integral | None, str]:
    """The posterior of `target` on a grid, with `kept` values left out in turn, or why there is none."""
    k = target.mode.size
    if k not in GRIDS or (2 * GRIDS[k][1] + 1) ** k * target.x.size > WORK:
        return None, "the posterior is not integrated: too many parameters or values for a grid"
    for share in (0.0, 0.5):
        found, same = _laid(target, kept, _after(share, watch))
        if same:
            return found, ""
        target = _recentred(found)
    return None, "the posterior is not integrated: it is too far from normal for a grid"


def _after(share: float, watch: Watch) -> Watch:
    """Of the second half of the work, or the first."""
    return lambda done: watch(share + done / 2)


def _laid(target: Target, kept: int, watch: Watch) -> tuple[Integral, bool]:
    k = target.mode.size
    spacing, half = GRIDS[k]
    nodes: Floats = spacing * np.arange(-half, half + 1.0)
    index = np.array(list(product(range(nodes.size), repeat=k)))
    radius = np.linalg.norm(nodes[index], axis=1)
    u = target.at(nodes[index])
    use = (radius <= nodes[-1]) & ((u > target.box[:, 0]) & (u < target.box[:, 1])).all(axis=1)
    even = (index % 2 == 0).all(axis=1)[use]
    logs, sums = np.full(len(u), -np.inf), []
    found = np.empty(int(use.sum()))
    with np.errstate(over="ignore", invalid="ignore"):
        for part, total, some in blocks(target.family, target.x, target.weights, u[use], kept):
            each = total + [_log_prior(target, v) for v in u[use][part]]
            found[part] = np.where(np.isnan(each), -np.inf, each)
            sums.append(_partial(found[part], some, even[part]))
            watch(part.stop / found.size)
    logs[use] = found
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    fine, rough = (logsumexp(np.array(each), axis=0) for each in zip(*sums, strict=True))
    seen, left_out = _predictive(fine, kept)
    made = Integral(target, nodes, u, weights, left_out, seen)
    every = np.zeros(len(u), bool)
    every[np.flatnonzero(use)[even]] = True
    second = Integral(target, nodes, u[every], weights[every] / weights[every].sum(), left_out, seen)
    (mean, sd), (mean2, sd2) = made.moments(u), second.moments(second.u)
    moved = np.r_[(mean2 - mean) / sd, sd2 / sd - 1]
    drift = np.abs(_predictive(rough, kept)[1] - left_out).sum()
    outer = float(weights[radius > nodes[-1] - spacing].sum())
    return made, bool(np.abs(moved).max() < SAME and drift < AS_GOOD and outer < OUTSIDE)


def _predictive(sums: Floats, kept: int) -> tuple[Floats, Floats]:
    """Log-densities of the first values given all, and given all others, from `_partial` sums."""
    return sums[1 : kept + 1] - sums[0], sums[0] - sums[kept + 1 :]


def _log_prior(target: Target, u: Floats) -> float:
    prior = target.prior
    return float(log_prior(target.family.name, prior.conjugate, u, prior.numbers, np))


def _partial(logs: Floats, some: Floats, coarse: Floats) -> tuple[Floats, Floats]:
    """Logarithms of sums over a block's points, all and every second one: of the posterior, and of it
    times and over each value's density."""
    terms = np.concatenate([logs[:, None], logs[:, None] + some, logs[:, None] - some], axis=1)
    terms = np.where(np.isnan(terms), -np.inf, terms)
    none = np.full(terms.shape[1], -np.inf)
    return logsumexp(terms, axis=0), logsumexp(terms[coarse], axis=0) if coarse.any() else none


def _recentred(found: Integral) -> Target:
    """The same posterior in coordinates of its mean and covariance."""
    mean = found.weights @ found.u
    away = found.u - mean
    covariance = (away * found.weights[:, None]).T @ away
    factor = np.asarray(np.linalg.cholesky(covariance + 1e-12 * np.eye(mean.size)), np.float64)
    return replace(found.target, mode=mean, factor=factor)
