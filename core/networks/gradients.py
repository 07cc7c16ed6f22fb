"""How noisy is the gradient of a batch? Per-example gradients, their covariance, the noise scale.

A batch of B rows drawn with replacement has gradient G + ε with E ‖ε‖² = tr Σ / B, where G is the mean
and Σ the covariance of the rows' own gradients. B_simple = tr Σ / ‖G‖² is the batch at which noise
is as large as signal.

Everything takes `predict(params, inputs) -> outputs (sample, output)` and `loss(outputs, targets) ->
(sample,)`, so that any model can be measured. Both are static under `jit`: hand over the same
function each time, not a new lambda.

Source: McCandlish, Kaplan & Amodei, arXiv:1812.06162, sections 2.2 and A.1.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

Predict = Callable[[Any, Array], Array]
Loss = Callable[[Array, Array], Array]

# Rows whose gradients are held at once while sums are taken.
CHUNK = 32


class Noise(NamedTuple):
    """tr Σ and ‖G‖², in squared units of the loss per unit of weight, and their ratio in rows."""

    trace: Float[Array, ""]
    squared_norm: Float[Array, ""]
    scale: Float[Array, ""]


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames=("predict", "loss"))
def losses(
    predict: Predict,
    loss: Loss,
    params: Any,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
) -> Float[Array, " sample"]:
    """The loss of each row by itself: its largest values are the hardest examples."""
    return loss(predict(params, inputs), targets)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames=("predict", "loss"))
def example_gradients(
    predict: Predict,
    loss: Loss,
    params: Any,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
) -> Float[Array, "sample parameter"]:
    """Each row's own gradient, with the parameters in the order of `ravel_pytree`."""
    gradient = partial(_gradient, predict, loss, params)
    return jax.vmap(gradient)(inputs, targets)


def covariance(gradients: Float[Array, "sample parameter"]) -> Float[Array, "parameter parameter"]:
    """Σ, the covariance of per-example gradients with the sample as the whole population."""
    centred = gradients - jnp.mean(gradients, axis=0)
    return centred.T @ centred / gradients.shape[0]


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames=("predict", "loss", "population"))
def noise(
    predict: Predict,
    loss: Loss,
    params: Any,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
    population: bool = True,
) -> Noise:
    """tr Σ, ‖G‖² and B_simple, with a few rows' gradients in memory at a time.

    With `population` the rows are all there are: what a batch of this training set meets. Without,
    they are a sample of a larger population, for which both figures are then estimated without bias;
    the estimate of ‖G‖² can be negative near a minimum.
    """
    n = inputs.shape[0]

    def one(row: tuple[Array, Array]) -> tuple[Array, Array]:
        gradient = _gradient(predict, loss, params, *row)
        return gradient, jnp.sum(gradient**2)

    def add(total: tuple[Array, Array], rows: tuple[Array, Array]) -> tuple[tuple[Array, Array], None]:
        vectors, squares = jax.vmap(one)(rows)
        return (total[0] + vectors.sum(0), total[1] + squares.sum()), None

    whole = n - n % CHUNK
    zero = jnp.zeros_like(ravel_pytree(params)[0])
    sums: tuple[Array, Array] = (zero, jnp.zeros((), zero.dtype))
    if whole:
        x, y = (part[:whole].reshape(-1, CHUNK, *part.shape[1:]) for part in (inputs, targets))
        sums, _ = jax.lax.scan(add, sums, (x, y))
    if n > whole:
        sums, _ = add(sums, (inputs[whole:], targets[whole:]))
    signal = jnp.sum((sums[0] / n) ** 2)
    trace = sums[1] / n - signal
    if not population:
        trace = trace * n / (n - 1)
        signal = signal - trace / n
    return Noise(trace, signal, trace / signal)


def _gradient(predict: Predict, loss: Loss, params: Any, given: Array, target: Array) -> Array:
    def value(at: Any) -> Array:
        return loss(predict(at, given[None]), target[None])[0]

    return ravel_pytree(jax.grad(value)(params))[0]
