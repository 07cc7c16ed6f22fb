"""One compiled program that trains all replicates together.

The loop over steps is inside the program and its length is traced, as are all settings: another
learning rate, more epochs, a finer progress compile nothing. Rows are padded to a bucket, so that
nearby sample sizes share a program too. Shapes, batch size and the names in `Program` are static.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array, lax
from jaxtyping import Float, Int

from core.networks.activations import ACTIVATIONS
from core.networks.likelihoods import LIKELIHOODS
from core.networks.mlp import Params, forward
from core.networks.names import Activation, LikelihoodName, Optimizer
from core.networks.optimizers import Settings, optimizer

# A loss this large on a target of order one is past return, in float32 soon also past counting.
DIVERGED = 1e6


class Data(NamedTuple):
    """Rows for each replicate, of which the first `rows` count and the rest is padding."""

    inputs: Float[Array, "replicate sample feature"]
    targets: Float[Array, "replicate sample output"]
    rows: Int[Array, ""]


class State(NamedTuple):
    """Where a training stands. `diverged` is the number of updates after which a replicate's loss
    was first not finite or above `DIVERGED`, −1 while it is neither."""

    step: Int[Array, ""]
    params: Params
    optimizer: Any
    keys: Array
    order: Int[Array, "replicate place"]
    diverged: Int[Array, " replicate"]


@dataclass(frozen=True)
class Program:
    """What is compiled in: by name, and the batch size, 0 for the full sample."""

    activation: Activation
    likelihood: LikelihoodName
    optimizer: Optimizer
    batch: int = 0

    def per_epoch(self, rows: int) -> int:
        """Steps in an epoch; the last one of an epoch may have a smaller batch."""
        return -(-rows // self.batch) if self.batch else 1


def bucket(rows: int) -> int:
    """`rows` rounded up to at most four significant bits: at most an eighth of it is padding."""
    unit = 1 << max(0, rows.bit_length() - 4)
    return -(-rows // unit) * unit


def loss(
    program: Program,
    params: Params,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
    weights: Float[Array, " sample"],
) -> Float[Array, ""]:
    """The weighted sum of the samples' losses, for one network: the mean where weights are 1/n."""
    outputs = forward(params, inputs, ACTIVATIONS[program.activation])
    return jnp.sum(weights * LIKELIHOODS[program.likelihood].loss(outputs, targets))


def start(
    program: Program, settings: Settings, data: Data, params: Params, seeds: Sequence[int]
) -> State:
    """The state before the first step; `seeds` (one a replicate) give the order of the batches."""
    begun: State = _start(program, settings, data, params, np.asarray(seeds, np.uint32))
    return begun


@partial(jax.jit, static_argnames="program")
def _start(program: Program, settings: Settings, data: Data, params: Params, seeds: Array) -> State:
    replicates, places = data.inputs.shape[:2]
    # The last batch of an epoch reaches past the sample by less than a batch.
    order = jnp.zeros((replicates, places + program.batch if program.batch else 0), jnp.int32)
    memory = jax.vmap(lambda s, p: optimizer(program.optimizer, s).init(p))(settings, params)
    keys = jax.vmap(jax.random.key)(seeds)
    return State(jnp.int32(0), params, memory, keys, order, jnp.full(replicates, -1, jnp.int32))


@partial(jax.jit, static_argnames="program")
def advance(program: Program, settings: Settings, data: Data, state: State, until: Any) -> State:
    """The state after step `until`."""
    reached: State = lax.fori_loop(
        state.step, until, lambda _, s: _step(program, settings, data, s), state
    )
    return reached


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
    order, inputs, targets, weights = _batch(program, data, state)
    value, slope = jax.vmap(
        jax.value_and_grad(lambda p, x, y: loss(program, p, x, y, weights)), in_axes=(0, 0, 0)
    )(state.params, inputs, targets)
    params, memory = jax.vmap(partial(_update, program))(settings, slope, state.optimizer, state.params)
    # `not <=` also finds a value that is not a number.
    first = (state.diverged < 0) & ~(value <= DIVERGED)
    diverged = jnp.where(first, state.step, state.diverged)
    return State(state.step + 1, params, memory, state.keys, order, diverged)


def _update(
    program: Program, settings: Settings, slope: Params, memory: Any, params: Params
) -> tuple[Params, Any]:
    changes, memory = optimizer(program.optimizer, settings).update(slope, memory, params)
    moved: Params = optax.apply_updates(params, changes)
    return moved, memory


def _batch(program: Program, data: Data, state: State) -> tuple[Array, Array, Array, Array]:
    """The order of rows, and this step's inputs, targets and weights (rows,) that sum to 1."""
    kind = data.inputs.dtype
    if not program.batch:
        weights = (jnp.arange(data.inputs.shape[1]) < data.rows).astype(kind) / data.rows.astype(kind)
        return state.order, data.inputs, data.targets, weights
    size = program.batch
    per_epoch = -(-data.rows // size)
    epoch, batch = state.step // per_epoch, state.step % per_epoch
    order = lax.cond(batch == 0, lambda: _shuffled(data, state, epoch), lambda: state.order)
    chosen = lax.dynamic_slice_in_dim(order, batch * size, size, axis=1)
    take = jax.vmap(partial(jnp.take, axis=0, mode="clip"))
    counted = (batch * size + jnp.arange(size) < data.rows).astype(kind)
    weights = counted / jnp.sum(counted)
    return order, take(data.inputs, chosen), take(data.targets, chosen), weights


def _shuffled(data: Data, state: State, epoch: Array) -> Int[Array, "replicate place"]:
    """A fresh random order of the rows that count, then padding."""
    places = data.inputs.shape[1]

    def one(key: Array) -> Array:
        draws = jax.random.bits(jax.random.fold_in(key, epoch), (places,), jnp.uint32) >> 1
        draws = jnp.where(jnp.arange(places) < data.rows, draws, jnp.uint32(2**32 - 1))
        return jnp.argsort(draws).astype(jnp.int32)

    order = jax.vmap(one)(state.keys)
    return jnp.pad(order, ((0, 0), (0, state.order.shape[1] - places)))
