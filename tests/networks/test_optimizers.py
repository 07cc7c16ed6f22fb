"""Muon, L-BFGS, schedules, clipping and drawing with replacement."""

import core.numerics  # noqa: F401

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

from core.networks.mlp import Layer
from core.networks.optimizers import Settings, shape_ratios
from core.networks.schedules import factor
from core.networks.training import Data, Program, advance, start

RNG = np.random.default_rng(11)


def linear(inputs, targets, steps, made, rate=0.1, decay=0.0, **more):
    """A model without hidden layer, from zero: the state after some steps, one replicate."""
    data = Data(jnp.asarray(inputs[None]), jnp.asarray(targets[None]), jnp.int32(len(inputs)))
    shapes = ((1, inputs.shape[1], targets.shape[1]), (1, targets.shape[1]))
    params = (Layer(*(jnp.zeros(shape) for shape in shapes)),)
    settings = Settings.shared(1, rate, decay, dtype=np.float64, **more)
    return advance(made, settings, data, start(made, settings, data, params, [0]), steps)


def test_muon_moves_a_matrix_by_nearly_orthogonal_steps():
    """Five Newton–Schulz steps bring each singular value of the momentum into (0.5, 1.5), and keep its
    singular vectors; a matrix with more outputs than inputs moves √(outputs / inputs) times that."""
    x, y = RNG.normal(size=(50, 3)), RNG.normal(size=(50, 5))
    made = Program("identity", "gaussian", "muon")
    weight = np.asarray(linear(x, y, 1, made, 0.01, 0.3).params[0].weight)[0]
    slope = -2 * x.T @ (y - 0) / 50
    left, _, right = np.linalg.svd(slope, full_matrices=False)
    inner = left.T @ weight @ right.T / (-0.01 * np.sqrt(5 / 3))
    np.testing.assert_allclose(inner - np.diag(np.diag(inner)), 0, atol=1e-8)
    assert ((np.diag(inner) > 0.5) & (np.diag(inner) < 1.5)).all()


def test_muon_s_factor_is_that_of_the_units_that_count():
    params = tuple(Layer(jnp.zeros(s), jnp.zeros(s[1])) for s in ((2, 8), (8, 8), (8, 3)))
    there = (jnp.r_[jnp.ones(6), jnp.zeros(2)], jnp.r_[jnp.ones(4), jnp.zeros(4)])
    found = shape_ratios(params, there)
    expected = [np.sqrt(3) / 2, 1.0, 1.0]
    np.testing.assert_allclose(found, expected)
    assert shape_ratios(params, ()) is None


def test_lbfgs_finds_the_penalised_optimum_whatever_its_learning_rate():
    x = RNG.normal(size=(60, 4))
    y = (x @ [1.0, -2.0, 0.5, 0.0] + RNG.logistic(size=60) > 0).astype(float)[:, None]
    state = linear(x, y, 25, Program("identity", "bernoulli", "lbfgs"), rate=1e-9, decay=0.05)

    def value(flat):
        z = x @ flat[:4] + flat[4]
        return np.mean(np.logaddexp(0, z) - y[:, 0] * z) + 0.025 * (flat[:4] ** 2).sum()

    best = optimize.minimize(value, np.zeros(5), tol=1e-12).x
    found = np.r_[np.asarray(state.params[0].weight).ravel(), np.asarray(state.params[0].bias).ravel()]
    np.testing.assert_allclose(found, best, atol=1e-6)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", lambda t: 1.0),
        ("cosine", lambda t: 0.5 * (1 + np.cos(np.pi * min(t / 40, 1)))),
        ("step", lambda t: 0.5 ** (t // 7)),
        ("inverse-time", lambda t: 1 / (1 + t / 7)),
    ],
)
@pytest.mark.parametrize("warmup", [None, 10.0])
def test_schedules_are_their_formulas(schedule, expected, warmup):
    for t in (0, 6, 7, 9, 25, 40, 60):
        found = factor(schedule, jnp.int32(t), total=40.0, every=7.0, drop=0.5, warmup=warmup)
        ramp = 1 if warmup is None else min(1, (t + 1) / 10)
        assert float(found) == pytest.approx(expected(t) * ramp, abs=1e-14)


def test_the_rate_of_a_step_is_the_schedule_s():
    """Gradient descent on a quadratic of curvature 2 m: each step leaves 1 − 2 m η_t."""
    x = RNG.normal(size=(30, 1))
    x = x - x.mean()
    made = Program("identity", "gaussian", "sgd", schedule="step", warmup=True)
    state = linear(x, 3 * x, 9, made, 0.1, every=4.0, drop=0.1, warmup=3.0)
    rates = [0.1 * 0.1 ** (t // 4) * min(1, (t + 1) / 3) for t in range(9)]
    left = np.prod([1 - 2 * rate * np.mean(x**2) for rate in rates])
    assert float(state.params[0].weight[0, 0, 0]) == pytest.approx(3 * (1 - left), rel=1e-12)


@pytest.mark.parametrize(("limit", "expected"), [(0.25, 0.025), (1e6, None)])
def test_a_gradient_is_cut_to_its_largest_norm(limit, expected):
    x, y = RNG.normal(size=(20, 3)), 5 + RNG.normal(size=(20, 1))
    made = Program("identity", "gaussian", "sgd", clip=True)
    state = linear(x, y, 1, made, 0.1, clip=limit)
    moved = np.sqrt(sum((np.asarray(leaf) ** 2).sum() for leaf in jax.tree.leaves(state.params)))
    slope = -2 * np.r_[x.T @ y, [y.sum(axis=0)]] / 20
    assert moved == pytest.approx(expected or 0.1 * np.linalg.norm(slope), rel=1e-12)


def test_drawing_with_replacement_takes_rows_twice_and_all_alike():
    """Each row has an input of its own, so that its weight's move counts how often it was drawn."""
    rows, size, replicates = 8, 6, 400
    data = Data(
        jnp.broadcast_to(jnp.eye(10)[:, :rows].at[rows:].set(0), (replicates, 10, rows)),
        jnp.ones((replicates, 10, 1)),
        jnp.int32(rows),
    )
    params = (Layer(jnp.zeros((replicates, rows, 1)), jnp.zeros((replicates, 1))),)
    made = Program("identity", "gaussian", "sgd", size, replacement=True)
    settings = Settings.shared(replicates, 1.0, dtype=np.float64)
    state = advance(made, settings, data, start(made, settings, data, params, range(replicates)), 1)
    drawn = np.asarray(state.params[0].weight)[..., 0] * size / 2
    np.testing.assert_allclose(drawn.sum(axis=1), size)
    np.testing.assert_allclose(drawn, np.round(drawn), atol=1e-9)
    # A row's count is binomial(6, 1/8): mean and chance of none, four standard errors.
    assert drawn.mean(axis=0) == pytest.approx(
        np.full(rows, size / rows), abs=4 * np.sqrt(size / rows * 7 / 8 / replicates)
    )
    none = (7 / 8) ** size
    assert (drawn == 0).mean() == pytest.approx(none, abs=4 * np.sqrt(none / replicates))
