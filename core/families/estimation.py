"""Estimates by other methods than maximum likelihood, from which their searches start."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import optimize

from core.experiment import InputError
from core.families.family import Family, Floats
from core.families.jets import total
from core.families.likelihood import box
from core.families.maximum import made, maximum
from core.families.methods import mge, mle, mme, mps, qme
from core.families.methods.problem import Criterion, Law, Problem
from core.families.moments import quantile, spread
from core.families.prepare import pieces, thin
from core.families.result import Fit, Standard
from core.families.sample import Sample

METHODS: dict[str, Callable[[Problem], Criterion]] = {
    "mle": mle.criterion,
    "mme": mme.criterion,
    "qme": qme.criterion,
    "mge": mge.criterion,
    "mps": mps.criterion,
}
TAKING = ("qme", "mge")
NO_ERRORS = "standard errors come with maximum likelihood only; a bootstrap gives them for {method}"
CORNER = "the density has a corner, so that there are no standard errors here; a bootstrap gives them"
UNSOLVED = "no parameters of {family} match exactly; these come nearest"
# Differences of moments and quantiles, in their own scale, that count as none.
SOLVED = 1e-7


def known(method: str) -> None:
    """Raises InputError for a method that does not exist."""
    name, colon, taken = method.partition(":")
    unknown = name == "mge" and taken not in mge.DISTANCES
    if unknown or name not in METHODS or (colon == ":") != (name in TAKING):
        raise InputError(
            "`method` must be one of mle, mme, qme:p1,p2,..., mge:KS (or "
            f"{', '.join(list(mge.DISTANCES)[1:])}) and mps, not '{method}'."
        )


def estimate(
    method: str, family: Family, sample: Sample, fixed: Mapping[int, float], free: tuple[int, ...]
) -> Fit:
    """The fit by `method` to a checked sample, with parameters held by index."""
    shift, stretch = _frame(family, sample)
    start = _start(family, sample, fixed, free)
    z = _standardised(family, start, shift, stretch)
    first = np.array([family.parameters[i].free(z[i]) for i in free])
    name, _, argument = method.partition(":")
    inside = sample.window.of(family)
    law = Law(family, tuple(start), inside)
    problem = Problem(method, argument, family, sample, len(free), law)
    criterion = METHODS[name](problem)

    def at(u: Floats) -> Law:
        theta = dict(fixed)
        for i, v in zip(free, u, strict=True):
            p = family.parameters[i]
            theta[i] = float(p.restore(p.value(v), shift, stretch))
        return Law(family, tuple(theta[i] for i in range(len(family.parameters))), inside)

    u, notes = _solved(family, free, criterion, at, first)
    theta = np.array(at(u).theta)
    unknown = np.full((len(free), len(free)), np.nan)
    standard = Standard(shift, stretch, free, u, _standardised(family, theta, shift, stretch), unknown)
    if family.closed and sample.partial:
        loglik = -sample.total * float(mle.criterion(problem)(at(u)))
    else:
        loglik = total(family, pieces(family, sample, 0.0, 1.0), theta)
    said = (*notes, CORNER if method == "mle" else NO_ERRORS.format(method=method))
    return made(family, sample, standard, unknown, loglik, float("nan"), said, method)


def _standardised(
    family: Family, theta: Sequence[float] | Floats, shift: float, stretch: float
) -> Floats:
    return np.array(
        [p.standardise(v, shift, stretch) for p, v in zip(family.parameters, theta, strict=True)]
    )


def _start(
    family: Family, sample: Sample, fixed: Mapping[int, float], free: tuple[int, ...]
) -> list[float]:
    """Where the search starts: at the largest likelihood, or near it where there is none."""
    if family.closed and sample.partial:
        return list(family.closed(*sample.representative(), fixed))
    try:
        return list(maximum(family, sample, fixed, free).parameters.values())
    except InputError:
        return [fixed.get(i, v) for i, v in enumerate(family.start(*thin(*sample.representative()))[0])]


def _frame(family: Family, sample: Sample) -> tuple[float, float]:
    """A shift and a stretch as far as the roles of the parameters allow, kinks or not."""
    roles = {p.role for p in family.parameters}
    if family.discrete or not roles & {"scale", "log_location", "location"}:
        return 0.0, 1.0
    x, w = thin(*sample.representative())
    if "location" in roles:
        return quantile(x, w, 0.5), spread(x, w) or 1.0
    some = x != 0
    return 0.0, quantile(np.abs(x[some]), w[some], 0.5)


def _solved(
    family: Family, free: tuple[int, ...], criterion: Criterion, at: Callable[[Floats], Law], u: Floats
) -> tuple[Floats, tuple[str, ...]]:
    """The best point (k,), and a sentence where it is not what was asked for."""
    limits = box(family, free)
    low, high = limits[:, 0], limits[:, 1]
    inner = np.clip(u, low + 1e-6, high - 1e-6)
    if np.ndim(criterion(at(u))):

        def gaps(v: Floats) -> Floats:
            return np.asarray(criterion(at(v)))

        found = optimize.least_squares(
            gaps, inner, bounds=(low, high), xtol=1e-15, ftol=1e-15, gtol=1e-15
        )
        solved = float(np.max(np.abs(found.fun))) < SOLVED
        return np.asarray(found.x), () if solved else (UNSOLVED.format(family=family.name),)

    def loss(v: Floats) -> float:
        return float(criterion(at(np.clip(v, low, high))))

    return np.clip(_lowest(loss, inner), low, high), ()


def _lowest(loss: Callable[[Floats], float], best: Floats) -> Floats:
    """Where the loss is least, near a point (k,). Each search starts anew around the end of the last,
    because a simplex can collapse on a kink."""
    value = loss(best)
    for width in (0.2, 0.05, 0.05, 0.01, 0.01, 0.002):
        corners = np.vstack([best, best + width * np.eye(best.size)])
        options: Any = {"initial_simplex": corners, "xatol": 1e-9, "fatol": 1e-14, "maxfev": 2000}
        found = optimize.minimize(loss, best, method="Nelder-Mead", options=options)
        gain = value - float(found.fun)
        if gain >= 0:
            best, value = np.asarray(found.x), float(found.fun)
        if width < 0.05 and not gain > 1e-13 * abs(value):
            break
    return best
