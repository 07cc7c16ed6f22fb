"""What is measured on networks against brute force, and the identities that checks rest on."""

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize, special, stats

from core.networks import history, identities
from core.networks.initialization import initialize, stack
from core.networks.measures import measure, predict
from core.networks.mlp import forward, nth
from core.networks.training import Data, Program, loss

RNG = np.random.default_rng(7)
INPUTS, CODES = RNG.normal(size=(2, 12, 3)), RNG.integers(0, 4, (2, 12))


def networks(outputs=4, scale=1.0):
    rng = np.random.default_rng(3)
    drawn = [
        initialize(rng, (3, 5, outputs), "he", output_scale=scale, dtype=np.float64) for _ in range(2)
    ]
    return stack(drawn)


def data(rows=10):
    """Twelve rows of which the last do not count."""
    return Data(jnp.asarray(INPUTS), jnp.asarray(np.eye(4)[CODES]), jnp.int32(rows))


def test_measures_are_means_over_the_rows_that_count():
    program, params = Program("tanh", "categorical", "sgd"), networks()
    found = measure(program, params, data())
    for r in range(2):
        z = np.asarray(forward(nth(params, r), INPUTS[r, :10], jnp.tanh))
        p = special.softmax(z, axis=1)
        expected = -np.log(p[np.arange(10), CODES[r, :10]]).mean()
        assert float(found.loss[r]) == pytest.approx(expected, rel=1e-12)
        assert float(found.error[r]) == pytest.approx((p.argmax(1) != CODES[r, :10]).mean())
        assert float(found.entropy[r]) == pytest.approx(stats.entropy(p, axis=1).mean(), rel=1e-12)
        np.testing.assert_allclose(predict(program, nth(params, r), INPUTS[r, :10]), p, atol=1e-14)


def test_gradient_norms_are_those_of_central_differences():
    program, params = Program("tanh", "categorical", "sgd"), networks()
    found = np.asarray(measure(program, params, data()).gradient_norms)[0]
    weights = jnp.full(10, 0.1)
    targets = np.eye(4)[CODES[0, :10]]
    leaves, shape = jax.tree.flatten(nth(params, 0))

    @jax.jit
    def value(at):
        return loss(program, jax.tree.unflatten(shape, at), INPUTS[0, :10], targets, weights)

    squares = []
    for i, leaf in enumerate(leaves):
        total = 0.0
        for index in np.ndindex(leaf.shape):
            ends = [
                [a if j != i else a.at[index].add(h) for j, a in enumerate(leaves)]
                for h in (1e-5, -1e-5)
            ]
            total += ((float(value(ends[0])) - float(value(ends[1]))) / 2e-5) ** 2
        squares.append(total)
    # Truncation of order 1e-10 and rounding of order 1e-11 in each entry.
    np.testing.assert_allclose(found, np.sqrt([sum(squares[:2]), sum(squares[2:])]), rtol=1e-7)


def test_numbers_have_no_error_and_no_entropy():
    values = Data(jnp.asarray(INPUTS), jnp.asarray(INPUTS[:, :, :1]), jnp.int32(12))
    found = measure(Program("tanh", "gaussian", "sgd"), networks(1), values)
    assert np.isnan(found.error).all()
    assert np.isnan(found.entropy).all()
    assert np.isfinite(found.loss).all()


def test_no_error_comes_of_outputs_that_are_not_numbers():
    broken = jax.tree.map(lambda leaf: leaf.at[0].set(jnp.nan), networks())
    found = measure(Program("tanh", "categorical", "sgd"), broken, data())
    assert np.isnan([found.loss[0], found.error[0], found.entropy[0]]).all()
    assert np.isfinite([found.loss[1], found.error[1], found.entropy[1]]).all()


@pytest.mark.parametrize("scale", [1.0, 0.1, 0.01])
def test_the_second_order_of_the_initial_risk_is_within_hoeffding_s_bound(scale):
    program, params = Program("tanh", "categorical", "sgd"), networks(scale=scale)
    found = identities.initial(program, params, data(12), 1.0)
    for r in range(2):
        z = np.asarray(forward(nth(params, r), INPUTS[r], jnp.tanh))
        beyond = special.logsumexp(z, axis=1) - z.mean(axis=1) - np.log(4)
        assert float(found.second_order[r]) == pytest.approx(beyond.mean(), rel=1e-6, abs=1e-14)
        assert (beyond >= -1e-14).all()
        assert (beyond <= np.ptp(z, axis=1) ** 2 / 8).all()


def test_initial_risk_over_symmetric_weights_exceeds_log_k_by_the_second_order():
    """E z = 0: averaged over networks, risk is log K plus the second-order part, whatever the labels."""
    rng = np.random.default_rng(0)
    drawn = stack([initialize(rng, (3, 6, 4), "he", dtype=np.float64) for _ in range(4000)])
    many = Data(
        jnp.asarray(np.broadcast_to(INPUTS[:1], (4000, 12, 3))),
        jnp.asarray(np.broadcast_to(np.eye(4)[CODES[:1]], (4000, 12, 4))),
        jnp.int32(12),
    )
    found = identities.initial(Program("tanh", "categorical", "sgd"), drawn, many, 1.0)
    excess = np.asarray(found.loss - found.second_order) - np.log(4)
    assert abs(excess.mean()) < 4 * excess.std() / np.sqrt(4000)


@pytest.mark.parametrize("activation", ["gelu", "relu"])
def test_directional_derivatives_agree(activation):
    targets = np.eye(4)[CODES[0]]
    analytic, numeric = identities.slopes(
        Program(activation, "categorical", "sgd"),
        nth(networks(), 0),
        INPUTS[0],
        targets,
        np.random.default_rng(0),
    )
    assert analytic.shape == numeric.shape == (3,)
    assert (np.abs(analytic) > 0.3).all(), "of the gradient's own size"
    np.testing.assert_allclose(analytic, numeric, atol=1e-8)


def test_too_long_a_step_of_central_differences_is_seen():
    targets = np.eye(4)[CODES[0]]
    analytic, numeric = identities.slopes(
        Program("tanh", "categorical", "sgd"),
        nth(networks(), 0),
        INPUTS[0],
        targets,
        np.random.default_rng(0),
        step=0.3,
    )
    assert np.abs(analytic - numeric).max() > 1e-3


@pytest.mark.parametrize("outputs", [2, 3])
def test_linear_fit_is_the_maximum_of_the_penalised_likelihood(outputs):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 3))
    codes = (x @ rng.normal(size=(3, outputs)) + rng.gumbel(size=(90, outputs))).argmax(axis=1)
    y = np.eye(outputs)[codes]
    reference, found = identities.linear_fit("categorical", x, y, 2000)
    assert found == pytest.approx(reference, abs=1e-7)
    # A third opinion, from the penalty's own definition.
    wide = np.column_stack([x, np.ones(90)])
    top = np.linalg.eigvalsh(wide.T @ wide / 90)[-1]
    penalty = 0.5 * top / identities.CONDITION

    def parts(flat):
        w = flat.reshape(4, outputs)
        z = wide @ w
        return (special.logsumexp(z, axis=1) - (z * y).sum(axis=1)).mean(), (w[:3] ** 2).sum()

    best = optimize.minimize(
        lambda flat: parts(flat)[0] + penalty / 2 * parts(flat)[1], np.zeros(4 * outputs), tol=1e-10
    )
    assert found == pytest.approx(parts(best.x)[0], abs=1e-5)


@pytest.mark.parametrize("likelihood", ["gaussian", "poisson"])
def test_linear_fit_of_a_number(likelihood):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    y = rng.poisson(np.exp(0.5 + x @ [0.3, -0.2, 0.1])).astype(float)
    target = (y / y.mean() if likelihood == "poisson" else (y - y.mean()) / y.std())[:, None]
    reference, found = identities.linear_fit(likelihood, x, target, 2000)
    assert found == pytest.approx(reference, abs=1e-9)


def test_a_linear_fit_stopped_early_is_seen():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 3))
    y = np.eye(2)[(x[:, 0] + rng.normal(size=80) > 0).astype(int)]
    reference, found = identities.linear_fit("categorical", x, y, 5)
    assert abs(found - reference) > 1e-5


@pytest.mark.parametrize(("total", "most"), [(1, 50), (7, 50), (1440, 50), (10**6, 10)])
def test_positions_begin_at_0_and_end_at_the_end(total, most):
    at = history.positions(total, most)
    assert (at[0], at[-1]) == (0, total)
    assert len(at) <= most + 1
    steps = np.diff(at)
    assert (steps > 0).all()
    assert steps[0] <= steps[-1], "denser early on"


def test_means_leave_out_what_is_not_a_number():
    assert history.mean_and_error([1.0, 3.0, np.nan]) == pytest.approx((2.0, 1.0))
    assert np.isnan(history.mean_and_error([np.nan])).all()
