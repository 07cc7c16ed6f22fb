"""Learning guarantees: bounds hold on independent samples, and the tight ones break otherwise."""

from functools import cache

import numpy as np
import pytest

from core.bounds.populations import Gaussian, population
from core.datasets import bundled
from core.experiment import silent
from core.experiments.generalization.learning_guarantees import Config, run

SMALL = {"samples": 500, "candidates": 30, "replicates": 60}


@cache
def tables(**values):
    return run(Config(**{**SMALL, **values}), silent)


def failed(found):
    checks = found["checks"]
    return " ".join(checks.loc[~checks["holds"].astype(bool), "prediction"])


@pytest.mark.parametrize(
    "values",
    [
        {"data": "wine"},
        {"data": "diabetes"},
        {"label_noise": 0.2, "dimension": 2},
    ],
    ids=str,
)
def test_every_bound_holds(values):
    assert failed(tables(**values)) == ""


def test_what_each_broken_assumption_breaks_and_what_it_leaves():
    repeated = failed(tables(sample="copies"))
    assert "binomial limit" in repeated
    assert "band for the law" in repeated
    chosen = failed(tables(sample="selected", candidates=200))
    assert "binomial limit" in chosen
    assert "union bound" not in chosen  # it has paid for the choice
    costly = failed(tables(sample="costs", samples=2000))
    assert "Hoeffding" in costly
    assert "band" not in costly  # it is about the margins, which have no costs


def test_counts_add_up_and_a_larger_delta_is_broken_more_often():
    found = tables()
    own = found["guarantees"].groupby(["bound", "delta"])["violations"].sum()
    pooled = found["violations"].set_index(["bound", "delta"])["violations"]
    assert (own.sort_index() == pooled.sort_index()).all()
    wide = pooled.unstack()
    assert (wide[0.2] >= wide[0.05]).all()


def test_tightness_is_below_one_and_the_bounds_demand_more_than_sufficed():
    found = tables()
    last = found["guarantees"].query("samples == 500 and delta == 0.05").set_index("bound")
    learnt = last.loc["finite_class":]
    assert (learnt["tightness"] < 1).all()
    needs = found["demanded"].set_index("bound").loc["finite_class":]
    assert (needs["demanded"] > needs["sufficed"]).all()


def test_hoeffding_demands_what_its_formula_says():
    needs = tables(epsilon=0.1, delta=0.2)["demanded"].set_index("bound")["demanded"]
    assert needs["hoeffding"] == np.ceil(np.log(5) / 0.02)
    assert needs["dkw"] == np.ceil(np.log(10) / 0.02)
    assert needs["finite_class"] == np.ceil((np.log(5) + np.log(30)) / 0.02)


def test_a_data_set_is_its_own_population():
    rng = np.random.default_rng(0)
    people, notes = population("wine", "", rng, gaussian=Gaussian(1.0, 2, 0.0))
    loaded = bundled.table("wine")
    assert len(people.labels) == len(loaded)
    assert people.dimension == loaded.shape[1]  # the target's column makes room for the ones
    assert any("whole population" in note for note in notes)
    weights = rng.standard_normal((3, people.dimension))
    by_hand = [np.mean(people.labels * (people.inputs @ w) <= 0) for w in weights]
    np.testing.assert_allclose(people.risk(weights), by_hand)


NETWORK = {"problem": "network", "networks": 2, "width": 16, "steps": 500, "draws": 100}


def test_limits_on_stochastic_networks_hold_and_fall_with_n():
    found = tables(**{**NETWORK, "samples": 800})
    assert failed(found) == ""
    own = found["guarantees"].query("delta == 0.05 and bound == 'network'").set_index("samples")
    limit = own["error"] + own["promised"]
    assert limit.is_monotonic_decreasing
    assert limit.iloc[-1] < 0.5
    root = found["guarantees"].query("delta == 0.05 and bound == 'network_root'")
    assert (root["promised"].to_numpy() >= own["promised"].to_numpy()).all()
    last = found["networks"].query("step == 500")
    assert (last["draws"] == 100).all()
    assert last["risk"].notna().all()


def test_a_prior_fitted_to_the_sample_breaks_the_limit_and_nothing_else():
    found = tables(**{**NETWORK, "samples": 100}, prior="fitted", label_noise=0.4)
    said = failed(found)
    assert "stochastic network" in said
    assert "linear" not in said
    assert "mean of ln" not in said
