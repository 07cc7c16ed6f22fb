"""Grokking in the linear model: when new samples are learned, and when they never are."""

import pytest

from core.experiment import silent
from core.experiments.generalization.grokking import Config, run
from dashboard.views.generalization.grokking import panels, verdict

SMALL = {"features": 120, "replicates": 10}


def test_theory_holds_beyond_n_with_weight_decay():
    """A large start decays where no sample shows it: the test loss falls a second time."""
    config = Config(**SMALL, ratio=1.25, scale=5.0, weight_decay=0.01, time=1e4)
    tables = run(config, silent)
    found = tables["checks"]
    assert found["holds"].all(), found.to_string()
    test = tables["theory"].query("split == 'test'").set_index("time")["risk"]
    assert test.asof(20.0) > 2.0
    # The fifth that no sample shows, and what weight decay takes from the slow directions.
    assert test.iloc[-1] == pytest.approx(0.2, abs=0.1)


def test_new_samples_are_never_learned_with_more_features_than_samples():
    config = Config(**SMALL, ratio=2.0, time=100.0)
    tables = run(config, silent)
    last = tables["delay"].iloc[-1]
    assert last["ratio"] == 2.0
    assert last[["test", "delay", "predicted_test", "predicted"]].isna().all()
    assert [f.value for f in verdict(tables, config)][1:] == ["never", "endless"]
    assert [p.key for p in panels(tables, config)] == ["accuracy", "loss", "delay"]


def test_the_delay_grows_towards_as_many_features_as_samples():
    delay = run(Config(**SMALL, time=10.0), silent)["delay"]
    assert delay["predicted"].is_monotonic_increasing
    assert delay["delay"].is_monotonic_increasing
    assert delay["delay"].iloc[-1] > 5
