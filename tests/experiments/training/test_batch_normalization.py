"""Normalised weights: theory holds by default, and fails where its assumptions do."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.training.batch_normalization import Config, run

# One shape for all: one compiled program for each normalisation.
SMALL = {"replicates": 2, "steps": 2500, "weight_decay": 0.04}


def made(**values):
    return run(Config(**{**SMALL, **values}), silent)


def failing(**values):
    checks = made(**values)["checks"]
    return [
        claim for claim, holds in zip(checks["prediction"], checks["holds"], strict=True) if not holds
    ]


@pytest.mark.parametrize("values", [{"learning_rate": 0.2}, {"normalization": "weight"}], ids=str)
def test_the_angle_depends_on_rate_and_decay_alone(values):
    assert failing(**values) == []


def test_without_decay_the_norm_grows_for_ever():
    """‖w‖⁴ by 2 η² q a step, with q as measured over the same steps."""
    tables = made(weight_decay=0.0, label_noise=0.5)
    path, at = (tables[name][tables[name]["initial_norm"] == 0.2] for name in ("path", "equilibrium"))
    late = path[path["step"] > 0.6 * 2500]
    grown = np.polyfit(late["step"], late["norm"] ** 4, 1)[0]
    assert grown == pytest.approx(2 * 0.1**2 * at["gradient"].mean(), rel=0.03)
    assert not tables["checks"]["holds"].iloc[1]


def test_units_that_are_not_normalised_have_no_such_angle():
    found = failing(normalization="none")
    assert any("largest relative error" in claim for claim in found)
    assert any("turns every unit" in claim for claim in found)


def test_noise_drawn_once_is_learned_by_heart():
    assert any("never below" in claim for claim in failing(labels="once"))


def test_settings_and_replicates_do_not_meet():
    few, more = (made(replicates=count)["risk"] for count in (2, 3))
    assert set(few["replicate"]) == {0, 1}
    assert set(more["replicate"]) == {0, 1, 2}
    # All decays begin alike, and end apart.
    last = few[(few["step"] == few["step"].max()) & (few["initial_norm"] == 1)]
    assert last.groupby("replicate")["risk"].nunique().min() == 4
