"""Full-batch training with its sharpness followed: against dense Hessians and optax."""

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.flatten_util import ravel_pytree

from core.networks import edge
from core.networks.initialization import initialize, stack
from core.networks.mlp import nth

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(2, 12, 3)).astype(np.float32)
TARGETS = RNG.choice([-1.0, 1.0], size=(2, 12, 1)).astype(np.float32)
DATA = edge.Data(jnp.asarray(INPUTS), jnp.asarray(TARGETS))
METHODS = ("gd", "momentum", "nesterov", "adam")


def begun():
    networks = [initialize(np.random.default_rng(r), (3, 6, 1), "lecun") for r in range(2)]
    return edge.start(stack(networks), 0)


def risk(params, replicate):
    return edge.loss_of(edge.Program("gd", "tanh"), params, INPUTS[replicate], TARGETS[replicate])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_threshold_is_where_the_recursion_begins_to_grow(method, momentum):
    settings = edge.Settings(0.1, momentum)
    limit = edge.threshold(method, settings)
    assert edge.growth(method, settings, limit) == pytest.approx(1, abs=1e-12)
    assert edge.growth(method, settings, 0.999 * limit) < 1
    assert edge.growth(method, settings, 1.001 * limit) > 1


def test_adam_at_its_default_is_stable_up_to_38_over_the_step_size():
    assert edge.threshold("adam", edge.Settings(0.001, 0.9)) == pytest.approx(38_000)


@pytest.mark.parametrize("method", ["nesterov", "adam"])
def test_steps_are_optax_s_and_sharpness_is_the_dense_hessian_s(method):
    program, settings = edge.Program(method, "tanh"), edge.Settings(0.02, 0.8)
    state = edge.advance(program, settings, DATA, begun(), 20, 0)
    rule = {
        "nesterov": optax.sgd(0.02, 0.8, nesterov=True),
        "adam": optax.adam(0.02, 0.8),
    }[method]
    params = nth(begun().params, 0)

    @jax.jit
    def twenty(params):
        def step(_, at):
            moves, memory = rule.update(jax.grad(risk)(at[0], 0), at[1])
            return optax.apply_updates(at[0], moves), memory

        params, memory = jax.lax.fori_loop(0, 20, step, (params, rule.init(params)))
        flat, unravel = ravel_pytree(params)
        return params, memory, jax.hessian(lambda w: risk(unravel(w), 0))(flat)

    params, memory, dense = twenty(params)
    for found, expected in zip(
        jax.tree.leaves(nth(state.params, 0)), jax.tree.leaves(params), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=2e-6)
    matrix = np.asarray(dense, float)
    if method == "adam":
        second = np.asarray(ravel_pytree(memory[0].nu)[0], float)
        divide = (1 - 0.8**20) * (np.sqrt(second / (1 - 0.999**20)) + 1e-8)
        matrix = matrix / np.sqrt(divide) / np.sqrt(divide)[:, None]
    for _ in range(6):
        state, found = edge.measure(program, settings, DATA, state, 0)
    assert float(found.sharpness[0]) == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-3)
    assert float(found.loss[0]) == pytest.approx(float(risk(params, 0)), rel=1e-5)


def test_rises_are_counted_and_a_loss_past_all_bounds_is_dated():
    program = edge.Program("gd", "identity")
    calm = edge.advance(program, edge.Settings(0.02, 0.0), DATA, begun(), 30, 0)
    assert (np.asarray(calm.rises) == 0).all()
    assert (np.asarray(calm.diverged) == -1).all()
    wild = edge.advance(program, edge.Settings(20.0, 0.0), DATA, begun(), 30, 0)
    assert (np.asarray(wild.rises) > 0).all()
    assert ((np.asarray(wild.diverged) > 0) & (np.asarray(wild.diverged) < 10)).all()
    state, found = edge.measure(program, edge.Settings(20.0, 0.0), DATA, wild, 0)
    assert not np.isfinite(found.loss).any()
    assert np.isfinite(state.vector).all(), "the next eigenvector has something to start from"


def test_steps_may_be_taken_in_any_portions():
    program, settings = edge.Program("gd", "tanh", batch=4), edge.Settings(0.1, 0.0)
    once = edge.advance(program, settings, DATA, begun(), 12, 3)
    state = begun()
    for several in (1, 4, 7):
        state = edge.advance(program, settings, DATA, state, several, 3)
    np.testing.assert_array_equal(state.params[0].weight, once.params[0].weight)
    other = edge.advance(program, settings, DATA, begun(), 12, 4)
    assert not np.array_equal(other.params[0].weight, once.params[0].weight)
