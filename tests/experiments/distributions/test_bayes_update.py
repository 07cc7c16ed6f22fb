"""Bayesian updating: calibrated under the right prior only, on simulated and on own data."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from core.datasets import uploaded
from core.experiment import Cancelled, InputError, silent
from core.experiments.distributions.bayes_update import Config, Model, run
from dashboard.views.distributions.bayes_update import panels, verdict


def own(x: object, **options: object) -> dict[str, pd.DataFrame]:
    with uploaded.provided({"0" * 32: pd.DataFrame({"x": x})}):
        return run(Config(data="upload:" + "0" * 32, replicates=1000, **options), silent)


def red(tables: dict[str, pd.DataFrame]) -> list[str]:
    checks = tables["checks"]
    return list(checks[~checks["holds"]]["prediction"])


@pytest.mark.parametrize("model", get_args(Model)[1:])
def test_theory_holds_for_every_model_and_all_of_it_is_drawn(model: Model) -> None:
    config = Config(model=model)
    tables = run(config, silent)
    assert red(tables) == []
    assert len(panels(tables, config)) == {"base-rate": 1, "linear-regression": 2}.get(model, 4)
    assert len(verdict(tables, config)) >= 2


@pytest.mark.parametrize("model", ["gamma-poisson", "normal-inverse-gamma", "dirichlet-multinomial"])
@pytest.mark.parametrize("prior", ["too_sure", "displaced"])
def test_a_wrong_prior_is_found_and_leaves_the_identities(model: Model, prior: str) -> None:
    failed = red(run(Config(model=model, prior=prior, samples=50, replicates=1000), silent))
    assert any("ranks" in prediction for prediction in failed)
    assert not any("log-evidence" in prediction for prediction in failed)


def test_many_observations_make_a_wrong_prior_right() -> None:
    assert red(run(Config(prior="too_sure", samples=100_000, replicates=1000), silent)) == []


def test_regression_in_the_wrong_place() -> None:
    found = red(run(Config(model="linear-regression", prior="displaced"), silent))
    assert any("γ" in prediction for prediction in found)


def test_repeated_tests_leave_one_test_alone() -> None:
    """With one test each there is nothing to repeat."""
    assert red(run(Config(model="base-rate", repeat=0.5, tests=1), silent)) == []
    assert red(run(Config(model="base-rate", repeat=0.5), silent)) != []


def test_columns_are_taken_as_the_model_says() -> None:
    counts = np.random.default_rng(0).negative_binomial(2, 0.2, 300)
    tables = own(counts, model="gamma-poisson", prior_rate=8.0)
    updates = tables["updates"].iloc[-1]
    # Worth 10 earlier counts of mean 8.
    assert updates["mean"] == pytest.approx((80 + counts.sum()) / 310)
    assert tables["notes"]["note"].str.contains("the model does not hold").any()
    tables = own(counts, model="beta-binomial", threshold=5.0)
    assert tables["updates"]["estimate"].iloc[-1] == pytest.approx((counts > 5).mean())
    tables = own(counts % 3, model="dirichlet-multinomial")
    assert tables["updates"]["estimate"].iloc[-1] == pytest.approx((counts % 3 == 0).mean())
    assert red(tables) == []


def test_a_share_of_one_has_no_normal_limit() -> None:
    tables = own(np.arange(1.0, 30.0), model="beta-binomial")
    assert tables["approach"].empty
    assert tables["notes"]["note"].str.contains("on the boundary").any()
    assert panels(tables, Config(model="beta-binomial"))


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1.0, 2.5], {"model": "gamma-poisson"}, "`x` must hold counts .*; it holds 2.5"),
        (range(30), {"model": "dirichlet-multinomial"}, "at most 10 different values .*; it holds 30"),
        ([1e300, 1.0], {"model": "normal-normal"}, r"must hold values within ±1e\+100"),
        ([0, 1], {"model": "base-rate"}, "`data` must be simulated where `model` is base-rate"),
    ],
)
def test_unusable_columns(values: object, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        own(values, **options)


def test_cancel_ends_the_run() -> None:
    def report(fraction: float, message: str, tables: object = None) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(Config(replicates=50_000), report)
