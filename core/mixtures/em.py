"""The EM algorithm for mixtures (Dempster, Laird & Rubin 1977, JRSS B 39, 1).

A mixture is one array (1 + p, k): the weights of its components, then their parameters. Components
of weight 0 take no part, so that mixtures of few and of many components go through one program.
"""

from functools import partial
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.scipy.special import logsumexp

from core.mixtures.kinds import Kind

# Leaps in one call, of three steps each: between calls a run reports, and rows that have arrived are
# left out.
LEAPS = 8
# Plain steps in one call.
BLOCK = 10


class Sample(NamedTuple):
    """Values (n,), their weights (n,) and the floor of a component's spread."""

    x: Any
    w: Any
    floor: Any


def joint(kind: Kind, x: Array, mixture: Array) -> Array:
    """log (weight × density) by component and value, (k, n)."""
    safe = jnp.where(mixture[0] > 0, mixture[0], 1.0)
    log_weight = jnp.where(mixture[0] > 0, jnp.log(safe), -jnp.inf)
    return log_weight[:, None] + kind.log_density(x, mixture[1:])


def log_likelihood(kind: Kind, sample: Sample, mixture: Array) -> Array:
    """The log-likelihood, in nats."""
    return jnp.sum(sample.w * logsumexp(joint(kind, sample.x, mixture), axis=0))


def responsibilities(kind: Kind, x: Array, mixture: Array) -> Array:
    """The probability that a value comes from a component, (k, n)."""
    each = joint(kind, x, mixture)
    return jnp.exp(each - logsumexp(each, axis=0))


def step(kind: Kind, sample: Sample, mixture: Array) -> tuple[Array, Array]:
    """The mixture after one step, and the log-likelihood before it."""
    each = joint(kind, sample.x, mixture)
    top = lax.stop_gradient(jnp.max(each, axis=0))
    part = jnp.exp(each - top)
    all_parts = jnp.sum(part, axis=0)
    share = sample.w * part / all_parts
    size = jnp.sum(share, axis=1)
    # A component that has lost all its values stays as it is, with weight 0.
    alive = size > 1e-200
    share = jnp.where(alive[:, None], share / jnp.where(alive, size, 1.0)[:, None], 1 / sample.x.size)
    theta = jnp.where(alive, kind.update(sample.x, share, mixture[1:], sample.floor), mixture[1:])
    weight = jnp.where(alive, size, 0.0) / jnp.sum(sample.w)
    return jnp.concatenate([weight[None], theta]), jnp.sum(sample.w * (top + jnp.log(all_parts)))


def leap(kind: Kind, sample: Sample, mixture: Array) -> tuple[Array, Array]:
    """The mixture after two steps and one from where they point to, which EM would reach only much
    later, unless the likelihood is lower there; and the log-likelihood before (Varadhan & Roland
    2008, Scandinavian Journal of Statistics 35, 335, scheme S3)."""

    # One step in the loop's text: compiling it is most of a first run.
    def one(made: tuple[Array, Array], turn: Array) -> tuple[tuple[Array, Array], None]:
        after, values = made
        there = _pointed(mixture, after[0], after[1])
        at = jnp.where(turn == 0, mixture, jnp.where(turn == 1, after[0], there))
        new, value = step(kind, sample, at)
        return (after.at[turn].set(new), values.at[turn].set(value)), None

    empty = jnp.broadcast_to(mixture, (3, *mixture.shape)), jnp.zeros(3)
    (after, values), _ = lax.scan(one, empty, jnp.arange(3))
    inside = (_pointed(mixture, after[0], after[1])[0] >= 0).all() & jnp.isfinite(after[2]).all()
    return jnp.where((values[2] >= values[1]) & inside, after[2], after[1]), values[0]


def _pointed(mixture: Array, first: Array, second: Array) -> Array:
    """Where two steps from the mixture point to."""
    move, bend = first - mixture, second - 2 * first + mixture
    # Parameters differ in unit: lengths are taken in units of their largest value.
    unit = jnp.max(jnp.abs(mixture), axis=1, keepdims=True) + 1e-300
    long, short = jnp.sum((move / unit) ** 2), jnp.sum((bend / unit) ** 2)
    reach = jnp.maximum(1.0, jnp.sqrt(long / (short + 1e-300)))
    return mixture + 2 * reach * move + reach**2 * bend


@partial(jax.jit, static_argnames=("kind",))
def advance(kind: Kind, samples: Sample, mixtures: Array) -> tuple[Array, Array]:
    """`LEAPS` leaps of each row: mixtures (b, 1 + p, k) of values (b, n), with one array of weights
    and one floor. Gives the mixtures, and the log-likelihoods before the leaps and after, (b, 2)."""

    def one(x: Array, mixture: Array) -> tuple[Array, Array]:
        sample = samples._replace(x=x)
        last, climbed = lax.scan(lambda m, _: leap(kind, sample, m), mixture, None, length=LEAPS)
        return last, jnp.stack([climbed[0], log_likelihood(kind, sample, last)])

    return jax.vmap(one)(samples.x, mixtures)


@partial(jax.jit, static_argnames=("kind",))
def block(kind: Kind, sample: Sample, mixtures: Array) -> tuple[Array, tuple[Array, Array]]:
    """`BLOCK` plain steps from each of b mixtures: the last mixtures, and before each step the
    mixtures (BLOCK, b, 1 + p, k) and log-likelihoods (BLOCK, b)."""

    def one(before: Array, _: None) -> tuple[Array, tuple[Array, Array]]:
        after, value = jax.vmap(partial(step, kind, sample))(before)
        return after, (before, value)

    made: tuple[Array, tuple[Array, Array]] = lax.scan(one, mixtures, None, length=BLOCK)
    return made
