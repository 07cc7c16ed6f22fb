"""Noise in gradients: theory holds by default, and fails where its assumptions do."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.training.sgd_noise import Config, run

SMALL = {"replicates": 300, "momentum": 0.6, "features": 8}


def failing(**values):
    checks = run(Config(**SMALL, **values), silent)["checks"]
    return list(checks.loc[~checks["holds"], "prediction"])


@pytest.mark.parametrize(
    "values",
    [{"batch_size": 4}, {"law": "student", "tail": 8.0}, {"curvature": 20.0, "noise": 0.1}],
    ids=str,
)
def test_theory_holds(values):
    assert failing(**values) == []


def test_noise_that_grows_with_the_gradient_has_the_variance_of_its_own_formula():
    """E x² = η s² / (λ (2 − ηλ (1 + κ²))) without momentum: the noise's variance is s² + κ² λ² x²."""
    values = {**SMALL, "replicates": 2000, "momentum": 0.0, "law": "relative", "relative": 1.0}
    table = run(Config(**values), silent)["stationary"]
    # Up to where x⁴ has a mean: (1 − a)⁴ + 6 (1 − a)² a² + 3 a⁴ < 1 for a = ηλ < 0.4.
    found = table[(table["sweep"] == "step") & (table["momentum"] == 0) & (table["step"] < 0.3)]
    expected = found["step"] / (2 - 2 * found["step"])
    z = (found["variance"] - expected) / found["standard_error"]
    assert len(z) > 3
    assert np.abs(z).max() < 4
    assert (found["variance"] > found["predicted"]).all()


def test_batches_without_replacement_come_nearer():
    table = run(Config(**SMALL, law="reshuffled"), silent)["stationary"]
    # Where the memory of the chain is longer than an epoch.
    slow = table[(table["momentum"] == 0.6) & (table["step"] < 0.2)]
    assert (slow["variance"] < 0.8 * slow["predicted"]).all()


def test_a_curvature_believed_too_large_slows_the_rate():
    """With steps c/(λt), c < 1/2, E x² falls as t^−2c."""
    table = run(Config(**{**SMALL, "replicates": 500}, curvature_guess=8.0), silent)["schedule"]
    late = table[table["time"] > 30]
    slope = np.polyfit(np.log(late["time"]), np.log(late["square"]), 1)[0]
    assert slope == pytest.approx(-0.25, abs=0.05)


def test_the_broken_limit_is_named():
    found = failing(stream_step=1.3)
    assert [claim for claim in found if "settles" in claim]


def test_progress_ends_with_every_table():
    seen = []
    made = run(Config(**SMALL), lambda *report: seen.append(report))
    assert [f for f, *_ in seen] == sorted(f for f, *_ in seen)
    assert set(made) - {"checks", "batches"} <= set(seen[-1][2])
