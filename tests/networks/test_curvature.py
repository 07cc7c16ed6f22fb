"""Curvature by products with vectors against the dense Hessian of a small network, in float64."""

from functools import partial

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from core.networks import curvature
from core.networks.initialization import initialize, stack
from core.networks.lanczos import lanczos, ritz
from core.networks.likelihoods import LIKELIHOODS
from core.networks.mlp import forward

RNG = np.random.default_rng(4)
INPUTS, TARGETS = RNG.normal(size=(15, 3)), np.eye(3)[RNG.integers(0, 3, 15)]
KEY = jax.random.key(0)


def loss(params):
    outputs = forward(params, INPUTS, jnp.tanh)
    return jnp.mean(LIKELIHOODS["categorical"].loss(outputs, TARGETS))


def network(seed=1):
    return initialize(np.random.default_rng(seed), (3, 5, 3), "lecun", dtype=np.float64)


@jax.jit
def dense(params):
    flat, unravel = ravel_pytree(params)
    return jax.hessian(lambda at: loss(unravel(at)))(flat)


@partial(jax.jit, static_argnums=2)
def eigen(matrix, start, steps):
    form = lanczos(lambda v: matrix @ v, start, steps, KEY)
    return form, ritz(form)


@pytest.fixture(scope="module")
def hessian():
    return np.asarray(dense(network()))


def test_products_are_those_of_the_dense_hessian(hessian):
    params = network()
    vector = jax.tree.map(lambda leaf: jnp.asarray(RNG.normal(size=leaf.shape)), params)
    product = ravel_pytree(jax.jit(lambda v: curvature.hessian_vector(loss, params, v))(vector))[0]
    np.testing.assert_allclose(product, hessian @ ravel_pytree(vector)[0], atol=1e-14)


def test_largest_eigenpairs_of_several_networks_at_once():
    both = stack([network(), network(2)])
    found = jax.jit(jax.vmap(lambda p: curvature.largest(loss, p, KEY, k=3, steps=30)))(both)
    for r, seed in enumerate((1, 2)):
        exact = np.asarray(dense(network(seed)))
        values, vectors = np.linalg.eigh(exact)
        np.testing.assert_allclose(found.values[r], values[::-1][:3], rtol=1e-9)
        for i in range(3):
            flat = ravel_pytree(jax.tree.map(lambda leaf, r=r, i=i: leaf[r, i], found.vectors))[0]
            assert abs(flat @ vectors[:, -1 - i]) == pytest.approx(1, abs=1e-9)
            left = np.linalg.norm(exact @ flat - found.values[r, i] * flat)
            assert left == pytest.approx(float(found.residuals[r, i]), abs=1e-10)


def test_more_eigenvalues_than_steps_are_refused():
    with pytest.raises(ValueError, match="`k` must be from 1 to 4; it was 5"):
        curvature.largest(loss, network(), KEY, k=5, steps=4)


def test_trace_lies_within_its_standard_error(hessian):
    found = jax.jit(lambda key: curvature.trace(loss, network(), key, probes=400))(KEY)
    off = hessian - np.diag(np.diag(hessian))
    expected = np.sqrt(2 * (off**2).sum() / 400)
    # The relative standard error of a standard deviation of 400 values is about 4 %.
    assert float(found.standard_error) == pytest.approx(expected, rel=0.2)
    assert abs(float(found.value) - np.trace(hessian)) < 4 * expected


def test_spectrum_has_the_moments_of_the_dense_one(hessian):
    found = jax.jit(lambda key: curvature.spectrum(loss, network(), key, probes=300, steps=12))(KEY)
    assert float(found.weights.sum()) == pytest.approx(1, abs=1e-12)
    values = np.linalg.eigvalsh(hessian)
    nodes, weights = np.asarray(found.nodes), np.asarray(found.weights)
    for power in range(1, 6):
        per_probe = 300 * (weights * nodes**power).sum(axis=1)
        error = per_probe.std(ddof=1) / np.sqrt(300)
        assert abs(per_probe.mean() - (values**power).mean()) < 4 * error
    # Exact for each probe, and lost at once with other weights.
    np.testing.assert_allclose(300 * (weights * nodes).sum(axis=1), found.moments[:, 0], atol=1e-13)
    np.testing.assert_allclose(300 * (weights * nodes**2).sum(axis=1), found.moments[:, 1], atol=1e-13)
    even = nodes.mean(axis=1)
    assert np.abs(even - np.asarray(found.moments[:, 0])).max() > 1e-2


def test_a_full_run_from_a_probe_is_the_quadrature_of_all_eigenvalues(hessian):
    """As many steps as parameters: nodes are the eigenvalues, weights the squared components of z."""
    values, vectors = np.linalg.eigh(hessian)
    z = jnp.asarray(RNG.choice([-1.0, 1.0], size=len(values)) / np.sqrt(len(values)))
    found = eigen(jnp.asarray(hessian), z, 10_000)[1]
    np.testing.assert_allclose(found.values, values[::-1], atol=1e-12)
    apart = np.abs(values) > 1e-6  # zeros are many, and only their sum of weights is defined
    expected = ((vectors.T @ np.asarray(z)) ** 2)[::-1][apart[::-1]]
    np.testing.assert_allclose((np.asarray(found.first) ** 2)[apart[::-1]], expected, atol=1e-8)


def test_an_exhausted_direction_is_replaced_and_multiplicity_kept():
    diagonal = np.array([3.0, 3.0, 3.0, 1.0, 1.0, 0.0])
    form, found = eigen(np.diag(diagonal), np.eye(6)[0], 6)
    np.testing.assert_allclose(form.basis @ form.basis.T, np.eye(6), atol=1e-13)
    np.testing.assert_allclose(found.values, diagonal, atol=1e-12)
    # The start is an eigenvector: all its weight is on its own eigenvalue.
    assert float((found.first**2)[:3].sum()) == pytest.approx(1, abs=1e-12)


def test_orthogonality_is_kept_where_plain_lanczos_loses_it():
    """One far eigenvalue converges early and would come back as copies."""
    diagonal = np.concatenate([[1e3], np.linspace(0, 1, 199)])
    found = eigen(np.diag(diagonal), np.ones(200), 60)[1]
    assert float(found.values[0]) == pytest.approx(1e3, rel=1e-13)
    assert float(found.values[1]) <= 1 + 1e-9


def test_density_integrates_to_one_and_has_the_spectrum_s_mean():
    at = np.linspace(-3, 3, 2001)

    @jax.jit
    def measured(params):
        found = curvature.spectrum(loss, params, KEY, probes=2, steps=5)
        return found, curvature.density(found, at, 0.05)

    found, curve = measured(network())
    assert np.trapezoid(curve, at) == pytest.approx(1, abs=1e-9)
    mean = float((found.weights * found.nodes).sum())
    assert np.trapezoid(curve * at, at) == pytest.approx(mean, abs=1e-9)
