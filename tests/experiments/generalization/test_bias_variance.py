"""Bias and variance: exact for linear learners, bagging's law for forests, red where noise is not
what theory assumes."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.generalization.bias_variance import BREAKS, Config, run
from core.linear import decomposition
from dashboard.views.generalization.bias_variance import panels, verdict


def tables(**values):
    return run(Config(**values), silent)


def part(table, quantity):
    return table[table["quantity"] == quantity].set_index("setting")["value"]


@pytest.mark.parametrize("learner", ["spline", "neighbours", "ridge", "kernel"])
def test_theory_holds_for_every_linear_learner(learner):
    found = tables(learner=learner)["checks"]
    assert len(found) == 5
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("values", [{"noise_law": "student"}, {"function": "step"}], ids=str)
def test_the_law_of_the_noise_and_the_truth_do_not_matter(values):
    found = tables(**values)["checks"]
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("label", BREAKS)
def test_only_what_is_assumed_of_the_noise_fails(label):
    """The sum of the measured parts is the error whatever the noise; what theory says is not."""
    found = tables(**BREAKS[label], seed=1)["checks"].set_index("prediction")["holds"]
    assert found.iloc[:2].all()
    assert not found.filter(like="Variance is").item()


def test_a_polynomial_of_the_truth_has_no_bias_and_one_variance_for_each_coefficient():
    theory = tables(function="line", replicates=20)["theory"]
    bias = part(theory, "bias2")
    assert bias.loc[0.0] == pytest.approx(1 / 3, rel=1e-2)
    assert bias.loc[1.0:].max() < 1e-20
    # The mean of n targets has variance σ²/n; the training error is σ² (1 − p/n).
    assert part(theory, "variance").loc[0.0] == pytest.approx(0.25 / 40)
    assert part(theory, "train").loc[3.0] == pytest.approx(0.25 * (1 - 4 / 40))


def test_forests_follow_the_law_of_bagging_and_not_that_of_independent_trees():
    found = tables(learner="forest", replicates=40, leaves=6)
    assert found["checks"]["holds"].all(), found["checks"].to_string()
    law = found["bagging"]
    assert 0.1 < law["correlation"].iloc[0] < 0.9
    independent = law["tree_variance"] / law["trees"]
    assert abs(independent - law["variance"]).iloc[-1] > 4 * law["standard_error"].iloc[-1]


@pytest.mark.parametrize("learner", ["tree", "boosting", "support_vector"])
def test_learners_that_choose_their_weights_are_measured_only(learner):
    found = tables(learner=learner, replicates=20, samples=20)
    assert found["theory"].empty
    assert len(found["checks"]) == 2
    assert found["checks"]["holds"].all(), found["checks"].to_string()
    bias = part(found["decomposition"], "bias2")
    assert bias.iloc[-1] < bias.iloc[0] / 10


def test_networks_bend_more_the_wider_they_are():
    found = tables(learner="network", replicates=20, steps=300)
    assert found["theory"].empty
    assert found["checks"]["holds"].all(), found["checks"].to_string()
    bias, train = (part(found["decomposition"], q).to_numpy() for q in ("bias2", "train"))
    assert bias[0] > 5 * bias[4:].max()
    assert (np.diff(train[[0, 2, 4, 6, 8]]) < 0).all()


def test_unbiased_bias_is_what_makes_the_parts_add_up(monkeypatch):
    """Without the correction the parts exceed the squared distance by variance / R."""
    plain = decomposition.measured

    def uncorrected(predictions, truth):
        found = plain(predictions, truth)
        return found._replace(bias=found.bias + found.variance / len(predictions))

    monkeypatch.setattr("core.linear.decomposition_tables.measured", uncorrected)
    found = tables(replicates=20)["checks"]
    assert not found["holds"].iloc[0]


def test_replicates_do_not_depend_on_how_many_there_are():
    few, more = (tables(replicates=count)["risk"] for count in (20, 40))
    merged = few.merge(more, on=["replicate", "split", "setting"], suffixes=("", "_more"))
    assert len(merged) == len(few)
    np.testing.assert_allclose(merged["risk"], merged["risk_more"], rtol=1e-9)


def test_partial_tables_are_drawn_and_progress_ends_at_one():
    seen = []
    run(Config(replicates=60), lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    partial = next(report[2] for report in seen if len(report) == 3)
    drawn = panels(partial, Config())
    assert [p.key for p in drawn] == ["parts", "fan-best", "fan-simple", "fan-flexible"]
    assert "over 8 replicates" in drawn[0].caption


def test_verdict_names_the_setting_in_words():
    config = Config(learner="neighbours", replicates=40)
    figures = verdict(run(config, silent), config)
    assert figures[0].value.startswith("k = ")
    assert "theory: k = " in figures[0].help
