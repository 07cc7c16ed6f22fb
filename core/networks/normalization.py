"""Layer and batch normalisation of a layer's values before its activation.

    layer norm   each row by its own mean and variance over the units (Ba, Kiros and Hinton,
                 arXiv:1607.06450)
    batch norm   each unit by its mean and variance over the rows of a batch (Ioffe and Szegedy,
                 arXiv:1502.03167); for prediction by running averages of those

Variances are biased (divided by n), plus 1e-5. A running average gives a new batch the share
1/t for the first ten batches, their plain mean, and 1/10 after that: it starts without a bias.
"""

from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float, Int

EPSILON = 1e-5
# Share of a new batch in the running statistics, from the tenth batch on.
NEW = 0.1


class Statistics(NamedTuple):
    """Mean and variance of a hidden layer's units before normalisation."""

    mean: Float[Array, "*lead units"]
    variance: Float[Array, "*lead units"]


def layer_norm(
    values: Float[Array, "sample units"],
    gain: Float[Array, " units"],
    shift: Float[Array, " units"],
    units: Float[Array, " units"] | None = None,
) -> Float[Array, "sample units"]:
    """Values normalised over the units of each row; over those where `units` is 1, if given."""
    if units is None:
        mean = jnp.mean(values, axis=-1, keepdims=True)
        variance = jnp.mean((values - mean) ** 2, axis=-1, keepdims=True)
    else:
        share = units / jnp.sum(units)
        mean = jnp.sum(values * share, axis=-1, keepdims=True)
        variance = jnp.sum((values - mean) ** 2 * share, axis=-1, keepdims=True)
    return (values - mean) * lax.rsqrt(variance + EPSILON) * gain + shift


def batch_statistics(
    values: Float[Array, "sample units"], weights: Float[Array, " sample"]
) -> Statistics:
    """Mean and variance of each unit over the rows, which count by `weights` that sum to 1."""
    mean = weights @ values
    return Statistics(mean, weights @ (values - mean) ** 2)


def batch_norm(
    values: Float[Array, "sample units"],
    gain: Float[Array, " units"],
    shift: Float[Array, " units"],
    by: Statistics,
) -> Float[Array, "sample units"]:
    """Values normalised unit by unit with the statistics `by`."""
    return (values - by.mean) * lax.rsqrt(by.variance + EPSILON) * gain + shift


def averaged(running: Statistics, found: Statistics, step: Int[Array, ""]) -> Statistics:
    """The running statistics after the batch of 0-based `step`, whose own are `found`."""
    kind = found.mean.dtype
    share = jnp.maximum(NEW, 1 / (step.astype(kind) + 1)).astype(kind)
    return Statistics(*(old + share * (new - old) for old, new in zip(running, found, strict=True)))
