"""What goes on layer by layer? Norms of weights, how far a step moves them, and activations.

A layer is an entry of `params`, whatever tree of arrays it is.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float


class Activations(NamedTuple):
    """By layer, over samples and units: mean and variance of the activations; the share of them
    that is saturated; and the share of units that is dead, saturated at every sample."""

    mean: Float[Array, " layer"]
    variance: Float[Array, " layer"]
    saturated: Float[Array, " layer"]
    dead: Float[Array, " layer"]


def weight_norms(params: Sequence[Any]) -> Float[Array, " layer"]:
    """The Euclidean norm of all that belongs to each layer."""
    return jnp.stack([_norm(layer) for layer in params])


def update_ratios(before: Sequence[Any], after: Sequence[Any]) -> Float[Array, " layer"]:
    """‖after − before‖ / ‖before‖ of each layer: how far a step moved it, relative to its size.

    Near 0.001 in many trainings that go well; NaN for a layer of zeros that stayed.
    """
    moved = jax.tree.map(jnp.subtract, tuple(after), tuple(before))
    return weight_norms(moved) / weight_norms(before)


def activations(
    preactivations: Sequence[Float[Array, "sample _"]],
    activation: Callable[[Array], Array],
    threshold: float = 0.01,
) -> Activations:
    """Statistics of `activation(preactivations)` for each hidden layer.

    A place is saturated where the activation's derivative is at most `threshold` in size: on the
    flats of tanh, or where a ReLU is off. No gradient flows through a dead unit.
    """
    rows = [_layer(values, activation, threshold) for values in preactivations]
    return Activations(*(jnp.stack(column) for column in zip(*rows, strict=True)))


def _layer(values: Array, activation: Callable[[Array], Array], threshold: float) -> tuple[Array, ...]:
    active, slopes = jax.jvp(activation, (values,), (jnp.ones_like(values),))
    flat = jnp.abs(slopes) <= threshold
    return jnp.mean(active), jnp.var(active), jnp.mean(flat), jnp.mean(jnp.all(flat, axis=0))


def _norm(tree: Any) -> Array:
    return jnp.sqrt(sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(tree)))
