"""Random labels: counts against brute force and linear programs, limits, and what breaks them."""

import pytest

from core.experiment import InputError, silent
from core.experiments.generalization.random_labels import BREAKS, Config, run

SMALL = {"networks": 4, "samples": 40, "steps": 40}


def tables(**values):
    return run(Config(**values), silent)


@pytest.mark.parametrize("model", ["hyperplane", "logistic", "hopfield"])
def test_theory_holds(model):
    # Fewer samples are further from the limit n → ∞.
    found = tables(model=model, samples=100)["checks"]
    assert found["holds"].all(), found.to_string()


def test_twins_keep_training_error_above_zero_and_make_the_hand_built_network_impossible():
    found = tables(**BREAKS["Twins: copies of points with labels of their own"], **SMALL)["checks"]
    assert not found["holds"][:2].any()
    # Chance and the nearest neighbour do not ask for distinct points.
    assert found["holds"][2:4].all()


@pytest.mark.parametrize("label", [name for name, values in BREAKS.items() if "model" in values])
def test_breaks_fail_every_check_of_their_model(label):
    found = tables(**BREAKS[label], replicates=20, samples=60)["checks"]
    assert not found["holds"].any(), found.to_string()


def test_training_labels_are_random_in_the_share_that_is_asked():
    risk = tables(**SMALL)["risk"]
    last = risk[(risk["step"] == 40) & (risk["split"] == "train")]
    assert len(last) == 4 * 5
    begin = risk[(risk["step"] == 0) & (risk["split"] == "test")]
    # The networks of a draw start from the same weights.
    assert begin.groupby("replicate")["risk"].nunique().eq(1).all()


def test_data_without_classes_are_refused():
    with pytest.raises(InputError, match=r"^`data` must have classes to predict; .*diabetes"):
        tables(data="diabetes")
