"""Full-batch training with its sharpness followed: all replicates in one compiled program.

Sharpness is the largest eigenvalue of the loss's Hessian H; for Adam that of P⁻¹H, with P the
diagonal by which Adam divides. On a quadratic of curvature s (of P⁻¹H) an optimiser's step is a
linear recursion of the last two iterates, and stable below

    gd         2 / η                            z = 1 − ηs
    momentum   2 (1 + β) / η                    z² − (1 + β − ηs) z + β
    nesterov   2 (1 + β) / ((1 + 2β) η)         z² − (1 + β)(1 − ηs) z + β (1 − ηs)
    adam       2 (1 + β₁) / ((1 − β₁) η)        z² − (1 + β₁ − (1 − β₁) ηs) z + β₁

where the root that reaches −1 first is set to −1 and solved for s. For Adam, P is held fixed.

Sources: Cohen, Kaur, Li, Kolter & Talwalkar, arXiv:2103.00065, section 2; Cohen et al.,
arXiv:2207.14484.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Float, Int

from core.networks.activations import ACTIVATIONS
from core.networks.lanczos import lanczos, ritz
from core.networks.likelihoods import LIKELIHOODS
from core.networks.mlp import Params, forward
from core.networks.names import Activation

Method = Literal["gd", "momentum", "nesterov", "adam"]

# A loss this large on targets of order one is past return.
DIVERGED = 1e6
# A rise of the loss counts from here on: less may be rounding, of the sum as a share of the loss,
# and of the residuals, on targets of order one, by their own size.
ROUNDING, RESIDUAL = 1e-5, 1e-6
# Lanczos steps from the last eigenvector. Five leave a residual below 5 % of the eigenvalue, and an
# error of the eigenvalue of its square; a little noise keeps other eigenvectors in sight.
LANCZOS, NOISE = 5, 0.05
ADAM_EPSILON = 1e-8


class Data(NamedTuple):
    """What each replicate is trained on, in float32."""

    inputs: Float[Array, "replicate sample feature"]
    targets: Float[Array, "replicate sample output"]


class Settings(NamedTuple):
    """Traced: another value compiles nothing. `momentum` is β, or β₁ of Adam; `decay` its β₂."""

    learning_rate: float
    momentum: float
    decay: float = 0.999


@dataclass(frozen=True)
class Program:
    """What is compiled in; `batch` is 0 for the full sample. The loss is half the mean squared
    error (squared), or the mean of −log of the class's probability (categorical)."""

    method: Method
    activation: Activation
    batch: int = 0
    loss: Literal["squared", "categorical"] = "squared"


class State(NamedTuple):
    """Where a training stands. `first` and `second` are the optimiser's moments, `loss` that before
    the last step, `rises` the steps since the last measurement on which the loss rose, `diverged`
    the step from which a replicate's loss was not finite or above `DIVERGED`, −1 before; `vector`
    the last eigenvector found."""

    step: Int[Array, ""]
    params: Params
    first: Params
    second: Params
    loss: Float[Array, " replicate"]
    rises: Int[Array, " replicate"]
    diverged: Int[Array, " replicate"]
    vector: Float[Array, "replicate parameter"]


class Measured(NamedTuple):
    """`residual` is ‖A v − λ v‖ of the sharpness λ: an eigenvalue lies within that."""

    loss: Float[Array, " replicate"]
    sharpness: Float[Array, " replicate"]
    residual: Float[Array, " replicate"]


def threshold(method: Method, settings: Settings) -> float:
    """The curvature above which the method's recursion on a quadratic grows."""
    eta, beta = settings.learning_rate, settings.momentum
    factor = {
        "gd": 2.0,
        "momentum": 2 * (1 + beta),
        "nesterov": 2 * (1 + beta) / (1 + 2 * beta),
        "adam": 2 * (1 + beta) / (1 - beta),
    }
    return factor[method] / eta


def growth(method: Method, settings: Settings, curvature: float) -> float:
    """The largest |z| of the recursion on a quadratic of this curvature: stable up to 1."""
    beta = 0.0 if method == "gd" else settings.momentum
    pull = settings.learning_rate * curvature * ((1 - beta) if method == "adam" else 1.0)
    if method == "nesterov":
        step = np.array([[(1 + beta) * (1 - pull), -beta * (1 - pull)], [1.0, 0.0]])
    else:
        step = np.array([[1 + beta - pull, -beta], [1.0, 0.0]])
    return float(np.abs(np.linalg.eigvals(step)).max())


def loss_of(
    program: Program,
    params: Params,
    inputs: Float[Array, "sample feature"],
    targets: Float[Array, "sample output"],
) -> Float[Array, ""]:
    """The program's loss of one network over all rows."""
    outputs = forward(params, inputs, ACTIVATIONS[program.activation])
    if program.loss == "categorical":
        return jnp.mean(LIKELIHOODS["categorical"].loss(outputs, targets))
    return 0.5 * jnp.mean(jnp.sum((outputs - targets) ** 2, axis=-1))


def start(params: Params, seed: int) -> State:
    """Before the first step; `params` have a leading replicate axis."""
    replicates = params[0].bias.shape[0]
    size = sum(int(np.prod(leaf.shape[1:])) for leaf in jax.tree.leaves(params))
    vector = np.random.default_rng([seed, 1]).normal(size=(replicates, size)).astype(np.float32)
    zero = jax.tree.map(lambda leaf: jax.device_put(np.zeros_like(leaf)), params)
    counts = np.zeros(replicates, np.int32)
    unknown = np.full(replicates, np.inf, np.float32)
    never = np.full(replicates, -1, np.int32)
    rest = jax.device_put((unknown, counts, never, vector))
    return State(jax.device_put(np.int32(0)), params, zero, zero, *rest)


@partial(jax.jit, static_argnames="program")
def advance(
    program: Program, settings: Settings, data: Data, state: State, steps: int, seed: int
) -> State:
    """`steps` further steps (traced) of all replicates."""
    key = jax.random.key(seed)

    def step(_: Array, at: State) -> State:
        moved = _step(program, settings, data, at, key)
        lost = ~(moved.loss <= DIVERGED) & (at.diverged < 0)
        return moved._replace(diverged=jnp.where(lost, at.step, at.diverged))

    moved: State = lax.fori_loop(0, steps, step, state)
    return moved


def walk(
    program: Program, settings: Settings, data: Data, state: State, end: int, seed: int, pause: float
) -> Iterator[State]:
    """States on the way to step `end`, about `pause` seconds apart; how many there are changes
    nothing in them."""
    several = 1
    while int(state.step) < end:
        began, several = time.monotonic(), min(several, end - int(state.step))
        state = advance(program, settings, data, state, several, seed)
        state.step.block_until_ready()
        yield state
        several = max(1, int(several * min(8.0, pause / max(1e-6, time.monotonic() - began))))


@partial(jax.jit, static_argnames="program")
def measure(
    program: Program, settings: Settings, data: Data, state: State, seed: int
) -> tuple[State, Measured]:
    """Loss and sharpness where the training stands; the state remembers the eigenvector and counts
    rises anew."""
    key = jax.random.fold_in(jax.random.key(seed), state.step)

    def one(params: Params, second: Params, vector: Array, inputs: Array, targets: Array) -> Any:
        flat, unravel = ravel_pytree(params)
        root = jnp.ones_like(flat)
        if program.method == "adam":
            root = _preconditioner(settings, state.step, ravel_pytree(second)[0]) ** -0.5
            # Before the first step Adam has seen no gradient to divide by.
            root = jnp.where(state.step > 0, root, 1.0)
        slope = jax.grad(lambda at: loss_of(program, unravel(at), inputs, targets))

        def product(v: Array) -> Array:
            image: Array = jax.jvp(slope, (flat,), (root * v,))[1]
            return root * image

        noise = jax.random.normal(key, flat.shape, flat.dtype) * (NOISE / flat.size**0.5)
        vector = vector / jnp.linalg.norm(vector)
        found = ritz(lanczos(product, vector + noise, LANCZOS, key))
        loss = loss_of(program, params, inputs, targets)
        # What is not finite must not stay in the eigenvector: nothing would ever replace it.
        kept = jnp.where(jnp.isfinite(found.values[0]), found.vectors[0], vector)
        return kept, Measured(loss, found.values[0], found.residuals[0])

    vector, found = jax.vmap(one)(state.params, state.second, state.vector, *data)
    return state._replace(vector=vector, rises=jnp.zeros_like(state.rises)), found


def _step(program: Program, settings: Settings, data: Data, state: State, key: Array) -> State:
    def one(params: Params, index: Array, inputs: Array, targets: Array) -> Any:
        value = jax.value_and_grad(partial(loss_of, program))
        if not program.batch:
            return value(params, inputs, targets)
        # The loss is that of the full sample also where the gradient is of a batch.
        at = jax.random.fold_in(jax.random.fold_in(key, state.step), index)
        rows = jax.random.permutation(at, inputs.shape[0])[: program.batch]
        return loss_of(program, params, inputs, targets), value(params, inputs[rows], targets[rows])[1]

    loss, slope = jax.vmap(one)(state.params, jnp.arange(state.loss.size), *data)
    rose = loss > state.loss * (1 + ROUNDING) + RESIDUAL * (jnp.sqrt(state.loss) + RESIDUAL)
    params, first, second = _update(program.method, settings, state, slope)
    return state._replace(
        step=state.step + 1,
        params=params,
        first=first,
        second=second,
        loss=loss,
        rises=state.rises + rose.astype(state.rises.dtype),
    )


def _update(
    method: Method, settings: Settings, state: State, slope: Params
) -> tuple[Params, Params, Params]:
    eta, beta, decay = (jnp.float32(value) for value in settings)
    first, second = state.first, state.second
    if method == "gd":
        move = slope
    elif method == "adam":
        first = jax.tree.map(lambda m, g: beta * m + (1 - beta) * g, first, slope)
        second = jax.tree.map(lambda v, g: decay * v + (1 - decay) * g**2, second, slope)
        divide = partial(_preconditioner, settings, state.step + 1)
        move = jax.tree.map(lambda m, v: m / divide(v), first, second)
    else:
        first = jax.tree.map(lambda m, g: beta * m + g, first, slope)
        move = first
        if method == "nesterov":
            move = jax.tree.map(lambda m, g: g + beta * m, first, slope)
    params: Params = jax.tree.map(lambda w, d: w - eta * d, state.params, move)
    return params, first, second


def _preconditioner(settings: Settings, step: Array, second: Array) -> Array:
    """P of Adam: its step after `step` gradients is η P⁻¹ times the running mean of gradients."""
    taken = step.astype(second.dtype)
    beta, decay = jnp.float32(settings.momentum), jnp.float32(settings.decay)
    root = jnp.sqrt(second / (1 - decay**taken))
    scaled: Array = (1 - beta**taken) * (root + ADAM_EPSILON)
    return scaled
