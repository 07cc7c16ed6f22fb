"""Surfaces: minima where they are said to be, and Hessians against finite differences."""

import jax
import numpy as np
import pytest

from core.optimization.surfaces import curvatures, surface, values

HOW = {"dimension": 5, "condition": 50.0, "spacing": "geometric"}


def made(name):
    return surface(name, 3, np.random.default_rng(0), **HOW)


@pytest.mark.parametrize("name", ["quadratic", "rosenbrock", "beale", "ravine", "logistic"])
def test_the_minimum_is_one(name):
    it = made(name)
    np.testing.assert_allclose(jax.grad(it.loss)(it.minimum, it.data), 0.0, atol=1e-12)
    assert values(it, it.minimum[None]).item() == pytest.approx(it.least, abs=1e-15)
    around = it.minimum + 1e-3 * np.random.default_rng(1).standard_normal((20, it.minimum.size))
    assert (values(it, around) > it.least).all()
    np.testing.assert_allclose(np.sort(curvatures(it, it.minimum))[-5:], it.curvatures[-5:], rtol=1e-9)


def test_rosenbrock_has_its_known_curvatures():
    # Hessian at (1, 1): [[802, −400], [−400, 200]].
    expected = np.linalg.eigvalsh([[802.0, -400.0], [-400.0, 200.0]])
    np.testing.assert_allclose(made("rosenbrock").curvatures, expected, rtol=1e-12)


def test_curvatures_of_the_network_are_those_of_finite_differences():
    it = made("network")
    x, h = it.starts[0], 1e-5
    slope = jax.jit(lambda x: jax.grad(it.loss)(x, it.data))
    rows = [(slope(x + h * e) - slope(x - h * e)) / (2 * h) for e in np.eye(x.size)]
    brute = np.linalg.eigvalsh(np.asarray(rows))
    np.testing.assert_allclose(curvatures(it, x), brute, atol=1e-7 * np.abs(brute).max())


def test_padding_never_moves_and_the_first_two_coordinates_are_flattest_and_stiffest():
    it = made("quadratic")
    assert it.starts.shape == (3, 8)
    assert (it.starts[:, 5:] == 0).all()
    assert (it.data[5:] == 0).all()
    np.testing.assert_allclose(it.data[:2], [1 / 50, 1.0])
    assert sorted(it.data[:5]) == pytest.approx(list(it.curvatures))
