"""Triangular between `min` and `max` with its peak at `mode`, which is one of the values where the
likelihood is highest (Oliver 1972; Kotz & van Dorp 2004, Beyond Beta, chapter 1)."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import optimize

from core.families.family import REAL, Family, Floats, Parameter
from core.families.stable import log1mexp

# Modes that are tried.
HILLS = 6


def log_density(x: Array, low: Array, mode: Array, high: Array) -> Array:
    """log 2 / (b − a), plus log((x − a) / (c − a)) below the mode and log((b − x) / (b − c)) above."""
    rise = jnp.log((x - low) / jnp.where(mode > low, mode - low, 1.0))
    fall = jnp.log((high - x) / jnp.where(high > mode, high - mode, 1.0))
    inside = jnp.where(x < mode, rise, jnp.where(x > mode, fall, 0.0))
    return jnp.where((x >= low) & (x <= high), jnp.log(2 / (high - low)) + inside, -jnp.inf)


def log_cdf(x: Array, low: Array, mode: Array, high: Array) -> Array:
    """log (x − a)² / ((b − a)(c − a)) below the mode, and the complement of the like above it."""
    below = jnp.clip(x, low, mode) - low
    above = high - jnp.clip(x, mode, high)
    rise = 2 * jnp.log(below) - jnp.log((high - low) * (mode - low))
    fall = 2 * jnp.log(above) - jnp.log((high - low) * (high - mode))
    return jnp.where(x < mode, rise, log1mexp(fall))


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The ends by Nelder and Mead's search from several starts, the best mode given them each time."""
    order = np.argsort(x, kind="stable")
    z, share = x[order], w[order] / w.sum()
    count = np.cumsum(share)
    width = float(z[-1] - z[0])

    def ends(u: Floats) -> tuple[float, float]:
        """Beyond the extreme values, by a factor of the range for each coordinate."""
        low = fixed.get(0, z[0] - width * np.exp(min(u[0], 50.0)))
        return float(low), float(fixed.get(2, z[-1] + width * np.exp(min(u[1], 50.0))))

    def best(u: Floats) -> tuple[float, float]:
        low, high = ends(u)
        with np.errstate(divide="ignore", invalid="ignore"):
            if 1 in fixed:
                places, before = np.array([fixed[1]]), np.array([share[z < fixed[1]].sum()])
                rise = np.array([np.sum(share * np.where(z < fixed[1], np.log(z - low), 0.0))])
                fall = np.array([np.sum(share * np.where(z < fixed[1], 0.0, np.log(high - z)))])
            else:
                places, before = z, count
                rise = np.cumsum(share * np.log(z - low))
                down = share * np.log(high - z)
                fall = np.sum(down) - np.cumsum(down)
            terms = rise - _times(before, places - low) + fall - _times(1 - before, high - places)
        at = int(np.nanargmin(-terms)) if np.isfinite(terms).any() else 0
        loss = np.log(high - low) - float(terms[at])
        return (loss if np.isfinite(loss) else np.inf), float(places[at])

    # The likelihood has a hill for each mode: a start on each of the highest.
    hills: dict[float, tuple[float, tuple[float, ...]]] = {}
    for u in product((-8.0, -4.5, -3.0, -2.0, -1.0), repeat=2):
        loss, mode = best(np.array(u))
        hills[mode] = min(hills.get(mode, (np.inf, u)), (loss, u))
    starts = [u for _, u in sorted(hills.values())[:HILLS]]
    search: Any = optimize.minimize
    found = [
        search(
            lambda u: best(u)[0],
            np.array(s),
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-14},
        )
        for s in starts
    ]
    chosen = min(found, key=lambda f: float(f.fun)).x
    low, high = ends(chosen)
    return low, best(chosen)[1], high


def _times(share: Floats, length: Floats) -> Floats:
    """share · log length, 0 where there is no share."""
    return np.where(share > 1e-15, share * np.log(np.maximum(length, 1e-300)), 0.0)


FAMILY = Family(
    name="triangular",
    scipy="triang",
    title="Triangular",
    support=REAL,
    parameters=(
        Parameter("min", "location", "real"),
        Parameter("mode", "location", "real"),
        Parameter("max", "location", "real"),
    ),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda low, mode, high: (((mode - low) / (high - low),), low, high - low),
    log_cdf=log_cdf,
    log_sf=lambda x, low, mode, high: log_cdf(-x, -high, -mode, -low),
    closed=closed,
    closed_error=lambda parameters, n: np.full(3, np.nan),
    caution=lambda low, mode, high: (
        "the ends of the support are estimated and the density has a corner at its mode: there are "
        "no usual standard errors"
    ),
)
