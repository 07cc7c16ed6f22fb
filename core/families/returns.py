"""Return levels of extremes: the laws of maxima and of exceedances, written by the level itself.

The level x_T that a block's maximum exceeds with probability 1/T takes the place of the location (of
maxima) or the scale (of exceedances), so that its profile likelihood is a search over what is left.
Samples are searched together, a row each.

Source: Coles 2001, An Introduction to Statistical Modeling of Extreme Values, sections 3.3 and 4.3.
"""

from dataclasses import dataclass
from typing import Any, Literal

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.continuous import gev, gpd
from core.families.family import NONNEGATIVE, REAL, Family, Floats, Parameter
from core.families.likelihood import ManySamples, bounded, box, held
from core.families.newton import Peak, climb

Method = Literal["maxima", "exceedances"]

# 95 % quantile of chi-squared with one degree of freedom, and of the normal.
CRITICAL, USUAL = 3.841458820694124, 1.959963984540054
XI = Parameter("xi", "shape", "above_minus_one", (-0.9, 20.0))
# Looks for an end of an interval.
LOOKS = 40
NEAR = 1e-5


def _growth(xi: Array, ratio: Array) -> Array:
    """(r^ξ − 1) / ξ, smooth through ξ = 0 where it is log r."""
    t = xi * jnp.log(ratio)
    small = jnp.abs(t) < 1e-3
    s = jnp.where(small, t, 1.0)
    series = 1 + s / 2 + s**2 / 6 + s**3 / 24
    far = jnp.where(small, 1.0, t)
    return jnp.log(ratio) * jnp.where(small, series, jnp.expm1(far) / far)


def _of_maxima(x: Array, level: Array, sigma: Array, xi: Array, ratio: Array) -> Array:
    return gev.log_density(x, level - sigma * _growth(xi, ratio), sigma, xi)


def _of_exceedances(x: Array, xi: Array, level: Array, ratio: Array) -> Array:
    return gpd.log_density(x, xi, level / _growth(xi, ratio))


RATIO = Parameter("ratio", "shape", limits=(1.0, 1e12))
MAXIMA = Family(
    name="gev by return level",
    scipy="genextreme",
    title="Generalised extreme value by its return level",
    support=REAL,
    parameters=(Parameter("level", "location", "real"), Parameter("sigma", "scale"), XI, RATIO),
    log_density=_of_maxima,
    start=lambda x, w: [],
    to_scipy=lambda level, sigma, xi, ratio: (
        (-xi,),
        level - sigma * float(_growth(jnp.float64(xi), jnp.float64(ratio))),
        sigma,
    ),
)
EXCEEDANCES = Family(
    name="gpd by return level",
    scipy="genpareto",
    title="Generalised Pareto by its return level",
    support=NONNEGATIVE,
    parameters=(XI, Parameter("level", "scale"), RATIO),
    log_density=_of_exceedances,
    start=lambda x, w: [],
    to_scipy=lambda xi, level, ratio: (
        (xi,),
        0.0,
        level / float(_growth(jnp.float64(xi), jnp.float64(ratio))),
    ),
)
FAMILIES: dict[Method, Family] = {"maxima": MAXIMA, "exceedances": EXCEEDANCES}


def ratio(method: Method, period: float, rate: float) -> float:
    """What a level of `period` T blocks is the quantile of: −1 / log(1 − 1/T) of maxima, times the
    expected number `rate` of exceedances a block."""
    once = -1 / np.log1p(-1 / period)
    return float(once if method == "maxima" else rate * once)


@dataclass(frozen=True)
class Levels:
    """Fits of r samples (r, n): return levels (r,) with standard errors (r,), tail indices `xi` and
    theirs (r,), scales `sigma` (r,), log-likelihoods (r,), and which searches ended well (r,)."""

    level: Floats
    error: Floats
    xi: Floats
    xi_error: Floats
    sigma: Floats
    log_likelihood: Floats
    good: Any


def levels(method: Method, x: Floats, r: float) -> Levels:
    """Maximum likelihood for each row of `x` (r, n): block maxima, or excesses over a threshold. The
    level is that of `ratio` `r`; of exceedances it is counted from the threshold.

    Standard errors are from the observed information, in the unit of `x`.
    """
    shift, stretch = _frame(method, x)
    family, n = FAMILIES[method], x.shape[1]
    z = (x - shift) / stretch
    free: tuple[int, ...] = (0, 1, 2) if method == "maxima" else (0, 1)
    fixed = held(family, {len(free): r})
    # From a tail near the exponential; where that ends badly from others.
    peak = _searched(family, free, z, fixed, _start(method, z, r, 0.05))
    for tail in (-0.2, 0.4):
        bad = np.flatnonzero(~_good(peak))
        if bad.size:
            again = _searched(family, free, z[bad], fixed, _start(method, z[bad], r, tail))
            _replace(peak, bad, again)
    errors = _errors(peak, n)
    at = 2 if method == "maxima" else 0
    xi = np.expm1(peak.u[:, at])
    level = peak.u[:, 0] if method == "maxima" else np.exp(peak.u[:, 1])
    spread = errors[:, 0] if method == "maxima" else errors[:, 1] * level
    sigma = np.exp(peak.u[:, 1]) if method == "maxima" else level / _grown(xi, r)
    return Levels(
        shift[:, 0] + stretch[:, 0] * level,
        stretch[:, 0] * spread,
        xi,
        errors[:, at] * (1 + xi),
        stretch[:, 0] * sigma,
        -peak.loss * n - n * np.log(stretch[:, 0]),
        _good(peak),
    )


def profile(method: Method, x: Floats, r: float, level: Floats, near: Levels) -> Floats:
    """The largest log-likelihood (r,) of each row of `x` (r, n) with its return level held at `level`
    (r,), which for exceedances is counted from the threshold; searched from the fits `near` (r,)."""
    family, n = FAMILIES[method], x.shape[1]
    free: tuple[int, ...] = (1, 2) if method == "maxima" else (0,)
    grown, xi = _grown(near.xi, r), near.xi
    if method == "maxima":
        # In its own unit every row has its level at 0, so that one value is held for all.
        unit, fixed = near.sigma, {0: 0.0, 3: r}
        z = (x - level[:, None]) / unit[:, None]
        inside = (1 + xi[:, None] * (z + grown[:, None]) > 0).all(axis=1)
        start = np.stack([np.zeros(len(x)), np.log1p(np.where(inside, xi, 0.0))], axis=1)
    else:
        z, unit, fixed = x / level[:, None], level, {1: 1.0, 2: r}
        inside = 1 + xi * z.max(axis=1) * grown > 0
        start = np.log1p(np.where(inside, xi, 0.0))[:, None]
    peak = _searched(family, free, z, held(family, fixed), start)
    return np.asarray(-peak.loss * n - n * np.log(unit))


def interval(method: Method, x: Floats, r: float, made: Levels) -> tuple[float, float]:
    """The 95 % interval of the return level of one sample `x` (n,), whose fit is `made`: where twice
    the log-likelihood falls by less than 3.84. An end that is never reached is the least possible
    level, or infinite."""
    top, centre = made.log_likelihood[0], made.level[0]
    floor = -np.inf if method == "maxima" else 0.0
    side = np.array([-1.0, 1.0])
    inner, outer = np.full(2, centre), np.full(2, np.nan)
    seen, step = np.zeros(2), np.full(2, USUAL * made.error[0])
    step = np.where(np.isfinite(step) & (step > 0), step, abs(centre) / 2)
    both = Levels(*(np.repeat(leaf, 2) for leaf in vars(made).values()))
    pair, left = np.repeat(x[None], 2, axis=0), np.ones(2, bool)
    # The root of the fall is nearly linear in the level: secants, held between what is known.
    for _ in range(LOOKS):
        at = inner + side * step
        at = np.where(at <= floor, (inner + floor) / 2, at)
        fall = 2 * (top - profile(method, pair, r, at, both))
        root = np.sqrt(np.maximum(np.where(np.isfinite(fall), fall, np.inf), 0.0))
        left = np.abs(root - USUAL) > NEAR
        if not left.any():
            break
        beyond = root > USUAL
        slope = (root - seen) / np.abs(at - inner)
        wanted = (USUAL - np.where(beyond, seen, root)) / np.maximum(slope, 1e-300)
        known = np.where(beyond, at, outer)
        start = np.where(beyond, inner, at)
        room = np.abs(known - start)
        step = np.where(np.isfinite(wanted) & (wanted > 0), wanted, room / 2)
        step = np.where(
            np.isnan(room), np.minimum(step, 4 * np.abs(at - inner)), np.minimum(step, 0.9 * room)
        )
        step = np.where(left, step, np.abs(at - start))
        seen = np.where(beyond | ~left, seen, root)
        inner, outer = np.where(left, start, inner), known
        step = np.where(left, step, np.abs(at - inner))
    ends = np.where(left, np.where(np.isnan(outer), side * np.inf, outer), at)
    return max(float(ends[0]), floor), float(ends[1])


def _frame(method: Method, x: Floats) -> tuple[Floats, Floats]:
    if method == "exceedances":
        return np.zeros((len(x), 1)), x.mean(axis=1, keepdims=True)
    return np.median(x, axis=1, keepdims=True), x.std(axis=1, keepdims=True)


def _grown(xi: Floats, r: float) -> Floats:
    return np.asarray(_growth(jnp.asarray(xi), jnp.float64(r)))


def _start(method: Method, z: Floats, r: float, xi: float) -> Floats:
    """Unconstrained points (r, k) with tail index `xi`, matched to means and spreads."""
    grown = float(_grown(np.asarray(xi), r))
    if method == "exceedances":
        sigma = np.maximum(z.mean(axis=1) * (1 - xi), -1.1 * xi * z.max(axis=1))
        return np.stack([np.full(len(z), np.log1p(xi)), np.log(sigma * grown)], axis=1)
    sigma = z.std(axis=1) * np.sqrt(6) / np.pi
    mu = z.mean(axis=1) - 0.5772156649015329 * sigma
    # Every value has to lie on the right side of the end point.
    end = z.max(axis=1) if xi < 0 else z.min(axis=1)
    sigma = np.maximum(sigma, -1.1 * xi * (end - mu))
    return np.stack([mu + sigma * grown, np.log(sigma), np.full(len(z), np.log1p(xi))], axis=1)


def _searched(family: Family, free: tuple[int, ...], z: Floats, fixed: Floats, start: Floats) -> Peak:
    measure = ManySamples(family, free, z, None, fixed)
    return climb(measure, start, box(family, free), bounded(family, free), z.shape[1])


def _good(peak: Peak) -> Any:
    return (np.abs(peak.decrement) < 1e-8) & ~peak.edge.any(axis=1) & np.isfinite(peak.loss)


def _replace(peak: Peak, rows: Any, again: Peak) -> None:
    """Puts better ends of searches in the place of those of `rows`."""
    better = _good(again) | ~(peak.loss[rows] <= again.loss)
    for leaf, new in zip(peak, again, strict=True):
        leaf[rows[better]] = new[better]


def _errors(peak: Peak, n: int) -> Floats:
    """Standard errors (r, k) in unconstrained coordinates; not a number where there is no peak."""
    found = np.full(peak.u.shape, np.nan)
    for row, hessian in enumerate(peak.hessian):
        if np.isfinite(hessian).all() and (np.linalg.eigvalsh(hessian) > 0).all():
            found[row] = np.sqrt(np.diag(np.linalg.inv(hessian * n)))
    return found
