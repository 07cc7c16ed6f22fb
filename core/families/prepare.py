"""A sample as the search takes it: moved and stretched to a standard size, in chunks."""

import numpy as np

from core.families.family import Family, Floats
from core.families.jets import Chunk, chunks
from core.families.moments import quantile, spread
from core.families.sample import Sample

# Enough for a start from which the whole sample needs a few steps only.
THINNED = 2048


def frame(family: Family, sample: Sample) -> tuple[float, float]:
    """The shift and stretch that standardise the data, as far as the family allows."""
    roles = {p.role for p in family.parameters}
    if family.discrete or family.closed or not roles & {"scale", "log_location"}:
        return 0.0, 1.0
    x, w = thin(*sample.representative())
    if "location" in roles:
        return quantile(x, w, 0.5), spread(x, w) or 1.0
    some = x != 0
    return 0.0, quantile(np.abs(x[some]), w[some], 0.5)


def thin(x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """At most about `THINNED` of the values, the extremes among them."""
    if x.size <= THINNED:
        return x, w
    at = np.unique(np.r_[0 : x.size : -(-x.size // (THINNED - 2)), np.argmin(x), np.argmax(x)])
    return x[at], w[at]


def pieces(family: Family, sample: Sample, shift: float, stretch: float) -> tuple[Chunk, ...]:
    """What the likelihood is made of, on the standardised scale: exact values as densities, others as
    probabilities above, below or between bounds."""
    left, weights = (sample.left - shift) / stretch, sample.weights
    if not sample.censored:
        return tuple(chunks("density", *frequencies(family, left, weights)))
    right, exact = (sample.right - shift) / stretch, sample.exact
    # A bound at the end of the support bounds nothing.
    left = np.where(left <= family.support.low, np.nan, left)
    right = np.where(right >= family.support.high, np.nan, right)
    above, below = ~exact & np.isnan(right), ~exact & np.isnan(left)
    between = ~(exact | above | below)
    found = chunks("density", *frequencies(family, left[exact], weights[exact])) if exact.any() else ()
    return (
        *found,
        *chunks("above", left[above & ~below], weights[above & ~below]),
        *chunks("below", right[below & ~above], weights[below & ~above]),
        *chunks("between", left[between], weights[between], right[between]),
    )


def frequencies(family: Family, x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Values (n,) and weights: counts as a table of frequencies, others as they are."""
    if not family.discrete:
        return x, w
    values, group = np.unique(x, return_inverse=True)
    return values, np.asarray(np.bincount(group, w), np.float64)
