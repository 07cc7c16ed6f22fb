"""Fits of one family to one sample, by any method."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families import estimation, registry
from core.families.family import DOMAINS, Family
from core.families.located import LOCATION, located
from core.families.maximum import CONVERGED, maximum
from core.families.result import Fit
from core.families.sample import Given, Sample, check_support, read
from core.families.whole import profiled

__all__ = ["CONVERGED", "fit"]


def fit(
    sample: Given,
    family: str,
    method: str = "mle",
    fixed: Mapping[str, float] | None = None,
    weights: Given = None,
    free: Sequence[str] = (),
    truncated: Any = None,
) -> Fit:
    """Fits `family` to `sample`.

    `sample` is a column of numbers (n,), or for a censored one a pair (left, right) of columns
    with NaN for an open bound and equal bounds for an exact value; of a count both bounds belong to
    it, so that (10, NaN) is 10 or more. `weights` (n,) count each value that many times. `truncated`
    is a pair of points, None for none: only values between them were seen, those of counts included,
    and the parameters are those of all values.

    `method` is `mle` (maximum likelihood), `mme` (moments), `qme:p1,p2,...` (quantiles), `mge:KS` or
    another distance (see `core.families.methods.mge`), or `mps` (product of spacings), all but
    moments for censored and truncated measurements too; standard errors come with `mle` only.
    `fixed` holds parameters at given values, by name. `free` may be `("location",)` for a family of
    values above 0, which then start at a location that is estimated too, and not at 0.

    Raises:
        InputError: unknown family, method or parameter, a sample that cannot be used (see
            `core.families.sample.read`), values outside the family's support, fewer values than
            free parameters, no start with a finite likelihood, or a method that is not defined for
            the sample or the family.
    """
    estimation.known(method)
    chosen = _freed(registry.find(family), free)
    given = read(sample, weights, truncated)
    held = _held(chosen, fixed or {})
    moving = tuple(i for i in range(len(chosen.parameters)) if i not in held)
    _check(chosen, given, moving, held)
    trials = [i for i in moving if chosen.parameters[i].whole and not chosen.closed]
    if trials:
        name = chosen.names[trials[0]]
        return profiled(
            lambda n: fit(given, chosen.name, method, {**(fixed or {}), name: n}),
            chosen.parameters[trials[0]],
            trials[0],
            max(1.0, float(np.nanmax(given.left))),
        )
    if method == "mle" and not (chosen.closed and _incomplete(chosen, given)):
        return maximum(chosen, given, held, moving)
    return estimation.estimate(method, chosen, given, held, moving)


def _freed(family: Family, free: Sequence[str]) -> Family:
    for name in free:
        if name != LOCATION:
            raise InputError(f"`free` must name nothing but {LOCATION}, not '{name}'.")
    return located(family) if free and LOCATION not in family.names else family


def _held(family: Family, fixed: Mapping[str, float]) -> dict[int, float]:
    held = {}
    for name, value in fixed.items():
        if name not in family.names:
            near = difflib.get_close_matches(name, family.names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(family.names)}."
            raise InputError(f"`fixed` must name parameters of {family.name}, not '{name}'; {hint}")
        index = family.names.index(name)
        if not family.parameters[index].allows(value):
            words = DOMAINS[family.parameters[index].domain].words
            raise InputError(f"`fixed` must hold {name} of {family.name} {words}, not at {value:g}.")
        if family.parameters[index].whole and value != np.round(value):
            raise InputError(
                f"`fixed` must hold {name} of {family.name} at a whole number, not at {value:g}."
            )
        held[index] = float(value)
    if len(held) == len(family.parameters):
        raise InputError(f"`fixed` must leave a parameter of {family.name} free, but names all of them.")
    return held


def _check(family: Family, sample: Sample, free: tuple[int, ...], held: Mapping[int, float]) -> None:
    check_support(sample, family)
    if sample.left.size < len(free):
        raise InputError(
            f"`sample` must have at least {len(free)} values, as many as {family.name} has free "
            f"parameters, not {sample.left.size}."
        )
    if _incomplete(family, sample) and family.closed and family.closed_error:
        theta = np.array(family.closed(*sample.representative(), held))
        if (
            family.discrete
            or not np.isfinite(family.closed_error(theta, sample.total)[list(free)]).all()
        ):
            how = "censored" if sample.censored else "truncated"
            raise InputError(
                f"`sample` is {how}, which is not supported for {family.name}: an end of its support is "
                f"estimated by an extreme value."
            )


def _incomplete(family: Family, sample: Sample) -> bool:
    return sample.censored or not sample.window.of(family).open
