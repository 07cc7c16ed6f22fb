"""One trained network and all that is measured around it, in double precision and compiled once."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.flatten_util import ravel_pytree
from jaxtyping import Float
from numpy.typing import NDArray

from core.networks import curvature, landscape
from core.networks.activations import ACTIVATIONS
from core.networks.alignment import Plain
from core.networks.edge import Program, loss_of
from core.networks.mlp import Layer, Params, forward

Floats = NDArray[np.float64]

# Points of a line; odd, so that one is its middle.
LINE = 41
# Lanczos steps from each random vector: enough for the leading eigenvalues of trained networks to
# be found to many digits.
STEPS = 60


@dataclass(frozen=True)
class Problem:
    """What is trained on what, in double precision; training itself rounds to single."""

    program: Program
    inputs: Floats
    targets: Floats
    notes: tuple[str, ...] = ()


def finite(params: Plain) -> bool:
    """Whether every weight is a number."""
    return all(bool(np.isfinite(leaf).all()) for layer in params for leaf in layer)


def double(params: Params) -> Plain:
    """The network's weights in double precision, as NumPy arrays."""
    leaves = [(layer.weight, layer.bias) for layer in params]
    layers: list[Any] = [[np.asarray(leaf, float) for leaf in pair] for pair in leaves]
    return tuple(Layer(*layer) for layer in layers)


def flat(params: Plain) -> Floats:
    """All weights and biases as one vector, in the order of `ravel_pytree`."""
    return np.concatenate([np.ravel(np.asarray(leaf, float)) for layer in params for leaf in layer])


def unflat(vector: NDArray[Any], like: Plain) -> Plain:
    """A vector as weights of the shapes of `like`."""
    layers, at = [], 0
    for layer in like:
        leaves: list[Any] = []
        for leaf in layer:
            leaves.append(np.reshape(vector[at : at + leaf.size], leaf.shape))
            at += leaf.size
        layers.append(Layer(*leaves))
    return tuple(layers)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def look(
    program: Program,
    params: Plain,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
    seed: int,
) -> tuple[Float[Array, ""], Float[Array, " parameter"], curvature.Probe]:
    """Loss, gradient and what one random vector tells of the Hessian."""
    loss = partial(_loss, program, inputs, targets)
    value, slope = jax.value_and_grad(loss)(params)
    found = curvature.probe(loss, params, jax.random.key(seed), STEPS)
    return value, ravel_pytree(slope)[0], found


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def along(
    program: Program,
    params: Plain,
    direction: Plain,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]]:
    """Value, slope and curvature of the loss along `direction`, per length of it."""

    def value(t: Array) -> Array:
        return _loss(program, inputs, targets, landscape.moved(params, (t, direction)))

    def slope(t: Array) -> tuple[Array, Array]:
        at, rise = jax.jvp(value, (t,), (jnp.ones_like(t),))
        return at, rise

    zero = jnp.zeros(())
    (at, rise), (_, bend) = jax.jvp(slope, (zero,), (jnp.ones_like(zero),))
    return at, rise, bend


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def outputs(
    program: Program, params: Plain, inputs: Float[Array, "sample feature"]
) -> Float[Array, "sample output"]:
    """What one network gives."""
    return forward(params, jnp.asarray(inputs), ACTIVATIONS[program.activation])


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def on_plane(
    program: Program,
    center: Plain,
    first: Plain,
    second: Plain,
    at: Float[Array, " place"],
    across: Float[Array, " other"],
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
) -> Float[Array, "place other"]:
    """The loss at `center + a · first + b · second` for a in `at` (rows) and b in `across`."""
    return landscape.plane(partial(_loss, program, inputs, targets), center, first, second, at, across)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def on_line(
    program: Program,
    start: Plain,
    end: Plain,
    at: Float[Array, " place"],
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
) -> Float[Array, " place"]:
    """The loss at `(1 − t) start + t end` for t in `at`."""
    return landscape.line(partial(_loss, program, inputs, targets), start, end, at)


def _loss(program: Program, inputs: Array, targets: Array, params: Plain) -> Array:
    return loss_of(program, params, jnp.asarray(inputs), jnp.asarray(targets))
