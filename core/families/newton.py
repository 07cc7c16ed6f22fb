"""Damped Newton steps on exact Hessians, for many searches at once.

Searches work in unconstrained coordinates, on standardised data. Points are moved inside a box: a
search that reaches its edge says that the maximum is at the family's boundary.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from core.families.family import Floats

EVALUATIONS, SHORTEST = 400, 0.5**40

# (rows (m,), points (m, k)) -> mean negative log-likelihoods (m,), gradients (m, k), Hessians.
Measure = Callable[[Any, Floats], tuple[Floats, Floats, Floats]]


class Peak(NamedTuple):
    """Where searches ended: unconstrained points (r, k), losses (mean negative log-likelihood) (r,)
    with their gradients (r, k) and Hessians (r, k, k), coordinates at the edge of the box (r, k),
    the expected further falls of the losses (r,), the steps made (r,), and the losses at the starts
    (r,)."""

    u: Floats
    loss: Floats
    gradient: Floats
    hessian: Floats
    edge: Any
    decrement: Floats
    steps: Any
    first: Floats

    def row(self, index: int) -> "Peak":
        """One search, without the leading axis."""
        return Peak(*(leaf[index] for leaf in self))


def climb(
    measure: Measure,
    starts: Floats,
    box: Floats,
    bounded: Any,
    n: float | Floats,
    most: int = EVALUATIONS,
) -> Peak:
    """Searches from `starts` (r, k) within `box` (k, 2); no coordinate that is `bounded` (k,), a
    logarithm, moves by more than 3 in a step: a factor of 20. A search ends where the score is
    within 1e-6 standard errors of a zero at `n` values, or when rounding allows no more.
    """
    low, high = box[:, 0], box[:, 1]
    trial = np.clip(np.asarray(starts, np.float64), low, high)
    r, k = trial.shape
    peak = Peak(
        trial.copy(),
        np.full(r, np.inf),
        np.zeros((r, k)),
        np.zeros((r, k, k)),
        np.zeros((r, k), bool),
        np.full(r, np.inf),
        np.zeros(r, int),
        np.full(r, np.inf),
    )
    enough = np.broadcast_to(np.maximum(1e-12 / (2 * np.asarray(n, np.float64)), 1e-24), (r,))
    step, length = np.zeros((r, k)), np.ones(r)
    rows = np.arange(r)
    for _ in range(most):
        value, gradient, hessian = measure(rows, trial[rows])
        good, going = _judge(peak, rows, value, gradient, hessian, length)
        hit = rows[good]
        fresh = hit[peak.steps[hit] == 0]
        before = peak.decrement[hit]
        for leaf, new in ((peak.u, trial[rows]), (peak.loss, value), (peak.gradient, gradient)):
            leaf[hit] = new[good]
        peak.hessian[hit] = hessian[good]
        peak.first[fresh] = peak.loss[fresh]
        peak.steps[hit] += 1
        whole = _aim(peak, step, hit, low, high, bounded)
        # From a decrement of 1e-13 on a step lands within rounding of the maximum.
        after = peak.decrement[hit]
        ended = (after < enough[hit]) | ((before < 1e-13) & (after > before / 4)) | np.isnan(after)
        # Along a ridge that is flat but for rounding each step promises as little as the one before.
        ended |= (before < 1e-11) & (after > 0.9 * before)
        length[rows[~good]] /= 2
        length[hit] = whole
        going[good] &= ~ended
        going &= length[rows] > SHORTEST
        rows = rows[going]
        if not rows.size:
            break
        trial[rows] = np.clip(peak.u[rows] + length[rows, None] * step[rows], low, high)
    return peak


def _judge(
    peak: Peak, rows: Any, value: Floats, gradient: Floats, hessian: Floats, length: Floats
) -> tuple[Any, Any]:
    """Which trial points are taken, (m,), and which searches go on, (m,)."""
    first = ~np.isfinite(peak.loss[rows])
    usable = np.isfinite(gradient).all(axis=1) & np.isfinite(hessian).all(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        rounding = 1e-14 * (1 + np.abs(peak.loss[rows]))
        allowed = peak.loss[rows] - 2e-4 * length[rows] * peak.decrement[rows] + rounding
    good = np.isfinite(value) & usable & (first | (value <= allowed))
    return good, good | ~first


def _aim(peak: Peak, step: Floats, rows: Any, low: Floats, high: Floats, bounded: Any) -> Floats:
    """Sets the edges, the Newton steps and the decrements of these searches; how much of each step
    stays in the box, (m,), so that it follows a ridge to the edge and does not leave it there."""
    u, gradient, hessian = peak.u[rows], peak.gradient[rows], peak.hessian[rows]
    at_low, at_high = u <= low, u >= high
    edge = (at_low & (gradient > 0)) | (at_high & (gradient < 0))
    for _ in range(u.shape[1]):
        move = _newton(np.where(edge, 0.0, gradient), hessian, edge)
        outward = ((at_low & (move < 0)) | (at_high & (move > 0))) & ~edge
        if not outward.any():
            break
        edge |= outward
    move = np.where(edge, 0.0, move)
    farthest = np.max(np.abs(move) * bounded, axis=1) + 1e-300
    move *= np.minimum(1.0, 3.0 / farthest)[:, None]
    peak.edge[rows], step[rows] = edge, move
    peak.decrement[rows] = -np.einsum("rk,rk->r", np.where(edge, 0.0, gradient), move) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(move == 0, np.inf, np.where(move > 0, high - u, low - u) / move)
    return np.asarray(np.minimum(1.0, room.min(axis=1)))


def _newton(gradient: Floats, hessian: Floats, edge: Any) -> Floats:
    """Steps (m, k) that fall even where a Hessian is not positive definite."""
    held = edge[:, :, None] | edge[:, None, :]
    curved = np.where(held, np.eye(gradient.shape[1]), hessian)
    # In units in which each coordinate has a curvature of 1, so that none is lost beside a larger one.
    diagonal = np.abs(np.diagonal(curved, axis1=1, axis2=2))
    unit = 1 / np.sqrt(np.maximum(diagonal, 1e-24 * diagonal.max(axis=1, keepdims=True) + 1e-300))
    values, vectors = np.linalg.eigh(curved * unit[:, :, None] * unit[:, None, :])
    size = np.abs(values)
    size = np.maximum(size, 1e-12 * size.max(axis=1, keepdims=True) + 1e-300)
    along = np.einsum("rji,rj->ri", vectors, gradient * unit) / size
    return np.asarray(-np.einsum("rij,rj->ri", vectors, along) * unit)
