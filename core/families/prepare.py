"""A sample as the search takes it: moved and stretched to a standard size, in chunks."""

from collections.abc import Iterator

import numpy as np

from core.families import ranges
from core.families.family import Family, Floats
from core.families.jets import Chunk, chunks
from core.families.moments import quantile, spread
from core.families.sample import Sample

# Enough for a start from which the whole sample needs a few steps only.
THINNED = 2048
# Counts of a table that is searched by a program of its own length.
TABLE = 128


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


def thin(x: Floats, w: Floats, most: int = THINNED) -> tuple[Floats, Floats]:
    """At most about `most` of the values, the extremes among them."""
    if x.size <= most:
        return x, w
    step = -(-x.size // (most - 2))
    some = np.arange(0, x.size, step)
    ends = np.setdiff1d([np.argmin(x), np.argmax(x)], some)
    # Each of the others stands for `step` values, an extreme one for itself.
    return x[np.r_[some, ends]], np.r_[w[some], w[ends] / step]


def pieces(
    family: Family, sample: Sample, shift: float, stretch: float, most: float = np.inf
) -> tuple[Chunk, ...]:
    """What the likelihood is made of, on the standardised scale: exact values as densities, others as
    probabilities above, below or between bounds, and less the probability of being seen. The largest
    count of a family that has one is `most`."""
    # Of a sample that is all exact nothing is copied.
    exact = sample.exact if sample.censored else slice(None)
    x, w = frequencies(family, (sample.left[exact] - shift) / stretch, sample.weights[exact])
    # A table of counts is mostly short.
    length = TABLE if family.discrete and x.size <= TABLE else 0
    found = tuple(chunks("density", x, w, length=length))
    low, high, times = bounds(family, sample)
    if family.discrete:
        return (*found, *ranges.chunks(family, low, high, times, most))
    return (*found, *_probabilities((low - shift) / stretch, (high - shift) / stretch, times))


def bounds(family: Family, sample: Sample) -> tuple[Floats, Floats, Floats]:
    """Intervals (m,), infinite where a bound is open, whose probabilities enter the likelihood, each
    that many times: those of censored values, and of being seen less often than never."""
    inside = sample.window.of(family)
    some = ~sample.exact if sample.censored else slice(0)
    left, right = sample.left[some], sample.right[some]
    # A bound at the end of the support bounds nothing, an open one is that of what is seen.
    low = np.where(left > np.maximum(family.support.low, inside.low), left, inside.low)
    high = np.where(right < np.minimum(family.support.high, inside.high), right, inside.high)
    times = sample.weights[some]
    if not inside.open:
        low, high = np.r_[low, inside.low], np.r_[high, inside.high]
        times = np.r_[times, -sample.total]
    known = np.isfinite(low) | np.isfinite(high)
    return _together(low[known], high[known], times[known])


def interval(family: Family, low: float, high: float) -> Chunk:
    """The chunk of one interval, on the standardised scale."""
    ends = np.array([low]), np.array([high])
    if family.discrete:
        return next(ranges.chunks(family, *ends, np.ones(1), np.inf))
    return next(_probabilities(*ends, np.ones(1)))


def _together(low: Floats, high: Floats, times: Floats) -> tuple[Floats, Floats, Floats]:
    """Each interval once."""
    if low.size < 2:
        return low, high, times
    pairs, group = np.unique(np.column_stack([low, high]), axis=0, return_inverse=True)
    return pairs[:, 0], pairs[:, 1], np.asarray(np.bincount(group.ravel(), times), np.float64)


def _probabilities(low: Floats, high: Floats, times: Floats) -> Iterator[Chunk]:
    above, below = np.isinf(high), np.isinf(low)
    between = ~above & ~below
    yield from chunks("above", low[above], times[above])
    yield from chunks("below", high[below], times[below])
    yield from chunks("between", low[between], times[between], high[between])


def frequencies(family: Family, x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Values (n,) and weights: counts as a table of frequencies, others as they are."""
    if not family.discrete:
        return x, w
    values, group = np.unique(x, return_inverse=True)
    return values, np.asarray(np.bincount(group, w), np.float64)
