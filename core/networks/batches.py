"""The rows of each step: all of them, batches of a fresh order each epoch, or drawn with replacement."""

from functools import partial

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Int

from core.networks.program import Data, Program, State


def order_at_start(program: Program, data: Data) -> Int[Array, "replicate place"]:
    """Room for the order of rows within an epoch; none where none is kept."""
    replicates, places = data.inputs.shape[:2]
    kept = program.batch and not program.replacement
    # The last batch of an epoch reaches past the sample by less than a batch.
    return jnp.zeros((replicates, places + program.batch if kept else 0), jnp.int32)


def batch(program: Program, data: Data, state: State) -> tuple[Array, Array, Array, Array]:
    """The order of rows, and this step's inputs, targets and weights (rows,) that sum to 1."""
    kind = data.inputs.dtype
    if not program.batch:
        weights = (jnp.arange(data.inputs.shape[1]) < data.rows).astype(kind) / data.rows.astype(kind)
        return state.order, data.inputs, data.targets, weights
    size = program.batch
    take = jax.vmap(partial(jnp.take, axis=0, mode="clip"))
    if program.replacement:
        chosen = _drawn(state, size, data.rows)
        weights = jnp.full(size, 1 / size, kind)
        return state.order, take(data.inputs, chosen), take(data.targets, chosen), weights
    per_epoch = -(-data.rows // size)
    epoch, at = state.step // per_epoch, state.step % per_epoch
    order = lax.cond(at == 0, lambda: _shuffled(data, state, epoch), lambda: state.order)
    chosen = lax.dynamic_slice_in_dim(order, at * size, size, axis=1)
    counted = (at * size + jnp.arange(size) < data.rows).astype(kind)
    weights = counted / jnp.sum(counted)
    return order, take(data.inputs, chosen), take(data.targets, chosen), weights


def _drawn(state: State, size: int, rows: Array) -> Int[Array, "replicate place"]:
    """Rows of a batch, each drawn from all that count."""

    def one(key: Array) -> Array:
        return jax.random.randint(jax.random.fold_in(key, state.step), (size,), 0, rows, jnp.int32)

    return jax.vmap(one)(state.keys)


def _shuffled(data: Data, state: State, epoch: Array) -> Int[Array, "replicate place"]:
    """A fresh random order of the rows that count, then padding."""
    places = data.inputs.shape[1]

    def one(key: Array) -> Array:
        draws = jax.random.bits(jax.random.fold_in(key, epoch), (places,), jnp.uint32) >> 1
        draws = jnp.where(jnp.arange(places) < data.rows, draws, jnp.uint32(2**32 - 1))
        return jnp.argsort(draws).astype(jnp.int32)

    order = jax.vmap(one)(state.keys)
    return jnp.pad(order, ((0, 0), (0, state.order.shape[1] - places)))
