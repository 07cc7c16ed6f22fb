"""What a network has beside its trained parameters: factors of the NTK parametrisation, units that
are only padding, running statistics of batch normalisation. All three can be absorbed into weights,
so that the network that predicts is always a plain function of `Params`.

In the NTK parametrisation (Jacot, Gabriel and Hongler, arXiv:1806.07572) a layer is
`x @ (s w) + (t b)` with weights w of variance 1 and the factors s of order 1/√inputs, t fixed.

A network can be padded to wider hidden layers, so that several widths train in one program. Padded
entries are 0, and the weights out of a padded unit are held at 0: it computes and learns what the
narrow network does. Dropout draws other units there, and residual connections need the same widths
to agree before and after padding.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from jax import Array, lax
from jaxtyping import Float
from numpy.typing import DTypeLike

from core.networks.mlp import Layer, Normalized, Params
from core.networks.normalization import EPSILON, Statistics


class Scale(NamedTuple):
    """Factors on a layer's weights and biases."""

    weight: Float[Array, "*lead"]
    bias: Float[Array, "*lead"]


class Fixed(NamedTuple):
    """`scales`, one a layer, or () in the standard parametrisation; `units`, one a hidden layer, 1
    for a unit that is there and 0 for padding, or () without padding."""

    scales: tuple[Scale, ...] = ()
    units: tuple[Float[Array, "*lead units"], ...] = ()


def effective(params: Params, fixed: Fixed) -> Params:
    """The layers that one network applies: scaled, and with no weight out of padding."""
    layers = params
    if fixed.scales:
        layers = tuple(
            layer._replace(weight=scale.weight * layer.weight, bias=scale.bias * layer.bias)
            for layer, scale in zip(layers, fixed.scales, strict=True)
        )
    if not fixed.units:
        return layers
    first, *rest = layers
    shut = (
        layer._replace(weight=there[:, None] * layer.weight)
        for layer, there in zip(rest, fixed.units, strict=True)
    )
    own = (*fixed.units, None)
    return tuple(
        layer._replace(units=there) if isinstance(layer, Normalized) else layer
        for layer, there in zip((first, *shut), own, strict=True)
    )


def settled(params: Params, running: tuple[Statistics, ...]) -> Params:
    """A batch-normalised network as the plain one that predicts: its running statistics, gains and
    shifts absorbed into weights and biases. Without running statistics, the network as it is."""
    if not running:
        return params
    *hidden, last = params
    layers: list[Layer | Normalized] = []
    for layer, by in zip(hidden, running, strict=True):
        assert isinstance(layer, Normalized)
        factor = layer.gain * lax.rsqrt(by.variance + EPSILON)
        moved = (layer.bias - by.mean) * factor + layer.shift
        layers.append(Layer(layer.weight * factor, moved))
    return (*layers, last)


@jax.jit
def networks(params: Params, fixed: Fixed, running: tuple[Statistics, ...]) -> Params:
    """The networks that predict, from what is trained, all with a leading replicate axis."""
    return jax.vmap(lambda p, f, r: settled(effective(p, f), r))(params, fixed, running)


def widened(params: Params, widths: Sequence[int]) -> Params:
    """One network with zeros around its parameters, so that its hidden layers are `widths` wide."""
    before = [params[0].weight.shape[0], *widths]
    after = [*widths, params[-1].weight.shape[1]]
    return tuple(
        _each(layer, partial(_pad, inputs=i, outputs=o))
        for layer, i, o in zip(params, before, after, strict=True)
    )


def narrowed(params: Params, widths: Sequence[int]) -> Params:
    """The inverse of `widened`: the entries of the hidden units that are there."""
    before = [params[0].weight.shape[0], *widths]
    after = [*widths, params[-1].weight.shape[1]]
    return tuple(
        _each(layer, partial(_cut, inputs=i, outputs=o))
        for layer, i, o in zip(params, before, after, strict=True)
    )


def units(
    widths: Sequence[int], padded: Sequence[int], dtype: DTypeLike = np.float32
) -> tuple[Float[Array, " units"], ...]:
    """1 for each of the first `widths` units of each hidden layer of `padded` units, then 0."""
    return tuple(
        jax.device_put((np.arange(room) < width).astype(dtype))
        for width, room in zip(widths, padded, strict=True)
    )


def _each(layer: Layer | Normalized, change: Callable[[Array], Array]) -> Layer | Normalized:
    made: Layer | Normalized = jax.tree.map(change, layer)
    return made


def _pad(leaf: Array, inputs: int, outputs: int) -> Array:
    held = np.asarray(leaf)
    shape = (inputs, outputs)[-held.ndim :]
    made: Array = jax.device_put(
        np.pad(held, [(0, new - old) for old, new in zip(held.shape, shape, strict=True)])
    )
    return made


def _cut(leaf: Array, inputs: int, outputs: int) -> Array:
    held = np.asarray(leaf)
    made: Array = jax.device_put(held[:inputs, :outputs] if held.ndim == 2 else held[:outputs])
    return made
