"""Families with a whole number of trials that is not known: the fit at the best one.

The likelihood is maximised over the other parameters at each number tried, and rises and falls once
as the number grows: steps that double find where it turns, and a search between them the number.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.families.family import Floats, Parameter
from core.families.result import Fit, Standard

SAID = (
    "{name} is estimated as a whole number, to which the usual standard errors do not apply; fix it "
    "where it is known"
)


def profiled(fit_at: Callable[[float], Fit], parameter: Parameter, index: int, least: float) -> Fit:
    """The best of the fits at whole numbers from `least` on, with the number, which is parameter
    `index` of the family, among the estimated ones."""
    tried: dict[float, Fit] = {}

    def value(n: float) -> float:
        if n not in tried:
            tried[n] = fit_at(n)
        return tried[n].log_likelihood

    assert parameter.limits is not None
    most = max(parameter.limits[1], least)
    grid = [least]
    # Two falls in a row: a likelihood that is level to rounding may fall once without having turned.
    while grid[-1] < most and not (
        len(grid) > 2 and value(grid[-1]) < value(grid[-2]) < value(grid[-3])
    ):
        grid.append(min(most, 2 * grid[-1] - least + 1))
    top = max(range(len(grid)), key=lambda k: value(grid[k]))
    low, high = grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)]
    while high - low > 2:
        third = np.floor((high - low) / 3)
        if value(low + third) < value(high - third):
            low += third
        else:
            high -= third
    value(low + 1) if low < high else None
    best = max(tried, key=value)
    edge = best == most
    end = f"the likelihood still rises at {parameter.name} = {best:.3g}: {parameter.beyond}"
    note = end if edge else SAID.format(name=parameter.name)
    return _counted(tried[best], parameter, index, note)


def _counted(made: Fit, parameter: Parameter, index: int, note: str) -> Fit:
    """The fit with its number as an estimated parameter, in the order of the family."""
    standard = made.peak
    free = tuple(sorted((*standard.free, index)))
    at = free.index(index)
    names = list(made.free)
    names.insert(at, parameter.name)
    return replace(
        made,
        free=tuple(names),
        standard_errors={**made.standard_errors, **dict.fromkeys(names, float("nan"))},
        covariance=np.full((len(free), len(free)), np.nan),
        notes=(*made.notes, note),
        peak=Standard(
            standard.shift,
            standard.stretch,
            free,
            np.insert(standard.u, at, parameter.free(standard.theta[index])),
            standard.theta,
            _widened(standard.hessian, at),
        ),
    )


def _widened(square: Floats, at: int) -> Floats:
    """The square matrix with a row and a column that are not numbers."""
    wider: Floats = np.insert(np.insert(square, at, np.nan, axis=0), at, np.nan, axis=1)
    return wider
