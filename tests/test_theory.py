"""The five kinds of check: each can hold, each can fail, and a value that is no number never holds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core import theory
from core.experiment import CHECKS

SOURCE = "a source"


def test_identity_is_relative_and_shows_the_worst_point():
    row = theory.identity("x", [1.0, 1000.0], [1.0 + 1e-12, 1000.0 + 1e-6], source=SOURCE)
    assert row["agreement"] == pytest.approx(1e-9, rel=1e-4)
    assert row["predicted"] == 1000.0
    assert not theory.identity("x", 1.0, 1.0 + 1e-6, source=SOURCE)["holds"]
    assert theory.identity("x", 1.0, 1.0 + 1e-10, source=SOURCE)["holds"]


def test_exact_is_a_z_score_corrected_for_the_number_of_points():
    row = theory.exact("x", [0.0, 0.0], [0.1, -0.4], [0.1, 0.1], source=SOURCE)
    assert row["agreement"] == pytest.approx(4.0)
    assert row["measured"] == -0.4
    assert row["tolerance"] == pytest.approx(stats.norm.isf(0.0005))
    assert not row["holds"]
    assert theory.exact("x", 0.0, 0.3, 0.1, source=SOURCE)["holds"]
    assert not theory.exact("x", 0.0, 0.32, 0.1, source=SOURCE)["holds"]


@pytest.mark.parametrize("replicates", [None, 5, 20])
def test_exact_is_red_as_seldom_as_it_says(replicates):
    """A hundred grids of ten right predictions; at level 0.05 some five are red, not fifty."""
    rng = np.random.default_rng(0)
    red, n = 0, replicates or 2000
    for _ in range(400):
        x = rng.normal(size=(n, 10))
        error = x.std(axis=0, ddof=1) / np.sqrt(n)
        row = theory.exact(
            "x", 0.0, x.mean(axis=0), error, level=0.05, replicates=replicates, source=SOURCE
        )
        red += not row["holds"]
    assert stats.binomtest(red, 400, 0.05).pvalue > 1e-3


def test_asymptotic_needs_a_small_error_that_shrinks():
    def row(**given):
        return theory.asymptotic("x", [1, 2, 4], [1.01, 2.1, 4.0], source=SOURCE, **given)

    assert row(tolerance=0.02)["agreement"] == pytest.approx(0.01)
    assert row(tolerance=0.02)["holds"]
    assert row(tolerance=0.02, shrinks=True)["holds"]
    assert not row(tolerance=0.02, shrinks=False)["holds"]
    assert not row(tolerance=0.005)["holds"]


@pytest.mark.parametrize(("violations", "holds"), [(0, True), (5, True), (8, True), (30, False)])
def test_bound_allows_its_rate_of_violations(violations, holds):
    row = theory.bound("x", 0.2, 0.1, violations=violations, trials=100, allowed=0.05, source=SOURCE)
    assert row["agreement"] == violations / 100
    assert row["holds"] is holds


def test_empirical_law_is_of_the_median_on_a_log_scale():
    row = theory.empirical_law("x", 20.0, [19.0, 20.5, 90.0], source=SOURCE, tolerance=0.1)
    assert row["agreement"] == pytest.approx(np.log(20.5 / 20))
    assert row["holds"]
    assert not theory.empirical_law("x", 20.0, [40.0, 41.0], source=SOURCE, tolerance=0.1)["holds"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_never_holds(bad):
    rows = [
        theory.identity("x", 1.0, bad, source=SOURCE),
        theory.identity("x", [1.0, bad], [1.0, 1.0], source=SOURCE),
        theory.exact("x", [0.0, 0.0], [0.0, bad], 1.0, source=SOURCE),
        theory.exact("x", 0.0, 0.0, 0.0, source=SOURCE),
        theory.asymptotic("x", [1.0, 1.0, 1.0], [1.0, 1.0, bad], source=SOURCE, tolerance=0.1),
        theory.empirical_law("x", 1.0, [bad, bad], source=SOURCE, tolerance=0.1),
    ]
    assert not any(row["holds"] for row in rows)


def test_rows_make_the_table_checks():
    table = theory.checks([theory.identity("x", 1.0, 1.0, source=SOURCE)])
    assert list(table.columns) == list(CHECKS.columns)
    assert theory.checks([]).empty
    assert list(theory.checks([]).columns) == list(CHECKS.columns)
    pd.testing.assert_series_equal(table["holds"], pd.Series([True], name="holds"))
