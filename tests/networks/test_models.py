"""Networks, initial weights and likelihoods against numpy and scipy."""

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from core.networks.activations import ACTIVATIONS
from core.networks.initialization import VARIANCES, initialize, stack
from core.networks.likelihoods import LIKELIHOODS, entropy, wrong
from core.networks.mlp import count, forward, nth
from core.networks.scaling import scaling

EXPECTED = {
    "identity": lambda x: x,
    "quadratic": lambda x: x**2,
    "relu": lambda x: np.maximum(x, 0),
    "leaky-relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "erf": special.erf,
    "gelu": lambda x: x * stats.norm.cdf(x),
    "silu": lambda x: x * special.expit(x),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_is_its_formula(name):
    x = np.linspace(-4, 4, 41)
    np.testing.assert_allclose(ACTIVATIONS[name](jnp.asarray(x)), EXPECTED[name](x), atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_keeps_the_float_type(name):
    assert ACTIVATIONS[name](jnp.ones(3, jnp.float32)).dtype == jnp.float32


@pytest.mark.parametrize("widths", [(), (5,), (5, 7)], ids=str)
def test_forward_is_the_chain_of_affine_maps(widths):
    rng = np.random.default_rng(0)
    params = initialize(rng, (3, *widths, 2), "he", dtype=np.float64)
    x = expected = rng.normal(size=(4, 3))
    for layer in params[:-1]:
        expected = np.tanh(expected @ np.asarray(layer.weight) + np.asarray(layer.bias))
    expected = expected @ np.asarray(params[-1].weight) + np.asarray(params[-1].bias)
    np.testing.assert_allclose(forward(params, x, jnp.tanh), expected, atol=1e-13)
    assert count((3, *widths, 2)) == sum(leaf.size for leaf in jax.tree.leaves(params))


def test_one_network_of_several_is_the_one_that_was_stacked():
    rng = np.random.default_rng(0)
    drawn = [initialize(rng, (3, 4, 2), "lecun") for _ in range(3)]
    back = nth(stack(drawn), 1)
    for leaf, given in zip(jax.tree.leaves(back), jax.tree.leaves(drawn[1]), strict=True):
        np.testing.assert_array_equal(leaf, given)


@pytest.mark.parametrize("scheme", VARIANCES)
def test_initial_variance_is_the_scheme_s(scheme):
    weight = np.asarray(initialize(np.random.default_rng(0), (200, 300), scheme)[0].weight)
    # A sample variance of n normal values has standard error √(2/n) of itself; 4 of them.
    assert weight.var() == pytest.approx(VARIANCES[scheme](200, 300), rel=4 * np.sqrt(2 / weight.size))


@pytest.mark.parametrize("sizes", [(6, 4), (4, 6), (5, 5)], ids=str)
def test_orthogonal_weights_are(sizes):
    weight = np.asarray(
        initialize(np.random.default_rng(0), sizes, "orthogonal", dtype=np.float64)[0].weight
    )
    gram = weight.T @ weight if sizes[0] >= sizes[1] else weight @ weight.T
    np.testing.assert_allclose(gram, np.eye(min(sizes)), atol=1e-12)


def test_output_scale_acts_on_the_last_layer_only():
    full, small = (
        initialize(np.random.default_rng(0), (3, 4, 2), "he", output_scale=s, dtype=np.float64)
        for s in (1.0, 0.25)
    )
    np.testing.assert_array_equal(full[0].weight, small[0].weight)
    np.testing.assert_array_equal(0.25 * full[1].weight, small[1].weight)


def test_categorical_loss_is_minus_log_probability():
    z = np.random.default_rng(0).normal(size=(6, 3))
    codes = np.array([0, 1, 2, 0, 1, 2])
    found = LIKELIHOODS["categorical"].loss(jnp.asarray(z), jnp.asarray(np.eye(3)[codes]))
    np.testing.assert_allclose(found, -np.log(special.softmax(z, axis=1))[np.arange(6), codes])


def negative_binomial(y, mean, log_size):
    size = np.exp(log_size)
    return stats.nbinom.logpmf(y, size, size / (size + mean))


@pytest.mark.parametrize(
    ("name", "density"),
    [
        ("laplace", lambda y, f, z: stats.laplace.logpdf(y, f, scale=2.0)),
        ("poisson", lambda y, f, z: stats.poisson.logpmf(y, f)),
        ("gaussian", lambda y, f, z: -((y - f) ** 2)),
        ("gaussian-variance", lambda y, f, z: stats.norm.logpdf(y, f, 2 * np.exp(z / 2))),
        ("student-t", lambda y, f, z: stats.t.logpdf(y, 4, f, 2 * np.exp(z))),
        ("negative-binomial", negative_binomial),
    ],
)
def test_risk_of_a_number_is_in_nats_or_squared_units(name, density):
    """unit · loss + offset, on the scaled target, is minus the log-density of the target itself."""
    target = np.array([0.0, 3.0, 5.0, 4.0, 8.0])
    scaled, likelihood = scaling(name, target), LIKELIHOODS[name]
    if name in ("laplace", "gaussian-variance", "student-t"):
        scaled = type(scaled)(name, center=1.0, spread=2.0)
    z = np.array([[0.3, 0.5], [-0.2, -1.0], [0.1, 0.2], [0.4, 0.0], [-0.3, 0.8]])
    outputs, encoded = jnp.asarray(z[:, : likelihood.outputs]), jnp.asarray(scaled.encoded(target))
    prediction = scaled.restored(np.asarray(likelihood.predict(outputs)))
    assert prediction.shape == (5, 1)
    risk = scaled.unit() * float(jnp.mean(likelihood.loss(outputs, encoded))) + scaled.offset(target)
    assert risk == pytest.approx(-density(target, prediction[:, 0], z[:, 1]).mean(), rel=1e-12)
    at_zero = likelihood.loss(jnp.zeros_like(outputs), encoded).mean()
    expected = scaled.unit() * float(at_zero) + scaled.offset(target)
    assert scaled.null_risk(target) == pytest.approx(expected, rel=1e-12)


def test_bernoulli_is_categorical_with_the_first_output_at_zero():
    z, y = (
        np.random.default_rng(0).normal(scale=3, size=(6, 1)),
        np.array([[0], [1], [1], [0], [1], [0]]),
    )
    one, two = LIKELIHOODS["bernoulli"], LIKELIHOODS["categorical"]
    logits, own = np.column_stack([0 * z, z]), np.eye(2)[y[:, 0]]
    np.testing.assert_allclose(one.loss(z, y), two.loss(logits, own), atol=1e-14)
    np.testing.assert_allclose(
        one.loss(z, y), -stats.bernoulli.logpmf(y, special.expit(z))[:, 0], atol=1e-12
    )
    np.testing.assert_allclose(one.predict(jnp.asarray(z)), two.predict(logits), atol=1e-15)
    np.testing.assert_allclose(one.logits(jnp.asarray(z)), logits)
    np.testing.assert_allclose(one.indicators(jnp.asarray(y)), own)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_loss_has_a_finite_gradient_in_32_bits_far_out(name):
    likelihood = LIKELIHOODS[name]
    columns = {"categorical": 3, "negative-binomial": 2}.get(name, 1)
    target = jnp.asarray(np.eye(3, dtype=np.float32)[:2, :columns])
    measured = jax.jit(jax.value_and_grad(lambda z: likelihood.loss(z, target).sum()))
    for far in (-30.0, 30.0):
        value, slope = measured(jnp.full((2, likelihood.outputs or 3), far, jnp.float32))
        assert np.isfinite(value)
        assert np.isfinite(slope).all()
        assert value.dtype == jnp.float32


def test_null_risk_of_a_gaussian_is_the_variance():
    target = np.random.default_rng(0).normal(size=50)
    assert scaling("gaussian", target).null_risk(target) == pytest.approx(target.var(), rel=1e-12)


def test_entropy_and_error_of_predictions():
    z = jnp.asarray([[0.0, 0.0, 0.0], [1000.0, 0.0, -1000.0], [2.0, 1.0, 0.0]])
    expected = [np.log(3), 0.0, stats.entropy(special.softmax([2.0, 1.0, 0.0]))]
    np.testing.assert_allclose(entropy(z), expected, atol=1e-12)
    np.testing.assert_array_equal(wrong(z, jnp.eye(3)), [0, 1, 1])


def test_entropy_of_outputs_that_are_not_numbers_is_not_a_number():
    assert np.isnan(entropy(jnp.asarray([[jnp.nan, 0.0]]))).all()
