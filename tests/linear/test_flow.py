"""Gradient flow of linear regression: against small steps of descent, brute force and limits."""

import numpy as np
import pytest

from core.linear import flow

TIMES = np.array([0.0, 0.5, 2.0, 5.0])


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_flow_is_gradient_descent_with_small_steps(decay):
    d, n, scale = 12, 8, 2.0
    found = flow.train(
        n, d, TIMES, scale, decay, 0.5, "gaussian", np.random.default_rng(0), rho=0.0, tail=5.0
    )
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, d))
    w, teacher = scale * rng.standard_normal(d), rng.standard_normal(d)
    step, losses, at = 1e-2, [], 0.0
    for time in TIMES:
        while at < time - step / 2:
            # The midpoint rule: off by about 1e-4 here.
            half = w - step / 2 * (x.T @ (x @ (w - teacher)) / n + decay * w)
            w = w - step * (x.T @ (x @ (half - teacher)) / n + decay * half)
            at += step
        losses.append(((x @ (w - teacher)) ** 2 / d).mean())
    np.testing.assert_allclose(found.losses.train, losses, rtol=1e-3)


def test_losses_given_the_design_are_means_over_students_and_teachers():
    rng = np.random.default_rng(1)
    kinds = {"rho": 0.6, "tail": 5.0, "fresh": 0}
    many = [flow.train(30, 20, TIMES, 1.5, 0.05, 0.5, "correlated", rng, **kinds) for _ in range(400)]
    for i in range(2):
        gap = np.array([one.losses[i] - one.expected[i] for one in many])
        z = gap.mean(axis=0) / (gap.std(axis=0) / 20)
        assert np.abs(z).max() < 4


def test_prediction_at_the_start_and_in_the_end():
    for ratio in (0.5, 2.0):
        at = flow.predicted(ratio, np.array([0.0, 1e4]), 3.0, 0.0)
        # Initial losses are S² + 1; what no sample shows stays.
        np.testing.assert_allclose([at.train[0], at.test[0]], 10.0, rtol=1e-6)
        assert at.train[1] == pytest.approx(0.0, abs=1e-9)
        assert at.test[1] == pytest.approx(10.0 * max(0.0, 1 - 1 / ratio), abs=1e-9)


def test_weight_decay_forgets_the_start_and_not_the_unseen_teacher():
    at = flow.predicted(2.0, np.array([1e6]), 3.0, 1e-3)
    assert at.test[0] == pytest.approx(0.5, abs=0.01)


def test_right_predictions_and_their_threshold():
    level = flow.threshold(0.95, 0.6)
    assert level == pytest.approx((0.6 / 1.959964) ** 2)
    assert flow.accuracy(np.array([level]), 0.6)[0] == pytest.approx(0.95)
    assert flow.accuracy(np.zeros(1), 0.6)[0] == 1.0


def test_first_time_below_a_level():
    times = np.array([0.0, 1.0, 10.0, 100.0])
    loss = np.array([5.0, 1.0, 0.1, 0.01])
    assert flow.first_below(times, loss, 0.1 * np.sqrt(10)) == pytest.approx(np.sqrt(10))
    assert flow.first_below(times, loss, 2.0) == 1.0
    assert np.isnan(flow.first_below(times, loss, 1e-3))
