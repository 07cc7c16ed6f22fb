"""How fast a race goes, and how fast theory says it must near the minimum."""

import numpy as np

from core.optimization.names import METHODS, OPTIMIZERS
from core.optimization.quadratic import companion, radius, rate, residuals
from core.optimization.race import Course, Seen
from core.optimization.surfaces import Floats


def middle(values: Floats) -> float:
    """Median of what is known: a start from which an optimiser diverged does not hide the others."""
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else np.nan


def factor(course: Course, name: str) -> float:
    """ρ, the factor a step of the distance that theory predicts near the minimum; NaN without one."""
    found = course.surface.curvatures
    return np.nan if found is None or name not in METHODS else rate(course.exact[name], found)


def exact(course: Course, name: str) -> Floats:
    """Losses (position, start) of a method on the quadratic, by the sum over its modes."""
    it, steps, at = course.surface, course.exact[name], np.unique(course.at)
    left = residuals(steps, it.data, int(at[-1]))
    with np.errstate(over="ignore", invalid="ignore"):
        # The race sees Nesterov where it looks ahead.
        left = left[at] + np.asarray(steps.lookahead) * (left[at] - left[np.maximum(at - 1, 0)])
        return np.asarray(0.5 * left**2 @ (it.data * it.starts**2).T)


def slopes(course: Course, seen: Seen, name: str) -> Floats:
    """Slope of the log distance a step (half, start), fitted to both halves of what is above rounding,
    without the log t that a double root brings. NaN where there is too little."""
    at, k = course.at[: len(seen.distance)], OPTIMIZERS.index(name)
    found = np.full((2, seen.distance.shape[2]), np.nan)
    if course.surface.minimum is None:
        return found
    least = 1e-140 + 1e-11 * float(np.abs(course.surface.minimum).max())
    double = _double(course, name)
    for start in range(found.shape[1]):
        distance = seen.distance[:, k, start]
        with np.errstate(invalid="ignore"):
            lost = np.flatnonzero(~(distance > least))
        use = np.arange(1, lost[0] if lost.size else distance.size)
        for half, which in enumerate((use[: use.size // 2], use[use.size // 2 :])):
            if which.size > 4 and at[which[-1]] > at[which[0]]:
                log = np.log(distance[which]) - double * np.log(at[which])
                found[half, start] = np.polyfit(at[which], log, 1)[0]
    return found


def _double(course: Course, name: str) -> bool:
    """Whether a slowest mode has a double root, so that distances are t ρ^t."""
    found = course.surface.curvatures
    if found is None or name not in ("heavy_ball", "nesterov"):
        return False
    speeds = radius(course.exact[name], found)
    # At a double root rounding counts as its square root.
    slowest = companion(course.exact[name], found[speeds > (1 - 1e-6) * speeds.max()])
    return bool((np.abs(slowest[:, 0, 0] ** 2 + 4 * slowest[:, 0, 1]) < 1e-9).any())
