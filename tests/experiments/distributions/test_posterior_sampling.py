"""Posterior sampling: right where it can be known, seen to be wrong where steps or priors are."""

import numpy as np
import pandas as pd
import pytest

from core.datasets import uploaded
from core.experiment import Cancelled, InputError, silent
from core.experiments.distributions.posterior_sampling import Config, run
from dashboard.views.distributions.posterior_sampling import panels, verdict


def own(x: object, **options: object) -> dict[str, pd.DataFrame]:
    with uploaded.provided({"0" * 32: pd.DataFrame({"x": x})}):
        return run(Config(data="upload:" + "0" * 32, **options), silent)


def red(tables: dict[str, pd.DataFrame]) -> list[str]:
    checks = tables["checks"]
    return list(checks[~checks["holds"]]["prediction"])


def test_conjugate_posteriors_are_sampled_exactly() -> None:
    tables = run(Config(truth="exponential", prior="conjugate"), silent)
    assert red(tables) == []
    assert tables["checks"]["prediction"].str.contains("closed form").sum() == 3
    found = tables["posterior"].iloc[0]
    # One earlier value of the median's size is all that the prior says.
    assert found["exact_mean"] == pytest.approx(found["estimate"], rel=0.01)


def test_each_break_leaves_its_own_mark() -> None:
    steps = run(Config(step=3.0), silent)
    assert any("acceptance" in prediction for prediction in red(steps))
    # The sampler is right about a prior that is not.
    config = Config(width=0.1, conflict=5.0)
    moved = run(config, silent)
    assert len(red(moved)) == 1
    assert "maximum likelihood" in red(moved)[0]
    assert len(panels(moved, config)) == 6


def test_chains_that_stand_still_are_drawn_and_said() -> None:
    config = Config(step=100.0)
    tables = run(config, silent)
    assert red(tables)
    assert verdict(tables, config)[1].value == "stand still"
    assert panels(tables, config)


def test_a_rough_column_takes_the_family_of_its_kind() -> None:
    x = np.random.default_rng(0).gamma(2.0, 3.0, 400)
    tables = own(x)
    assert tables["notes"]["note"].str.contains("The family is gamma").any()
    assert tables["posterior"]["truth"].isna().all()
    assert tables["histogram"]["count"].sum() == 400


def test_more_than_a_page_can_wait_for_is_refused() -> None:
    with pytest.raises(InputError, match=r"`draws` must be at most [\d,]+ for 50,000 values, 8 chains"):
        run(Config(samples=50_000, chains=8, draws=4000), silent)
    with pytest.raises(InputError, match=r"`data` must hold at most 50,000 different values; it held"):
        own(np.random.default_rng(0).gamma(2.0, 3.0, 50_001))


def test_cancel_ends_the_run() -> None:
    def report(fraction: float, message: str, tables: object = None) -> None:
        if fraction > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(Config(), report)
