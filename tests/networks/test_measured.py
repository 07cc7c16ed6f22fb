"""What is measured on a network, each against brute force on a small one in 64 bits."""

import core.numerics  # noqa: F401

# isort: split
from itertools import product

import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from scipy import special

from core.networks import fisher, gradients, layers, margins, tangent
from core.networks.mlp import Layer

RNG = np.random.default_rng(11)
ROWS, CLASSES = 5, 3
X, CODES = RNG.normal(size=(ROWS, 2)), RNG.integers(0, CLASSES, ROWS)
Y = np.eye(CLASSES)[CODES]
PARAMS = tuple(
    Layer(jnp.asarray(RNG.normal(size=(a, b))), jnp.asarray(RNG.normal(size=b)))
    for a, b in ((2, 4), (4, CLASSES))
)
FLAT, RESTORE = ravel_pytree(PARAMS)
FLAT = np.asarray(FLAT)


def predict(params, inputs):
    first, last = params
    return jnp.tanh(inputs @ first.weight + first.bias) @ last.weight + last.bias


def loss(outputs, targets):
    return -jnp.sum((outputs - jnp.log(jnp.sum(jnp.exp(outputs), 1, keepdims=True))) * targets, 1)


def by_numpy(flat):
    """The same network and loss, written again without JAX: outputs, and the loss of each row."""
    w, b, v, c = np.split(np.asarray(flat), [8, 12, 24])
    # ravel_pytree keeps a layer's weight before its bias.
    z = np.tanh(X @ w.reshape(2, 4) + b) @ v.reshape(4, 3) + c
    return z, special.logsumexp(z, axis=1) - z[np.arange(ROWS), CODES]


def central(part, step=1e-5):
    """∂part/∂p by central differences, p on the last axis."""
    moved = step * np.eye(FLAT.size)
    ends = [(part(by_numpy(FLAT + m)) - part(by_numpy(FLAT - m))) / (2 * step) for m in moved]
    return np.moveaxis(np.array(ends), 0, -1)


JACOBIAN = central(lambda made: made[0])
GRADIENTS = central(lambda made: made[1])


def test_losses_and_gradients_of_each_example():
    found = gradients.losses(predict, loss, PARAMS, X, Y)
    np.testing.assert_allclose(found, by_numpy(FLAT)[1], rtol=1e-12)
    each = gradients.example_gradients(predict, loss, PARAMS, X, Y)
    np.testing.assert_allclose(each, GRADIENTS, atol=1e-9)


def test_noise_is_that_of_all_possible_batches():
    """tr Σ / B is the mean squared distance of a batch's gradient, over all B-tuples of rows."""
    found = gradients.noise(predict, loss, PARAMS, X, Y)
    whole = GRADIENTS.mean(axis=0)
    pairs = [GRADIENTS[list(rows)].mean(axis=0) for rows in product(range(ROWS), repeat=2)]
    spread = np.mean([np.sum((g - whole) ** 2) for g in pairs])
    assert float(found.trace) == pytest.approx(2 * spread, rel=1e-6)
    assert float(found.squared_norm) == pytest.approx(np.sum(whole**2), rel=1e-6)
    assert float(found.scale) == pytest.approx(float(found.trace / found.squared_norm))
    matrix = gradients.covariance(jnp.asarray(GRADIENTS))
    np.testing.assert_allclose(matrix, np.cov(GRADIENTS.T, ddof=0), atol=1e-12)
    assert float(jnp.trace(matrix)) == pytest.approx(float(found.trace), rel=1e-6)


def test_noise_of_a_larger_population_is_estimated_without_bias():
    """Averaged over all samples of three rows drawn with replacement from five, the estimates are the
    values of the five."""
    truth = gradients.noise(predict, loss, PARAMS, X, Y)
    draws = list(product(range(ROWS), repeat=3))
    found = [
        gradients.noise(predict, loss, PARAMS, X[list(d)], Y[list(d)], population=False) for d in draws
    ]
    assert np.mean([f.trace for f in found]) == pytest.approx(float(truth.trace), rel=1e-9)
    signal = np.mean([f.squared_norm for f in found])
    assert signal == pytest.approx(float(truth.squared_norm), rel=1e-9)


def test_noise_in_chunks_is_that_of_all_gradients_at_once():
    rng = np.random.default_rng(0)
    rows = 2 * gradients.CHUNK + 3
    x, y = rng.normal(size=(rows, 2)), np.eye(CLASSES)[rng.integers(0, CLASSES, rows)]
    found = gradients.noise(predict, loss, PARAMS, x, y)
    each = gradients.example_gradients(predict, loss, PARAMS, x, y)
    np.testing.assert_allclose(found.trace, np.trace(np.cov(each.T, ddof=0)), rtol=1e-10)


def test_tangent_kernel_is_the_product_of_jacobians():
    found = tangent.tangent_kernel(predict, PARAMS, X)
    expected = np.einsum("iap,jbp->iajb", JACOBIAN, JACOBIAN)
    np.testing.assert_allclose(found, expected, atol=1e-7)
    part = tangent.tangent_kernel(predict, PARAMS, X, X[:2])
    np.testing.assert_allclose(part, found[:, :, :2], rtol=1e-12)


def test_drift_and_misalignment():
    kernel = tangent.tangent_kernel(predict, PARAMS, X)
    assert float(tangent.drift(1.5 * kernel, kernel)) == pytest.approx(0.5)
    assert float(tangent.misalignment(1.5 * kernel, kernel)) == pytest.approx(0, abs=1e-12)
    other = RNG.normal(size=kernel.shape)
    a, b = np.asarray(kernel).ravel(), other.ravel()
    expected = 1 - a @ b / np.sqrt((a @ a) * (b @ b))
    assert float(tangent.misalignment(other, kernel)) == pytest.approx(expected)


def test_fisher_is_the_mean_over_targets_drawn_from_the_model():
    """Σ_y p(y|x) g(x, y) g(x, y)ᵀ, class by class."""
    z = by_numpy(FLAT)[0]
    p = special.softmax(z, axis=1)
    expected = np.zeros((FLAT.size, FLAT.size))
    for row, label in product(range(ROWS), range(CLASSES)):
        slope = (p[row] - np.eye(CLASSES)[label]) @ JACOBIAN[row]
        expected += p[row, label] * np.outer(slope, slope) / ROWS
    found = fisher.fisher(predict, fisher.categorical, PARAMS, X)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    diagonal = fisher.fisher_diagonal(predict, fisher.categorical, PARAMS, X)
    np.testing.assert_allclose(diagonal, np.diag(expected), atol=1e-8)


def test_empirical_fisher_is_the_second_moment_of_gradients():
    found = fisher.empirical_fisher(jnp.asarray(GRADIENTS))
    expected = sum(np.outer(g, g) for g in GRADIENTS) / ROWS
    np.testing.assert_allclose(found, expected, atol=1e-12)
    diagonal = fisher.empirical_fisher_diagonal(jnp.asarray(GRADIENTS))
    np.testing.assert_allclose(diagonal, np.diag(expected), atol=1e-12)


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "poisson"])
def test_information_is_the_variance_of_the_score(name):
    """At one output z, by summing or integrating over the target."""
    z = 0.7
    y, scores, weights = {
        "bernoulli": lambda: (
            [0, 1],
            special.expit(z) - np.arange(2),
            [1 - special.expit(z), special.expit(z)],
        ),
        "poisson": lambda: (
            np.arange(60),
            np.exp(z) - np.arange(60),
            np.exp(z * np.arange(60) - np.exp(z) - special.gammaln(np.arange(60) + 1)),
        ),
        "gaussian": lambda: (
            np.linspace(-9, 9, 4001),
            2 * (z - np.linspace(-9, 9, 4001)),
            np.exp(-((z - np.linspace(-9, 9, 4001)) ** 2)) / np.sqrt(np.pi) * (18 / 4000),
        ),
    }[name]()
    assert len(y) == len(scores)
    found = float(fisher.INFORMATION[name](jnp.array([z]))[0, 0])
    assert found == pytest.approx(float(np.sum(weights * scores**2)), rel=1e-9)


def test_margins_by_sorting():
    z = by_numpy(FLAT)[0]
    found = np.asarray(margins.margins(jnp.asarray(z), jnp.asarray(CODES)))
    for row, label, value in zip(z, CODES, found, strict=True):
        assert value == pytest.approx(row[label] - max(np.delete(row, label)))
    np.testing.assert_array_equal(found > 0, z.argmax(axis=1) == CODES)
    weights = [np.asarray(layer.weight) for layer in PARAMS]
    bound = np.prod([np.sqrt(np.linalg.eigvalsh(w.T @ w)[-1]) for w in weights])
    scaled = margins.normalized_margins(jnp.asarray(z), jnp.asarray(CODES), weights)
    np.testing.assert_allclose(scaled, found / bound)


def test_no_input_moves_a_class_nearer_than_its_margin_allows():
    weights = [np.asarray(layer.weight) for layer in PARAMS]
    z = by_numpy(FLAT)[0]
    labels = z.argmax(axis=1)
    radius = (
        np.asarray(margins.normalized_margins(jnp.asarray(z), jnp.asarray(labels), weights)) / 2**0.5
    )
    way = np.random.default_rng(0).normal(size=(200, ROWS, 2))
    way *= 0.999 * radius[:, None] / np.linalg.norm(way, axis=2, keepdims=True)
    moved = np.asarray(predict(PARAMS, jnp.asarray((X + way).reshape(-1, 2)))).argmax(axis=1)
    np.testing.assert_array_equal(moved.reshape(200, ROWS), np.broadcast_to(labels, (200, ROWS)))


def test_norms_and_updates_by_layer():
    norms = np.asarray(layers.weight_norms(PARAMS))
    parts = np.split(FLAT, [12])
    np.testing.assert_allclose(norms, [np.linalg.norm(p) for p in parts])
    after = RESTORE(jnp.asarray(FLAT) * np.where(np.arange(FLAT.size) < 12, 1.01, 1.0))
    np.testing.assert_allclose(layers.update_ratios(PARAMS, after), [0.01, 0], atol=1e-12)


def test_activations_by_counting():
    h = np.array([[-1.0, 2.0, -3.0], [-2.0, -1.0, 4.0]])
    found = layers.activations([jnp.asarray(h)], lambda x: jnp.maximum(x, 0))
    assert [float(v[0]) for v in found] == pytest.approx([1.0, np.var([0, 2, 0, 0, 0, 4]), 4 / 6, 1 / 3])
    wide = layers.activations([jnp.asarray(h), jnp.asarray(10 * h)], jnp.tanh)
    # tanh' = 1 − tanh² is below 0.01 beyond |x| = 2.993.
    np.testing.assert_allclose(wide.saturated, [2 / 6, 1.0], rtol=1e-6)
    np.testing.assert_allclose(wide.dead, [1 / 3, 1.0], rtol=1e-6)
    np.testing.assert_allclose(wide.mean[0], np.tanh(h).mean())
