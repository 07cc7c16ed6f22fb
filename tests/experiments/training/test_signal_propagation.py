"""Signal propagation: theory holds by default, and fails where its assumptions do."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.training.signal_propagation import BREAKS, Config, run

SMALL = {"width": 200, "replicates": 8, "depth": 10, "networks": 500}
EXACT = "at 24 units|keeps the mean"


def checks(**values):
    return run(Config(**values), silent)["checks"]


def held(found, words):
    return found.loc[found["prediction"].str.contains(words), "holds"].astype(bool)


def test_theory_holds_for_another_activation():
    found = checks(activation="erf", **SMALL)
    assert found["holds"].all(), found.to_string()


def test_weights_of_infinite_variance_break_every_law_of_depth():
    found = checks(**SMALL, **BREAKS["Weights of infinite variance"])
    assert not held(found, "multiplies the squared gradient|neither vanish|follows by").any()


def test_heavy_tails_of_finite_variance_are_gaussian_to_wide_layers_and_not_to_narrow_ones():
    """A layer sums many weights: only their variance counts, but not at 24 units."""
    found = checks(**{**SMALL, "width": 400, "networks": 2000}, weights="heavy", tail=4.0)
    assert held(found, "multiplies the squared gradient|follows by").all()
    assert not held(found, "falls by").any()


@pytest.mark.parametrize("label", ["Correlated weights", "Narrow layers", "Start far from q"])
def test_a_broken_assumption_turns_the_gradient_s_check_red(label):
    values = next(v for name, v in BREAKS.items() if name.startswith(label))
    found = checks(**{**SMALL, **values})
    assert not held(found, "multiplies the squared gradient").any()


def test_finite_width_is_exact_however_narrow_the_others_are():
    found = checks(**{**SMALL, "width": 10, "networks": 2000})
    assert held(found, "units").all()


def test_the_gradient_at_the_first_layer_is_the_product_of_the_factors_behind():
    tables = run(Config(**SMALL, weight_variances=(1.3,)), silent)
    layers = tables["layers"].query("regime == 'ordered'").sort_values("layer")
    assert layers["gradient"].iloc[-1] == 1
    steps = layers["predicted"].to_numpy()[:-1] / layers["predicted"].to_numpy()[1:]
    # Begun at q*, every layer has the same factor.
    np.testing.assert_allclose(steps, steps[0], rtol=1e-9)
    assert layers["gradient"].iloc[0] == pytest.approx(layers["predicted"].iloc[0], rel=0.5)


def test_partial_tables_come_with_the_replicates():
    seen = []
    run(Config(**SMALL), lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    assert "layers" in seen[5][2]
    assert seen[5][1] == "drawing networks, 5 of 8"
