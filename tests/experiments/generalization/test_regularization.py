"""Regularization: the formulas hold, against brute force too, and fail where their assumptions do."""

import numpy as np
import pandas as pd
import pytest

from core.datasets.uploaded import File, provided
from core.experiment import InputError, silent
from core.experiments.generalization.regularization import BREAKS, Config, run
from core.linear import shrinkage
from dashboard.views.generalization.regularization import panels, verdict

SMALL = {"samples": 40, "features": 10, "replicates": 50, "copies": 60}


def tables(**values):
    return run(Config(**{**SMALL, **values}), silent)


def of_file(frame, **values):
    file = File.of_frame(frame)
    with provided({file.digest: file.frame}):
        return run(Config(data=f"upload:{file.digest}", replicates=20, copies=40, **values), silent)


@pytest.mark.parametrize(
    "values",
    [{}, {"features": 60}, {"truth": "isotropic", "correlation": 0.95}, {"penalty": 10.0}],
    ids=str,
)
def test_theory_holds(values):
    checks = tables(**values)["checks"]
    assert checks["holds"].all(), checks.to_string()


def test_coefficients_along_weak_directions_turn_the_risk_red_and_nothing_else():
    checks = tables(**BREAKS["Coefficients along the weakest directions"])["checks"]
    risk = checks["prediction"].str.contains("mean excess risk of")
    assert not checks.loc[risk, "holds"].any()
    assert checks.loc[~risk, "holds"].all(), checks.to_string()


def test_columns_of_their_own_units_turn_dropout_red_and_leave_input_noise_as_ridge():
    checks = tables(**BREAKS["Columns in units of their own"])["checks"]
    dropout = checks["prediction"].str.contains("dropout")
    assert not checks.loc[dropout, "holds"].item()
    assert checks.loc[~dropout, "holds"].all(), checks.to_string()


def test_gains_are_those_of_the_matrices():
    """Ridge by its normal equations, the flow and descent by many steps."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((30, 4)) * [3, 1, 0.5, 0.1], rng.standard_normal(30)
    at, gram, right = shrinkage.directions(x), x.T @ x / 30, x.T @ y / 30
    z = at.along(x, y)
    ridge = at.vectors @ (shrinkage.ridge(at.variance, np.array([0.3]))[0] * z)
    np.testing.assert_allclose(ridge, np.linalg.solve(gram + 0.3 * np.eye(4), right), rtol=1e-10)
    b = np.zeros(4)
    for _ in range(20_000):
        b -= 1e-4 * (gram @ b - right)
    flow = at.vectors @ (shrinkage.flow(at.variance, np.array([2.0]))[0] * z)
    np.testing.assert_allclose(flow, b, rtol=2e-3)
    steps = shrinkage.descent(at.variance, 1e-4, np.array([20_000.0]))[0]
    np.testing.assert_allclose(at.vectors @ (steps * z), b, rtol=1e-9)
    # Past 1/s the sign alternates.
    odd = shrinkage.descent(np.array([1.0]), 1.5, np.array([1.0, 2.0, 3.0]))[:, 0]
    np.testing.assert_allclose(odd, [1.5, 0.75, 1.125])


def test_gains_are_finite_along_directions_without_samples():
    x = np.random.default_rng(0).standard_normal((5, 9))
    s = shrinkage.directions(x).variance
    assert (s[5:] == 0).all()
    at = np.array([0.5, 2.0])
    for gains in (
        shrinkage.ridge(s, at),
        shrinkage.flow(s, at),
        shrinkage.truncated(s, at),
        shrinkage.descent(s, 0.1, at),
    ):
        assert np.isfinite(gains).all()


def test_the_bound_is_the_greatest_ratio_along_a_direction():
    x = np.linspace(0.01, 20, 100_000)
    variance = (-np.expm1(-x) * (1 + x) / x) ** 2
    bias = (np.exp(-x) * (1 + x)) ** 2
    # The paper rounds up.
    assert shrinkage.BOUND - 1e-3 < max(variance.max(), bias.max()) <= shrinkage.BOUND


def test_a_table_of_ones_own():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((80, 5)) * [1, 10, 100, 1e4, 1]
    frame = pd.DataFrame(x).rename(columns="c{}".format)
    frame["y"] = x @ [1, 0.1, 0, 0, 0] + rng.standard_normal(80)
    frame["flat"], frame["word"] = 2.0, np.where(x[:, 4] > 0, "a", "b")
    frame.loc[3, "c0"] = np.nan
    found = of_file(frame, target="y")
    assert found["checks"]["holds"].all(), found["checks"].to_string()
    assert found["theory"].empty
    least = found["summary"].groupby("method")["risk"].min()
    assert set(least.index) == {"ridge", "flow", "components", "lasso"}
    assert least["lasso"] < 2
    notes = " ".join(found["notes"]["note"])
    assert "1 of 80 rows" in notes
    assert "1 constant columns are left out" in notes
    assert {"c0", "c1"} <= set(found["paths"]["column"])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"a": range(9), "b": range(9), "y": range(9)}, r"at least 20 complete rows; it has 9\.$"),
        (
            {"a": range(30), "b": [1] * 30, "y": range(30)},
            r"2 to 200 input columns that vary; it has 1\.$",
        ),
        ({"a": range(30), "b": range(30), "y": ["u"] * 30}, r"column `y` must hold numbers"),
    ],
    ids=["rows", "columns", "text"],
)
def test_unusable_tables(frame, message):
    with pytest.raises(InputError, match=message):
        of_file(pd.DataFrame(frame), target="y")


def test_sets_without_a_number_to_predict_are_refused():
    with pytest.raises(InputError, match=r"^`data` must be simulated, diabetes or .*; 'iris' is not\.$"):
        run(Config(data="iris"), silent)


@pytest.mark.parametrize("data", ["simulated", "diabetes"])
def test_partial_tables_are_drawn(monkeypatch, data):
    monkeypatch.setattr("core.experiments.generalization.regularization.PAUSE", 0.0)
    seen, config = [], Config(**{**SMALL, "replicates": 20, "copies": 20}, data=data)
    run(config, lambda *said: seen.append(said))
    partial = [said[2] for said in seen if len(said) > 2]
    assert panels(partial[0], config)
    assert panels(partial[1], config)[0].key == "risk"
    assert verdict(partial[1], config)
    fractions = [said[0] for said in seen]
    assert fractions == sorted(fractions)
