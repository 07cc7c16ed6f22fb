"""The learners are scikit-learn's, and the power law is found where there is one."""

import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import learning_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.experiment import Cancelled, InputError
from core.learners import known
from core.learners.fitting import fit, warned
from core.learners.models import Model
from core.learners.names import LEARNERS
from core.learners.portions import Stopped, learn
from core.learners.power_law import power_law, resamples
from core.learners.preparing import transformer
from core.learners.rows import Source
from core.learners.splits import split
from core.learners.verdict import parts


def wait():
    """Does nothing while a learner is at work."""


@pytest.mark.parametrize("name", list(LEARNERS))
@pytest.mark.parametrize("data", ["wine", "diabetes"])
def test_learns_as_scikit_learn_does(name, data):
    rows = Source(data).draw(np.random.default_rng(0))
    model, cut = Model(name, trees=5), split(rows, 0.25, np.random.default_rng(1))
    if name in ("logistic", "hebb") and data == "diabetes":
        with pytest.raises(InputError, match=f"`learner` must not be {name}"):
            model.estimator(False, 10, 0)
        return
    classes = rows.classes is not None
    estimator = make_pipeline(transformer(rows), model.estimator(classes, 40, 3))
    if not classes:
        estimator = TransformedTargetRegressor(estimator, transformer=StandardScaler())
    with warned():
        ours = [fit(rows, rows.target, model, cut.train[:n], cut.test, 3, wait) for n in (40, 100)]
        scores = learning_curve(
            estimator,
            rows.inputs,
            rows.target,
            train_sizes=[40, 100],
            cv=[cut],
            scoring="accuracy" if classes else "neg_mean_squared_error",
        )[2]
    expected = 1 - scores[:, 0] if classes else -scores[:, 0]
    found = [f.test.error if classes else f.test.risk for f in ours]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_a_long_fit_can_be_cancelled():
    rows = Source("digits").draw(np.random.default_rng(0))

    def cancel():
        raise Cancelled

    began, at = time.monotonic(), np.arange(400)
    with pytest.raises(Cancelled):
        fit(rows, rows.target, Model("gradient-boosting", trees=10), at, at, 0, cancel)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["forest", "gradient-boosting", "network"])
def test_a_fit_under_way_ends_when_it_is_told(name):
    rows, asked = Source("digits").draw(np.random.default_rng(0)), []

    def stop():
        asked.append(True)
        return len(asked) > 2

    made = Model(name, trees=500, steps=20_000).estimator(10, 1000, 0)
    began = time.process_time()
    with pytest.raises(Stopped):
        learn(made, rows.inputs[:1000], rows.target[:1000], stop)
    assert time.process_time() - began < 3


def test_a_forest_in_portions_is_the_forest():
    rows = Source("diabetes").draw(np.random.default_rng(0))
    at, asked = np.tile(np.arange(442), 10), []
    made = Model("forest", trees=12).estimator(0, at.size, 7)
    whole = clone(made).fit(rows.inputs[at], rows.target[at])
    grown = learn(made, rows.inputs[at], rows.target[at], lambda: bool(asked.append(1)))
    assert len(asked) > 2
    np.testing.assert_array_equal(grown.predict(rows.inputs), whole.predict(rows.inputs))


def test_a_network_learns_what_no_line_separates_and_padding_does_not_matter():
    rows = Source("xor", samples=90, noise=0.0).draw(np.random.default_rng(0))
    at, test = np.arange(30), np.arange(30, 90)
    made = [
        fit(rows, rows.target, Model("network", width=30, room=room), at, test, 0, wait)
        for room in (0, 200)
    ]
    assert made[0].test.error < 0.1
    # 30 rows are one batch, whatever their order.
    assert made[1].test.risk == pytest.approx(made[0].test.risk, rel=1e-3)


def test_a_network_that_diverges_is_said_and_its_risk_is_finite():
    rows = Source("diabetes").draw(np.random.default_rng(0))
    model = Model("network", width=30, learning_rate=1e6)
    with warned() as said:
        found = fit(rows, rows.target, model, np.arange(30), np.arange(30, 60), 0, wait)
    assert "1 trainings of the network diverged, the first after" in said()[0]
    assert np.isfinite(found.test.risk)


def curve(a, b, c, noise, seed, replicates=20):
    sizes = np.round(20 * 2 ** (np.arange(8) / 2)).astype(int)
    rng = np.random.default_rng(seed)
    return sizes, a * sizes**-b + c + noise * sizes**-0.5 * rng.standard_normal((replicates, 8))


def test_the_power_law_is_found_without_noise():
    sizes, risks = curve(3.0, 0.8, 0.2, 1e-9, 0)
    law = power_law(sizes, risks, resamples(20, np.random.default_rng(0)), np.random.default_rng(1))
    # The finest grid of exponents has steps of 0.2 %.
    np.testing.assert_allclose(law.parameters, [3.0, 0.8, 0.2], rtol=5e-3)
    np.testing.assert_allclose(law.at(np.array([1000]))[0], 3 * 1000**-0.8 + 0.2, rtol=1e-3)


def test_its_interval_covers_the_truth_at_twice_the_size():
    covered = 0
    for seed in range(40):
        sizes, risks = curve(3.0, 0.8, 0.2, 0.3, seed)
        rng = np.random.default_rng(seed)
        low, high = power_law(sizes, risks, resamples(20, rng), rng).interval(np.array([452]))[1:]
        covered += bool(low[0] <= 3 * 452**-0.8 + 0.2 <= high[0])
    # 95 % promised of 40: fewer than 33 would happen with probability 0.001.
    assert covered >= 33


def test_a_curve_that_does_not_fall_is_flat():
    sizes, risks = curve(-1.0, 0.5, 1.0, 1e-6, 0)
    law = power_law(sizes, risks, resamples(20, np.random.default_rng(0)), np.random.default_rng(1))
    assert law.at(np.array([20, 2000]))[0] == pytest.approx([law.parameters[2]] * 2)


@pytest.mark.parametrize(
    ("c", "rival", "limit"), [(0.0, 0.5, 0), (0.5, 0.1, 1), (0.5, 0.6, 2), (0.5, np.nan, 2)]
)
def test_the_parts_add_up_and_the_largest_is_what_limits(c, rival, limit):
    sizes, risks = curve(3.0, 0.8, c, 0.001, 0)
    picks = resamples(20, np.random.default_rng(0))
    law = power_law(sizes, risks, picks, np.random.default_rng(1))
    found = parts(law, int(sizes[-1]), np.full(20, rival), picks)
    assert found.values.sum() == pytest.approx(float(law.at(sizes[-1:])[0][0]))
    assert found.values.argmax() == limit
    assert found.sure[limit] > 0.95


def test_known_curves_against_brute_force():
    """Least squares by the risk of its coefficients; the neighbour's limit by a large sample."""
    rng, p, n = np.random.default_rng(0), 6, 20
    risks = []
    for _ in range(3000):
        x, y = known.draw("linear-model", n, p, 0.5, 0.0, rng)
        b = np.linalg.lstsq(np.column_stack([np.ones(n), x]), y)[0]
        risks.append(b[0] ** 2 + ((b[1:] - p**-0.5) ** 2).sum() + 0.25)
    error = np.std(risks) / np.sqrt(len(risks))
    assert abs(np.mean(risks) - known.least_squares(n, p, 0.5)) < 3.5 * error
    assert np.isnan(known.least_squares(p + 2, p, 0.5))
    x = rng.standard_normal(200_000) + 2.0 * ((np.arange(200_000) % 2) - 0.5)
    eta = 1 / (1 + np.exp(-2.0 * x))
    assert known.nearest_neighbour(2.0) == pytest.approx((2 * eta * (1 - eta)).mean(), abs=0.002)
    assert known.bayes(2.0) == pytest.approx(0.1587, abs=1e-4)
    assert known.discriminant(10**9, 5, 2.0) == pytest.approx(known.bayes(2.0), rel=1e-6)
