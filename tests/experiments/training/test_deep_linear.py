"""Deep linear networks: theory holds by default, and fails where its assumptions do."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.training.deep_linear import Config, run
from dashboard.views.training.deep_linear import panels

SMALL = {"modes": 2, "replicates": 8, "step": 0.04}


def made(**values):
    return run(Config(**{**SMALL, **values}), silent)


def failing(**values):
    checks = made(**values)["checks"]
    return [
        claim for claim, holds in zip(checks["prediction"], checks["holds"], strict=True) if not holds
    ]


@pytest.mark.parametrize("depth", [2, 5])
def test_aligned_modes_follow_theory_at_any_depth(depth):
    assert not [claim for claim in failing(depth=depth) if "ligned" in claim]


def test_modes_that_meet_delay_each_other():
    """In narrow networks the half-times are those of the orthogonal parts, not of modes apart."""
    half = made(width=6, modes=4, depth=2, initial_scale=0.003)["half_times"]
    random = half[(half["start"] == "random") & (half["mode"] == 4)]
    off, apart = (
        np.median(np.abs(random["measured"] / random[name] - 1)) for name in ("predicted", "apart")
    )
    assert off < 0.005
    assert apart > 5 * off


def test_inputs_that_are_not_whitened_mix_the_modes():
    assert any("own recursion" in claim for claim in failing(condition=10.0))


def test_large_initial_weights_have_no_plateau():
    assert any("nothing fitted" in claim for claim in failing(initial_scale=0.4))


def test_risk_is_half_the_sum_of_squares_left():
    tables = made(depth=2)
    risk, modes = tables["risk"], tables["modes"]
    aligned = modes[modes["start"] == "aligned"]
    left = 0.5 * ((aligned["strength"] - aligned["measured"]) ** 2).groupby(aligned["step"]).sum()
    found = risk[risk["start"] == "aligned"].set_index("step")["risk"]
    np.testing.assert_allclose(found, left, rtol=1e-9, atol=1e-12)


def test_partial_tables_can_be_drawn():
    seen = []
    run(Config(**SMALL), lambda fraction, message, tables=None: seen.append((fraction, tables)))
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
    drawn = [len(panels(seen[at][1], Config(**SMALL))) for at in (0, -1)]
    assert drawn[0] == 0
    assert drawn[-1] == 2
