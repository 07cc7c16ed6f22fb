"""Smoothers, non-linear learners and the decomposition against other ways to the same numbers."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.neighbors import KNeighborsRegressor

from core.linear import decomposition, learners, noises, smoothers

X = np.sort(np.random.default_rng(0).uniform(size=30))
Y = np.random.default_rng(1).standard_normal(30)
AT = np.linspace(0.01, 0.99, 17)


def fitted(learner, chosen, **given):
    given = {"degree": 8, "width": 0.2, **given}
    return smoothers.weights(learner, X, AT, np.array([chosen]), **given)[0] @ Y


@pytest.mark.parametrize("degree", [0, 3, 9])
def test_polynomials_are_least_squares(degree):
    expected = np.polyval(np.polyfit(X, Y, degree), AT)
    np.testing.assert_allclose(fitted("polynomial", degree), expected, rtol=1e-6, atol=1e-8)


def test_neighbours_and_kernel_ridge_are_those_of_scikit_learn():
    near = KNeighborsRegressor(5).fit(X[:, None], Y).predict(AT[:, None])
    np.testing.assert_allclose(fitted("neighbours", 5.0), near)
    # The penalty there is of the sum of squares, here of the mean.
    kernel = KernelRidge(alpha=30 * 0.01, kernel="rbf", gamma=1 / (2 * 0.2**2)).fit(X[:, None], Y)
    np.testing.assert_allclose(fitted("kernel", 0.01), kernel.predict(AT[:, None]), atol=1e-8)


def test_splines_hold_every_cubic_and_ridge_without_penalty_is_the_polynomial():
    cubic = 2 * X**3 - X + 0.5
    weights = smoothers.weights("spline", X, AT, np.array([0.0, 5.0]), degree=3, width=0.1)
    np.testing.assert_allclose(weights @ cubic, np.tile(2 * AT**3 - AT + 0.5, (2, 1)), atol=1e-9)
    np.testing.assert_allclose(fitted("ridge", 0.0), fitted("polynomial", 8), atol=1e-8)


@pytest.mark.parametrize("learner", ["polynomial", "spline", "neighbours", "ridge", "kernel"])
@pytest.mark.parametrize("samples", [20, 200])
def test_settings_run_from_simple_to_flexible(learner, samples):
    chosen = smoothers.settings(learner, samples, 15)
    x = (np.arange(samples) + 0.5) / samples
    freedom = np.trace(smoothers.weights(learner, x, x, chosen, degree=15, width=0.1), axis1=1, axis2=2)
    assert (np.diff(freedom) > 0).all()
    assert freedom[-1] <= samples + 1e-9


def test_boosted_stages_are_those_of_shorter_sums():
    given = {"leaves": 4, "width": 0.1}
    rng = np.random.default_rng(0)
    found = learners.predictions("boosting", X, Y, AT, np.array([3.0, 20.0]), rng, **given)
    short = GradientBoostingRegressor(
        n_estimators=3,
        learning_rate=learners.SHRINKAGE,
        max_leaf_nodes=4,
        max_depth=None,
        random_state=0,
    )
    expected = short.fit(X[:, None].astype(np.float32), Y).predict(AT[:, None].astype(np.float32))
    np.testing.assert_allclose(found[0], expected)


def test_measured_parts_have_no_bias_however_few_replicates():
    """With 3 replicates of constant predictions of known mean and variance, many times over."""
    rng = np.random.default_rng(2)
    draws = 0.3 + 2.0 * rng.standard_normal((1500, 3, 1, 1))
    parts = [decomposition.measured(draw, np.zeros(1)) for draw in draws]
    for name, expected in (("bias", 0.09), ("variance", 4.0)):
        values = np.array([getattr(part, name)[0] for part in parts])
        assert abs(values.mean() - expected) < 4 * values.std() / np.sqrt(1500)


def test_jackknife_error_of_squared_bias_is_that_over_many_runs():
    rng = np.random.default_rng(3)
    draws = 0.5 + rng.standard_normal((500, 40, 1, 6))
    parts = [decomposition.measured(draw, np.zeros(6)) for draw in draws]
    spread = np.std([part.bias[0] for part in parts])
    assert np.mean([part.bias_error[0] for part in parts]) == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize("law", list(noises.NAMES))
def test_noises_have_the_variance_they_say(law):
    """On average over [0, 1]; correlated noise is followed over many series."""
    rng, x = np.random.default_rng(4), (np.arange(50) + 0.5) / 50
    squares = np.stack([noises.draw(law, x, 2.0, rng) ** 2 for _ in range(500)]).mean(axis=1)
    assert squares.mean() == pytest.approx(4.0, abs=4 * squares.std() / np.sqrt(500) + 0.002)
