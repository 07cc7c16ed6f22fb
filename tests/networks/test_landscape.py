"""Slices, paths and the matching of hidden units against brute force."""

from itertools import permutations

import core.numerics  # noqa: F401

# isort: split
import jax.numpy as jnp
import numpy as np
import pytest

from core.networks import alignment, landscape
from core.networks.around import homogeneous
from core.networks.edge import Program
from core.networks.initialization import initialize
from core.networks.mlp import Layer, forward
from core.networks.surroundings import Problem, double, flat, unflat

RNG = np.random.default_rng(3)


def network(sizes, seed):
    return double(initialize(np.random.default_rng(seed), sizes, "he", dtype=np.float64))


def with_biases(params, seed):
    rng = np.random.default_rng(seed)
    return tuple(Layer(weight, rng.normal(size=bias.shape)) for weight, bias in params)


def test_permuted_units_compute_the_same_function():
    params = with_biases(network((3, 5, 4, 2), 0), 1)
    orders = [RNG.permutation(5), RNG.permutation(4)]
    inputs = RNG.normal(size=(7, 3))
    before, after = (forward(p, inputs, jnp.tanh) for p in (params, alignment.permuted(params, orders)))
    np.testing.assert_allclose(before, after, atol=1e-14)
    assert alignment.distance(params, alignment.permuted(params, orders)) > 1


def test_matching_finds_the_nearest_of_all_orders():
    one, other = (with_biases(network((3, 5, 2), seed), seed) for seed in (0, 1))
    found = alignment.distance(one, alignment.permuted(other, alignment.matched(one, other)))
    every = [
        alignment.distance(one, alignment.permuted(other, [np.array(order)]))
        for order in permutations(range(5))
    ]
    assert found == pytest.approx(min(every), rel=1e-12)
    assert min(every) < alignment.distance(one, other)


@pytest.mark.parametrize("sizes", [(6, 16, 3), (6, 16, 16, 3), (2, 8, 8, 8, 2)], ids=str)
def test_a_shuffled_copy_is_put_back(sizes):
    params = with_biases(network(sizes, 0), 1)
    shuffled = alignment.permuted(params, [RNG.permutation(width) for width in sizes[1:-1]])
    back = alignment.permuted(shuffled, alignment.matched(params, shuffled))
    assert alignment.distance(params, back) == 0


def test_a_filter_direction_has_the_norm_of_each_unit_and_leaves_biases():
    params = with_biases(network((4, 6, 2), 0), 1)
    for by, own in zip(landscape.filter_direction(RNG, params), params, strict=True):
        np.testing.assert_allclose(np.linalg.norm(by.weight, axis=0), np.linalg.norm(own.weight, axis=0))
        assert (by.bias == 0).all()


def test_planes_and_lines_are_the_loss_at_their_points():
    center, first, second = (RNG.normal(size=4) for _ in range(3))

    def loss(w):
        return jnp.sum(w**4)

    at, across = np.array([-1.0, 0.5]), np.array([0.0, 1.0, 2.0])
    expected = [[np.sum((center + a * first + b * second) ** 4) for b in across] for a in at]
    np.testing.assert_allclose(landscape.plane(loss, center, first, second, at, across), expected)
    found = landscape.line(loss, first, second, np.array([0.0, 0.25, 1.0]))
    between = 0.75 * first + 0.25 * second
    np.testing.assert_allclose(found, [np.sum(p**4) for p in (first, between, second)])


@pytest.mark.parametrize(("activation", "holds"), [("relu", True), ("tanh", None)])
def test_slices_of_a_relu_network_do_not_see_the_scale_of_its_layers(activation, holds):
    params = with_biases(network((3, 6, 2), 0), 1)
    it = Problem(Program("gd", activation), RNG.normal(size=(9, 3)), RNG.normal(size=(9, 2)))
    assert [row["holds"] for row in homogeneous(it, params, 0)] == ([holds] if holds else [])


def test_barrier_is_the_rise_above_the_chord():
    at = np.linspace(0, 1, 5)
    assert landscape.barrier(at, np.array([1.0, 2.0, 5.0, 3.0, 3.0])) == pytest.approx(3.0)
    assert landscape.barrier(at, at**2) == pytest.approx(0.0)


def test_components_are_those_of_a_singular_value_decomposition():
    path = np.cumsum(RNG.normal(size=(12, 40)), axis=0)
    directions, coordinates, shares = landscape.principal(path)
    values, vectors = np.linalg.svd(path - path.mean(axis=0), full_matrices=False)[1:]
    np.testing.assert_allclose(shares, (values**2 / np.sum(values**2))[:11], rtol=1e-9)
    np.testing.assert_allclose(np.abs(np.sum(directions * vectors[:2], axis=1)), 1, atol=1e-9)
    np.testing.assert_allclose(coordinates, (path - path[-1]) @ directions.T, atol=1e-9)
    still = landscape.principal(np.ones((5, 3)))
    assert not np.any(still[2])
    assert np.isfinite(still[0]).all()


def test_shares_of_a_random_walk_are_those_of_its_gram_matrix_and_tend_to_6_over_pi_squared():
    points = 9
    center = np.eye(points) - 1 / points
    gram = center @ np.tril(np.ones((points, points))) @ np.tril(np.ones((points, points))).T @ center
    values = np.linalg.eigvalsh(gram)[::-1][: points - 1]
    np.testing.assert_allclose(landscape.random_walk_shares(points), values / values.sum(), rtol=1e-9)
    assert landscape.random_walk_shares(3000)[0] == pytest.approx(6 / np.pi**2, rel=1e-3)


def test_flat_vectors_come_back_as_they_were():
    params = with_biases(network((3, 4, 2), 0), 1)
    back = unflat(flat(params), params)
    assert alignment.distance(params, back) == 0
