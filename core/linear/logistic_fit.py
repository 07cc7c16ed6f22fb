"""Logistic regression by maximum likelihood, for many replicates at once, and whether it exists."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Newton's decrement a sample, twice the log-likelihood left to gain, at which one more step is the
# last: it squares what is left.
DONE = 1e-10
STEPS = 100


class Fitted(NamedTuple):
    """Coefficients (replicate, p) and the sum of losses (replicate,), nats; `exists` says that the
    score vanishes there. Where it does not, the coefficients separate the classes: along them the
    likelihood rises without end, so that no maximum exists."""

    coefficients: Floats
    loss: Floats
    exists: Bools


def fit(
    x: Floats, y: Floats, start: Floats | None = None, tick: Callable[[], None] = lambda: None
) -> Fitted:
    """Maximum likelihood without intercept for features (replicate, n, p) and classes 0 and 1
    (replicate, n), by Newton's method with halved steps; `tick` is called before each.

    A fit ends with a proof of either case: a vanishing score, where the loss is strictly convex, or
    coefficients that have every sample on its right side.
    """
    signed = x * (2 * y - 1)[..., None]
    b = np.zeros((len(x), x.shape[2])) if start is None else start.copy()
    loss, least = _loss(signed, b)
    done = np.zeros(len(x), bool)
    exists = done.copy()
    for _ in range(STEPS):
        tick()
        at = np.flatnonzero(~done)
        step, decrement = _newton(signed if at.size == len(x) else signed[at], b[at])
        exists[at] = done[at] = decrement <= DONE * signed.shape[1]
        b[at], loss[at], least[at] = _moved(signed, b, loss, at, step, decrement)
        exists[at] &= least[at] <= 0
        done[at] |= least[at] > 0
        if done.all():
            break
    return Fitted(b, loss, exists)


def _newton(signed: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Newton's step and the decrement g'H⁻¹g."""
    wrong = scipy.special.expit(-(signed @ b[..., None])[..., 0])
    slope = (signed.mT @ wrong[..., None])[..., 0]
    weighted = signed * np.sqrt(wrong * (1 - wrong))[..., None]
    hessian = weighted.mT @ weighted
    # Of rounding's size: only a fit on its way to infinity notices.
    diagonal = np.arange(hessian.shape[-1])
    hessian[:, diagonal, diagonal] *= 1 + 1e-13
    hessian[:, diagonal, diagonal] += 1e-300
    step = np.linalg.solve(hessian, slope[..., None])[..., 0]
    return np.asarray(step, dtype=float), np.asarray((step * slope).sum(axis=-1), dtype=float)


def _moved(
    signed: Floats, b: Floats, loss: Floats, at: NDArray[np.intp], step: Floats, decrement: Floats
) -> tuple[Floats, Floats, Floats]:
    """Where the steps lead, each halved until the loss falls by a tenth of what its slope promises;
    the loss there, and the least margin."""
    moved, found, length = b[at] + step, np.empty((2, at.size)), np.ones(at.size)
    todo = np.arange(at.size)
    for _ in range(30):
        rows = at[todo]
        found[:, todo] = _loss(signed if rows.size == len(signed) else signed[rows], moved[todo])
        allowed = loss[rows] - 0.1 * length[todo] * decrement[todo] + 1e-12 * (1 + loss[rows])
        todo = todo[~(found[0, todo] <= allowed)]
        if not todo.size:
            break
        length[todo] /= 2
        moved[todo] = b[at[todo]] + length[todo, None] * step[todo]
    return moved, found[0], found[1]


def _loss(signed: Floats, b: Floats) -> tuple[Floats, Floats]:
    """The sum of log(1 + exp(−margin)) and the least margin (replicate,)."""
    margins = (signed @ b[..., None])[..., 0]
    return np.logaddexp(0.0, -margins).sum(axis=-1), margins.min(axis=-1)


def ratios(
    x: Floats,
    y: Floats,
    fitted: Fitted,
    columns: NDArray[np.intp],
    tick: Callable[[], None] = lambda: None,
) -> Floats:
    """Twice the log-likelihood ratio of each of `columns` (k,): (replicate, k), what the fit loses
    when that coefficient is held at 0. For fits that exist.

    All are refitted together with the Hessian of the full fit, which holding one coefficient hardly
    changes; a replicate in which that does not converge is refitted one column after the other.
    """
    signed = x * (2 * y - 1)[..., None]
    b, k = fitted.coefficients, np.arange(columns.size)
    p = scipy.special.expit((signed @ b[..., None])[..., 0])
    weighted = signed * np.sqrt(p * (1 - p))[..., None]
    inverse = np.linalg.inv(weighted.mT @ weighted)
    along = inverse[:, :, columns] / inverse[:, columns, columns][:, None]
    held = b[..., None] - along * b[:, None, columns]
    for _ in range(30):
        tick()
        slope = signed.mT @ scipy.special.expit(-(signed @ held))
        step = inverse @ slope
        step -= along * step[:, columns, k][:, None]
        held += step
        if np.abs(step * slope).sum(axis=1).max() < 1e-9:
            break
    left = np.abs(step * slope).sum(axis=1).max(axis=1)
    lost = np.logaddexp(0.0, -(signed @ held)).sum(axis=1) - fitted.loss[:, None]
    for row in np.flatnonzero(~(left < 1e-9)):
        for j, column in enumerate(columns):
            fewer = np.delete(x[row], column, axis=1)[None]
            again = fit(fewer, y[row][None], np.delete(b[row], column)[None], tick)
            lost[row, j] = again.loss[0] - fitted.loss[row]
    return np.asarray(2 * lost)
