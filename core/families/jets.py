"""Log-likelihood terms with their gradients and Hessians, as small compiled programs.

A program serves one family, one kind of term and samples of every size: values come in chunks of
one length, padded with weight 0. It has every parameter of the family as a variable, so that it also
serves fits that hold some. Searches run outside, in `core.families.newton`: compiling a loop takes
ten times as long as compiling what it repeats.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Literal, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import logsumexp

from core.families.family import Family, Floats
from core.families.stable import log1mexp

# What a value contributes: its density, or the probability above it, below it, or up to `right`; of
# counts that of a range (`core.families.ranges`).
Kind = Literal["density", "above", "below", "between", "among"]
# Values in a chunk: few enough to stay in a core's cache. Probabilities may take 550 nodes a value.
LENGTH: dict[Kind, int] = {"density": 2048, "above": 32, "below": 32, "between": 32, "among": 4}
FEW = 4
# Of these programs, the full optimisation runs no faster and compiles three times as long.
OPTIONS = {
    "xla_backend_optimization_level": 1,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}


class Chunk(NamedTuple):
    """Values (c,), right ends (c,) of intervals, and weights (c,), which can be negative; of ranges of
    counts, places and their log weights (c, 2, q)."""

    kind: Kind
    x: Any
    right: Any
    weights: Any


def chunks(
    kind: Kind, x: Floats, weights: Floats, right: Floats | None = None, length: int = 0
) -> Iterator[Chunk]:
    """The values (n,) in chunks, padded with the first of them at weight 0."""
    # One limit, or the two points of a truncated sample, are no reason for a long program's work.
    length = length or (LENGTH[kind] if kind == "density" or x.size > FEW else FEW)
    same: dict[float, Any] = {}
    for first in range(0, x.size, length):
        part = slice(first, first + length)
        ends = _filled(x[part], length, x[0])
        far = ends if right is None else _filled(right[part], length, right[0])
        w = weights[part]
        # Most chunks have one weight throughout, and need it once.
        if w.size == length and (w == w[0]).all():
            every = same.setdefault(float(w[0]), jnp.full(length, float(w[0])))
        else:
            every = _filled(w, length, 0.0)
        yield Chunk(kind, ends, far, every)


def _filled(column: Floats, length: int, value: float) -> Any:
    room = length - column.size
    return jnp.asarray(np.r_[column, np.full(room, value)] if room else column)


def terms(family: Family, kind: Kind, x: Array, right: Array, theta: tuple[Array, ...]) -> Array:
    """The log-likelihood of each value, (c,)."""
    if kind == "density":
        return family.log_density(x, *theta)
    if kind == "above":
        return family.log_above(x, *theta)
    if kind == "below":
        return family.log_below(x, *theta)
    if kind == "among":
        return _log_probability(family, x, right, theta)
    # Both ends at once, which halves the program; a difference in the tail where its digits are.
    below, above = family.log_tails(jnp.concatenate([x, right]), *theta)
    (lower, upper), (beyond, rest) = jnp.split(below, 2), jnp.split(above, 2)
    low_tail = upper < beyond
    big, small = jnp.where(low_tail, upper, beyond), jnp.where(low_tail, lower, rest)
    return big + jnp.log(-jnp.expm1(jnp.minimum(small - big, -1e-300)))


def _log_probability(family: Family, x: Array, log_weights: Array, theta: tuple[Array, ...]) -> Array:
    """log P(range) (c,) from places inside and outside, x (c, 2, q)."""
    logs = family.log_density(x.reshape(-1), *theta).reshape(x.shape)
    inside, outside = logsumexp(logs + log_weights, axis=2).T
    small = inside < outside
    return jnp.where(small, inside, log1mexp(jnp.where(small, -1.0, jnp.minimum(outside, 0.0))))


def _jet(
    family: Family, kind: Kind, x: Array, right: Array, weights: Array, fixed: Array, u: Array
) -> Array:
    """Minus the sum of the weighted terms, its gradient and its Hessian, in one vector, at the
    unconstrained point u (k,). Parameters that are `fixed` (k,), those that are a number there, are
    exactly that."""

    def loss(v: Array) -> Array:
        theta = _natural(family, fixed, v)
        each = terms(family, kind, x, right, theta)
        return -jnp.sum(jnp.where(weights != 0, weights * each, 0.0))

    def twice(v: Array) -> tuple[Array, Array]:
        value = loss(v)
        return value, value

    # Forward over forward: for few parameters it is faster than reverse, and a shorter program.
    def slopes(v: Array) -> tuple[Array, tuple[Array, Array]]:
        gradient, value = jax.jacfwd(twice, has_aux=True)(v)
        return gradient, (value, gradient)

    hessian, (value, gradient) = jax.jacfwd(slopes, has_aux=True)(u)
    return jnp.concatenate([value[None], gradient, hessian.ravel()])


def _natural(family: Family, fixed: Array, u: Array) -> tuple[Array, ...]:
    moving = (p.natural(v) for p, v in zip(family.parameters, u, strict=True))
    return tuple(jnp.where(jnp.isnan(f), v, f) for f, v in zip(fixed, moving, strict=True))


_program = partial(jax.jit, static_argnames=("family", "kind"), compiler_options=OPTIONS)
jet = _program(_jet)


@_program
def jets(
    family: Family, kind: Kind, x: Array, right: Array, weights: Array, fixed: Array, u: Array
) -> Array:
    """`jet` of each row of values (r, c) and weights (r, c) at its own point u (r, k)."""
    rows: Array = jax.vmap(partial(_jet, family, kind), (0, 0, 0, None, 0))(x, right, weights, fixed, u)
    return rows


def unpacked(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Losses (r,), gradients (r, k) and Hessians (r, k, k) from rows of `jet` (r, 1 + k + k²)."""
    k = int(np.sqrt(rows.shape[1] - 0.75) - 0.5)
    return rows[:, 0], rows[:, 1 : k + 1], rows[:, k + 1 :].reshape(-1, k, k)


@partial(jax.jit, static_argnames=("family", "kind"), compiler_options=OPTIONS)
def _terms(family: Family, kind: Kind, x: Array, right: Array, theta: Array) -> Array:
    return terms(family, kind, x, right, tuple(theta))


def each(
    family: Family, x: Floats, theta: Floats, kind: Kind = "density", right: Floats | None = None
) -> Floats:
    """The log-likelihood of each value (n,) at parameters theta (k,): by default the log density."""
    x = np.asarray(x, np.float64)
    at = jnp.asarray(theta)
    parts = [_terms(family, kind, c.x, c.right, at) for c in chunks(kind, x, np.ones(x.size), right)]
    return np.concatenate([np.asarray(p) for p in parts])[: x.size]


def total(family: Family, parts: Iterable[Chunk], theta: Floats) -> float:
    """The weighted sum of the terms of chunks."""
    at = jnp.asarray(theta)
    terms = ((np.asarray(c.weights), _terms(family, c.kind, c.x, c.right, at)) for c in parts)
    return float(sum(np.dot(w[w != 0], np.asarray(t)[w != 0]) for w, t in terms))


@partial(jax.jit, static_argnames=("family", "kind"), compiler_options=OPTIONS)
def _scores(family: Family, kind: Kind, x: Array, right: Array, u: Array) -> Array:
    def logs(v: Array) -> Array:
        theta = tuple(p.natural(w) for p, w in zip(family.parameters, v, strict=True))
        return terms(family, kind, x, right, theta)

    slopes: Array = jax.jacfwd(logs)(u)
    return slopes


def scores(
    family: Family, x: Floats, u: Floats, kind: Kind = "density", right: Floats | None = None
) -> Floats:
    """Derivatives (n, k) of each value's term in the unconstrained coordinates u (k,) of all
    parameters."""
    x = np.asarray(x, np.float64)
    at = jnp.asarray(u)
    parts = [_scores(family, kind, c.x, c.right, at) for c in chunks(kind, x, np.ones(x.size), right)]
    return np.concatenate([np.asarray(p) for p in parts])[: x.size]
