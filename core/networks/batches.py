"""The rows of each step: all of them, batches of a fresh order each epoch, or drawn with replacement."""

from functools import partial

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Int

from core.networks.program import Data, Program


def order_at_start(program: Program, data: Data) -> Int[Array, "replicate place"]:
    """Room for the order of rows within an epoch; none where none is kept."""
    replicates, places = data.inputs.shape[:2]
    kept = program.batch and not program.replacement
    # The last batch of an epoch reaches past the sample by less than a batch.
    return jnp.zeros((replicates, places + program.batch if kept else 0), jnp.int32)


def batch(
    program: Program, data: Data, step: Array, key: Array, order: Int[Array, " place"]
) -> tuple[Array, Array, Array, Array]:
    """For one replicate (`data` without that axis): the order of rows, and this step's inputs,
    targets and weights (rows,) that sum to 1."""
    kind = data.inputs.dtype
    if not program.batch:
        weights = (jnp.arange(data.inputs.shape[0]) < data.rows).astype(kind) / data.rows.astype(kind)
        return order, data.inputs, data.targets, weights
    size = program.batch
    take = partial(jnp.take, axis=0, mode="clip")
    if program.replacement:
        chosen = jax.random.randint(jax.random.fold_in(key, step), (size,), 0, data.rows, jnp.int32)
        weights = jnp.full(size, 1 / size, kind)
        return order, take(data.inputs, chosen), take(data.targets, chosen), weights
    per_epoch = -(-data.rows // size)
    epoch, at = step // per_epoch, step % per_epoch
    order = lax.cond(at == 0, lambda: _shuffled(data, key, order, epoch), lambda: order)
    chosen = lax.dynamic_slice_in_dim(order, at * size, size)
    counted = (at * size + jnp.arange(size) < data.rows).astype(kind)
    weights = counted / jnp.sum(counted)
    return order, take(data.inputs, chosen), take(data.targets, chosen), weights


def _shuffled(data: Data, key: Array, order: Array, epoch: Array) -> Int[Array, " place"]:
    """A fresh random order of the rows that count, then padding."""
    places = data.inputs.shape[0]
    place = jnp.arange(places, dtype=jnp.uint64)
    draws = jax.random.bits(jax.random.fold_in(key, epoch), (places,), jnp.uint32) >> 1
    draws = jnp.where(place < data.rows, draws, jnp.uint32(2**32 - 1))
    # Each place behind its draw, in one number: three times faster than to sort pairs.
    packed = jnp.sort(draws.astype(jnp.uint64) << 32 | place)
    shuffled = (packed & jnp.uint64(2**32 - 1)).astype(jnp.int32)
    return jnp.pad(shuffled, (0, order.shape[0] - places))
