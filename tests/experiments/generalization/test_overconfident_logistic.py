"""Overconfident logistic regression: theory holds, correlation does not matter, separation is said."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.generalization.overconfident_logistic import BREAKS, Config, run
from dashboard.views.generalization.overconfident_logistic import panels, verdict

SMALL = {"samples": 100, "replicates": 12}


def test_flipped_labels_shrink_the_slope_below_alpha():
    checks = run(Config(**BREAKS["A tenth of the labels flipped"], **SMALL), silent)["checks"]
    slope = checks.iloc[0]
    assert not slope["holds"]
    assert slope["measured"] < slope["predicted"]


def test_correlated_features_give_the_slopes_of_independent_ones():
    """The fit follows any linear map of the features: only the truth's direction differs, at random."""
    plain, correlated = (
        run(Config(**{**SMALL, "replicates": 20}, design=design), silent)["summary"].iloc[:5]
        for design in ("gaussian", "correlated")
    )
    for name in ("slope", "spread"):
        error = np.hypot(plain[f"{name}_error"], correlated[f"{name}_error"])
        assert (abs(plain[name] - correlated[name]) < 4 * error).all()


def test_beyond_the_boundary_there_is_no_maximum_and_the_page_says_why():
    config = Config(**SMALL, ratio=0.6)
    tables = run(config, silent)
    last = tables["summary"].iloc[-1]
    assert last["exists"] == 0
    assert np.isnan(last["slope"])
    assert tables["coefficients"].empty
    assert "separates the classes" in verdict(tables, config)[0].help
    keys = [panel.key for panel in panels(tables, config)]
    assert "existence" in keys
    assert "coefficients" not in keys


def test_probabilities_are_too_extreme_as_predicted():
    table = run(Config(**{**SMALL, "replicates": 20}), silent)["calibration"]
    top = table.iloc[-2]
    assert top["said"] > top["true"] + 0.1
    assert top["true"] == pytest.approx(top["limit"], abs=0.06)


def test_replicates_do_not_depend_on_how_many_there_are():
    few, more = (run(Config(samples=60, replicates=count), silent)["fits"] for count in (10, 14))
    merged = few.merge(more, on=["replicate", "features"], suffixes=("", "_more"))
    assert len(merged) == len(few)
    np.testing.assert_allclose(merged["slope"], merged["slope_more"], rtol=1e-6)
