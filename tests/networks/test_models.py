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
from core.networks.likelihoods import LIKELIHOODS, entropy, scaling, wrong
from core.networks.mlp import count, forward, nth

EXPECTED = {
    "identity": lambda x: x,
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


@pytest.mark.parametrize(
    ("name", "density"),
    [
        ("laplace", lambda y, f: stats.laplace.logpdf(y, f, scale=2.0)),
        ("poisson", lambda y, f: stats.poisson.logpmf(y, f)),
        ("gaussian", lambda y, f: -((y - f) ** 2)),
    ],
)
def test_risk_of_a_number_is_in_nats_or_squared_units(name, density):
    """unit · loss + offset, on the scaled target, is minus the log-density of the target itself."""
    target = np.array([0.0, 3.0, 5.0, 4.0, 8.0])
    scaled = scaling(name, target)
    if name == "laplace":
        scaled = type(scaled)(name, center=1.0, spread=2.0)
    z = np.array([0.3, -0.2, 0.1, 0.4, -0.3])
    prediction = scaled.restored(np.asarray(LIKELIHOODS[name].predict(jnp.asarray(z))))
    losses = LIKELIHOODS[name].loss(jnp.asarray(z[:, None]), jnp.asarray(scaled.scaled(target)[:, None]))
    risk = scaled.unit() * float(jnp.mean(losses)) + scaled.offset(target)
    assert risk == pytest.approx(-density(target, prediction).mean(), rel=1e-12)
    at_zero = (
        LIKELIHOODS[name].loss(jnp.zeros((5, 1)), jnp.asarray(scaled.scaled(target)[:, None])).mean()
    )
    expected = scaled.unit() * float(at_zero) + scaled.offset(target)
    assert scaled.null_risk(target) == pytest.approx(expected, rel=1e-12)


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
