"""Moments at Gaussian inputs, signals through random layers, and finite width, against brute force."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from core.networks import initialization, mean_field, narrow, phases, propagation, schemes
from core.networks.propagation import Rows, Weights

SLOPES = {
    "tanh": (np.tanh, lambda x: np.cosh(x) ** -2.0),
    "erf": (special.erf, lambda x: 2 / np.sqrt(np.pi) * np.exp(-x * x)),
    "relu": (lambda x: np.maximum(x, 0.0), lambda x: float(x > 0)),
}


def mean_square(function, q):
    """E f(√q z)² by adaptive integration of either side of 0."""

    def weighted(z):
        return function(np.sqrt(q) * z) ** 2 * stats.norm.pdf(z)

    return integrate.quad(weighted, -12, 0)[0] + integrate.quad(weighted, 0, 12)[0]


@pytest.mark.parametrize("q", [0.3, 4.0])
@pytest.mark.parametrize("name", mean_field.FUNCTIONS)
def test_moments_by_adaptive_integration(name, q):
    value, slope = SLOPES[name]
    assert float(mean_field.square(name, q)) == pytest.approx(mean_square(value, q), rel=1e-8)
    assert float(mean_field.squared_slope(name, q)) == pytest.approx(mean_square(slope, q), rel=1e-8)


@pytest.mark.parametrize("name", mean_field.FUNCTIONS)
def test_products_by_simulation(name):
    """Two variances and a correlation; a million pairs, antithetic, within four standard errors."""
    rng = np.random.default_rng(0)
    z, w = rng.standard_normal((2, 500_000))
    u, v = np.sqrt(0.7) * z, np.sqrt(1.9) * (0.6 * z + 0.8 * w)
    value, slope = SLOPES[name]
    slope = np.vectorize(slope) if name == "relu" else slope
    for function, found in (
        (value, mean_field.product(name, 0.7, 1.9, 0.6)),
        (slope, mean_field.slopes(name, 0.7, 1.9, 0.6)),
    ):
        values = (function(u) * function(v) + function(-u) * function(-v)) / 2
        assert abs(values.mean() - float(found)) < 4 * values.std() / np.sqrt(values.size)


def test_products_at_equal_variance_and_correlation_one_are_squares():
    for name in mean_field.FUNCTIONS:
        q = np.array([0.2, 1.0, 3.0])
        np.testing.assert_allclose(mean_field.product(name, q, q, 1.0), mean_field.square(name, q), 1e-9)
        np.testing.assert_allclose(
            mean_field.slopes(name, q, q, 1.0), mean_field.squared_slope(name, q), 1e-8
        )


def test_fixed_points_and_the_critical_line():
    for name, bias in (("tanh", 0.1), ("erf", 0.05)):
        w = float(mean_field.critical_weight(name, bias))
        q = float(mean_field.fixed_point(name, w, bias))
        assert w * float(mean_field.square(name, q)) + bias == pytest.approx(q, rel=1e-9)
        assert w * float(mean_field.squared_slope(name, q)) == pytest.approx(1, rel=1e-9)
    published = mean_field.critical_weight("tanh", [0.05, 0.1, 0.3])
    np.testing.assert_allclose(published, [1.761, 1.986, 2.505], atol=5e-4)
    np.testing.assert_allclose(mean_field.fixed_point("relu", [1.0, 3.0], 0.05), [0.1, np.inf])
    assert mean_field.fixed_point("tanh", 0.9, 0.0) == 0
    assert mean_field.critical_weight("erf", 0.0) == pytest.approx(np.pi / 4, rel=1e-6)


@pytest.mark.parametrize("architecture", range(3))
def test_gradients_are_those_of_central_differences(architecture):
    """One row by itself: the squared gradient of a random linear function of the last layer."""
    width, depth, rng = 6, 3, np.random.default_rng(1)
    one = np.array([1])
    rows = Rows(1.7 * one, 0.2 * one, architecture * one, 1.0 * one, 1.0 * one, 0 * one)
    weights = rng.standard_normal((depth, width, width), dtype=np.float32)
    biases = rng.standard_normal((depth, width), dtype=np.float32)
    first = propagation.start(rows, width, rng)
    state = rng.bit_generator.state
    found = propagation.propagate("tanh", rows, first, weights, biases, rng, branch=0.5)
    rng.bit_generator.state = state
    direction = rng.standard_normal(width, dtype=np.float32).astype(float)

    def value(h):
        for w, b in zip(weights.astype(float), biases.astype(float), strict=True):
            g = np.sqrt(1.7 / width) * (np.tanh(h) @ w) + np.sqrt(0.2) * b
            h = [g, (g - g.mean()) / g.std(), h + 0.5 * g][architecture]
        return h @ direction, np.mean(h**2)

    at = first[0].astype(float)
    slopes = [(value(at + e)[0] - value(at - e)[0]) / 2e-4 for e in 1e-4 * np.eye(width)]
    expected = np.log(np.sum(np.square(slopes)) / np.sum(direction**2))
    assert float(found.gradient[0, 0]) == pytest.approx(expected, abs=1e-4)
    assert float(found.square[-1, 0]) == pytest.approx(value(at)[1], rel=1e-5)


def test_signals_start_with_the_variance_and_correlation_asked_for():
    design = phases.Design("tanh", 50, 3, (1.0,), 0.05, 0.5, 1.0, Weights())
    found = phases.replicate(design, np.random.default_rng(0)).signals
    np.testing.assert_allclose(found.square[0], design.rows.start, rtol=1e-5)
    np.testing.assert_allclose(found.correlation[0], design.rows.correlation, atol=1e-5)


def test_wide_layers_do_as_predicted_in_every_architecture():
    """Once at 2,000 units, where a layer's relative deviations are a few percent."""
    three = np.ones(6)
    kinds = np.tile(np.arange(3), 2)
    base = np.tile(np.arange(3), 2)
    rows = Rows(1.8 * three, 0.1 * three, kinds, three, np.repeat([1.0, 0.4], 3), base)
    rng = np.random.default_rng(3)
    weights = rng.standard_normal((2, 2000, 2000), dtype=np.float32)
    biases = rng.standard_normal((2, 2000), dtype=np.float32)
    first = propagation.start(rows, 2000, rng)
    found = propagation.propagate("erf", rows, first, weights, biases, rng)
    limit = propagation.predicted("erf", rows, 2)
    np.testing.assert_allclose(found.square, limit.square, rtol=0.12)
    np.testing.assert_allclose(found.correlation, limit.correlation, atol=0.06)
    np.testing.assert_allclose(found.gradient, limit.gradient, atol=0.15)


@pytest.mark.parametrize("law", ["gaussian", "heavy", "correlated"])
def test_weights_have_variance_one(law):
    drawn = Weights(law, 8.0, 0.5).draw(np.random.default_rng(0), 400, 1000)
    assert drawn.dtype == np.float32
    # Rows of correlated weights share half their variance: 400 independent values.
    assert np.mean(drawn**2) == pytest.approx(1, abs=0.3 if law == "correlated" else 0.02)


def test_weights_without_variance_have_the_quartiles_of_the_normal():
    drawn = Weights("heavy", 1.5).draw(np.random.default_rng(0), 500, 1000)
    assert np.quantile(drawn, 0.75) == pytest.approx(stats.norm.ppf(0.75), abs=0.01)


def test_moments_of_a_narrow_layer_by_simulation():
    n, rng = 6, np.random.default_rng(0)
    f = 2 * np.mean(np.maximum(rng.standard_normal((400_000, n)), 0) ** 2, axis=1)
    exact = narrow.factor(n)
    alive = np.log(f[f > 0])
    for values, mean in ((f, exact.mean), (f**2, exact.square), (alive, exact.log)):
        assert abs(values.mean() - mean) < 4 * values.std() / np.sqrt(values.size)
    assert np.mean(f == 0) == pytest.approx(exact.dead, abs=4 * np.sqrt(exact.dead / f.size))
    assert narrow.skewness(n, 1)[0] == pytest.approx(stats.skew(f**2), rel=0.1)


def test_schemes_are_those_that_train_networks():
    for ours, name in (("He", "he"), ("Glorot", "glorot"), ("LeCun", "lecun")):
        assert schemes.VARIANCES[ours](30, 70) == initialization.VARIANCES[name](30, 70)


def test_he_keeps_the_mean_square_of_relu_layers_of_any_width_and_glorot_does_not():
    widths = [8, 4, 8, 4]
    rng, limit = np.random.default_rng(0), schemes.predicted("relu", widths)[0]
    np.testing.assert_allclose(limit[:, 0], 1)
    np.testing.assert_allclose(limit[-1, 1], (2 / 3) * (1 / 3) * (2 / 3))
    draws = [
        schemes.measured("relu", widths, rng.standard_normal((3, 8, 8), dtype=np.float32), rng)[0]
        for _ in range(4000)
    ]
    # The first layer's 8 pre-activations have mean square exactly 1; the later means are exact.
    ratio = np.array(draws)[:, -1] / limit[-1]
    np.testing.assert_allclose(ratio.std(axis=0), ratio.std(axis=0)[0], rtol=1e-4)
    assert abs(ratio[:, 0].mean() - 1) < 4 * ratio[:, 0].std() / np.sqrt(len(draws))
