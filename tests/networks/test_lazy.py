"""Tangent kernels, finite and infinite, and training, against autodiff and brute force."""

import core.numerics  # noqa: F401

# isort: split
import jax.numpy as jnp
import numpy as np
import pytest

from core.networks import infinite
from core.networks.lazy import draw, predict
from core.networks.tangent import tangent_kernel

RNG = np.random.default_rng(2)
X = RNG.normal(size=(4, 3))


def by_jax(params, inputs):
    """One tanh network of two hidden layers in NTK parametrisation, written again."""
    active = inputs
    for weight in params[:-1]:
        active = jnp.tanh(np.sqrt(2 / weight.shape[0]) * active @ weight)
    return active @ params[-1][:, None] / np.sqrt(params[-1].size)


def test_kernels_are_those_of_automatic_differentiation():
    nets = draw("tanh", 3, 5, 2, 2, np.random.default_rng(0), ntk=True)
    found = nets.kernels(X.astype(np.float32))
    for r in range(2):
        params = [jnp.asarray(w[r], float) for w in nets.hidden] + [jnp.asarray(nets.last[r], float)]
        expected = tangent_kernel(by_jax, params, jnp.asarray(X))[:, 0, :, 0]
        np.testing.assert_allclose(found[r], expected, rtol=1e-4)


def test_a_small_step_moves_outputs_by_the_kernel_times_the_residual():
    for ntk in (True, False):
        nets = draw("erf", 3, 30, 2, 3, np.random.default_rng(1), ntk=ntk)
        inputs = X.astype(np.float32)
        seen, kernels = nets.look(inputs), nets.kernels(inputs)
        residual = seen.outputs - np.float32(1)
        nets.step(seen, residual, 1e-3)
        moved = nets.outputs(inputs) - seen.outputs
        expected = -1e-3 * np.einsum("rij,rj->ri", kernels, residual)
        np.testing.assert_allclose(moved, expected, atol=0.02 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["relu", "erf", "tanh"])
@pytest.mark.parametrize("hidden", [1, 2])
def test_the_mean_kernel_of_wide_networks_is_the_limit(name, hidden):
    nets = draw(name, 3, 500, hidden, 20, np.random.default_rng(0), ntk=True)
    kernels, limit = nets.kernels(X.astype(np.float32)), infinite.kernel(name, X, hidden)
    error = kernels.std(axis=0) / np.sqrt(20)
    # At one hidden layer the mean is exact; at two it is off by about 1/width.
    assert (np.abs(kernels.mean(axis=0) - limit) < 5 * error + 0.01 * (hidden - 1) * limit.max()).all()


@pytest.mark.parametrize("name", ["relu", "erf"])
def test_the_distance_at_one_hidden_layer_is_exact(name):
    nets = draw(name, 3, 10, 1, 4000, np.random.default_rng(0), ntk=True)
    limit = infinite.kernel(name, X, 1)
    off = np.sum((nets.kernels(X.astype(np.float32)) - limit) ** 2, axis=(1, 2)) / np.sum(limit**2)
    error = off.std() / np.sqrt(off.size)
    assert abs(off.mean() - infinite.distance(name, X) ** 2 / 10) < 4 * error


def test_relu_s_recursion_is_that_of_the_arc_cosine_kernels():
    unit = X * np.sqrt(3) / np.linalg.norm(X, axis=1, keepdims=True)
    c = np.clip(unit @ unit.T / 3, -1, 1)
    k0 = (np.pi - np.arccos(c)) / np.pi
    k1 = (np.sqrt(1 - c * c) + c * (np.pi - np.arccos(c))) / np.pi
    # q = 2: Σ = E φφ = κ₁ · 2/2, and Θ = Σ + 2c · κ₀/2.
    np.testing.assert_allclose(infinite.kernel("relu", unit, 1), k1 + c * k0, rtol=1e-6)


def test_predictions_are_the_recursion_step_by_step():
    kernel = X @ X.T + np.eye(4)
    cross = RNG.normal(size=(2, 4))
    train, test = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 2))
    found = predict(kernel, cross, train, test, 0.05, np.array([0.0, 1.0, 7.0]))
    on, off = train.copy(), test.copy()
    for step in range(8):
        if step in (0, 1, 7):
            place = [0, 1, 7].index(step)
            np.testing.assert_allclose(found.train[:, place], on, atol=1e-12)
            np.testing.assert_allclose(found.test[:, place], off, atol=1e-12)
        on, off = on - 0.05 * on @ kernel, off - 0.05 * on @ cross.T
