"""The tangent kernel: training follows it by default, and does not where an assumption is broken."""

import numpy as np
import pytest

from core.experiment import InputError, silent
from core.experiments.training.tangent_kernel import BREAKS, Config, run

SMALL = {"widths": (16, 64, 256), "steps": 100, "replicates": 12}


def checks(**values):
    return run(Config(**values), silent)["checks"]


def held(found, words):
    return found.loc[found["prediction"].str.contains(words), "holds"].astype(bool)


@pytest.mark.parametrize("activation", ["erf", "tanh"])
def test_theory_holds_for_smooth_activations(activation):
    found = checks(activation=activation, widths=(16, 64, 256), steps=100)
    assert found["holds"].all(), found.to_string()


@pytest.mark.parametrize("label", BREAKS)
def test_a_broken_assumption_makes_the_limit_s_prediction_fail(label):
    assert not held(checks(**{**SMALL, **BREAKS[label]}), "kernel of infinite width predicts").any()


def test_in_the_standard_parametrisation_its_own_kernel_still_predicts():
    found = checks(**SMALL, parametrization="standard")
    assert held(found, "its own kernel").all()
    assert not held(found, "mean kernel").any()


def test_two_hidden_layers_go_to_their_limit_too():
    tables = run(Config(hidden=2, widths=(16, 128), replicates=10, steps=30), silent)
    apart = tables["widths"].query("quantity == 'distance'")
    assert apart["predicted"].isna().all()
    assert apart["value"].iloc[1] < 0.6 * apart["value"].iloc[0]


def test_networks_that_diverge_are_said_so_and_leave_the_others_means():
    tables = run(Config(**SMALL, step=3.0), silent)
    networks = tables["networks"]
    lost = networks["diverged_step"].notna()
    assert lost.any()
    assert np.isfinite(networks["distance"]).all()
    risk = tables["risk"].merge(networks[["width", "replicate", "diverged_step"]])
    after = risk["step"] >= risk["diverged_step"]
    assert risk["risk"][after].isna().all()
    assert risk["risk"][~after].notna().all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"widths": (64, 64)}, r"`widths` must hold at least two different numbers; it was 64\."),
        (
            {"widths": (16, 4096), "hidden": 3, "replicates": 100},
            r"`widths` must be such that 100 networks fit in 1 GB; it was 4096, which takes .* GB",
        ),
    ],
)
def test_what_cannot_be_run_is_refused_before_it_starts(values, message):
    with pytest.raises(InputError, match=message):
        run(Config(**values), silent)
