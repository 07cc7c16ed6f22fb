"""Average-case descent: the limit holds by default, and fails where the features are not independent."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.training.average_case_descent import BREAKS, Config, run
from dashboard.views.training.average_case_descent import panels, verdict

SMALL = {"samples": 100, "features": 50, "steps": 20, "replicates": 10}


def results(**values):
    return run(Config(**{**SMALL, **values}), silent)


@pytest.mark.parametrize("label", BREAKS)
def test_broken_assumption_turns_the_limit_red_and_leaves_what_is_given_the_features(label):
    checks = results(**BREAKS[label])["checks"]
    limit = checks["prediction"].str.contains("limit")
    assert not checks.loc[limit, "holds"].all()
    assert checks.loc[checks["kind"].isin(["identity", "bound"]), "holds"].all()


def test_heavy_tailed_entries_keep_the_limit():
    """The law is universal: at 8 degrees of freedom eigenvalues leave it no more than Gaussian ones."""
    checks = results(
        design="entries", tail=8.0, methods=("gd",), samples=200, features=100, replicates=40
    )["checks"]
    assert checks["holds"].all(), checks.to_string()


def test_gradient_descent_of_one_replicate_by_hand():
    """Same stream, plain descent on coefficients and targets."""
    config = Config(**SMALL, methods=("gd",), noise=0.3)
    table = run(config, silent)["risk"]
    rng = np.random.default_rng(np.random.SeedSequence([0, 1]).spawn(10)[3])
    x, start = rng.standard_normal((100, 50)), rng.standard_normal(50) / np.sqrt(50)
    # The distance to the truth is −β at b = 0.
    y, b = x @ -start + 0.3 * rng.standard_normal(100), np.zeros(50)
    step = 1 / (1 + np.sqrt(0.5)) ** 2
    for _ in range(20):
        b -= step * x.T @ (x @ b - y) / 100
    by_hand = ((x @ b - y) ** 2).mean() / 2
    row = table[(table["replicate"] == 3) & (table["step"] == 20)]
    assert row["risk"].item() == pytest.approx(by_hand, rel=1e-9)


def test_the_best_method_on_average_has_the_least_limit_at_every_step():
    theory = results(noise=0.2)["theory"]
    curves = theory[theory["formula"] == "limit"].pivot(index="step", columns="method", values="risk")
    assert (curves["optimal"] <= curves.min(axis=1) * (1 + 1e-9)).all()


def test_divergence_is_data():
    tables = results(
        learning_rate=2.2, steps=500, methods=("gd", "nesterov"), design="samples", tail=2.5
    )
    assert any(note.startswith("Gradient descent diverged in ") for note in tables["notes"]["note"])
    risk = tables["risk"]
    assert risk["risk"].isna().any()
    assert risk.loc[risk["step"] == 0, "risk"].notna().all()


@pytest.mark.parametrize("values", [{"features": 100}, {"features": 400, "noise": 0.0}], ids=str)
def test_as_many_features_as_samples_or_more(values):
    checks = results(**values)["checks"]
    assert checks.loc[checks["kind"].isin(["identity", "bound", "exact"]), "holds"].all()


def test_partial_tables_are_drawn_and_progress_ends_at_one(monkeypatch):
    monkeypatch.setattr("core.experiments.training.average_case_descent.PAUSE", 0.0)
    seen = []
    config = Config(**SMALL)
    run(config, lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    partial = [tables for _, _, *rest in seen for tables in rest if tables]
    assert [panel.key for panel in panels(partial[0], config)] == ["curves", "spectrum"]
    assert "1 single runs" not in panels(partial[0], config)[0].caption
    assert verdict(partial[0], config) == []
