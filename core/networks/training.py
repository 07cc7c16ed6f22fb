"""One compiled program that trains all replicates together.

The loop over steps is inside the program and its length is traced, as are all settings: another
learning rate, more epochs, a finer progress compile nothing. Rows are padded to a bucket, so that
nearby sample sizes share a program too. Shapes, batch size and the names in `Program` are static.
"""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array, lax
from jaxtyping import Float

from core.networks.batches import batch, order_at_start
from core.networks.fixed import Fixed, effective
from core.networks.heads import TRAINED
from core.networks.mlp import Params
from core.networks.normalization import Statistics, averaged
from core.networks.optimizers import Settings, optimizer, penalty, shape_ratios
from core.networks.passes import outputs, training_outputs
from core.networks.program import Data, Program, State, bucket, each
from core.networks.schedules import factor

__all__ = ["DIVERGED", "Data", "Program", "State", "advance", "bucket", "loss", "start", "walk"]

# A loss this large on a target of order one is past return, in float32 soon also past counting.
DIVERGED = 1e6
_NOTHING = Fixed()


def loss(
    program: Program,
    params: Params,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample column"],
    weights: Float[Array, " sample"],
) -> Float[Array, ""]:
    """The weighted sum of the samples' losses, for one network that predicts (`State.networks`): the
    mean where weights are 1/n."""
    found = TRAINED[program.likelihood].loss(outputs(program, params, inputs), targets)
    return jnp.sum(weights * found)


def start(
    program: Program,
    settings: Settings,
    data: Data,
    params: Params,
    seeds: Sequence[int],
    fixed: Fixed = _NOTHING,
) -> State:
    """The state before the first step; `seeds` (one a replicate) give the order of the batches.
    `fixed` has the factors of the NTK parametrisation and the padding of widths, where there are any."""
    begun: State = _start(program, settings, data, params, np.asarray(seeds, np.uint32), fixed)
    return begun


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def _start(
    program: Program, settings: Settings, data: Data, params: Params, seeds: Array, fixed: Fixed
) -> State:
    memory = jax.vmap(lambda s, p: optimizer(program.optimizer, s).init(p))(settings, params)
    running: tuple[Statistics, ...] = ()
    if program.normalization == "batch":
        hidden = (layer.bias for layer in params[:-1])
        running = tuple(Statistics(jnp.zeros_like(b), jnp.ones_like(b)) for b in hidden)
    return State(
        step=jnp.int32(0),
        params=params,
        optimizer=memory,
        keys=jax.vmap(jax.random.key)(seeds),
        order=order_at_start(program, data),
        diverged=jnp.full(data.inputs.shape[0], -1, jnp.int32),
        fixed=fixed,
        running=running,
    )


@partial(jax.jit, static_argnames="program")
def advance(program: Program, settings: Settings, data: Data, state: State, until: Any) -> State:
    """The state after step `until`."""

    def alone(settings: Settings, inputs: Array, targets: Array, rest: Any) -> Any:
        own, begun = Data(inputs, targets, data.rows), State(state.step, *rest)
        return lax.fori_loop(state.step, until, lambda _, s: _step(program, settings, own, s), begun)[1:]

    trained = each(alone, settings, data.inputs, data.targets, state[1:])
    return State(jnp.maximum(state.step, until), *trained)


def walk(
    program: Program,
    settings: Settings,
    data: Data,
    state: State,
    positions: list[int],
    pause: float = 0.1,
) -> Iterator[State]:
    """Trains through the ascending step numbers `positions`, yielding the state at each of them and
    about every `pause` seconds in between. Where it pauses changes no number."""
    # Nothing to do yet: compiles, so that the pace is not taken from compiling.
    advance(program, settings, data, state, 0).step.block_until_ready()
    step, pace = int(state.step), 1
    for position in positions:
        while step < position:
            began, before = time.perf_counter(), step
            step = min(position, step + pace)
            state = advance(program, settings, data, state, step)
            state.step.block_until_ready()
            seconds = max(1e-6, time.perf_counter() - began)
            pace = int(np.clip((step - before) * pause / seconds, 1, 4 * pace))
            if step < position:
                yield state
        yield state


def _step(program: Program, settings: Settings, data: Data, state: State) -> State:
    """One network's step; all without the axis of replicates."""
    step, params, key = state.step, state.params, state.keys
    order, inputs, targets, weights = batch(program, data, step, key, state.order)
    settings = _scheduled(program, settings, step)
    likelihood, finds_step = TRAINED[program.likelihood], program.optimizer == "lbfgs"
    # Twice, so that no order of rows is drawn from the same key.
    drawn = jax.random.fold_in(jax.random.fold_in(key, step), 1) if program.dropout else key

    def objective(at: Params) -> tuple[Array, tuple[Statistics, ...]]:
        made, found = training_outputs(
            program, effective(at, state.fixed), inputs, weights, drawn, settings.dropout
        )
        value = jnp.sum(weights * likelihood.loss(made, targets))
        return value + penalty(settings, at) if finds_step else value, found

    (value, found), slope = jax.value_and_grad(objective, has_aux=True)(params)
    if program.clip:
        slope, _ = optax.clip_by_global_norm(settings.clip).update(slope, optax.EmptyState())
    ratios = shape_ratios(params, state.fixed.units) if program.optimizer == "muon" else None
    rule = optimizer(program.optimizer, settings, ratios)
    given = {"value": value, "grad": slope, "value_fn": lambda at: objective(at)[0]}
    changes, memory = rule.update(slope, state.optimizer, params, **(given if finds_step else {}))
    moved: Params = optax.apply_updates(params, changes)
    pairs = zip(state.running, found, strict=True)
    running = tuple(averaged(old, new, step) for old, new in pairs)
    # `not <=` also finds a value that is not a number.
    first = (state.diverged < 0) & ~(value <= DIVERGED)
    diverged = jnp.where(first, step, state.diverged)
    return State(step + 1, moved, memory, key, order, diverged, state.fixed, running)


def _scheduled(program: Program, settings: Settings, step: Array) -> Settings:
    """The settings with this step's learning rate."""
    if program.schedule == "constant" and not program.warmup:
        return settings
    times = factor(
        program.schedule,
        step,
        total=settings.total,
        every=settings.every,
        drop=settings.drop,
        warmup=settings.warmup if program.warmup else None,
    )
    rate = jnp.asarray(settings.learning_rate)
    return settings._replace(learning_rate=(rate * times).astype(rate.dtype))
