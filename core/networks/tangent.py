"""How does a small change of the parameters change the outputs? The empirical tangent kernel.

Θ(x, x') = Σ_p ∂f(x)/∂p ∂f(x')/∂p, over all parameters p, for each pair of outputs. Gradient descent on
½ Σ (f − y)² with a small step η moves the outputs by −η Θ (f − y); a kernel that stays as it was makes
training linear ("lazy").

Takes any `predict(params, inputs) -> outputs (sample, output)`, static under `jit`.

Sources: Jacot, Gabriel & Hongler, arXiv:1806.07572; Fort et al., arXiv:2010.15110, for the drift.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

Predict = Callable[[Any, Array], Array]


@partial(jax.jit, static_argnames="predict")
def jacobian(
    predict: Predict, params: Any, inputs: Float[Array, "sample feature"]
) -> Float[Array, "sample output parameter"]:
    """∂f/∂p at each row, with the parameters in the order of `ravel_pytree`."""
    flat, restore = ravel_pytree(params)

    def one(given: Array) -> Array:
        slope: Array = jax.jacrev(lambda at: predict(restore(at), given[None])[0])(flat)
        return slope

    slopes: Array = jax.vmap(one)(inputs)
    return slopes


def tangent_kernel(
    predict: Predict,
    params: Any,
    inputs: Float[Array, "sample feature"],
    others: Float[Array, "other feature"] | None = None,
) -> Float[Array, "sample output other output"]:
    """Θ between rows and `others` (by default the rows themselves), and between their outputs.

    Holds the Jacobian: rows × outputs × parameters numbers.
    """
    left = jacobian(predict, params, inputs)
    right = left if others is None else jacobian(predict, params, others)
    return jnp.einsum("iap,jbp->iajb", left, right)


def drift(kernel: Float[Array, "..."], initial: Float[Array, "..."]) -> Float[Array, ""]:
    """‖Θ − Θ₀‖ / ‖Θ₀‖, in the Frobenius norm: 0 where training is lazy."""
    moved: Array = jnp.linalg.norm(jnp.ravel(kernel - initial)) / jnp.linalg.norm(jnp.ravel(initial))
    return moved


def misalignment(kernel: Float[Array, "..."], initial: Float[Array, "..."]) -> Float[Array, ""]:
    """1 − ⟨Θ, Θ₀⟩ / (‖Θ‖ ‖Θ₀‖): what of the drift is a change of shape and not of size."""
    a, b = jnp.ravel(kernel), jnp.ravel(initial)
    cosine: Array = jnp.vdot(a, b) / (jnp.linalg.norm(a) * jnp.linalg.norm(b))
    return 1 - cosine
