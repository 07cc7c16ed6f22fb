"""Kernel and random-feature regression: predictions against the general formula and brute force."""

import numpy as np
import pytest

from core.linear import machines, power_laws, risk


@pytest.mark.parametrize(("noise", "delta"), [(0.0, 0.0), (0.3, 0.0), (0.3, 0.5)])
def test_kernel_is_the_universal_formula(noise, delta):
    of = power_laws.spectrum(500, 1.5, 0.4, noise)
    squares = of.target**2 / of.eigenvalues
    expected = risk.universal(30, of.eigenvalues, squares, noise, delta / 30)
    assert power_laws.kernel(30, of, delta).test + noise == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("delta", [0.0, 0.2])
def test_many_random_features_are_the_kernel(delta):
    of = power_laws.spectrum(500, 1.5, 0.4, 0.1)
    few, many = (power_laws.random_features(30, width, of, delta) for width in (200, 10**7))
    expected = power_laws.kernel(30, of, delta).test
    assert many == pytest.approx(expected, rel=1e-5)
    assert few > expected


def test_as_many_random_features_as_samples_have_no_mean_without_a_penalty():
    of = power_laws.spectrum(500, 1.5, 0.4, 0.1)
    assert power_laws.random_features(30, 30, of, 0.0) == np.inf
    assert np.isfinite(power_laws.random_features(30, 30, of, 0.1))


def test_best_penalty_is_no_worse_than_its_neighbours():
    of = power_laws.spectrum(500, 1.5, 0.4, 0.25)
    best = power_laws.best_penalty(50, of)
    least = power_laws.kernel(50, of, best).test
    for factor in (0.0, 0.5, 2.0):
        assert power_laws.kernel(50, of, factor * best).test > least


@pytest.mark.parametrize("inputs", ["gaussian", "circle"])
def test_functions_are_orthonormal(inputs):
    phi = power_laws.features(inputs, 20_000, 40, np.random.default_rng(0))
    # A product of two has a standard deviation of at most √2; 4.5 of them, for 820 pairs.
    np.testing.assert_allclose(phi.T @ phi / 20_000, np.eye(40), atol=4.5 * np.sqrt(2 / 20_000))


def test_parities_are_orthonormal_over_all_inputs_and_no_input_comes_twice():
    phi = power_laws.features("parities", 512, 100, np.random.default_rng(0))
    np.testing.assert_array_equal(phi.T @ phi, 512 * np.eye(100))


def test_parities_have_each_set_of_signs_once():
    signs, sets = power_laws._signs(100)
    assert signs == 9  # 9 + 36 + 84 products
    assert len({tuple(s) for s in sets.T}) == 100


def test_machines_are_ridge_regression_on_the_eigenfunctions():
    of = power_laws.spectrum(60, 1.5, 0.5, 0.0)
    rng = np.random.default_rng(1)
    phi = rng.standard_normal((20, 60))
    y = phi @ of.target + rng.standard_normal(20)
    found = machines.by_size(phi, y, of, np.array([10, 20]), np.array([0.1, 0.3]))
    used = phi * np.sqrt(of.eigenvalues)
    weights = np.linalg.solve(used.T @ used + 0.3 * np.eye(60), used.T @ y)
    error = ((np.sqrt(of.eigenvalues) * weights - of.target) ** 2).sum()
    assert found.test[1] == pytest.approx(error, rel=1e-9)
    assert found.train[1] == pytest.approx(((y - used @ weights) ** 2).mean(), rel=1e-9)


def test_fewer_and_more_random_features_than_samples_are_the_same_regression():
    of = power_laws.spectrum(60, 1.5, 0.5, 0.0)
    rng = np.random.default_rng(2)
    phi, y = rng.standard_normal((20, 60)), rng.standard_normal(20)
    widths = np.array([5, 40])
    found = machines.by_width(phi, y, of, widths, 0.3, np.random.default_rng(3))
    mixed = np.random.default_rng(3).standard_normal((40, 60)) * np.sqrt(of.eigenvalues)
    for width, error in zip(widths, found, strict=True):
        part = mixed[:width] / np.sqrt(width)
        used = phi @ part.T
        weights = np.linalg.solve(used.T @ used + 0.3 * np.eye(width), used.T @ y)
        assert error == pytest.approx(((part.T @ weights - of.target) ** 2).sum(), rel=1e-9)


def test_slope_of_a_power_law_and_its_error():
    sizes = np.array([10, 20, 40, 80])
    rng = np.random.default_rng(4)
    risks = sizes**-1.3 * np.exp(0.1 * rng.standard_normal((200, 4)))
    found = machines.slope(sizes, risks)
    log = np.log(sizes) - np.log(sizes).mean()
    assert found.exponent == pytest.approx(1.3, abs=4 * found.standard_error)
    assert found.standard_error == pytest.approx(0.1 / np.sqrt(200 * (log**2).sum()), rel=0.2)
    assert np.isnan(machines.slope(sizes, risks[:1]).standard_error)
