"""p-values of goodness of fit that account for the estimation: parametric bootstrap with refitting.

With estimated parameters a sample lies closer to its fitted law than to the true one, and the usual
tables of the Kolmogorov–Smirnov, Cramér–von Mises and Anderson–Darling statistics no longer hold
(Lilliefors 1967, JASA 62, 399). Samples drawn from the fitted law, fitted again and measured alike, are
distributed as the statistic is, exactly where its law is free of the parameters (a location, a scale,
a power) and in the limit of large n otherwise (Stute, González Manteiga & Presedo Quindimil 1993,
Metrika 40, 243; Genest & Rémillard 2008, Annales de l'IHP 44, 1096).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from core.experiment import InputError
from core.families import distances, located, probabilities, registry
from core.families.family import Family, Floats
from core.families.redraws import Limits, Redraws, drawn, limits, redraws, size, window
from core.families.result import Fit
from core.families.window import Window

# Classes into which counts fall for their distances, and the fewest expected in one of Pearson's.
CLASSES, EXPECTED = 256, 5.0

Measure = Callable[[Redraws], dict[str, Floats]]


@dataclass(frozen=True)
class PValue:
    """A p-value by simulation.

    Attributes:
        test: `ks`, `cvm`, `ad` or `chi2`; `statistic` is its value on the sample.
        value: the p-value; not a number where the statistic is infinite for every sample, as `ad` is
            where a support is estimated by its smallest and largest value.
        standard_error: that of the simulation.
        draws: samples drawn; `exceedances` of them lie at least as far from their fitted law.
        stopped: whether enough exceedances had been seen before the last draw.
        lost: draws whose fit reached no maximum; they count as exceedances.
    """

    test: str
    statistic: float
    value: float
    standard_error: float
    draws: int
    exceedances: int
    stopped: bool
    lost: int


def p_values(
    fit: Fit,
    generator: np.random.Generator,
    *,
    tests: Sequence[str] = (),
    draws: int = 999,
    enough: int = 50,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, PValue]:
    """p-values of `fit` by test, all from the same at most `draws` samples.

    Each stops at the `enough`-th sample that lies at least as far, the l-th, with p = enough / l, and
    is (exceedances + 1) / (draws + 1) if that does not happen. So P(p ≤ α) ≤ α under the fitted
    family, whatever `enough` is, and the relative standard error of a stopped one is
    √((1 − p) / enough): Besag & Clifford 1991, Biometrika 78, 301. With `enough` above `draws` none
    stops. Counts are tested by `chi2` too.

    Raises:
        InputError: an unknown test, a fit by other than maximum likelihood or of a number of trials,
            weights that are not numbers of values, or censoring by other than one limit on a side.
    """
    _check(fit)
    allowed = distances.COUNT_TESTS if registry.find(fit.family).discrete else distances.TESTS
    chosen = tuple(tests) or allowed
    for name in chosen:
        if name not in allowed:
            raise InputError(
                f"`tests` must be among {', '.join(allowed)} for {fit.family}, not '{name}'."
            )
    observed, measure = _prepared(fit)
    far: dict[str, list[Any]] = {name: [] for name in chosen}
    good: list[Any] = []
    done, hits = 0, dict.fromkeys(chosen, 0)
    for part in redraws(fit, generator):
        found, kept = measure(part), part.good[: draws - done]
        good.append(kept)
        for name in chosen:
            # Rounding must not decide between two equal distances.
            beyond = found[name][: kept.size] >= observed[name] * (1 - 1e-9)
            far[name].append(beyond | ~kept)
            hits[name] += int(far[name][-1].sum())
            if np.isinf(observed[name]) and np.isinf(found[name]).any():
                # Where the support is estimated its ends are values, at which this distance is infinite.
                observed[name], hits[name] = np.nan, enough
        done += kept.size
        progress(max(done / draws, min(min(h / enough for h in hits.values()), 1.0)))
        if done >= draws or all(h >= enough for h in hits.values()):
            break
    reached = np.concatenate(good)
    return {
        name: _value(name, observed[name], np.concatenate(far[name]), reached, draws, enough)
        for name in chosen
    }


def _check(fit: Fit) -> None:
    """Draws are fitted again by maximum likelihood, of parameters that are no whole numbers."""
    if fit.method != "mle":
        raise InputError(
            f"`fit` must be by maximum likelihood (mle) for a p-value, not by {fit.method}."
        )
    if located.AT_SMALLEST in fit.notes:
        raise InputError(
            "`fit` must not have its location at the smallest value for a p-value, as that of "
            f"{fit.family} does: no search finds it in the samples drawn."
        )
    family = registry.find(fit.family)
    if family.closed and fit.sample.partial:
        raise InputError(
            f"`sample` must be neither censored nor truncated for a p-value of {fit.family}, whose "
            "density has a corner."
        )
    whole = [p.name for p in family.parameters if p.whole and p.name in fit.free]
    if whole and not family.closed:
        raise InputError(f"`fit` must hold {whole[0]} of {fit.family} at a known number for a p-value.")


def _value(test: str, statistic: float, far: Any, good: Any, draws: int, enough: int) -> PValue:
    """The p-value from which draws lay at least as far, in the order in which they were made."""
    seen = np.cumsum(far)
    stopped = bool(seen[-1] >= enough)
    used = int(np.searchsorted(seen, enough)) + 1 if stopped else far.size
    hits = int(seen[used - 1])
    p = hits / used if stopped else (hits + 1) / (draws + 1)
    p = p if np.isfinite(statistic) or statistic > 0 else float("nan")
    error = p * np.sqrt((1 - p) / enough) if stopped else np.sqrt(p * (1 - p) / draws)
    lost = int((~good[:used]).sum())
    return PValue(test, statistic, p, float(error), used, hits, stopped, lost)


def _prepared(fit: Fit) -> tuple[dict[str, float], Measure]:
    """The distances of the sample from its fitted law, and what measures those of draws."""
    family, standard, ends = registry.find(fit.family), fit.peak, limits(fit)
    size(fit)
    sample, times = fit.sample, fit.sample.weights.astype(int)
    # A censored value lies beyond its limit, wherever that is.
    known = np.where(sample.exact, sample.left, np.where(np.isnan(sample.right), np.inf, -np.inf))
    x = np.sort(np.repeat((known - standard.shift) / standard.stretch, times))[None]
    inside = window(fit)
    if family.discrete:
        edges, pools = classes(drawn(fit), x.shape[1])
        measure: Measure = partial(_counted, family, inside=inside, edges=edges, pools=pools)
    else:
        measure = partial(_measured, family, inside=inside, ends=ends)
    own = measure(Redraws(x, standard.theta[None], np.ones(1, bool)))
    return {name: float(value[0]) for name, value in own.items()}, measure


def _measured(family: Family, part: Redraws, inside: Window, ends: Limits) -> dict[str, Floats]:
    finite = np.clip(part.x, np.finfo(float).min, np.finfo(float).max)
    u = _below(family, finite, part.theta, inside)
    if ends.none:
        return distances.between(u)
    at = np.array([v if np.isfinite(v) else 0.0 for v in (ends.low, ends.high)])
    edges = _below(family, at, part.theta, inside)
    low = edges[:, 0] if np.isfinite(ends.low) else 0.0
    high = edges[:, 1] if np.isfinite(ends.high) else 1.0
    return distances.between(
        np.where(part.x <= ends.low, 0.0, np.where(part.x >= ends.high, 1.0, u)), low, high
    )


def classes(law: Any, n: int) -> tuple[Floats, Any]:
    """Last counts (c,) of the classes of a law of counts, the last of them infinite, and pools (c,) of
    neighbouring ones in which at least 5 of n values are expected."""
    low, high = (int(law.ppf(p)) for p in (1e-9, 1 - 1e-9))
    step = max(1, -(-(high - low) // CLASSES))
    edges = np.append(np.arange(low, high + step, step, dtype=float), np.inf)
    mass = np.diff(np.r_[0.0, law.cdf(edges)])
    pools, pool, held = np.zeros(edges.size, int), 0, 0.0
    for k, expected in enumerate(n * mass):
        pools[k] = pool
        held += expected
        if held >= EXPECTED:
            pool, held = pool + 1, 0.0
    # What is left at the end is too little for a pool of its own.
    pools[pools == pool] = max(pool - 1, 0)
    return edges, pools


def _below(family: Family, x: Floats, theta: Floats, inside: Window) -> Floats:
    """P(X ≤ x | X is seen) (r, n) at x (r, n) or (n,) under theta (r, p)."""
    found = probabilities.below(family, x, theta)
    if inside.open:
        return found
    first = inside.low - 1 if family.discrete else inside.low
    low, high = (
        probabilities.below(family, np.array([end]), theta) if np.isfinite(end) else np.array([[none]])
        for end, none in ((first, 0.0), (inside.high, 1.0))
    )
    return np.asarray(np.clip((found - low) / (high - low), 0.0, 1.0))


def _counted(
    family: Family, part: Redraws, inside: Window, edges: Floats, pools: Any
) -> dict[str, Floats]:
    under = np.stack([np.searchsorted(row, edges, side="right") for row in part.x]).astype(float)
    at = np.append(edges[:-1], edges[-2])
    cumulative = _below(family, at, part.theta, inside)
    cumulative[:, -1] = 1.0
    return distances.counted(np.diff(under, prepend=0.0), np.diff(cumulative, prepend=0.0), pools)
