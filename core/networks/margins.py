"""By how much is a classifier right? Margins of its outputs, plain and per unit of Lipschitz bound.

The margin of a row is the output of its own class minus the largest other one: positive where the row
is classified correctly. Outputs can be made large by large weights alone; divided by the product of
the layers' spectral norms, which bounds the Lipschitz constant of a network whose activation has
slope at most one, margins of different networks compare.

Source: Bartlett, Foster & Telgarsky, arXiv:1706.08498, section 1.
"""

from collections.abc import Sequence

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int


def margins(
    outputs: Float[Array, "sample class"], labels: Int[Array, " sample"]
) -> Float[Array, " sample"]:
    """Own output minus the largest other, in units of the outputs (log odds where they feed a
    softmax)."""
    own = jnp.arange(outputs.shape[1]) == labels[:, None]
    others = jnp.max(jnp.where(own, -jnp.inf, outputs), axis=1)
    return jnp.sum(jnp.where(own, outputs, 0), axis=1) - others


def lipschitz_bound(weights: Sequence[Float[Array, "inputs outputs"]]) -> Float[Array, ""]:
    """The product of the largest singular values of the layers' weights."""
    return jnp.prod(jnp.stack([jnp.linalg.norm(w, ord=2) for w in weights]))


def normalized_margins(
    outputs: Float[Array, "sample class"],
    labels: Int[Array, " sample"],
    weights: Sequence[Float[Array, "_ _"]],
) -> Float[Array, " sample"]:
    """Margins over `lipschitz_bound(weights)`. Divided by √2 as well they bound from below how far an
    input must move before its class changes, where nothing but such layers lies in between."""
    return margins(outputs, labels) / lipschitz_bound(weights)
