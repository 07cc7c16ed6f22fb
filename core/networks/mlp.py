"""A multilayer perceptron: parameters are a tuple of layers, the network a pure function of them."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from core.networks.normalization import layer_norm


class Layer(NamedTuple):
    """An affine map `x @ weight + bias`; both may have leading axes, such as replicates."""

    weight: Float[Array, "*lead inputs outputs"]
    bias: Float[Array, "*lead outputs"]


class Normalized(NamedTuple):
    """An affine map whose values are normalised, then multiplied by `gain` and moved by `shift`,
    before the activation. `units` is 1 for a unit that is there and 0 for padding; None without
    padding."""

    weight: Float[Array, "*lead inputs outputs"]
    bias: Float[Array, "*lead outputs"]
    gain: Float[Array, "*lead outputs"]
    shift: Float[Array, "*lead outputs"]
    units: Float[Array, "*lead outputs"] | None = None


Params = tuple[Layer | Normalized, ...]
Between = Callable[[int, Normalized, Array], Array]


def _layer_norm(index: int, layer: Normalized, values: Array) -> Array:
    return layer_norm(values, layer.gain, layer.shift, layer.units)


def forward(
    params: Params,
    inputs: Float[Array, "sample feature"],
    activation: Callable[[Array], Array],
    *,
    residual: bool = False,
    multiply: Callable[[Array, Array], Array] = jnp.matmul,
    normalize: Between = _layer_norm,
    drop: Callable[[int, Array], Array] | None = None,
) -> Float[Array, "sample output"]:
    """The network's outputs: an activation after each layer but the last, in the float type of
    `params` and `inputs`.

    With `residual`, a hidden layer as wide as the one before adds to what that one gave instead of
    replacing it. `multiply(inputs, weight)` gives their product; `normalize(index, layer, values)` is
    what a `Normalized` layer does to its values, by default layer normalisation;
    `drop(index, values)` is applied to what a hidden layer gives.
    """
    *hidden, last = params
    for index, layer in enumerate(hidden):
        values = multiply(inputs, layer.weight) + layer.bias
        if isinstance(layer, Normalized):
            values = normalize(index, layer, values)
        values = activation(values)
        if drop is not None:
            values = drop(index, values)
        adds = residual and index > 0 and inputs.shape == values.shape
        inputs = inputs + values if adds else values
    return multiply(inputs, last.weight) + last.bias


def nth(params: Params, index: int) -> Params:
    """One network of several that are stacked along a leading axis."""
    # Sliced by numpy: each shape would compile a program of its own.
    return tuple(type(layer)(*(_slice(leaf, index) for leaf in layer)) for layer in params)


def count(sizes: Sequence[int]) -> int:
    """How many weights and biases a network has whose layers are `sizes` wide, ends included."""
    return sum((before + 1) * after for before, after in pairwise(sizes))


def _slice(leaf: Any, index: int) -> Any:
    return None if leaf is None else jax.device_put(np.asarray(leaf)[index])
