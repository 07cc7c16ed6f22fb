"""Draws from a posterior by the no-U-turn sampler, several chains at once, in blocks.

A step of blackjax's NUTS moves every chain; during the warm-up its step size follows dual averaging
towards a target acceptance rate, and its metric the variances seen in windows that double, as in Stan.
Warm-up and sampling are one compiled program, called block by block so that a run can be watched.

Sources: Hoffman & Gelman 2014, JMLR 15, 1593; Betancourt, arXiv:1701.02434; Stan Reference Manual,
chapter 15 (adaptation); blackjax, arXiv:2402.10797.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from blackjax.adaptation.mass_matrix import mass_matrix_adaptation
from blackjax.adaptation.step_size import dual_averaging_adaptation
from blackjax.adaptation.window_adaptation import build_schedule
from jax import Array

from core.bayes.priors import log_prior
from core.bayes.target import Target
from core.families.family import Family
from core.families.jets import OPTIONS

# Doublings of a trajectory at most: 255 steps.
DOUBLINGS = 8
# Values are padded to a power of two from here on, and a block makes so many steps of the sampler on few
# values, fewer on many, so that it takes a fraction of a second.
LEAST, STEPS, BLOCK = 128, 25, 1 << 17
# Starting points are spread so many times as wide as the posterior.
OVERDISPERSED = 2.0


class Rules(NamedTuple):
    """What the warm-up aims at, and by what its step is multiplied afterwards."""

    acceptance: float
    stretch: float


class Steps(NamedTuple):
    """What happens at each step: its number, whether the metric learns, whether a window ends, whether
    the warm-up ends, and whether the step size adapts; (b,) each."""

    index: Any
    slow: Any
    ends: Any
    last: Any
    adapts: Any


class Draws(NamedTuple):
    """Draws (draw, chain, …): points `q` (…, k), acceptance rate, whether the step diverged, leapfrog
    steps, energy, and the step size."""

    q: Any
    acceptance: Any
    divergent: Any
    leapfrogs: Any
    energy: Any
    step: Any


class _Known(NamedTuple):
    """The posterior, as arrays."""

    x: Any
    weights: Any
    numbers: Any
    mode: Any
    factor: Any
    box: Any


def length(n: int) -> int:
    """Of the padded values: a program serves all samples of one length."""
    return max(LEAST, 1 << (n - 1).bit_length())


def sample(
    target: Target, chains: int, warmup: int, draws: int, rules: Rules, rng: np.random.Generator
) -> Iterator[tuple[int, Draws | None]]:
    """Steps done so far, and the draws after the warm-up so far (None during it)."""
    k = target.mode.size
    padded = length(target.x.size)
    room = padded - target.x.size
    known = _Known(
        np.r_[target.x, np.full(room, target.x[0])],
        np.r_[target.weights, np.zeros(room)],
        target.prior.numbers,
        target.mode,
        target.factor,
        target.box,
    )
    block = max(1, min(STEPS, BLOCK // (padded * chains)))
    key = jax.random.key(int(rng.integers(2**31)))
    positions: Any = OVERDISPERSED * rng.standard_normal((chains, k))
    adaptation = _fresh(chains, k)
    plan = _plan(warmup, draws, block)
    parts: list[Draws] = []
    for first in range(0, plan.index.size, block):
        steps = Steps(*(column[first : first + block] for column in plan))
        conjugate = target.prior.conjugate
        positions, adaptation, found = _advance(
            target.family, conjugate, known, rules, positions, adaptation, key, steps
        )
        kept = slice(max(0, warmup - first), max(0, warmup + draws - first))
        parts.append(Draws(*(np.asarray(each)[kept] for each in found)))
        done = min(first + block, warmup + draws)
        yield done, joined(parts) if done > warmup else None


def joined(parts: list[Draws]) -> Draws:
    """All of them, in order."""
    return Draws(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _plan(warmup: int, draws: int, block: int) -> Steps:
    """The steps of a run, filled up to whole blocks."""
    total = -(-(warmup + draws) // block) * block
    schedule = np.asarray(build_schedule(warmup)).reshape(warmup, 2)
    slow, ends = np.zeros((2, total), bool)
    slow[:warmup], ends[:warmup] = schedule[:, 0] == 1, schedule[:, 1] == 1
    index = np.arange(total)
    return Steps(index, slow, ends, index == warmup - 1, index < warmup)


@partial(jax.jit, static_argnames=("chains", "k"), compiler_options=OPTIONS)
def _fresh(chains: int, k: int) -> Any:
    """What the warm-up starts from."""
    start, _, _ = dual_averaging_adaptation(0.8)
    metric, _, _ = mass_matrix_adaptation()
    one = (start(1.0), metric(k), 1.0)

    # Not weakly typed, as what the first block returns is not: else it compiles twice.
    def repeated(leaf: Any) -> Array:
        made = jnp.asarray(leaf)
        return jnp.broadcast_to(made.astype(made.dtype), (chains, *made.shape))

    return jax.tree.map(repeated, one)


def _log_density(family: Family, conjugate: bool, known: _Known, q: Array) -> Array:
    free = known.mode + known.factor @ q
    low, high = known.box[:, 0], known.box[:, 1]
    u = jnp.clip(free, low, high)
    theta = (p.natural(v) for p, v in zip(family.parameters, u, strict=True))
    each = family.log_density(known.x, *theta)
    value = jnp.sum(jnp.where(known.weights != 0, known.weights * each, 0.0))
    value = value + log_prior(family.name, conjugate, u, known.numbers, jnp)
    return jnp.where(jnp.all((free > low) & (free < high)), value, -jnp.inf)


def _with_gradient(family: Family, conjugate: bool, known: _Known) -> Any:
    """The log-density, differentiated forward: shorter programs for few parameters, and densities
    that hold loops."""

    def value(q: Array) -> tuple[Array, Array]:
        made = _log_density(family, conjugate, known, q)
        return made, made

    def ahead(q: Array) -> tuple[Array, Array]:
        gradient, made = jax.jacfwd(value, has_aux=True)(q)
        return made, gradient

    density = jax.custom_vjp(lambda q: value(q)[0])
    density.defvjp(ahead, lambda gradient, back: (back * gradient,))
    return density


@partial(jax.jit, static_argnames=("family", "conjugate"), compiler_options=OPTIONS)
def _advance(
    family: Family,
    conjugate: bool,
    known: _Known,
    rules: Rules,
    positions: Array,
    adaptation: Any,
    key: Array,
    steps: Steps,
) -> Any:
    """A block of steps of all chains: where they are, their adaptation, and the `Draws` on the way."""
    density = _with_gradient(family, conjugate, known)
    kernel = blackjax.nuts.build_kernel()
    chains = jax.vmap(partial(jax.random.fold_in, key))(jnp.arange(len(positions)))

    def one(chain: Array, state: Any, adapted: Any, now: Steps) -> Any:
        _, metric, size = adapted
        moved, info = kernel(
            jax.random.fold_in(chain, now.index),
            state,
            density,
            size,
            metric.inverse_mass_matrix,
            max_num_doublings=DOUBLINGS,
        )
        rate = jnp.nan_to_num(info.acceptance_rate)
        after = _adapt(rules, adapted, now, moved.position, rate)
        told = Draws(
            moved.position, rate, info.is_divergent, info.num_integration_steps, info.energy, size
        )
        return moved, after, told

    def step(carry: Any, now: Steps) -> Any:
        every: Any = jax.vmap(one, (0, 0, 0, None))
        state, adapted, told = every(chains, *carry, now)
        return (state, adapted), told

    states = jax.vmap(lambda q: blackjax.nuts.init(q, density))(positions)
    (state, adapted), told = jax.lax.scan(step, (states, adaptation), steps)
    return state.position, adapted, told


def _adapt(rules: Rules, before: Any, now: Steps, position: Array, rate: Array) -> Any:
    """Step size and metric of one chain after a step of the warm-up, as Stan adapts them."""
    restart, follow, settled = dual_averaging_adaptation(rules.acceptance)
    _, learn, finish = mass_matrix_adaptation()

    def chosen(condition: Any, yes: Any, no: Any) -> Any:
        return jax.tree.map(partial(jnp.where, condition), yes, no)

    averaging, metric, _ = before
    averaging = follow(averaging, rate)
    metric = chosen(now.slow, learn(metric, position), metric)
    metric = chosen(now.ends, finish(metric), metric)
    averaging = chosen(now.ends, restart(settled(averaging)), averaging)
    size = jnp.where(now.last, rules.stretch * settled(averaging), jnp.exp(averaging.log_step_size))
    return chosen(now.adapts, (averaging, metric, size), before)
