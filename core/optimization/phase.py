"""Heavy ball over step size × momentum: what converges, and where it stops to."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.optimization.quadratic import threshold
from core.optimization.race import Course
from core.optimization.surfaces import Floats, quadratic
from core.optimization.updates import heavy_ball_grid

# Step sizes in units of 1/L, momenta, steps of each cell, and the share of the distance that is left
# where it has converged.
SIZES, MOMENTA, STEPS, CONVERGED = np.linspace(0.1, 4.6, 46), np.linspace(0, 0.96, 25), 200, 0.01
# Around the predicted threshold, in its units: the measured one lies between two of these.
NEAR = np.linspace(0.94, 1.06, SIZES.size)


class Phase(NamedTuple):
    """By cell: step `size` in units of 1/L, `momentum`, the `ratio` of the distance left to that of
    the start (NaN beyond 64 bits), and the `outcome`: converged, slow or diverged."""

    size: Floats
    momentum: Floats
    ratio: Floats
    outcome: NDArray[np.str_]


class Boundary(NamedTuple):
    """By momentum: the threshold `predicted` and `measured` (NaN where none was found), in units of
    1/L; and the `factor` a step (momentum, near) of the stiffest mode at `NEAR` times the threshold."""

    momentum: Floats
    predicted: Floats
    measured: Floats
    factor: Floats


def unit(course: Course) -> float:
    """L of the diagram: the largest curvature at the minimum, where that is known."""
    found = course.surface.curvatures
    return course.largest if found is None else float(found[-1])


def phase(course: Course) -> Phase | None:
    """Heavy ball on the surface from the first start; None without a known minimum."""
    it = course.surface
    if it.minimum is None:
        return None
    size, momentum = _cells()
    _, last = heavy_ball_grid(
        it.loss, it.data, it.starts[0], it.minimum, size / unit(course), momentum, STEPS
    )
    ratio = np.asarray(last) / np.linalg.norm(it.starts[0] - it.minimum)
    outcome = np.where(ratio < CONVERGED, "converged", np.where(ratio <= 1, "slow", "diverged"))
    return Phase(size, momentum, np.where(np.isfinite(ratio), ratio, np.nan), outcome)


def boundary(course: Course) -> Boundary:
    """Heavy ball on the quadratic of the course's curvatures from a start along the stiffest: the
    threshold is where its distance neither falls nor grows."""
    _, momentum = _cells()
    edge = threshold("heavy_ball", MOMENTA, 1.0)
    sizes = edge[:, None] * NEAR
    curves = np.zeros(course.surface.starts.shape[1])
    curves[:2] = course.smallest / course.largest, 1.0
    start = np.eye(curves.size)[1]
    first, last = heavy_ball_grid(
        quadratic, curves, start, np.zeros(curves.size), sizes.ravel(), momentum, STEPS
    )
    log = np.log(np.asarray(last) / np.asarray(first)).reshape(sizes.shape) / (STEPS // 2)
    measured = np.full(MOMENTA.size, np.nan)
    for k, values in enumerate(log):
        above = np.flatnonzero(values > 0)
        if above.size and above[0] > 0:
            j = above[0]
            share = values[j - 1] / (values[j - 1] - values[j])
            measured[k] = sizes[k, j - 1] + share * (sizes[k, j] - sizes[k, j - 1])
    return Boundary(MOMENTA, edge, measured, np.exp(log))


def _cells() -> tuple[Floats, Floats]:
    size, momentum = np.meshgrid(SIZES, MOMENTA)
    return size.ravel(), momentum.ravel()
