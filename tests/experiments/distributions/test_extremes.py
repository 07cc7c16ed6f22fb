"""Extremes: published return levels, exact laws, intervals, and what dependence does to them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.experiment import InputError, silent
from core.experiments.distributions.extremes import Config, run
from core.families import parents, returns
from dashboard.views.distributions.extremes import panels, verdict


def made(**values):
    return run(Config(**{"replicates": 20, **values}), silent)


def test_sea_levels_at_port_pirie_as_published(reference):
    """Coles 2001, section 3.4.1: 100-year level 4.69 m, profile interval 4.50 to 5.27."""
    x = pd.read_csv(reference / "data" / "ismev_portpirie.csv")["SeaLevel"].to_numpy()
    ratio = returns.ratio("maxima", 100, 1)
    fitted = returns.levels("maxima", x[None], ratio)
    assert fitted.level[0] == pytest.approx(4.69, abs=0.005)
    assert fitted.xi_error[0] == pytest.approx(0.098, abs=0.0005)
    low, high = returns.interval("maxima", x, ratio, fitted)
    assert (low, high) == (pytest.approx(4.50, abs=0.015), pytest.approx(5.27, abs=0.015))


def test_daily_rain_over_30_mm_as_published(reference):
    """Coles 2001, section 4.4.1: 152 exceedances, ξ = 0.184 (0.101), 100-year level 106.3 mm."""
    x = pd.read_csv(reference / "data" / "ismev_rain.csv")["rain"].to_numpy()
    excess = x[x > 30] - 30
    rate = excess.size / (x.size / 365)
    fitted = returns.levels("exceedances", excess[None], returns.ratio("exceedances", 100, rate))
    assert excess.size == 152
    assert fitted.xi[0] == pytest.approx(0.184, abs=0.001)
    assert fitted.xi_error[0] == pytest.approx(0.101, abs=0.001)
    assert 30 + fitted.level[0] == pytest.approx(106.3, abs=0.2)


@pytest.mark.parametrize("method", ["maxima", "exceedances"])
def test_the_ends_of_an_interval_lie_where_the_likelihood_has_fallen_enough(method):
    x = np.random.default_rng(0).pareto(4, 60)
    fitted = returns.levels(method, x[None], 50.0)
    for end in returns.interval(method, x, 50.0, fitted):
        largest = returns.profile(method, x[None], 50.0, np.array([end]), fitted)[0]
        assert 2 * (fitted.log_likelihood[0] - largest) == pytest.approx(3.8415, abs=1e-3)


def test_clusters_keep_the_law_of_values_and_have_the_maxima_that_theory_says():
    law, rng = stats.expon(), np.random.default_rng(1)
    x = parents.series(law, 4000, 20, 4, rng)
    assert stats.kstest(x[:, 0], law.cdf).pvalue > 0.001
    level = parents.return_level(law, 10, 20, 4)
    assert (x.max(axis=1) > level).mean() == pytest.approx(0.1, abs=4 * np.sqrt(0.09 / 4000))


def test_real_values_have_no_truth_but_two_methods_that_agree():
    config = Config(data="faithful-waiting", block=1, share=0.2)
    tables = run(config, silent)
    assert tables["sampling"].empty
    assert tables["return_levels"]["true"].isna().all()
    assert tables["checks"]["holds"].all()
    assert [p.key for p in panels(tables, config)] == ["returns", "profile", "stability"]
    assert "to" in verdict(tables, config)[0].value


def test_wald_intervals_cover_less_than_profiles():
    covered = made(replicates=100)["sampling"][["profile_covers", "wald_covers"]].mean()
    assert covered["wald_covers"] < covered["profile_covers"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"data": "ball-bearings", "block": 5},
            r"`block` must leave at least 10 blocks of the 23 values",
        ),
        (
            {"data": "ball-bearings", "block": 1, "share": 0.1},
            r"`share` must leave at least 10 of the 23",
        ),
        (
            {"block": 1, "share": 0.2, "period": 2.0},
            r"`period` must be above .* blocks for a return level above",
        ),
    ],
)
def test_what_cannot_be_fitted_is_said(values, message):
    with pytest.raises(InputError, match=f"^{message}"):
        made(**values)
