"""Activation functions by name, each elementwise and generic in its float type."""

from collections.abc import Callable, Mapping

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
from jax import Array

ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "identity": lambda x: x,
    "quadratic": lambda x: x * x,
    "relu": jax.nn.relu,
    "leaky-relu": lambda x: jax.nn.leaky_relu(x, negative_slope=0.01),
    "tanh": jax.numpy.tanh,
    "sigmoid": jax.nn.sigmoid,
    "erf": jax.scipy.special.erf,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "silu": jax.nn.silu,
}
