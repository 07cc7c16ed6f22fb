"""Log-densities of many values at many points of a posterior, block by block."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from jax import Array

from core.bayes.conjugate import Floats
from core.families.family import Family
from core.families.jets import OPTIONS

# Points and values of one call: one compiled program serves every number of both.
POINTS, VALUES = 256, 512


@partial(jax.jit, static_argnames="family", compiler_options=OPTIONS)
def _block(family: Family, x: Array, u: Array) -> Array:
    def row(v: Array) -> Array:
        theta = (p.natural(w) for p, w in zip(family.parameters, v, strict=True))
        return family.log_density(x, *theta)

    made: Array = jax.vmap(row)(u)
    return made


def blocks(
    family: Family, x: Floats, weights: Floats, u: Floats, kept: int
) -> Iterator[tuple[slice, Floats, Floats]]:
    """Of the points u (s, k), a block at a time: which they are, the weighted sum over all values
    x (n,), (b,), and the log-densities of the first `kept` values, (b, kept)."""
    for first in range(0, len(u), POINTS):
        part = u[first : first + POINTS]
        size = len(part)
        points = np.concatenate([part, np.repeat(part[-1:], POINTS - size, axis=0)])
        total, some = np.zeros(size), []
        for start in range(0, x.size, VALUES):
            given = x[start : start + VALUES]
            padded: Any = np.r_[given, np.full(VALUES - given.size, given[-1])]
            each = np.asarray(_block(family, padded, points))[:size, : given.size]
            total += each @ weights[start : start + VALUES]
            if start < kept:
                some.append(each[:, : kept - start])
        yield slice(first, first + size), total, np.concatenate(some, axis=1) if some else each[:, :0]


def densities(family: Family, x: Floats, u: Floats) -> Floats:
    """Log-densities (s, n) of values x (n,) at points u (s, k)."""
    return np.concatenate([rows for _, _, rows in blocks(family, x, np.ones(x.size), u, x.size)])
