"""How much do the data tell about the parameters? Fisher information, true and empirical.

True:       F = (1/n) Σ_i J_iᵀ I(z_i) J_i, with J_i = ∂z_i/∂p the Jacobian of row i's outputs and I(z)
            the information about the outputs in a target drawn from the model itself.
Empirical:  (1/n) Σ_i g_i g_iᵀ, with g_i the gradient at the target that was observed. The two agree
            only where the model is right (Kunstner, Balles & Hennig, arXiv:1905.12558).

Takes any `predict(params, inputs) -> outputs (sample, output)` and `information(outputs of a row) ->
(output, output)`, both static under `jit`. The matrices are for small networks (parameters² numbers);
trace and diagonal are for any.

Sources: Amari (1998), Neural Computation 10, 251–276; Martens, arXiv:1412.1193, section 9.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from core.networks.tangent import Predict, jacobian

Information = Callable[[Array], Array]


def categorical(outputs: Float[Array, " class"]) -> Float[Array, "class class"]:
    """Of a class drawn with probabilities softmax(outputs): diag(p) − p pᵀ."""
    p = jax.nn.softmax(outputs)
    return jnp.diag(p) - jnp.outer(p, p)


def bernoulli(outputs: Float[Array, " output"]) -> Float[Array, "output output"]:
    """Of independent outcomes with probabilities sigmoid(outputs): p (1 − p) on the diagonal."""
    p = jax.nn.sigmoid(outputs)
    return jnp.diag(p * (1 - p))


def gaussian(outputs: Float[Array, " output"]) -> Float[Array, "output output"]:
    """Where the loss is (z − y)², minus the log-likelihood of a variance of ½: twice the identity."""
    return 2 * jnp.eye(outputs.shape[0], dtype=outputs.dtype)


def poisson(outputs: Float[Array, " output"]) -> Float[Array, "output output"]:
    """Of counts with means exp(outputs): the means on the diagonal."""
    return jnp.diag(jnp.exp(outputs))


INFORMATION: Mapping[str, Information] = {
    "categorical": categorical,
    "bernoulli": bernoulli,
    "gaussian": gaussian,
    "poisson": poisson,
}


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames=("predict", "information"))
def fisher(
    predict: Predict, information: Information, params: Any, inputs: Float[Array, "sample feature"]
) -> Float[Array, "parameter parameter"]:
    """The true information matrix, per row, in the order of `ravel_pytree`."""
    slopes = jacobian(predict, params, inputs)
    about = jax.vmap(information)(predict(params, inputs))
    return jnp.einsum("iap,iab,ibq->pq", slopes, about, slopes) / inputs.shape[0]


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames=("predict", "information"))
def fisher_diagonal(
    predict: Predict, information: Information, params: Any, inputs: Float[Array, "sample feature"]
) -> Float[Array, " parameter"]:
    """The diagonal of the true information matrix, a row's Jacobian at a time; its sum is the trace."""
    zero = jnp.zeros_like(ravel_pytree(params)[0])

    def add(total: Array, row: Array) -> tuple[Array, None]:
        slopes = jacobian(predict, params, row[None])[0]
        about = information(predict(params, row[None])[0])
        return total + jnp.einsum("ap,ab,bp->p", slopes, about, slopes), None

    total, _ = jax.lax.scan(add, zero, inputs)
    return total / inputs.shape[0]


def empirical_fisher(gradients: Float[Array, "sample parameter"]) -> Float[Array, "parameter parameter"]:
    """The second moment of per-example gradients (`core.networks.gradients.example_gradients`)."""
    return gradients.T @ gradients / gradients.shape[0]


def empirical_fisher_diagonal(gradients: Float[Array, "sample parameter"]) -> Float[Array, " parameter"]:
    """The diagonal of the empirical information."""
    return jnp.mean(jnp.square(gradients), axis=0)
