"""Closed forms of noisy gradient descent against linear algebra and against brute force."""

import numpy as np
import pytest
import scipy

from core.optimization import chains, noise


def quiet(fraction):
    pass


@pytest.mark.parametrize("step", [0.01, 0.5, 1.9, 3.7])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.95])
def test_stationary_variance_solves_the_lyapunov_equation(step, momentum):
    curvature, variance = 0.8, 2.5
    value = float(noise.stationary_variance(step, momentum, curvature, variance))
    if step * curvature >= 2 * (1 + momentum):
        assert value == np.inf
        return
    moves = np.array([[1 + momentum - step * curvature, -momentum], [1.0, 0.0]])
    driven = np.diag([step**2 * variance, 0.0])
    solved = scipy.linalg.solve_discrete_lyapunov(moves, driven)
    assert value == pytest.approx(solved[0, 0], rel=1e-9)
    assert float(noise.memory(step, momentum, curvature)) == pytest.approx(
        np.abs(np.linalg.eigvals(moves)).max()
    )


@pytest.mark.parametrize("batch", [1, 3])
def test_growth_is_the_second_moment_of_a_random_step(batch):
    """Over the batches of a Gaussian stream, E‖(I − ηM)e‖² with M the batch's mean of xx'."""
    d, step = 4, 0.3
    x = np.random.default_rng(0).standard_normal((100_000, batch, d))
    moved = np.eye(d)[0] - step * np.einsum("rbi,rb->ri", x, x[:, :, 0]) / batch
    squares = np.sum(moved**2, axis=1)
    error = squares.std() / np.sqrt(squares.size)
    assert float(noise.growth(step, d, batch)) == pytest.approx(squares.mean(), abs=4 * error)
    assert float(noise.growth(noise.largest_step(d, batch), d, batch)) == pytest.approx(1.0)


def test_least_mean_squares_settles_where_its_recursion_ends():
    step = 0.4 * noise.largest_step(10, 2)
    course = noise.least_mean_squares(step, 500, 10, 2, 1.7, start=30.0)
    assert course[0, -1] == pytest.approx(float(noise.settled_error(step, 10, 2, 1.7)), rel=1e-9)
    assert noise.settled_error(noise.largest_step(10), 10, 1, 1.0) == np.inf


def test_best_gain_is_the_maximum_over_steps_of_the_recursion():
    """The recursion's fall of ½‖w − w*‖² at its best step is the gain that the noise scale gives."""
    d, batch, variance, error = 7, 3, 0.6, 2.0
    steps = np.linspace(0, 1, 20_001)
    after = [
        noise.growth(steps, d, batch) * error + steps**2 * variance * d / batch,
    ][0]
    best = (error - after).max() / 2
    scale = noise.noise_scale(error, d, variance)
    assert best == pytest.approx(float(noise.best_gain(batch, error / 2, scale)), rel=1e-6)


def test_reshuffled_noise_cancels_over_an_epoch_and_keeps_its_variance():
    source = chains._source(chains.Noise("reshuffled"), np.array([1, 4]), 2000, np.random.default_rng(0))
    epoch = np.stack([source() for _ in range(chains.EPOCH)])
    np.testing.assert_allclose(epoch.sum(axis=0), 0.0, atol=1e-12)
    # 32,000 values, of relative standard error √(2/32,000) = 0.008.
    np.testing.assert_allclose(epoch.var(axis=(0, 2)), [1.0, 0.25], rtol=0.035)


def test_a_chain_past_all_bounds_says_at_which_step():
    problem = chains.Quadratic(np.array([0.5, 8.0]), np.zeros(2), np.ones(2, np.int64), 1.0, 1.0)
    found = chains.settle(problem, chains.Noise(), 4, (0, 300), np.random.default_rng(0), quiet)
    # |1 − 8|ᵗ passes 1e100 near t = 100 / log10(7) = 118.
    assert found.diverged[0] == -1
    assert 115 <= found.diverged[1] <= 121
