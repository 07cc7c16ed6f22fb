"""Normalisation, dropout, residual connections and the NTK parametrisation, against numpy."""

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.networks.fixed import Fixed, effective, settled
from core.networks.initialization import initialize, scales
from core.networks.mlp import Normalized, forward
from core.networks.normalization import EPSILON, Statistics, averaged, layer_norm
from core.networks.passes import outputs, training_outputs
from core.networks.training import Program

X = np.random.default_rng(0).normal(size=(9, 3))
WEIGHTS = np.r_[np.full(6, 1 / 6), np.zeros(3)]


def network(normalization="none", sizes=(3, 4, 4, 2), **options):
    rng = np.random.default_rng(1)
    made = initialize(
        rng, sizes, "sigma", sigma_b=0.5, normalization=normalization, dtype=np.float64, **options
    )
    drawn = [
        layer._replace(gain=layer.gain + rng.random(4), shift=rng.normal(size=4))
        for layer in made[:-1]
        if isinstance(layer, Normalized)
    ]
    return (*(drawn or made[:-1]), made[-1])


def by_numpy(params, x, normalize, residual=False):
    for index, layer in enumerate(params[:-1]):
        z = normalize(x @ np.asarray(layer.weight) + np.asarray(layer.bias), layer)
        x = np.tanh(z) + (x if residual and index else 0)
    return x @ np.asarray(params[-1].weight) + np.asarray(params[-1].bias)


def normal(axis, rows=slice(None)):
    def of(z, layer):
        own = z[rows]
        mean, variance = own.mean(axis, keepdims=True), own.var(axis, keepdims=True)
        return (z - mean) / np.sqrt(variance + EPSILON) * np.asarray(layer.gain) + np.asarray(
            layer.shift
        )

    return of


@pytest.mark.parametrize("residual", [False, True])
def test_layer_norm_and_residuals_are_their_formulas(residual):
    params = network("layer")
    found = forward(params, X, jnp.tanh, residual=residual)
    np.testing.assert_allclose(found, by_numpy(params, X, normal(1), residual), atol=1e-12)


def test_layer_norm_leaves_padding_out():
    z = np.random.default_rng(0).normal(size=(5, 6))
    there = np.array([1.0, 1, 1, 1, 0, 0])
    full = layer_norm(jnp.asarray(z * there), jnp.ones(6), jnp.zeros(6), jnp.asarray(there))
    np.testing.assert_allclose(full[:, :4], layer_norm(z[:, :4], jnp.ones(4), jnp.zeros(4)), atol=1e-13)


def test_no_residual_where_widths_differ():
    params = network(sizes=(3, 4, 5, 2))
    np.testing.assert_array_equal(
        forward(params, X, jnp.tanh, residual=True), forward(params, X, jnp.tanh)
    )


def test_batch_norm_in_training_uses_the_rows_that_count():
    program = Program("tanh", "categorical", "sgd", normalization="batch")
    params = network("batch")
    found, statistics = training_outputs(program, params, X, WEIGHTS, jax.random.key(0), None)
    np.testing.assert_allclose(found[:6], by_numpy(params, X[:6], normal(0)), atol=1e-12)
    first = X[:6] @ np.asarray(params[0].weight) + np.asarray(params[0].bias)
    np.testing.assert_allclose(statistics[0].mean, first.mean(0), atol=1e-12)
    np.testing.assert_allclose(statistics[0].variance, first.var(0), atol=1e-12)


def test_a_settled_network_predicts_with_the_running_statistics():
    program = Program("tanh", "categorical", "sgd", normalization="batch")
    params = network("batch")
    trained, statistics = training_outputs(
        program, params, X, np.full(9, 1 / 9), jax.random.key(0), None
    )
    plain = settled(params, statistics)
    assert not any(isinstance(layer, Normalized) for layer in plain)
    np.testing.assert_allclose(outputs(program, plain, X), trained, atol=1e-12)


def test_running_statistics_begin_as_a_plain_mean_and_forget_at_a_tenth_a_step():
    running, seen = Statistics(jnp.zeros(1), jnp.ones(1)), []
    for step in range(30):
        seen.append(float(step**2))
        new = Statistics(jnp.full(1, seen[-1]), jnp.ones(1))
        before, running = running, averaged(running, new, jnp.int32(step))
        if step < 10:
            assert float(running.mean[0]) == pytest.approx(np.mean(seen), rel=1e-12)
    assert float(running.mean[0]) == pytest.approx(
        0.9 * float(before.mean[0]) + 0.1 * seen[-1], rel=1e-12
    )


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    program = Program("identity", "gaussian", "sgd", dropout=True)
    params = initialize(np.random.default_rng(0), (3, 20_000, 1), "lecun", dtype=np.float64)
    opened = (
        params[0]._replace(weight=jnp.ones((3, 20_000))),
        params[1]._replace(weight=jnp.ones((20_000, 1))),
    )
    ones = np.ones((1, 3))
    found, _ = training_outputs(program, opened, ones, np.ones(1), jax.random.key(3), 0.3)
    # Each unit gives 3 / 0.7 with probability 0.7: four standard errors of their sum.
    error = 4 * 3 * np.sqrt(0.3 / 0.7 * 20_000)
    assert abs(float(found[0, 0]) - 60_000) < error
    other, _ = training_outputs(program, opened, ones, np.ones(1), jax.random.key(4), 0.3)
    assert float(found[0, 0]) != float(other[0, 0])
    np.testing.assert_array_equal(outputs(program, opened, ones), [[60_000.0]])


@pytest.mark.parametrize("scheme", ["he", "glorot", "orthogonal", "sigma"])
def test_the_ntk_parametrisation_writes_the_same_initial_network(scheme):
    given = {"sigma_w": 1.3, "sigma_b": 0.4}
    standard, ntk = (
        initialize(
            np.random.default_rng(5), (6, 8, 8, 2), scheme, parametrization=p, dtype=np.float64, **given
        )
        for p in ("standard", "ntk")
    )
    factors = scales((6, 8, 8, 2), scheme, dtype=np.float64, **given)
    same = effective(ntk, Fixed(scales=factors))
    for leaf, other in zip(jax.tree.leaves(same), jax.tree.leaves(standard), strict=True):
        np.testing.assert_allclose(leaf, other, atol=1e-14)
    # Weights of variance 1: 64 draws, four standard errors.
    assert float(np.var(ntk[1].weight)) == pytest.approx(1, abs=4 * np.sqrt(2 / 64))


def test_sigma_weights_and_biases_have_their_variances():
    params = initialize(np.random.default_rng(0), (400, 500), "sigma", sigma_w=1.5, sigma_b=0.3)
    weight, bias = params[0]
    assert weight.var() == pytest.approx(1.5**2 / 400, rel=4 * np.sqrt(2 / weight.size))
    assert bias.var() == pytest.approx(0.3**2, rel=4 * np.sqrt(2 / bias.size))
