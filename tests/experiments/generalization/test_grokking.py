"""Grokking: when new samples are learned, and when they never are."""

import pytest

from core.experiment import InputError, silent
from core.experiments.generalization.grokking import Config, run
from dashboard.views.generalization.grokking import panels, verdict

SMALL = {"task": "linear", "features": 120, "replicates": 10}
# Half of the pairs and a strong decay: known within 200 steps.
QUICK = {"modulus": 23, "share": 0.6, "width": 64, "networks": 2}


def failed(tables):
    found = tables["checks"]
    return " ".join(found.loc[~found["holds"].astype(bool), "prediction"])


def test_networks_know_new_pairs_late_at_one_frequency_a_unit():
    tables = run(Config(**QUICK, steps=300), silent)
    when = tables["networks"]
    assert (when["delay"] > 1.5).all()
    weights = tables["weights"].set_index(["replicate", "time"])
    assert (weights["concentration"].xs(300, level="time") > 0.5).all()
    assert (weights["concentration"].xs(0, level="time") < 0.35).all()
    assert (weights["phases"].xs(300, level="time") > 0.98).all()
    risk = tables["risk"].query("time == 300")
    assert (risk["accuracy"] > 0.95).all()


@pytest.mark.parametrize("values", [{"decay": 0.0, "share": 0.4}, {"answers": "arbitrary"}], ids=str)
def test_new_pairs_are_never_known_without_decay_or_without_a_sum(values):
    config = Config(**{**QUICK, **values}, steps=300)
    tables = run(config, silent)
    assert tables["networks"]["train"].notna().all()
    assert tables["networks"]["test"].isna().all()
    assert [f.value for f in verdict(tables, config)][1:] == ["never", "endless"]
    said = failed(tables)
    assert "new pairs are right" in said
    assert "one frequency" in said
    # What holds before training does not ask what is learned.
    assert "Before training" not in said


def test_networks_that_diverge_are_said_to():
    tables = run(Config(**QUICK, learning_rate=1.0, decay=10.0, steps=100), silent)
    assert tables["networks"]["diverged"].between(1, 100).all()
    assert tables["risk"].query("time == 100")["risk"].isna().all()
    assert "Before training" not in failed(tables)


def test_an_even_modulus_is_refused():
    with pytest.raises(InputError, match=r"^`modulus` must be an odd number; it was 12\.$"):
        run(Config(modulus=12), silent)


def test_theory_holds_beyond_n_with_weight_decay():
    """A large start decays where no sample shows it: the test loss falls a second time."""
    config = Config(**SMALL, ratio=1.25, scale=5.0, weight_decay=0.01, time=1e4)
    tables = run(config, silent)
    assert failed(tables) == ""
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
