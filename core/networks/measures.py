"""What is measured on networks: functions of (parameters, data), for all replicates at once."""

from functools import partial
from typing import NamedTuple

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from core.networks.likelihoods import LIKELIHOODS, entropy, wrong
from core.networks.mlp import Params
from core.networks.passes import outputs, product
from core.networks.program import Data, Program, each


class Measures(NamedTuple):
    """Means over the rows. `error` (share of rows) and `entropy` (nats) are NaN without classes;
    `gradient_norms` are those of the mean loss with respect to a layer's own parameters."""

    loss: Float[Array, " replicate"]
    error: Float[Array, " replicate"]
    entropy: Float[Array, " replicate"]
    gradient_norms: Float[Array, "replicate layer"]


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames=("program", "gradients"))
def measure(program: Program, params: Params, data: Data, gradients: bool = True) -> Measures:
    """Loss, error, entropy and gradient norms by layer of each replicate on its rows of `data`;
    without `gradients` the norms are NaN and cost nothing."""
    places = data.inputs.shape[1]
    weights = (jnp.arange(places) < data.rows).astype(data.inputs.dtype) / data.rows
    one = partial(_measure, program, weights, gradients)
    return each(one, params, data.inputs, data.targets)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def predict(
    program: Program, params: Params, inputs: Float[Array, "sample feature"]
) -> Float[Array, "sample output"]:
    """What one network predicts: class probabilities, or the scaled target."""
    return LIKELIHOODS[program.likelihood].predict(outputs(program, params, inputs))


def _measure(
    program: Program, weights: Array, gradients: bool, params: Params, inputs: Array, targets: Array
) -> Measures:
    likelihood = LIKELIHOODS[program.likelihood]
    weights = weights.astype(inputs.dtype)

    def value(at: Params) -> tuple[Array, Array]:
        made = outputs(program, at, inputs, multiply=product)
        return jnp.sum(weights * likelihood.loss(made, targets)), made

    if gradients:
        (loss, made), slope = jax.value_and_grad(value, has_aux=True)(params)
        # Weight, bias, gain and shift; the fifth of a normalised layer is no parameter.
        norms = jnp.stack([jnp.sqrt(sum(jnp.sum(part**2) for part in layer[:4])) for layer in slope])
    else:
        loss, made = value(params)
        norms = jnp.full(len(params), jnp.nan, inputs.dtype)
    nan = jnp.full_like(loss, jnp.nan)
    if not likelihood.classes:
        return Measures(loss, nan, nan, norms)
    # The largest of outputs that are not numbers is still an index: no error may come of it.
    logits, own = likelihood.logits(made), likelihood.indicators(targets)
    error = jnp.where(jnp.isfinite(loss), jnp.sum(weights * wrong(logits, own)), nan)
    return Measures(loss, error, jnp.sum(weights * entropy(logits)), norms)
