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
from blackjax.mcmc.hmc import HMCState
from jax import Array

from core.bayes.conjugate import Floats
from core.bayes.priors import log_prior
from core.bayes.target import Target
from core.families.family import Family
from core.families.jets import OPTIONS

# Doublings of a trajectory at most: 255 steps.
DOUBLINGS = 8
# Values stand in rows of this width, the largest sample fills all rows, and chains move in groups: one
# compiled program serves every size of sample and every number of chains.
WIDTH, ROWS, GROUP = 512, 98, 4
# Steps of the sampler in a block on few values; fewer on many, so that it takes a fraction of a second.
STEPS, BLOCK = 25, 1 << 16
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
    """The posterior, as arrays; values (r, w) of which the first `rows` rows are used."""

    x: Any
    weights: Any
    rows: Any
    numbers: Any
    mode: Any
    factor: Any
    box: Any


def sample(
    target: Target, chains: int, warmup: int, draws: int, rules: Rules, rng: np.random.Generator
) -> Iterator[tuple[int, Draws | None]]:
    """Steps done so far, and the draws after the warm-up so far (None during it)."""
    k = target.mode.size
    known = _known(target)
    block = int(np.clip(BLOCK // (known.rows * WIDTH), 1, STEPS))
    key = jax.random.key(int(rng.integers(2**31)))
    groups = -(-chains // GROUP)
    starts = OVERDISPERSED * rng.standard_normal((groups, GROUP, k))
    states: list[Any] = [(_states(target, part), _fresh(k)) for part in starts]
    plan = _plan(warmup, draws, block)
    parts: list[Draws] = []
    for first in range(0, warmup + draws, block):
        steps = Steps(*(column[first : first + STEPS] for column in plan))
        found = []
        for group, (at, adaptation) in enumerate(states):
            *state, told = _advance(
                target.family,
                target.prior.conjugate,
                known,
                rules,
                at,
                adaptation,
                (key, group * GROUP + np.arange(GROUP)),
                (block, steps),
            )
            states[group] = tuple(state)
            found.append(told)
        kept = slice(max(0, warmup - first), max(0, min(block, warmup + draws - first)))
        every = (np.concatenate(each, axis=1)[kept, :chains] for each in zip(*found, strict=True))
        parts.append(Draws(*every))
        done = min(first + block, warmup + draws)
        yield done, joined(parts) if done > warmup else None


def _states(target: Target, q: Floats) -> Any:
    """Of chains at points q (chain, k), moved inside the family's limits."""
    low, high = target.box.T
    u = np.clip(target.at(q), low + 1e-6, high - 1e-6)
    inside = np.linalg.solve(target.factor, (u - target.mode).T).T
    found = [target.loss(each) for each in u]
    slopes = [-gradient @ target.factor for _, gradient, _ in found]
    return HMCState(inside, np.array([-loss for loss, _, _ in found]), np.array(slopes))


def _known(target: Target) -> _Known:
    n = target.x.size
    x, weights = np.full(ROWS * WIDTH, target.x[0]), np.zeros(ROWS * WIDTH)
    x[:n], weights[:n] = target.x, target.weights
    shape = (ROWS, WIDTH)
    return _Known(
        x.reshape(shape),
        weights.reshape(shape),
        -(-n // WIDTH),
        target.prior.numbers,
        target.mode,
        target.factor,
        target.box,
    )


def joined(parts: list[Draws]) -> Draws:
    """All of them, in order."""
    return Draws(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def _plan(warmup: int, draws: int, block: int) -> Steps:
    """The steps of a run, with room for a last block."""
    total = warmup + draws + block + STEPS
    schedule = np.asarray(build_schedule(warmup)).reshape(warmup, 2)
    slow, ends = np.zeros((2, total), bool)
    slow[:warmup], ends[:warmup] = schedule[:, 0] == 1, schedule[:, 1] == 1
    index = np.arange(total)
    return Steps(index, slow, ends, index == warmup - 1, index < warmup)


@partial(jax.jit, static_argnames="k", compiler_options=OPTIONS)
def _fresh(k: int) -> Any:
    """What the warm-up of a group of chains starts from."""
    start, _, _ = dual_averaging_adaptation(0.8)
    metric, _, _ = mass_matrix_adaptation()
    one = (start(1.0), metric(k), 1.0)

    # Not weakly typed, as what the first block returns is not: else it compiles twice.
    def repeated(leaf: Any) -> Array:
        made = jnp.asarray(leaf)
        return jnp.broadcast_to(made.astype(made.dtype), (GROUP, *made.shape))

    return jax.tree.map(repeated, one)


def _log_density(family: Family, conjugate: bool, known: _Known, q: Array) -> Array:
    free = known.mode + known.factor @ q
    low, high = known.box[:, 0], known.box[:, 1]
    u = jnp.clip(free, low, high)
    theta = (p.natural(v) for p, v in zip(family.parameters, u, strict=True))
    given = tuple(theta)

    def add(row: Any, total: Array) -> Array:
        weights = known.weights[row]
        each = family.log_density(known.x[row], *given)
        return total + jnp.sum(jnp.where(weights != 0, weights * each, 0.0))

    before = log_prior(family.name, conjugate, u, known.numbers, jnp)
    value = jax.lax.fori_loop(0, known.rows, add, before)
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
    at: Any,
    adaptation: Any,
    names: tuple[Array, Array],
    block: tuple[Any, Steps],
) -> Any:
    """A block of steps of a group of chains, by their key and numbers: where they are, their
    adaptation, and the `Draws` on the way, of which only as many as the block has steps count."""
    density = _with_gradient(family, conjugate, known)
    kernel = blackjax.nuts.build_kernel()
    chains = jax.vmap(partial(jax.random.fold_in, names[0]))(names[1])
    count, steps = block

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

    every: Any = jax.vmap(one, (0, 0, 0, None))

    def step(number: Any, carry: Any) -> Any:
        state, adapted, told = carry
        state, adapted, now = every(chains, state, adapted, jax.tree.map(lambda c: c[number], steps))
        return state, adapted, jax.tree.map(lambda all_, new: all_.at[number].set(new), told, now)

    empty = jnp.zeros((STEPS, *at.position.shape))
    told = Draws(empty, *[empty[..., 0]] * (len(Draws._fields) - 1))
    return jax.lax.fori_loop(0, count, step, (at, adaptation, told))


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
