"""How much does PAC-Bayes promise for a network whose weights are drawn anew at each prediction?

The weights of a network with one hidden layer of ReLU units are independent Gaussians. Their means and
variances are trained, by Adam and one draw a step (v = mean + deviation · noise), on the sum of

    mean of log₂(1 + exp(−y f_v(x))), never less than the error,  and  √((KL + price) / 2n),

with KL that from N(w₀, λ I), where w₀ is drawn before the sample and λ the best variance: McAllester's
limit, made smooth. What is promised is then computed on the grid of λ by `pac_bayes.stochastic`.

Source: Dziugaite & Roy, arXiv:1703.11008; here from w₀ on, without training the means
first, and with λ in closed form.
"""

import time
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array, lax
from jaxtyping import Float, Int
from numpy.typing import NDArray

from core.bounds import pac_bayes
from core.networks.initialization import initialize
from core.networks.mlp import Layer, Params, count, forward
from core.networks.program import bucket

Floats = NDArray[np.floating]

# Standard deviation of each weight at the start, step size of Adam at the start, draws in a block.
DEVIATION, RATE, BLOCK = 0.05, 0.01, 10


class Rows(NamedTuple):
    """Inputs, labels −1 and 1, and what each row counts; padding counts 0."""

    inputs: Float[Array, "row feature"]
    labels: Float[Array, " row"]
    weights: Float[Array, " row"]


class Posterior(NamedTuple):
    """Means and log standard deviations of all weights, layer by layer."""

    mean: Float[Array, " weight"]
    log_deviation: Float[Array, " weight"]


class State(NamedTuple):
    """Where a training stands, and the seed of its noise."""

    step: Int[Array, ""]
    posterior: Posterior
    memory: optax.OptState
    seed: Int[Array, ""]


class Task(NamedTuple):
    """What is trained: rows, their number n, the prior's centre w₀, the number of steps, δ, and a factor
    on the root of KL: 1, or 0 to fit the sample at any cost."""

    rows: Rows
    n: Float[Array, ""]
    centre: Float[Array, " weight"]
    steps: Int[Array, ""]
    delta: Float[Array, ""]
    cost: Float[Array, ""]


def rows(inputs: NDArray[np.float64], labels: NDArray[np.float64], room: int) -> Rows:
    """As arrays of 32 bits with room for so many rows, padded to a bucket."""
    spare = bucket(max(room, len(labels))) - len(labels)
    counted = np.pad(np.ones(len(labels)) / len(labels), (0, spare))
    parts = np.pad(inputs, ((0, spare), (0, 0))), np.pad(labels, (0, spare)), counted
    return Rows(*(jnp.asarray(part.astype(np.float32)) for part in parts))


def centre(features: int, width: int, rng: np.random.Generator) -> Floats:
    """The prior's centre: weights of variance 2 / inputs, biases 0."""
    layers = initialize(rng, (features, width, 1), "he")
    return np.concatenate(
        [np.asarray(p).ravel() for layer in layers for p in (layer.weight, layer.bias)]
    )


def task(counted: Rows, n: int, start: Floats, steps: int, delta: float, cost: float = 1.0) -> Task:
    """What is trained, as arrays."""
    numbers = (np.asarray(v, np.float32) for v in (delta, cost))
    return Task(
        counted, jnp.float32(n), jnp.asarray(start), jnp.int32(steps), *map(jnp.asarray, numbers)
    )


def train(
    task: Task, width: int, seed: int, positions: list[int], pause: float = 0.1
) -> Iterator[tuple[int, Posterior]]:
    """The posterior at each of the ascending step numbers `positions`, and about every `pause` seconds
    in between. One compiled program, whatever the rows, steps and δ."""
    start = Posterior(jnp.asarray(task.centre), jnp.full_like(task.centre, np.log(DEVIATION)))
    state = State(jnp.int32(0), start, _adam(task).init(start), jnp.uint32(seed))
    _advance(task, state, jnp.int32(0), width)[0].block_until_ready()
    step, pace = 0, 1
    for position in positions:
        while step < position:
            began, before = time.perf_counter(), step
            step = min(position, step + pace)
            state = _advance(task, state, jnp.int32(step), width)
            state.step.block_until_ready()
            seconds = max(1e-6, time.perf_counter() - began)
            pace = int(np.clip((step - before) * pause / seconds, 1, 4 * pace))
            if step < position:
                yield step, state.posterior
        yield step, state.posterior


def errors(
    posterior: Posterior, parts: tuple[Rows, ...], width: int, draws: int, seed: int
) -> Iterator[Floats]:
    """Shares of errors (draw, part) of networks drawn from the posterior on each of the `parts`, in
    blocks of at most `BLOCK` draws, `draws` in all."""
    for first in range(0, draws, BLOCK):
        found = np.asarray(_errors(posterior, parts, jnp.uint32(seed), jnp.int32(first), width))
        yield found[: min(BLOCK, draws - first)].astype(np.float64)


def divergence(posterior: Posterior, start: Floats) -> tuple[float, int]:
    """KL from the best prior of the grid, in nats, and its number j."""
    mean, deviations = (np.asarray(part, np.float64) for part in posterior)
    second = float(np.sum((mean - start) ** 2) + np.sum(np.exp(2 * deviations)))
    return pac_bayes.scaled(second, 2 * float(deviations.sum()), mean.size)


def ratios(
    posterior: Posterior, start: Floats, j: int, draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """ln q(v)/p(v) (draw,) at draws v of the posterior q, for the prior p of number j: KL on average."""
    mean, deviations = (np.asarray(part, np.float64) for part in posterior)
    prior = pac_bayes.WIDEST * np.exp(-j / pac_bayes.FINENESS)
    made = np.empty(draws)
    for i in range(draws):
        noise = rng.standard_normal(mean.size)
        away = mean + np.exp(deviations) * noise - start
        made[i] = np.sum(away**2 / prior - noise**2 + np.log(prior) - 2 * deviations) / 2
    return made


def _adam(task: Task) -> optax.GradientTransformation:
    return optax.adam(lambda step: RATE * (0.05 + 0.475 * (1 + jnp.cos(jnp.pi * step / task.steps))))


@partial(jax.jit, static_argnames="width")
def _advance(task: Task, state: State, until: Array, width: int) -> State:
    rule = _adam(task)

    def step(_: Array, now: State) -> State:
        key = jax.random.fold_in(jax.random.key(now.seed), now.step)
        slope = jax.grad(partial(_objective, task, key, width))(now.posterior)
        changes, memory = rule.update(slope, now.memory, now.posterior)
        return State(now.step + 1, optax.apply_updates(now.posterior, changes), memory, now.seed)

    moved: State = lax.fori_loop(state.step, until, step, state)
    return moved


def _objective(task: Task, key: Array, width: int, posterior: Posterior) -> Array:
    noise = jax.random.normal(key, posterior.mean.shape, jnp.float32)
    margins = _margins(posterior, noise, task.rows, width)
    loss = jnp.sum(task.rows.weights * jax.nn.softplus(-margins)) / np.float32(np.log(2))
    size = posterior.mean.size
    spread = jnp.exp(2 * posterior.log_deviation)
    second = jnp.sum((posterior.mean - task.centre) ** 2) + jnp.sum(spread)
    # Where it is free KL is least at λ = second / d; the grid has an upper end.
    widest = np.float32(pac_bayes.WIDEST * np.exp(-1 / pac_bayes.FINENESS))
    scale = jnp.minimum(second / size, widest)
    rest = size * jnp.log(scale) - 2 * jnp.sum(posterior.log_deviation)
    cost = (second / scale - size + rest) / 2
    number = pac_bayes.FINENESS * jnp.log(pac_bayes.WIDEST / scale)
    price = jnp.log(2 * jnp.sqrt(task.n) * (jnp.pi * number) ** 2 / 6 / task.delta)
    bound: Array = loss + task.cost * jnp.sqrt((cost + price) / (2 * task.n))
    return bound


def _margins(posterior: Posterior, noise: Array, of: Rows, width: int) -> Float[Array, " row"]:
    weights = posterior.mean + jnp.exp(posterior.log_deviation) * noise
    made = forward(_layers(weights, of.inputs.shape[1], width), of.inputs, jax.nn.relu)
    return of.labels * made[:, 0]


def _layers(weights: Float[Array, " weight"], features: int, width: int) -> Params:
    assert weights.size == count((features, width, 1))
    first, bias, second, last = jnp.split(weights, np.cumsum([features * width, width, width]))
    return Layer(first.reshape(features, width), bias), Layer(second.reshape(width, 1), last)


@partial(jax.jit, static_argnames="width")
def _errors(
    posterior: Posterior, parts: tuple[Rows, ...], seed: Array, first: Array, width: int
) -> Float[Array, "draw part"]:
    def one(at: Array) -> Array:
        key = jax.random.fold_in(jax.random.key(seed), at)
        noise = jax.random.normal(key, posterior.mean.shape, jnp.float32)
        wrong = [_margins(posterior, noise, part, width) <= 0 for part in parts]
        return jnp.stack([jnp.sum(p.weights * w) for p, w in zip(parts, wrong, strict=True)])

    made: Array = lax.map(one, first + jnp.arange(BLOCK, dtype=jnp.int32))
    return made
