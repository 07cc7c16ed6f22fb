"""A network's outputs, as it predicts and as it trains: while it trains, batch normalisation uses the
batch's own statistics, and dropout leaves units out."""

from collections.abc import Callable

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike
from jaxtyping import Float

from core.networks.activations import ACTIVATIONS
from core.networks.mlp import Normalized, Params, forward
from core.networks.normalization import Statistics, batch_norm, batch_statistics
from core.networks.program import Program


def outputs(
    program: Program,
    params: Params,
    inputs: Float[Array, "sample feature"],
    multiply: Callable[[Array, Array], Array] = jnp.matmul,
) -> Float[Array, "sample output"]:
    """What one network that predicts (`State.networks`) gives; with `product` for `multiply` its
    gradient costs less."""
    activation = ACTIVATIONS[program.activation]
    return forward(params, inputs, activation, residual=program.residual, multiply=multiply)


def training_outputs(
    program: Program,
    params: Params,
    inputs: Float[Array, "sample feature"],
    weights: Float[Array, " sample"],
    key: Array,
    dropout: ArrayLike | None,
) -> tuple[Float[Array, "sample output"], tuple[Statistics, ...]]:
    """What one network gives in training, and the batch's statistics for each layer that is batch
    normalised. Rows count by `weights`, which sum to 1; a unit is left out with probability
    `dropout`, and what is left is divided by 1 − dropout."""
    found: list[Statistics] = []

    def normalize(index: int, layer: Normalized, values: Array) -> Array:
        found.append(batch_statistics(values, weights))
        return batch_norm(values, layer.gain, layer.shift, found[-1])

    def drop(index: int, values: Array) -> Array:
        left = 1 - jnp.asarray(dropout)
        kept = jax.random.bernoulli(jax.random.fold_in(key, index), left, values.shape)
        return jnp.where(kept, values / left, jnp.zeros((), values.dtype))

    options = {"normalize": normalize} if program.normalization == "batch" else {}
    made = forward(
        params,
        inputs,
        ACTIVATIONS[program.activation],
        residual=program.residual,
        multiply=product,
        drop=drop if program.dropout else None,
        **options,
    )
    return made, tuple(found)


@jax.custom_vjp
def product(
    inputs: Float[Array, "sample feature"], weight: Float[Array, "feature unit"]
) -> Float[Array, "sample unit"]:
    """`inputs @ weight`, with a derivative by `weight` that a CPU computes faster.

    XLA multiplies there by a transposed matrix, 3 to 5 times more slowly than by one that is stored
    so; the narrower of the two factors is therefore transposed in memory first. It has no
    forward-mode derivative.
    """
    return inputs @ weight


def _product(inputs: Array, weight: Array) -> tuple[Array, tuple[Array, Array]]:
    return inputs @ weight, (inputs, weight)


def _product_slopes(kept: tuple[Array, Array], slope: Array) -> tuple[Array, Array]:
    inputs, weight = kept
    if inputs.shape[-1] <= slope.shape[-1]:
        by_weight = lax.optimization_barrier(inputs.T) @ slope
    else:
        by_weight = lax.optimization_barrier(lax.optimization_barrier(slope.T) @ inputs).T
    return slope @ weight.T, by_weight


product.defvjp(_product, _product_slopes)
