"""Optimisers as updates of a vector, from optax, and all of them racing in one compiled program."""

from functools import partial
from typing import Any, NamedTuple

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.typing import ArrayLike

from core.optimization.names import OPTIMIZERS, Optimizer
from core.optimization.surfaces import Floats, Loss


class Settings(NamedTuple):
    """Step size and momentum of each of `OPTIMIZERS` (optimizer,); all may be traced. Momentum is
    that of heavy ball and Nesterov; the others have optax's defaults."""

    size: ArrayLike
    momentum: ArrayLike


class Race(NamedTuple):
    """Where the optimisers stand: `place` (optimizer, replicate, coordinate), their own `memory`, the
    `step`, and `lost` (optimizer, replicate), the step at which a loss left all bounds, else −1.
    A place that is lost stays where it was."""

    place: Array
    memory: tuple[Any, ...]
    step: Array
    lost: Array


class Seen(NamedTuple):
    """Losses (…, optimizer, replicate), NaN where lost, and places (…, optimizer, 2) of the first
    replicate in the first two coordinates; squared distances (…, optimizer, replicate) to a point."""

    loss: Array
    place: Array
    distance: Array


def update(name: Optimizer, size: ArrayLike, momentum: ArrayLike) -> optax.GradientTransformation:
    """The optimiser called `name`. Nesterov's places are those looked ahead to, x + m (x − x⁻)."""
    return {
        "gd": lambda: optax.sgd(size),
        "heavy_ball": lambda: optax.sgd(size, momentum),
        "nesterov": lambda: optax.sgd(size, momentum, nesterov=True),
        "adagrad": lambda: optax.adagrad(size),
        "rmsprop": lambda: optax.rmsprop(size),
        "adam": lambda: optax.adam(size),
        "adamw": lambda: optax.adamw(size),
        "lion": lambda: optax.lion(size),
    }[name]()


def start(starts: Floats) -> Race:
    """All optimisers at `starts` (replicate, coordinate)."""
    place = jnp.asarray(np.broadcast_to(starts, (len(OPTIMIZERS), *starts.shape)))
    memory = tuple(update(name, 0.1, 0.0).init(place[0]) for name in OPTIMIZERS)
    lost = np.full(place.shape[:2], -1, np.int64)
    return Race(place, memory, jnp.asarray(0, jnp.int64), jnp.asarray(lost))


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnums=0)
def advance(
    loss: Loss,
    data: Any,
    race: Race,
    settings: Settings,
    until: Array,
    noise: ArrayLike,
    key: Array,
    point: Array,
    most: ArrayLike,
) -> tuple[Race, Seen]:
    """The race through steps `until` (positions,), seen at each of them.

    `noise` is the standard deviation of each gradient coordinate, the same draws for all optimisers;
    `point` (coordinate,) is what distance is measured to; a loss above `most` is lost.
    """
    slope = jax.vmap(jax.vmap(jax.value_and_grad(loss), in_axes=(0, None)), in_axes=(0, None))

    def step(at: Race) -> Race:
        value, gradient = slope(at.place, data)
        out = (at.lost < 0) & ~(value <= most)
        lost = jnp.where(out, at.step, at.lost)
        shaken = noise * jax.random.normal(jax.random.fold_in(key, at.step), at.place.shape[1:])
        # Coordinates that only pad have no gradient, and no noise either.
        gradient = gradient + shaken * (jnp.abs(gradient).sum(axis=(0, 1)) > 0)
        moved, memory = [], []
        for k, name in enumerate(OPTIMIZERS):
            rule = update(name, settings.size[k], settings.momentum[k])  # type: ignore[index]
            change, kept = rule.update(gradient[k], at.memory[k], at.place[k])
            moved.append(at.place[k] + change)
            memory.append(kept)
        place = jnp.where((lost < 0)[..., None], jnp.stack(moved), at.place)
        return Race(place, tuple(memory), at.step + 1, lost)

    def leg(at: Race, end: Array) -> tuple[Race, Seen]:
        at = jax.lax.while_loop(lambda r: r.step < end, step, at)
        value, _ = slope(at.place, data)
        known = (at.lost < 0) & (value <= most)
        distance = ((at.place - point) ** 2).sum(axis=-1)
        seen = (jnp.where(known, v, jnp.nan) for v in (value, distance))
        value, distance = seen
        return at, Seen(value, jnp.where(known[:, :1], at.place[:, 0, :2], jnp.nan), distance)

    return jax.lax.scan(leg, race, until)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnums=0)
def heavy_ball_grid(
    loss: Loss, data: Any, begin: Array, point: Array, sizes: Array, momenta: Array, steps: ArrayLike
) -> tuple[Array, Array]:
    """Heavy ball from `begin` (coordinate,) with a size and a momentum for each cell (cell,): the
    largest distance (cell,) to `point` in the second and in the last quarter of `steps`. Largest,
    since distances swing; NaN where it left 64 bits."""
    slope = jax.vmap(jax.grad(loss), in_axes=(0, None))
    place = jnp.broadcast_to(begin, (sizes.size, begin.size))
    quarter = jnp.asarray(steps) // 4

    def step(t: Array, at: tuple[Array, ...]) -> tuple[Array, ...]:
        now, before, *most = at
        after = now + momenta[:, None] * (now - before) - sizes[:, None] * slope(now, data)
        far = jnp.sqrt(((after - point) ** 2).sum(axis=-1))
        which = (t // quarter == 1, t // quarter == 3)
        most = [jnp.where(w, jnp.maximum(m, far), m) for w, m in zip(which, most, strict=True)]
        return after, now, *most

    nothing = jnp.zeros(sizes.size)
    _, _, first, last = jax.lax.fori_loop(0, 4 * quarter, step, (place, place, nothing, nothing))
    return first, last
