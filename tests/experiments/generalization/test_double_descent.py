"""Double descent: theory holds by default, and fails where its assumptions do."""

import numpy as np
import pytest

from core.experiment import InputError, silent
from core.experiments.generalization.double_descent import BREAKS, Config, run
from core.linear import risk
from dashboard.views.generalization.double_descent import panels

SMALL = {"samples": 40, "features": 160, "replicates": 60}


def checks(**values):
    return run(Config(**values), silent)["checks"]


def holds(table, words):
    return bool(table.loc[table["prediction"].str.contains(words), "holds"].item())


@pytest.mark.parametrize(
    "values",
    [{"model": "misspecified"}, {"penalty": "optimal"}, {"penalty": "fixed"}, {"samples": 30}],
    ids=str,
)
def test_theory_holds(values):
    found = checks(**{"features": 400, **values})
    assert found["holds"].all(), found.to_string()


def test_universal_formula_holds_for_correlated_features_where_the_isotropic_limit_does_not():
    found = checks(**BREAKS["Correlated features"])
    assert not holds(found, "independent Gaussian features")
    assert holds(found, "universal")
    assert not holds(found, "near its limit")


def test_universal_formula_holds_for_heavy_tailed_entries_and_not_for_samples_of_random_scale():
    assert holds(checks(design="entries", tail=5.0, features=400), "universal")
    found = checks(**BREAKS["Samples of random scale"], features=400)
    assert not holds(found, "independent Gaussian features")
    assert not holds(found, "universal")


def test_correlation_leaves_the_risk_below_n_as_it_is():
    """Least squares does not change under linear maps of the features."""
    plain, correlated = (
        run(Config(**SMALL, design=design), silent)["summary"] for design in ("gaussian", "correlated")
    )
    shown = (plain["split"] == "test") & (plain["ratio"] < 0.8)
    np.testing.assert_allclose(correlated["risk"][shown], plain["risk"][shown], rtol=1e-9)


def test_closed_form_risk_is_the_mean_over_new_samples():
    """One replicate at one p by hand: same streams, lstsq, a large test sample."""
    config = Config(samples=20, features=30, replicates=20, signal=4.0)
    table = run(config, silent)["risk"]
    row = table[(table["split"] == "test") & (table["replicate"] == 0)].iloc[-1]
    rng = np.random.default_rng(np.random.SeedSequence([0, 1]).spawn(20)[0])
    x, noise = rng.standard_normal((20, 30)), rng.standard_normal(20)
    beta = np.random.default_rng([0, 0]).standard_normal(30)
    beta *= 2.0 / np.linalg.norm(beta)
    fitted = np.linalg.lstsq(x, x @ beta + noise)[0]
    new = np.random.default_rng(5).standard_normal((200_000, 30))
    errors = (new @ (fitted - beta) + np.random.default_rng(6).standard_normal(200_000)) ** 2
    assert row["parameters"] == 30
    # The relative standard error of a mean of 200,000 squares of normal values is sqrt(2/200,000).
    assert row["risk"] == pytest.approx(errors.mean(), rel=4 * np.sqrt(2 / 200_000))


def test_means_are_left_empty_where_they_do_not_exist():
    summary = run(Config(**SMALL), silent)["summary"]
    test = summary[summary["split"] == "test"].set_index("parameters")
    assert np.isnan(test.loc[40, "risk"])
    assert np.isnan(test.loc[40, "standard_error"])
    assert np.isfinite(test.loc[40, "median"])
    assert np.isfinite(test["risk"].drop(40)).all()


def test_training_risk_vanishes_beyond_interpolation():
    summary = run(Config(**SMALL), silent)["summary"]
    train = summary[(summary["split"] == "train") & (summary["ratio"] > 1.1)]
    # Residuals are rounding: (condition² · 1e-16)², far below the noise variance 1.
    assert (train["risk"] < 1e-16).all()


def test_optimal_ridge_has_no_peak_and_never_loses_to_least_squares():
    ridgeless, ridge = (
        run(Config(**SMALL, penalty=penalty), silent)["summary"] for penalty in ("none", "optimal")
    )
    test = ridge[ridge["split"] == "test"]
    # Below always predicting the mean, at signal + noise variance, at every p.
    assert test["risk"].max() < 11.0
    both = test["risk"].to_numpy() <= ridgeless[ridgeless["split"] == "test"]["risk"].to_numpy()
    assert both[test["parameters"] != 40].all()


def test_misspecified_theory_is_the_formula_of_the_features_in_use():
    """With flat coefficients the share of the signal in the first p of D features is p / D on
    average over signs, which do not matter."""
    config = Config(**SMALL, model="misspecified", decay=0.0)
    theory = run(config, silent)["theory"]
    exact = theory[(theory["formula"] == "exact") & (theory["split"] == "test")]
    share = 10.0 * exact["parameters"] / 160
    expected = risk.exact(40, exact["parameters"], share, 1.0 + 10.0 - share)
    np.testing.assert_allclose(exact["risk"], expected, rtol=1e-12)


def test_replicates_do_not_depend_on_how_many_there_are():
    few, more = (run(Config(**{**SMALL, "replicates": count}), silent)["risk"] for count in (20, 40))
    merged = few.merge(more, on=["replicate", "split", "parameters"], suffixes=("", "_more"))
    assert len(merged) == len(few)
    np.testing.assert_allclose(merged["risk"], merged["risk_more"], rtol=1e-9, atol=1e-12)


def test_progress_carries_partial_tables_and_ends_at_one():
    seen = []
    run(Config(**SMALL), lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    assert seen[0] == (0.0, "computing the theory")
    for _, message, tables in seen[1:]:
        assert message.startswith("drawing design ")
        assert set(tables) == {"theory", "risk", "summary", "ridge"}
    assert seen[-1][:2] == (1.0, "drawing design 60 of 60")


def test_captions_count_the_replicates_that_are_there():
    partial = []
    run(Config(**SMALL), lambda fraction, message, tables=None: partial.append(tables))
    one = {**partial[1], "risk": partial[1]["risk"].query("replicate == 0")}
    for tables, said in ((one, "one replicate"), (partial[-1], "mean of 60 replicates")):
        for panel in panels(tables, Config(**SMALL)):
            assert said in panel.caption.lower()
    assert panels({"theory": partial[-1]["theory"]}, Config(**SMALL)) == []


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ("gaussian", ["exact", "limit"]),
        ("correlated", ["exact, if independent", "limit, if independent", "limit, this covariance"]),
        ("entries", ["exact, if Gaussian", "limit", "limit, this covariance"]),
        ("samples", ["exact, if independent", "limit, if independent", "limit, this covariance"]),
    ],
)
def test_the_legend_says_what_a_formula_assumes_that_the_design_lacks(design, expected):
    config = Config(**{**SMALL, "replicates": 20}, design=design)
    chart = panels(run(config, silent), config)[0].chart.to_dict()
    dashes = [layer["encoding"].get("strokeDash") for layer in chart["layer"] if "encoding" in layer]
    assert next(filter(None, dashes))["legend"]["values"] == expected
    assert "ridge at λ*" in str(chart["datasets"])


def test_random_features_follow_their_limit_and_not_where_inputs_are_correlated():
    random = {"case": "random_features", "features": 400, "replicates": 30}
    tables = run(Config(**random), silent)
    assert tables["checks"]["holds"].all()
    assert len(tables["checks"]) == 4
    summary = tables["summary"].query("split == 'test'").set_index("parameters")["risk"]
    assert np.isnan(summary[100])
    assert summary[400] < summary[92]
    assert "mean of 30 replicates" in panels(tables, Config(**random))[0].caption.lower()
    assert not checks(**random, design="correlated")["holds"].any()


def test_random_features_with_the_best_penalty_have_no_peak():
    config = Config(**SMALL, case="random_features", penalty="optimal", inputs=20)
    test = run(config, silent)["summary"].query("split == 'test'")
    assert test["risk"].max() < 11.0 * 1.1


def test_more_samples_hurt_a_linear_model_below_its_size():
    tables = run(Config(case="samples", size=40, replicates=60), silent)
    assert tables["checks"]["holds"].all(), tables["checks"].to_string()
    summary = tables["summary"].query("split == 'test'").set_index("samples")["risk"]
    assert np.isnan(summary[40])
    assert summary[32] < summary[36] > summary[48] > summary[160]
    assert not checks(case="samples", size=40, replicates=60, design="samples", tail=3.0)["holds"].all()


def test_random_features_of_inputs_of_random_scale_leave_their_limit():
    found = checks(**BREAKS["Random features of inputs of random scale"], replicates=30, features=300)
    assert not found["holds"].all()


def test_networks_peak_where_parameters_are_as_many_as_training_values():
    of = {"case": "width", "data": "iris", "samples": 60, "networks": 3, "steps": 600}
    seen = []
    tables = run(Config(**of), lambda *report: seen.append(report))
    assert tables["checks"]["holds"].all(), tables["checks"].to_string()
    peak = tables["thresholds"].set_index("labels").loc["noisy"]
    assert (peak["axis"], peak["predicted"]) == ("ratio", 1.0)
    assert 0.5 < peak["peak"] < 2
    networks = tables["networks"]
    assert set(networks["samples"]) == {60}
    assert (networks["parameters"] == 8 * networks["width"] + 3).all()  # (4 + 1) w + (w + 1) 3
    np.testing.assert_allclose(networks["ratio"], networks["parameters"] / 180)
    drawn = [given for _, _, *rest in seen for given in rest if given]
    assert all(panels(part, Config(**of)) for part in drawn)
    assert "P = n K" in str(panels(tables, Config(**of))[0].chart.to_dict())


def test_risk_rises_and_falls_in_time_only_with_wrong_labels():
    found = checks(case="steps")
    assert found["holds"].all(), found.to_string()
    found = checks(**BREAKS["Network: no label noise"])
    assert not holds(found, "Label noise")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"case": "width", "data": "breast-cancer", "samples": 20}, "`samples` must be so many that"),
        (
            {"case": "network_samples", "data": "wine", "units": 40},
            "`units` must be so few that the data has",
        ),
        ({"case": "steps", "data": "nothing"}, "`data` must be one of"),
    ],
    ids=["too few samples", "too few rows", "no such data"],
)
def test_data_that_show_no_threshold_are_refused(values, said):
    with pytest.raises(InputError, match=said):
        checks(**values)


def test_networks_that_diverge_are_counted_and_the_others_drawn():
    config = Config(case="steps", learning_rate=1.0, steps=20, hidden=8, networks=3)
    tables = run(config, silent)
    assert len(tables["networks"]) == 6
    assert len(panels(tables, config)) == 1
