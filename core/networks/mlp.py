"""A multilayer perceptron: parameters are a tuple of layers, the network a pure function of them."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float


class Layer(NamedTuple):
    """An affine map `x @ weight + bias`; both may have leading axes, such as replicates."""

    weight: Float[Array, "*lead inputs outputs"]
    bias: Float[Array, "*lead outputs"]


Params = tuple[Layer, ...]


def forward(
    params: Params,
    inputs: Float[Array, "sample feature"],
    activation: Callable[[Array], Array],
) -> Float[Array, "sample output"]:
    """The network's outputs: an activation after each layer but the last, in the float type of
    `params` and `inputs`."""
    *hidden, last = params
    for layer in hidden:
        inputs = activation(inputs @ layer.weight + layer.bias)
    return inputs @ last.weight + last.bias


def nth(params: Params, index: int) -> Params:
    """One network of several that are stacked along a leading axis."""
    # Sliced by numpy: each shape would compile a program of its own.
    return tuple(Layer(*(jnp.asarray(np.asarray(leaf)[index]) for leaf in layer)) for layer in params)


def count(sizes: Sequence[int]) -> int:
    """How many weights and biases a network has whose layers are `sizes` wide, ends included."""
    return sum((before + 1) * after for before, after in pairwise(sizes))
