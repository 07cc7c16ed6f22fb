"""Families fitted to a column, or to many samples at once, in closed form or by one equation: numpy
alone, nothing to compile. The families are those of `core.families.rowwise`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy

from core.families.distances import Floats, between
from core.families.rowwise import FAMILIES

# Those of positive values, and of all.
POSITIVE = ("lognormal", "gamma", "weibull", "exponential")
EVERY = ("normal", "lognormal", "gamma", "weibull", "exponential", "gumbel", "logistic")
PARAMETERS = {
    "normal": ("mean", "sd"),
    "lognormal": ("meanlog", "sdlog"),
    "gamma": ("shape", "scale"),
    "weibull": ("shape", "scale"),
    "exponential": ("scale",),
    "gumbel": ("location", "scale"),
    "logistic": ("location", "scale"),
}
# The Anderson–Darling statistic of a fitted law is the same for these: a logarithm, a mirror image.
SAME_LAW = {"lognormal": "normal", "weibull": "gumbel"}
ROOM = 2**18


def _normal(x: Floats, m: Floats, s: Floats) -> Floats:
    return np.asarray(-0.5 * ((x - m) / s) ** 2 - np.log(s) - 0.5 * np.log(2 * np.pi))


def _gumbel(x: Floats, m: Floats, s: Floats) -> Floats:
    z = (x - m) / s
    return np.asarray(-z - np.exp(-z) - np.log(s))


def _logistic(x: Floats, m: Floats, s: Floats) -> Floats:
    z = np.abs(x - m) / s
    return np.asarray(-z - 2 * np.log1p(np.exp(-z)) - np.log(s))


def _gamma(x: Floats, k: Floats, s: Floats) -> Floats:
    return np.asarray((k - 1) * np.log(x) - x / s - scipy.special.gammaln(k) - k * np.log(s))


DENSITIES: dict[str, Callable[..., Floats]] = {
    "normal": _normal,
    "lognormal": lambda x, m, s: _normal(np.log(x), m, s) - np.log(x),
    "gamma": _gamma,
    "weibull": lambda x, k, s: np.log(k / s) + (k - 1) * np.log(x / s) - (x / s) ** k,
    "exponential": lambda x, s: -x / s - np.log(s),
    "gumbel": _gumbel,
    "logistic": _logistic,
}


@dataclass(frozen=True)
class Fitted:
    """A family fitted to a column: parameters in the order of `PARAMETERS`, log-likelihood in nats, the
    Anderson–Darling statistic, and AICc (NaN where n is at most k + 1)."""

    family: str
    parameters: tuple[float, ...]
    log_likelihood: float
    ad: float
    aicc: float


def fitted(x: Floats, families: tuple[str, ...]) -> list[Fitted]:
    """The families that values x (n,), not all equal, can have, least AICc first."""
    found = []
    for name in families:
        if name in POSITIVE and not (x > 0).all():
            continue
        theta = [float(p[0]) for p in FAMILIES[name].fit(x[None])]
        loglik = float(DENSITIES[name](x, *theta).sum())
        k, n = len(theta), x.size
        more = 2 * k * (k + 1) / (n - k - 1) if n > k + 1 else np.nan
        ad = float(statistic(x[None], name)[0])
        if np.isfinite([*theta, loglik]).all():
            found.append(Fitted(name, tuple(theta), loglik, ad, 2 * k - 2 * loglik + more))
    return sorted(found, key=lambda f: f.aicc)


def statistic(x: Floats, family: str) -> Floats:
    """Anderson and Darling's (r,) of rows x (r, n) from the law of `family` fitted to each."""
    with np.errstate(all="ignore"):
        u = np.clip(FAMILIES[family].probabilities(x), 1e-300, 1 - 2.0**-53)
        return between(u)["ad"]


def null(family: str, parameters: tuple[float, ...], r: int, n: int, rng: np.random.Generator) -> Floats:
    """The statistic (r,) of draws of n values from the family that are fitted again. Its law is free of
    the parameters but for gamma's shape."""
    law = SAME_LAW.get(family, family)
    parts, room = [], max(1, ROOM // n)
    for first in range(0, r, room):
        rows = min(room, r - first)
        parts.append(statistic(draw(law, parameters, (rows, n), rng), law))
    return np.concatenate(parts)


def draw(
    law: str, parameters: tuple[float, ...], size: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """Values (r, n) of a law of scale 1; of `parameters` only the gamma's shape and, with a logarithm
    or a power, those of the log-normal and the Weibull are used."""
    if law == "gamma":
        return rng.standard_gamma(parameters[0], size)
    if law == "exponential":
        return rng.standard_exponential(size)
    if law == "gumbel":
        return rng.gumbel(size=size)
    if law == "logistic":
        return rng.logistic(size=size)
    return rng.standard_normal(size)


def share_above(reference: Floats, found: Floats) -> Floats:
    """p-values (1 + draws at least as far) / (1 + draws) of statistics found (r,)."""
    order = np.sort(reference)
    above = order.size - np.searchsorted(order, found * (1 - 1e-9), side="left")
    return np.asarray((1 + above) / (1 + order.size))


def adjusted(p: Floats) -> Floats:
    """Benjamini and Hochberg's p-values along the last axis: a hypothesis is rejected at false discovery
    rate q where its own is at most q (Benjamini & Hochberg 1995, JRSS B 57, 289)."""
    m = p.shape[-1]
    order = np.argsort(p, axis=-1)
    scaled = np.take_along_axis(p, order, -1) * m / np.arange(1, m + 1)
    least = np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    made = np.empty_like(scaled)
    np.put_along_axis(made, order, np.minimum(least, 1.0), -1)
    return np.asarray(made)
