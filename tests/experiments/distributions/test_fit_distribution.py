"""The science of fit-distribution: the truth is found, ties are said, broken assumptions show."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.datasets import uploaded
from core.experiment import InputError, silent
from core.experiments.distributions import fit_distribution as experiment
from core.experiments.distributions.fit_distribution import Config, run
from core.families import stability

FEW = ("normal", "gamma", "weibull", "lognormal")


def own(x: object, /, **options: object) -> dict[str, pd.DataFrame]:
    """The run on a user's column of these values."""
    frame = pd.DataFrame({"x": x})
    with uploaded.provided({"0" * 32: frame}):
        return run(Config(data="upload:" + "0" * 32, **options), silent)


def red(tables: dict[str, pd.DataFrame]) -> list[str]:
    checks = tables["checks"]
    return list(checks[~checks["holds"]]["prediction"])


def test_every_family_is_ranked_and_every_value_is_binned() -> None:
    tables = run(Config(), silent)
    assert len(tables["fits"]) == len(Config().families)
    assert tables["fits"]["weight"].sum() == pytest.approx(1.0)
    assert tables["histogram"]["count"].sum() == 1000
    assert (tables["quantiles"].groupby("family").size() <= 200).all()


def test_contamination_is_seen_where_the_truth_is_assumed() -> None:
    broken = red(run(Config(contamination=0.05, assumed="gamma", families=FEW), silent))
    assert any("spread of refits" in prediction for prediction in broken)


@pytest.mark.parametrize("truth", ["normal", "weibull", "poisson", "negative-binomial"])
def test_checks_hold_for_other_truths(truth: str) -> None:
    assert red(run(Config(truth=truth, families=FEW), silent)) == []


def test_checks_of_a_right_family_are_rarely_red() -> None:
    """Each check fails in about 1 run of 500; 20 seeds of 4 such checks fail 0.16 times on average,
    so that more than 2 have probability 6e-4."""
    failed = [
        red(run(Config(seed=seed, families=("gamma",), samples=400), silent)) for seed in range(20)
    ]
    assert sum(map(len, failed)) <= 2, failed


def test_a_column_has_no_checks_that_need_the_truth() -> None:
    tables = run(Config(data="ball-bearings", families=FEW), silent)
    assert tables["truth"].empty
    # Of 23 values even standard errors, mean ratio, widths and Stone's penalty cannot be tested.
    assert list(tables["checks"]["kind"]) == ["identity", "identity", "bound", "bound"]
    assert tables["notes"]["note"].str.contains("At n = 23 this cannot be tested").sum() == 4
    best = tables["fits"].iloc[0]
    # Weibull on these bearings: shape 2.10, scale 81.9 (Lawless 1982, in every text on lifetimes).
    weibull = tables["parameters"].query("family == 'weibull'").set_index("parameter")["estimate"]
    assert weibull["shape"] == pytest.approx(2.10, abs=0.01)
    assert weibull["scale"] == pytest.approx(81.9, abs=0.1)
    assert best["tied"]


def test_counts_are_told_apart_and_said() -> None:
    # As many as the default has, so that the compiled programs are the same.
    x = np.random.default_rng(0).poisson(3.0, 1000)
    tables = own(x)
    assert set(tables["fits"]["family"]) == {"poisson", "negative-binomial", "geometric"}
    assert "taken as counts" in tables["notes"]["note"].iloc[0]
    rounded = own(x + 1, families=FEW)
    assert set(rounded["fits"]["family"]) == set(FEW)
    assert "rounded measurements" in rounded["notes"]["note"].iloc[0]
    assert set(own(x + 1, values="counts")["fits"]["family"]) == set(tables["fits"]["family"])


def test_counts_are_compared_once_a_value_by_their_own_probabilities() -> None:
    x = np.random.default_rng(0).poisson(3.0, 4000)
    tables = own(x, count_families=("poisson",))
    at = tables["quantiles"]
    assert list(at["observed"]) == list(np.unique(x))
    # P(X < x) + P(X = x) / 2 differs from the share by at most the sampling error of both terms.
    np.testing.assert_allclose(at["fitted_probability"], at["probability"], atol=4 * 0.5 / 4000**0.5)
    middle = at[at["probability"].between(0.05, 0.95)]
    assert (middle["fitted"] == middle["observed"]).all()
    assert "The fitted probabilities sum to 1" in set(tables["checks"]["prediction"])


def test_a_check_that_could_not_fail_is_left_out_and_said() -> None:
    tables = own(1.5 * np.arange(60))
    assert tables["fits"]["family"].iloc[0] == "gev"
    assert not tables["checks"]["prediction"].str.contains("refits").any()
    said = tables["notes"]["note"]
    assert said.str.contains("At n = 60 this cannot be tested.*likelihood ratio of refits of gev").any()
    tested = run(Config(), silent)["checks"]
    relative = tested[tested["kind"] == "asymptotic"]
    assert len(relative) == 5
    assert (relative["tolerance"] < 1).all()


def test_a_family_that_fails_sinks_nothing() -> None:
    tables = own(np.random.default_rng(0).normal(size=1000), families=FEW)
    failed = tables["fits"].query("rank.isna()")
    assert set(failed["family"]) == {"gamma", "weibull", "lognormal"}
    assert failed["note"].str.contains("values above 0").all()
    assert tables["fits"].iloc[0]["family"] == "normal"


def test_when_every_family_fails_the_run_says_why() -> None:
    with pytest.raises(
        InputError, match="`families` must hold one that fits; gamma: `sample` must hold values above 0"
    ):
        own(np.random.default_rng(0).normal(size=80), families=("gamma",))


def test_an_assumed_family_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(
        InputError, match="`assumed` must be a family of measurements for these values, not poisson"
    ):
        run(Config(assumed="poisson"), silent)


def test_groundbeef(reference) -> None:  # type: ignore[no-untyped-def]
    serving = pd.read_csv(reference / "data" / "fitdistrplus_groundbeef.csv")["serving"]
    tables = own(serving, families=FEW)
    fits = tables["fits"].set_index("family")
    assert tables["fits"]["family"].iloc[0] == "gamma"
    assert fits.loc["weibull", "log_likelihood"] == pytest.approx(-1255.2247, abs=5e-5)
    assert bool(fits.loc["weibull", "tied"]) == (fits.loc["weibull", "delta"] <= 2)


def test_partial_tables_come_with_progress() -> None:
    seen: list[tuple[float, set[str]]] = []
    run(Config(families=FEW), lambda f, m, tables=None: seen.append((f, set(tables or {}))))
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
    assert "fits" in seen[2][1]
    assert experiment.VERSION >= 1


def test_refits_to_part_of_a_large_sample_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stability, "WORK", 133_000)
    monkeypatch.setattr(stability, "FEWEST", 100)
    notes = run(Config(families=("gamma",), replicates=200), silent)["notes"]["note"]
    assert notes.str.contains("Refits are made to 665 of the 1,000 values").any()


def test_best_fit_can_be_made_again_from_its_statement() -> None:
    """As a CSV gives it: the same law, to the last digit of its likelihood."""
    tables = run(Config(families=("gamma",)), silent)
    made: dict[str, Any] = {}
    exec(tables["fits"]["python"].iloc[0], made)
    estimate = tables["parameters"].set_index("parameter")["estimate"]
    assert made["distribution"].mean() == estimate["shape"] * estimate["scale"]


def test_diagnostic_tables_hold_every_family_that_fits() -> None:
    tables = run(Config(families=FEW), silent)
    for name in ("residuals", "return_levels"):
        assert set(tables[name]["family"]) - {""} == set(FEW), name
    # A gamma's residuals stay in the band of chance, but for about 1 in 20.
    residuals = tables["residuals"].query("family == 'gamma'")
    assert residuals["residual"].between(residuals["low"], residuals["high"]).mean() > 0.85
    assert set(tables["moments"]["kind"]) == {"sample", "resample", "drawn", "fitted"}


def test_intervals_of_what_is_asked_for() -> None:
    tables = run(
        Config(families=("gamma",), probabilities=(0.9,), above=(10.0,), confidence=0.9, seed=1), silent
    )
    found = tables["intervals"]
    assert set(found["kind"]) == {"Wald", "profile", "percentile", "BCa"}
    names = ["shape", "scale", "mean", "quantile 0.9", "P(X > 10)"]
    assert list(dict.fromkeys(found["quantity"])) == names
    assert (found["low"] < found["estimate"]).all()
    assert (found["estimate"] < found["high"]).all()
    profile = tables["profile"]
    np.testing.assert_allclose(profile["ratio"], profile["normal"], rtol=0.15, atol=1e-9)
    assert set(tables["contour"]["kind"]) == {"likelihood", "normal"}
    assert tables["estimates"].empty


def test_another_method_stands_beside_maximum_likelihood() -> None:
    few = {"families": ("normal",), "truth": "normal", "samples": 60, "replicates": 20}
    likeliest = run(Config(**few), silent)
    tables = run(Config(**few, method="mme"), silent)
    pd.testing.assert_frame_equal(tables["fits"], likeliest["fits"])
    assert list(tables["estimates"]["parameter"]) == ["mean", "sd"]
    assert list(tables["intervals"]["kind"].iloc[-2:]) == ["mme", "mme"]
    refused = run(Config(**few, method="qme:0.5"), silent)
    assert refused["estimates"].empty
    said = "`method` must not be qme:0.5 here: it needs as many probabilities as normal has"
    assert refused["notes"]["note"].str.startswith(said).any()
    with pytest.raises(InputError, match=r"`method` must be one of mle, mme, .*, not 'mgf'"):
        run(Config(method="mgf"), silent)
