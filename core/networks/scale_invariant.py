"""A small classifier with one hidden layer whose units are normalised, and what each step does to them.

Every unit's weight vector is scale-invariant: batch normalisation, or division by the vector's norm,
gives the same output for w and for c w. Many networks train together, in float64, so that what holds
exactly holds to rounding.
"""

from functools import partial
from typing import Literal, NamedTuple

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float, Int

Normalization = Literal["batch", "weight", "none"]


class Units(NamedTuple):
    """Weights of the hidden units, of the output layer, and its biases. Weight decay is on `inward`
    alone."""

    inward: Float[Array, "setting replicate unit feature"]
    outward: Float[Array, "setting replicate unit class"]
    bias: Float[Array, "setting replicate class"]


class Batches(NamedTuple):
    """Rows of the data, and the labels seen there, for consecutive steps."""

    rows: Int[Array, "step replicate sample"]
    labels: Int[Array, "step replicate sample"]


class Trace(NamedTuple):
    """What each step did, mean over units but for the last: the squared angle between w before and
    after, ‖w‖² and ‖w‖⁴ before, ‖w‖²‖g‖² (the squared gradient at unit norm); and the largest relative
    error of ‖w⁺‖² = (1 − ηλ)² ‖w‖² + η² ‖g‖²."""

    angle: Float[Array, "step setting replicate"]
    square: Float[Array, "step setting replicate"]
    fourth: Float[Array, "step setting replicate"]
    gradient: Float[Array, "step setting replicate"]
    residual: Float[Array, "step setting replicate"]


def logits(
    kind: Normalization, units: Units, inputs: Float[Array, "replicate sample feature"]
) -> Float[Array, "setting replicate sample class"]:
    """The outputs; batch normalisation takes its statistics from `inputs`, without the small constant
    that would break its invariance."""
    w = units.inward
    if kind == "weight":
        w = w / jnp.linalg.norm(w, axis=-1, keepdims=True)
    hidden = jnp.einsum("rnd,srhd->srnh", inputs, w)
    if kind == "batch":
        hidden = hidden - hidden.mean(axis=2, keepdims=True)
        hidden = hidden / jnp.sqrt(jnp.mean(hidden**2, axis=2, keepdims=True))
    outputs: Array = jnp.einsum("srnh,srhk->srnk", jax.nn.relu(hidden), units.outward)
    return outputs + units.bias[:, :, None]


def risk(
    kind: Normalization,
    units: Units,
    inputs: Float[Array, "replicate sample feature"],
    targets: Float[Array, "replicate sample class"],
) -> Float[Array, "setting replicate"]:
    """Mean cross-entropy in nats against the class probabilities `targets`."""
    fitted = jax.nn.log_softmax(logits(kind, units, inputs))
    return -jnp.mean(jnp.sum(targets * fitted, axis=-1), axis=-1)


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="kind")
def train(
    kind: Normalization,
    rate: Float[Array, " setting"],
    decay: Float[Array, " setting"],
    units: Units,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "replicate sample class"],
    batches: Batches,
) -> tuple[Units, Trace, Float[Array, "setting replicate"]]:
    """SGD over the batches with learning rates η and weight decay λ of each setting: w ← (1 − ηλ) w −
    ηg. The risk at the end is that of all the data against `targets`."""
    classes = targets.shape[-1]

    def step(now: Units, batch: Batches) -> tuple[Units, Trace]:
        seen, wanted = inputs[batch.rows], jax.nn.one_hot(batch.labels, classes)
        slope = jax.grad(lambda u: jnp.sum(risk(kind, u, seen, wanted)))(now)
        eta = rate[:, None, None, None]
        shrunk = 1 - eta * decay[:, None, None, None]
        moved = Units(
            shrunk * now.inward - eta * slope.inward,
            now.outward - eta * slope.outward,
            now.bias - eta[..., 0] * slope.bias,
        )
        return moved, _trace(now.inward, moved.inward, slope.inward, eta, shrunk)

    units, trace = lax.scan(step, units, batches)
    every = jnp.broadcast_to(inputs, (targets.shape[0], *inputs.shape))
    return units, trace, risk(kind, units, every, targets)


def _trace(before: Array, after: Array, slope: Array, eta: Array, shrunk: Array) -> Trace:
    old, new, push = (jnp.sum(a**2, axis=-1) for a in (before, after, slope))
    turn = before / jnp.sqrt(old)[..., None] - after / jnp.sqrt(new)[..., None]
    angle = 2 * jnp.arcsin(jnp.minimum(1.0, jnp.linalg.norm(turn, axis=-1) / 2))
    expected = shrunk[..., 0] ** 2 * old + eta[..., 0] ** 2 * push
    return Trace(
        jnp.mean(angle**2, axis=-1),
        jnp.mean(old, axis=-1),
        jnp.mean(old**2, axis=-1),
        jnp.mean(old * push, axis=-1),
        jnp.max(jnp.abs(new / expected - 1), axis=-1),
    )
