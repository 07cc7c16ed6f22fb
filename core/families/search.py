"""Maximum likelihood by damped Newton steps on the exact Hessian, as one compiled program.

It works in unconstrained coordinates, on standardised data padded with values of weight 0 to a
power of two, so that a program serves all samples of about its size. Points are moved inside a
box: a search that reaches its edge says that the maximum is at the family's boundary.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from core.families.family import Family
from core.families.jets import each

STEPS, HALVINGS = 200, 40


class Data(NamedTuple):
    """Values (n,), weights (n,), and for censored ones right ends (n,) and kinds (n,): 0 exact,
    1 above `x`, 2 below `right`, 3 between."""

    x: Array
    weights: Array
    right: Array | None = None
    kind: Array | None = None


class Peak(NamedTuple):
    """Where a search ended: unconstrained point (k,), loss (mean negative log-likelihood) with its
    gradient (k,) and Hessian (k, k) there, coordinates at the edge of the box (k,), and the
    expected further fall of the loss."""

    u: Array
    loss: Array
    gradient: Array
    hessian: Array
    edge: Array
    decrement: Array
    steps: Array


def log_likelihoods(family: Family, theta: tuple[Array, ...], data: Data) -> Array:
    """The log-likelihood of each value, (n,), before weighting."""
    density = family.log_density(data.x, *theta)
    if data.right is None:
        return density
    assert data.kind is not None
    above, below = family.log_above(data.x, *theta), family.log_below(data.right, *theta)
    return jnp.select(
        [data.kind == 0, data.kind == 1, data.kind == 2],
        [density, above, below],
        _log_between(family, theta, data, above, below),
    )


def _log_between(
    family: Family, theta: tuple[Array, ...], data: Data, above: Array, below: Array
) -> Array:
    """log P(x < X ≤ right), as a difference in the tail where its digits are."""
    assert data.right is not None
    lower = family.log_below(data.x, *theta)
    upper = family.log_above(data.right, *theta)
    low_tail = below < above
    big, small = jnp.where(low_tail, below, above), jnp.where(low_tail, lower, upper)
    ratio = jnp.where(data.kind == 3, small - big, -1.0)
    return big + jnp.log(-jnp.expm1(jnp.minimum(ratio, -1e-300)))


def natural(family: Family, free: tuple[int, ...], fixed: Array, u: Array) -> tuple[Array, ...]:
    """All parameters of the family, from the free ones' unconstrained coordinates `u` (k,)."""
    place = {index: k for k, index in enumerate(free)}
    return tuple(
        p.natural(u[place[i]]) if i in place else fixed[i] for i, p in enumerate(family.parameters)
    )


def _loss(family: Family, free: tuple[int, ...], data: Data, fixed: Array, u: Array) -> Array:
    each = log_likelihoods(family, natural(family, free, fixed, u), data)
    total = jnp.sum(jnp.where(data.weights > 0, data.weights * each, 0.0))
    return -total / jnp.sum(data.weights)


def _climb(family: Family, free: tuple[int, ...], data: Data, fixed: Array, start: Array) -> Peak:
    loss = partial(_loss, family, free, data, fixed)
    box = np.array([family.parameters[i].box for i in free])
    low, high = jnp.asarray(box[:, 0]), jnp.asarray(box[:, 1])
    bounded = np.array([family.parameters[i].domain != "real" for i in free])

    def twice(u: Array) -> tuple[Array, Array]:
        value = loss(u)
        return value, value

    # Forward over forward: for three parameters or fewer it is faster than reverse, and keeps
    # nothing of a million values for a way back.
    def slopes(u: Array) -> tuple[Array, tuple[Array, Array]]:
        gradient, value = jax.jacfwd(twice, has_aux=True)(u)
        return gradient, (value, gradient)

    def measure(u: Array, steps: Array) -> tuple[Peak, Array]:
        hessian, (value, gradient) = jax.jacfwd(slopes, has_aux=True)(u)
        edge = ((u <= low) & (gradient > 0)) | ((u >= high) & (gradient < 0))
        inward = jnp.where(edge, 0.0, gradient)
        step = _newton(inward, hessian, edge, bounded)
        return Peak(u, value, gradient, hessian, edge, -jnp.dot(inward, step) / 2, steps), step

    # One measurement and one loss in the loop's text: compiling it is most of a first run.
    def advance(state: tuple[Array, Peak, Array]) -> tuple[Array, Peak, Array]:
        u, before, _ = state
        peak, step = measure(u, before.steps + 1)
        # The step from a decrement of 1e-13 has landed within rounding of the maximum.
        done = (before.decrement < 1e-13) | ~jnp.isfinite(peak.loss) | ~jnp.isfinite(step).all()
        rounding = 1e-14 * (1 + jnp.abs(peak.loss))

        def worse(tried: tuple[Array, Array]) -> Array:
            t, value = tried
            allowed = peak.loss - 2e-4 * t * peak.decrement + rounding
            return ~(value <= allowed) & (t > 0.5**HALVINGS) & ~done

        def halve(tried: tuple[Array, Array]) -> tuple[Array, Array]:
            t = tried[0] / 2
            return t, loss(jnp.clip(u + t * step, low, high))

        t, value = lax.while_loop(worse, halve, (jnp.full((), 2.0), jnp.full((), jnp.inf)))
        moved = value <= peak.loss + rounding
        return jnp.where(moved & ~done, jnp.clip(u + t * step, low, high), u), peak, done | ~moved

    k = start.size
    none = jnp.zeros(k)
    nowhere = Peak(
        none,
        jnp.inf * jnp.ones(()),
        none,
        jnp.zeros((k, k)),
        none > 0,
        jnp.inf * jnp.ones(()),
        jnp.zeros((), int),
    )
    first = (jnp.clip(start, low, high), nowhere, jnp.zeros((), bool))
    return lax.while_loop(lambda s: ~s[2] & (s[1].steps < STEPS), advance, first)[1]


def _newton(gradient: Array, hessian: Array, edge: Array, bounded: Any) -> Array:
    """A step that falls even where the Hessian is not positive definite. No logarithm moves by
    more than 3: a factor of 20 of the parameter."""
    held = edge[:, None] | edge[None, :]
    values, vectors = jnp.linalg.eigh(jnp.where(held, jnp.eye(gradient.size), hessian))
    size = jnp.maximum(jnp.abs(values), 1e-12 * jnp.max(jnp.abs(values)) + 1e-300)
    step: Array = -vectors @ ((vectors.T @ gradient) / size)
    return step * jnp.minimum(1.0, 3.0 / (jnp.max(jnp.abs(step) * bounded) + 1e-300))


@partial(jax.jit, static_argnames=("family", "free"))
def climb(family: Family, free: tuple[int, ...], data: Data, fixed: Array, starts: Array) -> Peak:
    """Searches from each of `starts` (s, k); leaves of the result have a leading axis s."""
    return jax.vmap(lambda start: _climb(family, free, data, fixed, start))(starts)


@partial(jax.jit, static_argnames=("family", "free"))
def refit(
    family: Family, free: tuple[int, ...], x: Array, weights: Array, fixed: Array, start: Array
) -> tuple[Peak, Array]:
    """Searches from one `start` (k,) under each row of `weights` (r, n), and the fall of each mean
    loss from the start, (r,). Leaves of the first have a leading axis r."""

    def one(w: Array) -> tuple[Peak, Array]:
        data = Data(x, w)
        peak = _climb(family, free, data, fixed, start)
        return peak, _loss(family, free, data, fixed, start) - peak.loss

    return jax.vmap(one)(weights)


def density(family: Family, x: Array, theta: Array) -> Any:
    """The family's log density at x (n,), parameters theta (k,)."""
    return each(family, np.asarray(x), np.asarray(theta))


@partial(jax.jit, static_argnames=("family", "free"))
def scores(family: Family, free: tuple[int, ...], x: Array, fixed: Array, u: Array) -> Any:
    """Derivatives (n, k) of each value's log density in unconstrained coordinates."""
    return jax.jacfwd(lambda v: family.log_density(x, *natural(family, free, fixed, v)))(u)
