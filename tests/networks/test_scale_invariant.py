"""Normalised units: invariance, and a step of training against the same by hand."""

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.networks.scale_invariant import Batches, Units, logits, risk, train


def drawn(rng):
    units = Units(
        *(jnp.asarray(rng.standard_normal(s)) for s in ((2, 1, 4, 3), (2, 1, 4, 2), (2, 1, 2)))
    )
    return units, rng.standard_normal((9, 3)), np.eye(2)[rng.integers(0, 2, (1, 9))]


@pytest.mark.parametrize("kind", ["batch", "weight"])
def test_outputs_do_not_depend_on_the_norm_of_a_unit(kind):
    units, inputs, _ = drawn(np.random.default_rng(0))
    scaled = units._replace(inward=units.inward * jnp.array([0.1, 3.0, 7.0, 1.0])[:, None])
    found = [logits(kind, u, inputs[None]) for u in (units, scaled)]
    np.testing.assert_allclose(*found, rtol=1e-9)


@pytest.mark.parametrize("kind", ["batch", "none"])
def test_a_step_is_that_of_gradient_descent_with_weight_decay(kind):
    rng = np.random.default_rng(1)
    units, inputs, targets = drawn(rng)
    rows, labels = rng.integers(0, 9, (1, 1, 6)), rng.integers(0, 2, (1, 1, 6))
    rate, decay = np.array([0.1, 0.3]), np.array([0.2, 0.0])
    after, trace, end = train(kind, rate, decay, units, inputs, targets, Batches(rows, labels))
    for s in range(2):

        @jax.jit
        @jax.grad
        def slope(u, s=s):
            one = units._replace(inward=units.inward.at[s, 0].set(u))
            return risk(kind, one, inputs[rows[0]], np.eye(2)[labels[0]])[s, 0]

        w = units.inward[s, 0]
        expected = w - rate[s] * (slope(w) + decay[s] * w)
        np.testing.assert_allclose(after.inward[s, 0], expected, rtol=1e-9, atol=1e-12)
        cosine = jnp.sum(w * expected, axis=1) / (
            jnp.linalg.norm(w, axis=1) * jnp.linalg.norm(expected, axis=1)
        )
        np.testing.assert_allclose(trace.angle[0, s, 0], np.mean(np.arccos(cosine) ** 2), rtol=1e-6)
    np.testing.assert_allclose(end, risk(kind, after, inputs[None], targets))
    # The balance of squared norms needs a gradient orthogonal to the weights.
    assert (trace.residual.max() < 1e-12) == (kind == "batch")
