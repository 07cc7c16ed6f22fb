"""The training program: each optimiser's steps by hand, batches, padding, replicates, divergence."""

from itertools import pairwise

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.networks.initialization import initialize, stack
from core.networks.mlp import Layer, forward, nth
from core.networks.optimizers import Settings
from core.networks.training import Data, Program, advance, bucket, loss, start, walk

SIZES = (3, 5, 2)
# Tests share what they can of shapes and programs, since compiling is most of their time: twenty rows
# and room for four more.
ADAM = {batch: Program("tanh", "categorical", "adam", batch) for batch in (0, 6)}


def given(rows=20, replicates=2, room=0, seed=0, dtype=np.float64):
    """Data of random classes and as many networks, with `room` rows of padding."""
    rng = np.random.default_rng(seed)
    inputs = np.zeros((replicates, rows + room, SIZES[0]))
    targets = np.zeros((replicates, rows + room, SIZES[-1]))
    inputs[:, :rows] = rng.normal(size=(replicates, rows, SIZES[0]))
    targets[:, :rows] = np.eye(2)[rng.integers(0, 2, (replicates, rows))]
    params = stack([initialize(rng, SIZES, "he", dtype=dtype) for _ in range(replicates)])
    data = Data(jnp.asarray(inputs.astype(dtype)), jnp.asarray(targets.astype(dtype)), jnp.int32(rows))
    return data, params


def trained(program, data, params, steps, learning_rate=0.1, weight_decay=0.0, **options):
    dtype = data.inputs.dtype
    settings = Settings.shared(len(data.inputs), learning_rate, weight_decay, dtype=dtype, **options)
    begun = start(program, settings, data, params, list(range(len(data.inputs))))
    return advance(program, settings, data, begun, steps)


@jax.jit
def slope(params, inputs, targets):
    """The gradient of the mean loss over all rows."""
    weights = jnp.full(len(inputs), 1 / len(inputs))
    return jax.grad(lambda at: loss(ADAM[0], at, inputs, targets, weights))(params)


def by_hand(name, data, params, steps, rate, decay, momentum=0.9):
    """The optimiser's own formulas in numpy, from JAX's gradient of the whole sample's mean loss."""
    p = [np.asarray(leaf) for layer in params for leaf in layer]
    m, v = [np.zeros_like(a) for a in p], [np.zeros_like(a) for a in p]
    for step in range(1, steps + 1):
        layers = tuple(Layer(*map(jnp.asarray, p[i : i + 2])) for i in range(0, len(p), 2))
        found = slope(layers, data.inputs[0], data.targets[0])
        gradient = [np.asarray(leaf) for layer in found for leaf in layer]
        for i, g in enumerate(gradient):
            own = decay if i % 2 == 0 else 0.0
            g = g + own * p[i] * (name not in ("adamw", "lion"))
            if name == "sgd":
                move = g
            elif name in ("momentum", "nesterov"):
                m[i] = momentum * m[i] + g
                move = m[i] if name == "momentum" else g + momentum * m[i]
            elif name == "adagrad":
                v[i] = (0.1 if step == 1 else v[i]) + g**2
                move = g / np.sqrt(v[i] + 1e-7)
            elif name == "lion":
                move = np.sign(0.9 * m[i] + 0.1 * g) + own * p[i]
                m[i] = 0.99 * m[i] + 0.01 * g
            elif name == "rmsprop":
                v[i] = 0.9 * v[i] + 0.1 * g**2
                move = g / np.sqrt(v[i] + 1e-8)
            else:
                m[i] = 0.9 * m[i] + 0.1 * g
                v[i] = 0.999 * v[i] + 0.001 * g**2
                scale = np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8
                move = m[i] / (1 - 0.9**step) / scale + own * p[i] * (name == "adamw")
            p[i] = p[i] - rate * move
    return p


NAMES = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion"]


@pytest.mark.parametrize("name", NAMES)
def test_optimiser_takes_its_own_steps(name):
    data, params = given()
    found = trained(Program("tanh", "categorical", name), data, params, 4, 0.05, 0.3)
    expected = by_hand(name, data, nth(params, 0), 4, 0.05, 0.3)
    for leaf, by in zip(jax.tree.leaves(nth(found.params, 0)), expected, strict=True):
        np.testing.assert_allclose(leaf, by, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("batch", [0, 6], ids=["full", "batches"])
def test_padding_changes_nothing_but_the_order_of_batches(batch):
    """Padded rows never enter: even where they hold nonsense, the result stays the same."""
    program = ADAM[batch]
    data, params = given(room=4)
    nonsense = data._replace(inputs=data.inputs.at[:, 20:].set(99.0))
    for leaf, other in zip(
        jax.tree.leaves(trained(program, data, params, 9).params),
        jax.tree.leaves(trained(program, nonsense, params, 9).params),
        strict=True,
    ):
        np.testing.assert_array_equal(leaf, other)
    if not batch:
        bare, _ = given()
        reached = trained(program, bare, params, 9).params
        for leaf, other in zip(
            jax.tree.leaves(reached),
            jax.tree.leaves(trained(program, data, params, 9).params),
            strict=True,
        ):
            np.testing.assert_allclose(leaf, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rows", [18, 20], ids=["whole batches", "a remainder"])
def test_an_epoch_sees_every_row_once(rows):
    """With one-hot inputs each weight moves exactly when its row is first seen."""
    assert bucket(rows) <= 20
    inputs = np.zeros((1, 20, 20))
    inputs[0, :rows] = np.eye(20)[:rows]
    targets = np.zeros((1, 20, 1))
    targets[0, :rows] = 1.0
    data = Data(jnp.asarray(inputs), jnp.asarray(targets), jnp.int32(rows))
    params = (Layer(jnp.zeros((1, 20, 1)), jnp.zeros((1, 1))),)
    program = Program("identity", "gaussian", "sgd", 6)
    per_epoch = program.per_epoch(rows)
    assert per_epoch == -(-rows // 6)
    seen = []
    for steps in range(per_epoch + 1):
        weight = np.asarray(trained(program, data, params, steps, 1e-6).params[0].weight)[0, :, 0]
        seen.append(weight > 0)
    fresh = [set(np.flatnonzero(b & ~a)) for a, b in pairwise(seen)]
    last = rows - 6 * (per_epoch - 1)
    assert [len(rows_of) for rows_of in fresh] == [6] * (per_epoch - 1) + [last]
    assert list(seen[-1]) == [True] * rows + [False] * (20 - rows)


def test_epochs_have_orders_of_their_own():
    data, params = given(rows=24)
    orders = [np.asarray(trained(ADAM[6], data, params, s).order)[:, :24] for s in (1, 4, 5)]
    for order in orders[0]:
        assert sorted(order) == list(range(24))
    np.testing.assert_array_equal(orders[0], orders[1])
    assert (orders[0] != orders[2]).any(axis=1).all(), "another epoch"
    assert (orders[0][0] != orders[0][1]).any(), "another replicate"


@pytest.mark.parametrize("batch", [0, 6], ids=["full", "batches"])
def test_where_training_pauses_changes_no_digit(batch):
    data, params = given(room=4)
    program = ADAM[batch]
    settings = Settings.shared(2, 0.01, dtype=np.float64)
    whole = trained(program, data, params, 30, 0.01)
    begun = start(program, settings, data, params, [0, 1])
    visited = [int(s.step) for s in walk(program, settings, data, begun, [0, 7, 30], pause=1e-9)]
    assert {0, 7, 30} <= set(visited)
    assert visited == sorted(visited)
    *_, last = walk(program, settings, data, begun, [0, 7, 30], pause=1e-9)
    for leaf, other in zip(jax.tree.leaves(whole.params), jax.tree.leaves(last.params), strict=True):
        np.testing.assert_array_equal(leaf, other)


def test_settings_lengths_and_sample_sizes_of_a_bucket_share_one_program():
    program = ADAM[6]
    data, params = given(room=4)
    trained(program, data, params, 3)
    compiled = advance._cache_size()
    trained(program, data, params, 50, 0.5, weight_decay=0.1)
    trained(program, given(rows=21, room=3)[0], params, 5)
    assert advance._cache_size() == compiled


@pytest.mark.parametrize("batch", [0, 6], ids=["full", "batches"])
def test_a_replicate_trains_as_it_would_alone(batch):
    data, params = given(room=4)
    program = ADAM[batch]
    together = trained(program, data, params, 12).params
    alone = jax.tree.map(lambda leaf: leaf[:1], (data.inputs, data.targets, params))
    single = trained(program, Data(alone[0], alone[1], data.rows), alone[2], 12).params
    for leaf, other in zip(
        jax.tree.leaves(nth(together, 0)), jax.tree.leaves(nth(single, 0)), strict=True
    ):
        # Matrix products of other shapes may add in another order.
        np.testing.assert_allclose(leaf, other, rtol=1e-8, atol=1e-11)


def test_side_by_side_as_on_a_gpu_gives_what_one_after_the_other_gives(monkeypatch):
    data, params = given(room=4)
    one_by_one = trained(ADAM[6], data, params, 12)
    settings = Settings.shared(2, 0.1, 0.0, dtype=np.float64)
    begun = start(ADAM[6], settings, data, params, [0, 1])
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    # Traced anew: what is compiled already knows its backend.
    beside = jax.jit(advance.__wrapped__, static_argnames="program")(ADAM[6], settings, data, begun, 12)
    assert int(beside.step) == int(one_by_one.step) == 12
    for leaf, other in zip(
        jax.tree.leaves(beside.params), jax.tree.leaves(one_by_one.params), strict=True
    ):
        np.testing.assert_allclose(leaf, other, rtol=1e-8, atol=1e-11)


def test_a_diverging_replicate_is_recorded_and_leaves_the_others_alone():
    data, params = given(replicates=3)
    program = Program("relu", "gaussian", "sgd")
    calm = Settings.shared(3, 0.01, dtype=np.float64)
    wild = calm._replace(learning_rate=np.array([0.01, 1e6, 0.01]))
    found, expected = (
        advance(program, s, data, start(program, s, data, params, [0, 1, 2]), 50) for s in (wild, calm)
    )
    assert list(np.asarray(expected.diverged)) == [-1, -1, -1]
    steps = np.asarray(found.diverged)
    assert steps[0] == steps[2] == -1
    assert 1 <= steps[1] <= 3
    for index in (0, 2):
        for leaf, other in zip(
            jax.tree.leaves(nth(found.params, index)),
            jax.tree.leaves(nth(expected.params, index)),
            strict=True,
        ):
            np.testing.assert_array_equal(leaf, other)


def test_gradient_descent_on_a_quadratic_is_its_closed_form():
    """Squared error of a linear model in one input: w_t = w* − (1 − 2η m₂)^t w*, with m₂ the mean
    square of the input."""
    x = np.random.default_rng(0).normal(size=(1, 40, 1))
    x = x - x.mean()
    data = Data(jnp.asarray(x), jnp.asarray(3 * x), jnp.int32(40))
    params = (Layer(jnp.zeros((1, 1, 1)), jnp.zeros((1, 1))),)
    found = trained(Program("identity", "gaussian", "sgd"), data, params, 20, 0.1).params[0].weight
    moment = float(np.mean(x**2))
    assert float(found[0, 0, 0]) == pytest.approx(3 * (1 - (1 - 0.2 * moment) ** 20), rel=1e-9)


def test_float32_training_stays_float32():
    data, params = given(dtype=np.float32)
    found = trained(Program("gelu", "categorical", "adamw", 6), data, params, 3, 0.01, 0.1)
    floats = [leaf.dtype for leaf in jax.tree.leaves((found.params, found.optimizer))]
    assert {d for d in floats if jnp.issubdtype(d, jnp.floating)} == {jnp.dtype("float32")}
    assert forward(nth(found.params, 0), data.inputs[0], jnp.tanh).dtype == jnp.float32
