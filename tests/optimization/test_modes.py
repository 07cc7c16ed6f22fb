"""The modes of deep linear networks: closed forms against integration, layers against modes."""

import numpy as np
import pytest
import scipy

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax

from core.optimization import deep_linear
from core.optimization import linear_networks as networks


def quiet(fraction):
    pass


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_a_mode_solves_its_equation(depth):
    strength, start = 1.7, 0.02
    solved = scipy.integrate.solve_ivp(
        lambda t, u: depth * u ** (2 - 2 / depth) * (strength - u),
        (0, 6),
        [start],
        rtol=1e-9,
        atol=1e-12,
        dense_output=True,
    ).sol
    times = np.linspace(0, 6, 50)
    found = deep_linear.course(times, strength, start, depth)
    np.testing.assert_allclose(found, solved(times)[0], rtol=2e-5)
    half = float(deep_linear.half_time(strength, start, depth))
    assert solved(half)[0] == pytest.approx(strength / 2, rel=1e-5)


def test_a_mode_that_starts_past_its_half_has_no_half_time():
    found = deep_linear.half_time([1.0, 1.0], [0.1, 0.6], 3)
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


@pytest.mark.parametrize("condition", [1.0, 5.0])
def test_a_step_follows_the_gradient_of_the_risk(condition):
    rng = np.random.default_rng(0)
    work = networks.task(6, np.array([2.0, 1.0]), condition, rng)
    layers = networks.aligned(work, 7, 0.3, 3, rng)
    layers = [layer + 0.1 * rng.standard_normal(layer.shape) for layer in layers]

    def risk(weights):
        off = weights[2] @ weights[1] @ weights[0] - work.target
        return 0.5 * jax.numpy.trace(off @ work.covariance @ off.T)

    slopes = jax.grad(risk)([layer[0] for layer in layers])
    moved = networks._stepped(work, layers, networks._products(layers), 0.01)
    for layer, after, slope in zip(layers, moved, slopes, strict=True):
        np.testing.assert_allclose(after[0], layer[0] - 0.01 * slope, rtol=1e-9, atol=1e-12)


def test_what_later_modes_share_with_earlier_ones_is_lost():
    """Two modes with one hidden direction in common: only its orthogonal part is left."""
    c = np.array([[1.0, 0.0, 0.0], [3.0, 0.5, 0.0]]) * 1e-3
    u, apart = deep_linear.balanced(c.T[None], c[None], np.eye(2), np.eye(2))
    np.testing.assert_allclose(u, [[1e-6, 0.25e-6]])
    np.testing.assert_allclose(apart, [[1e-6, 9.25e-6]])


def test_random_starts_have_the_law_that_is_said():
    """u₀ over many starts: (σ²/2) χ² with h − k + 1 degrees of freedom, mean, median and E ln."""
    width, sigma = 8, 0.1
    layers = networks.random(4, width, sigma, 20_000, np.random.default_rng(1))
    u, apart = deep_linear.balanced(*layers, np.eye(4)[:, :3], np.eye(4)[:, :3])
    freedom = width - np.arange(3)
    # Standard error of a mean of χ²_f, relative: √(2/(f · 20,000)), at most 0.4 %.
    np.testing.assert_allclose(u.mean(axis=0), freedom * sigma**2 / 2, rtol=0.02)
    np.testing.assert_allclose(apart.mean(axis=0), width * sigma**2 / 2, rtol=0.02)
    typical = deep_linear.typical_start(width, sigma, 3)
    np.testing.assert_allclose(np.median(u, axis=0), typical, rtol=0.03)
    expected = deep_linear.expected_half_time(np.ones(3), width, sigma)
    np.testing.assert_allclose(-np.log(u).mean(axis=0) / 2, expected, rtol=0.01)
