"""Weighted summaries from which families start their searches. Each takes x (n,), weights (n,)."""

from collections.abc import Callable
from typing import Any

import numpy as np

from core.families.family import Floats

Function = Callable[[float], Any]


def mean(x: Floats, w: Floats) -> float:
    """Weighted mean."""
    return float(np.average(x, weights=w))


def sd(x: Floats, w: Floats) -> float:
    """Weighted standard deviation, divided by the sum of weights."""
    return float(np.sqrt(np.average((x - mean(x, w)) ** 2, weights=w)))


def quantile(x: Floats, w: Floats, p: float) -> float:
    """The smallest value below or at which lies at least the share `p` of the weight; where that
    share is met exactly, the middle between it and the next value."""
    order = np.argsort(x, kind="stable")
    share = np.cumsum(w[order]) / np.sum(w)
    at = int(np.searchsorted(share, p * (1 - 1e-12)))
    exact = abs(share[at] - p) < 1e-12 and at + 1 < x.size
    return float((x[order][at] + x[order][at + 1]) / 2 if exact else x[order][at])


def spread(x: Floats, w: Floats) -> float:
    """A standard deviation that outliers do not move: the interquartile range / 1.349, or the
    mean distance from the median where half of the values agree."""
    robust = (quantile(x, w, 0.75) - quantile(x, w, 0.25)) / 1.349
    return robust or float(np.average(np.abs(x - quantile(x, w, 0.5)), weights=w))


def line(x: Floats, w: Floats, quantiles: Function) -> tuple[float, float]:
    """Location and scale at which a law with these standard quantiles has the sample's median and
    quartiles apart."""
    low, middle, high = (float(quantiles(p)) for p in (0.25, 0.5, 0.75))
    scale = 1.349 * spread(x, w) / (high - low)
    return quantile(x, w, 0.5) - scale * middle, scale
