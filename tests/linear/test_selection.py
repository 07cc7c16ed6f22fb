"""What corrects the training error, against refitting, counting and simulation."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_predict

from core.linear import selection

X = np.random.default_rng(0).standard_normal((24, 6))
Y = X[:, 0] + np.random.default_rng(1).standard_normal(24)


def test_held_out_predictions_are_those_of_scikit_learn():
    folds = [test for _, test in KFold(4).split(X)]
    made = selection.held_out("ridge", X, np.array([0.7]), folds)[0] @ Y
    expected = cross_val_predict(Ridge(alpha=0.7, fit_intercept=False), X, Y, cv=KFold(4))
    np.testing.assert_allclose(made, expected)


@pytest.mark.parametrize(("model", "settings"), [("subsets", [0.0, 2.0, 6.0]), ("ridge", [0.1, 10.0])])
def test_leaving_one_out_needs_no_refitting(model, settings):
    settings = np.array(settings)
    short = selection.leave_one_out(selection.weights(model, X, X, settings))
    folds = [np.array([i]) for i in range(24)]
    np.testing.assert_allclose(short, selection.held_out(model, X, settings, folds), atol=1e-12)


def test_the_law_of_the_order_adds_up_and_has_its_known_values():
    # P(χ²₁ > 2), and 0.7172 for ten features without effect, as a simulation of 40,000 draws gave.
    assert selection.chosen_beyond(1, 2.0)[1] == pytest.approx(0.15729921)
    law = selection.chosen_beyond(10, 2.0)
    assert law.sum() == pytest.approx(1.0)
    assert law[0] == pytest.approx(0.7172, abs=5e-5)
    np.testing.assert_array_equal(selection.chosen_beyond(0, 2.0), [1.0])


@pytest.mark.parametrize("penalty", [1.0, 4.0])
def test_the_law_of_the_order_is_that_of_the_highest_point_of_a_walk(penalty):
    steps = np.random.default_rng(2).chisquare(1, (20_000, 6)) - penalty
    walk = np.concatenate([np.zeros((20_000, 1)), np.cumsum(steps, axis=1)], axis=1)
    share = np.bincount(walk.argmax(axis=1), minlength=7) / 20_000
    law = selection.chosen_beyond(6, penalty)
    assert (np.abs(share - law) < 4 * np.sqrt(law * (1 - law) / 20_000)).all()


def test_james_stein_at_zero_far_away_and_always_below_the_values():
    norms = np.array([0.0, 3.0, 30.0])
    risk = selection.james_stein(norms, 10)
    assert risk[0] == pytest.approx(2.0)
    # Far away p − (p − 2)² / (‖θ‖² + p − 4) to leading orders.
    assert risk[2] == pytest.approx(10 - 64 / 906, abs=2e-4)
    assert (risk < 10).all()
    assert selection.james_stein(np.zeros(1), 3)[0] == pytest.approx(2.0)
