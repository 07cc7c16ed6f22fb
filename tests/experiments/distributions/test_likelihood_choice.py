"""Choosing a likelihood: the right head wins by its divergence, on simulated and on own data."""

import numpy as np
import pandas as pd
import pytest

from core.datasets import uploaded
from core.experiment import InputError, silent
from core.experiments.distributions.likelihood_choice import Config, run
from dashboard.views.distributions.likelihood_choice import panels, verdict

# As many samples and networks as the default run has, so that the compiled programs are the same.
FEW = {"steps": 300}


def own(frame: pd.DataFrame, **options: object) -> dict[str, pd.DataFrame]:
    with uploaded.provided({"0" * 32: frame}):
        return run(Config(data="upload:" + "0" * 32, target="y", **{**FEW, **options}), silent)


def red(tables: dict[str, pd.DataFrame]) -> list[str]:
    checks = tables["checks"]
    return list(checks[~checks["holds"]]["prediction"])


def test_divergences_hold_however_little_was_learnt() -> None:
    tables = run(Config(steps=50), silent)
    assert not any("divergence" in prediction for prediction in red(tables))


def test_the_right_head_wins_and_heavy_tails_leave_scores_out() -> None:
    config = Config(truth="student-t", degrees=3.0)
    tables = run(config, silent)
    assert tables["scores"]["head"].iloc[0] == "student-t"
    assert tables["notes"]["note"].str.contains("not held against theory").any()
    assert red(tables) == []
    assert len(panels(tables, config)) == 3
    assert verdict(tables, config)[0].value == "Student t"


def test_counts_of_ones_own() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=2857)
    tables = own(pd.DataFrame({"x": x, "y": rng.poisson(np.exp(1 + x / 2))}))
    assert len(tables["scores"]) == 7
    assert tables["scores"]["divergence"].isna().all()
    assert tables["theory"].empty
    assert panels(tables, Config(data="upload:" + "0" * 32, target="y"))
    bad = own(pd.DataFrame({"x": x, "y": x + rng.normal(size=x.size)}), assumed="squared-error")
    assert len(bad["scores"]) == 5


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (pd.DataFrame({"x": range(9), "y": range(9)}), {}, "at least 20 usable rows; it has 9"),
        (
            pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30) / 7}),
            {"assumed": "poisson"},
            "`assumed` must be right or a head of measurements .*; it was poisson",
        ),
    ],
)
def test_refusals(frame: pd.DataFrame, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        own(frame, **options)
