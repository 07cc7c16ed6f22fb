"""The probability that a count lies in a range, as a weighted sum over few counts.

Up to 64 counts from each end of a range enter one by one. Further on a mass changes slowly over a block
of counts that is 3 times as long as it is far from the end, and Gauss's rule for sums over consecutive
whole numbers, whose polynomials are Chebyshev's discrete ones, has its sum at 16 places (Gautschi 2004,
Orthogonal Polynomials, table 1.2). Of the range and what is outside, the less probable is summed, and
with it the mass falls towards the far end.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np

from core.families.family import Family, Floats
from core.families.jets import Chunk

SINGLY, NODES, FARTHEST = 64, 16, 2.0**53
# Places of a sum, the compiled programs' sizes, and ranges in a chunk.
ROOMS, LENGTH = (512, 1024), 4


def chunks(family: Family, low: Floats, high: Floats, weights: Floats, most: float) -> Iterator[Chunk]:
    """Ranges from `low` to `high` (n,), both included, infinite where there is no end, of a family
    whose largest count is `most`. One that leaves nothing out says nothing."""
    kept = (low > family.support.low) | (high < most)
    low, high, weights = low[kept], high[kept], weights[kept]
    for first in range(0, low.size, LENGTH):
        part = slice(first, first + LENGTH)
        sums = [_both(family, a, min(b, most), most) for a, b in zip(low[part], high[part], strict=True)]
        widest = max(len(places) for pair in sums for places, _ in pair)
        room = next(r for r in ROOMS if r >= widest)
        x = np.ones((LENGTH, 2, room))
        log_weights = np.full((LENGTH, 2, room), -np.inf)
        log_weights[len(sums) :, :, 0] = 0.0
        for k, pair in enumerate(sums):
            for side, (places, times) in enumerate(pair):
                x[k, side] = places[0]
                x[k, side, : places.size] = places
                with np.errstate(divide="ignore"):
                    log_weights[k, side, : places.size] = np.log(times)
        given = np.zeros(LENGTH)
        given[: len(sums)] = weights[part]
        yield Chunk("among", jnp.asarray(x), jnp.asarray(log_weights), jnp.asarray(given))


def _both(family: Family, low: float, high: float, most: float) -> list[tuple[Floats, Floats]]:
    """Places and weights inside a range and outside."""
    least = family.support.low
    ends = [(least, low - 1)] if low > least else []
    ends += [(high + 1, most)] if high < most else []
    outside = [covered(*pair) for pair in ends]
    apart = [np.concatenate(parts) for parts in zip(*outside, strict=True)]
    return [covered(low, high), (apart[0], apart[1])]


def covered(low: float, high: float) -> tuple[Floats, Floats]:
    """Counts, or places between them, whose weighted masses sum to that of `low` to `high`."""
    if low > high:
        return np.array([high]), np.zeros(1)
    if np.isinf(low):
        places, times = covered(-high, np.inf)
        return -places[::-1], times[::-1]
    parts: list[tuple[Floats, Floats]] = []
    near, far, length = low, high, SINGLY
    while near <= far and near - low < FARTHEST:
        size = int(min(length, far - near + 1))
        parts.append(_block(near, size))
        near += size
        if np.isfinite(high) and near <= far:
            size = int(min(length, far - near + 1))
            far -= size
            parts.append(_block(far + 1, size))
        length = int(3 * (near - low))
    return np.concatenate([p for p, _ in parts]), np.concatenate([t for _, t in parts])


def _block(first: float, size: int) -> tuple[Floats, Floats]:
    if size <= SINGLY:
        return first + np.arange(float(size)), np.ones(size)
    places, times = _rule(size)
    return first + places, times


@cache
def _rule(size: int) -> tuple[Floats, Any]:
    """Gauss's rule for the sum over 0, …, size − 1: Golub & Welsch 1969, Math. Comp. 23, 221."""
    k = np.arange(1.0, NODES)
    beyond = np.sqrt(k**2 * (float(size) ** 2 - k**2) / (4 * (4 * k**2 - 1)))
    places, vectors = np.linalg.eigh(np.diag(beyond, 1) + np.diag(beyond, -1))
    return places + (size - 1) / 2, size * vectors[0] ** 2
