"""The race: updates against their textbook recursions, divergence recorded, noise shared."""

import jax
import numpy as np
import pytest

from core.optimization import updates
from core.optimization.names import OPTIMIZERS
from core.optimization.surfaces import quadratic

CURVES = np.array([0.1, 1.0])
STARTS = np.array([[1.0, -0.5], [0.3, 2.0]])


def raced(sizes, momenta, until, noise=0.0, most=1e6):
    settings = updates.Settings(np.array(sizes), np.array(momenta))
    key, until = jax.random.key(0), np.array(until)
    begun = updates.start(STARTS)
    race, seen = updates.advance(
        quadratic, CURVES, begun, settings, until, noise, key, np.zeros(2), most
    )
    return race, seen


def by_hand(name, size, momentum, steps):
    """Places after so many steps, by the update's paper with optax's guards against division by 0."""
    x, before, v, mean, square = STARTS, STARTS, 0.0, 0.0, 0.0
    for t in range(1, steps + 1):
        g = CURVES * x
        if name == "heavy_ball":
            x, before = x + momentum * (x - before) - size * g, x
        elif name == "nesterov":
            # In the places looked ahead to: y⁺ = y − η g + m v⁺ with v⁺ = m v − η g.
            v = momentum * v - size * g
            x = x - size * g + momentum * v
        elif name == "adagrad":
            square = (0.1 if t == 1 else square) + g**2
            x = x - size * g / np.sqrt(square + 1e-7)
        elif name == "rmsprop":
            square = 0.9 * square + 0.1 * g**2
            x = x - size * g / np.sqrt(square + 1e-8)
        elif name in ("adam", "adamw"):
            mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
            change = mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
            x = x - size * (change + (1e-4 * x if name == "adamw" else 0))
        elif name == "lion":
            x = x - size * (np.sign(0.9 * mean + 0.1 * g) + 1e-3 * x)
            mean = 0.99 * mean + 0.01 * g
        else:
            x = x - size * g
    return x


def test_each_optimiser_takes_the_steps_of_its_paper():
    race, _ = raced([0.05] * 8, [0.8] * 8, [7])
    for k, name in enumerate(OPTIMIZERS):
        expected = by_hand(name, 0.05, 0.8, 7)
        np.testing.assert_allclose(race.place[k], expected, rtol=1e-9, err_msg=name)


def test_what_leaves_all_bounds_is_recorded_and_stays_where_it_was():
    race, seen = raced([3.0] + [0.01] * 7, [0.0] * 8, [5, 60])
    # The stiff mode doubles each step: the loss passes 1e6 when 4^t x²/2 does.
    for r, start in enumerate(STARTS[:, 1]):
        losses = 0.5 * 4.0 ** np.arange(60) * start**2
        assert race.lost[0, r] == int(np.argmax(losses > 1e6))
    assert np.isfinite(seen.loss[0]).all()
    assert np.isnan(seen.loss[1, 0]).all()
    assert np.isfinite(seen.loss[1, 1:]).all()
    assert (race.lost[1:] == -1).all()


def test_noise_is_the_same_for_all_optimisers_and_new_at_each_step():
    plain, _ = raced([0.1] * 8, [0.0] * 8, [1])
    noisy, _ = raced([0.1] * 8, [0.0] * 8, [1], noise=0.5)
    shift = np.asarray(noisy.place[:3] - plain.place[:3])
    np.testing.assert_allclose(shift[0], shift[1], rtol=1e-12)
    np.testing.assert_allclose(shift[0], shift[2], rtol=1e-12)
    assert (shift[0] != 0).all()


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_grid_of_heavy_ball_grows_beyond_the_threshold_only(momentum):
    edge = 2 * (1 + momentum)
    sizes = edge * np.array([0.98, 1.02])
    first, last = updates.heavy_ball_grid(
        quadratic, CURVES, np.array([0.0, 1.0]), np.zeros(2), sizes, np.full(2, momentum), 200
    )
    assert last[0] < first[0]
    assert last[1] > first[1]
