"""The complexity curve: the limit of ridge holds, and the one-standard-error rule is what it says."""

import numpy as np
import pytest

from core.experiment import InputError, silent
from core.experiments.generalization.complexity_curve import BREAKS, Config, run
from dashboard.views.generalization.complexity_curve import panels, verdict

SMALL = {"replicates": 6, "points": 6}


def tables(**values):
    return run(Config(**values), silent)


@pytest.mark.parametrize("noise", [0.2, 1.0])
def test_ridge_is_near_its_limit_and_best_at_the_noise_times_the_features(noise):
    made = tables(noise=noise, replicates=10, seed=3)
    assert made["checks"]["holds"].all(), made["checks"].to_string()
    curve = made["theory"]
    best = curve.loc[curve["value"].idxmin(), "setting"]
    # The grid of the curve has steps of 12 %.
    assert best == pytest.approx(100 * noise**2, rel=0.13)


def test_moved_test_rows_turn_both_checks_red():
    assert not tables(**BREAKS["Test rows are moved"], replicates=8)["checks"]["holds"].any()


@pytest.mark.parametrize("learner", ["knn", "tree", "lasso", "svm", "forest"])
def test_the_simplest_value_within_one_standard_error(learner):
    made = tables(data="wine", learner=learner, trees=8, **SMALL)
    test = made["summary"].query("split == 'test'").set_index("setting")
    least, simple = made["choice"].itertuples()
    assert least.value == test["value"].min()
    assert simple.value <= least.value + least.standard_error
    simpler = (
        test.loc[test.index > simple.setting]
        if learner in ("knn", "lasso")
        else test.loc[test.index < simple.setting]
    )
    assert (simpler["value"] > least.value + least.standard_error).all()
    assert [p.key for p in panels(made, Config())] == ["curve"]
    assert len(verdict(made, Config())) == 3


def test_standard_errors_know_that_splits_share_rows():
    made = tables(data="wine", learner="knn", **SMALL)
    row = made["summary"].query("split == 'test'").iloc[0]
    risk = made["risk"].query("split == 'test' and setting == @row.setting")["risk"]
    expected = risk.std() * np.sqrt(1 / 6 + 44 / 134)
    assert row["standard_error"] == pytest.approx(expected, rel=0.03)


def test_a_learner_without_a_parameter_is_refused():
    with pytest.raises(InputError, match="`learner` must have a parameter to vary; linear has none"):
        tables(learner="linear")


@pytest.mark.parametrize(("capacity", "named"), [("weight_decay", "weight decay"), ("steps", "steps")])
def test_a_network_by_its_capacity(capacity, named):
    made = tables(data="moons", samples=60, learner="network", capacity=capacity, steps=50, **SMALL)
    assert set(made["summary"]["parameter"]) == {capacity}
    train = made["summary"].query("split == 'train'")["value"].to_numpy()
    # More steps, or less weight decay, fit the training rows better.
    assert (train[0] > train[-1]) == (capacity == "steps")
    assert named in panels(made, Config())[0].alt
