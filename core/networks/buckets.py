"""Which networks of a sweep share a compiled program: narrower ones are padded to the widest of their
bucket.

One bucket would pad every network to the largest; one a width would compile a program for each. The
fewest buckets are taken for which padding adds at most a quarter to the arithmetic of the sweep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Widths = tuple[int, ...]
# Arithmetic with padding over arithmetic without.
MOST = 1.25


@dataclass(frozen=True)
class Bucket:
    """Networks, by their place in the sweep, and the widths of hidden layers they are padded to."""

    members: tuple[int, ...]
    widths: Widths


def products(inputs: int, widths: Widths, outputs: int) -> int:
    """Multiplications of one row's way through a network."""
    return sum(before * after for before, after in pairwise((inputs, *widths, outputs)))


def buckets(
    widths: Sequence[Widths], inputs: int, outputs: int, most: float = MOST
) -> tuple[Bucket, ...]:
    """The fewest buckets of networks with hidden `widths`, all of one depth, whose arithmetic is at
    most `most` times the networks' own; cheapest first."""
    distinct = sorted(set(widths), key=lambda w: (products(inputs, w, outputs), w))
    times = [sum(w == d for w in widths) for d in distinct]
    own = sum(n * products(inputs, d, outputs) for n, d in zip(times, distinct, strict=True))
    price = _prices(distinct, times, inputs, outputs)
    size = len(distinct)
    # least[j]: cheapest way to share out the first j widths; cut[k][j]: where its last bucket begins.
    least, cuts = np.concatenate([[0.0], price[0]]), [np.zeros(size + 1, int)]
    while least[-1] > most * own and len(cuts) < size:
        ways = [[least[i] + price[i, j - 1] for i in range(j)] or [0.0] for j in range(size + 1)]
        cuts.append(np.array([int(np.argmin(way)) for way in ways]))
        least = np.array([min(way) for way in ways])
    ends = [size]
    for cut in reversed(cuts):
        ends.append(int(cut[ends[-1]]))
    made = []
    for first, last in pairwise(reversed(ends)):
        if first == last:
            continue
        inside = set(distinct[first:last])
        members = tuple(i for i, w in enumerate(widths) if w in inside)
        made.append(Bucket(members, _widest(distinct[first:last])))
    return tuple(made)


def _prices(distinct: Sequence[Widths], times: Sequence[int], inputs: int, outputs: int) -> np.ndarray:
    """Arithmetic (first, last) of a bucket of the distinct widths from first to last."""
    size = len(distinct)
    price = np.zeros((size, size))
    for first in range(size):
        for last in range(first, size):
            padded = products(inputs, _widest(distinct[first : last + 1]), outputs)
            price[first, last] = padded * sum(times[first : last + 1])
    return price


def _widest(widths: Sequence[Widths]) -> Widths:
    return tuple(max(layer) for layer in zip(*widths, strict=True))
