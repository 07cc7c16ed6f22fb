"""Optimizer race: exact rates hold on quadratics; not with noise, elsewhere or past the threshold."""

import numpy as np
import pytest

from core.experiment import silent
from core.experiments.training.optimizer_race import BREAKS, Config, run
from dashboard.views.training.optimizer_race import panels, verdict

RATE, CONDITION, MODES, EDGE, GROWTH = range(5)


def checks(**values):
    return run(Config(**values), silent)["checks"]


@pytest.mark.parametrize(
    "values",
    [
        {"spacing": "linear"},
        {"spacing": "clusters"},
        {"condition": 30.0, "seed": 3},
        {"tuning": "shared", "condition": 20.0},
        {"optimizers": ("lion",)},
    ],
    ids=str,
)
def test_theory_holds_on_quadratics(values):
    found = checks(**values)
    assert found["holds"].all(), found.to_string()


def test_gradient_noise_breaks_the_rates_and_not_the_threshold():
    assert checks(**BREAKS["Gradient noise"])["holds"].tolist() == [False, False, False, True, True]


def test_past_the_threshold_the_condition_number_says_nothing_and_the_spectral_radius_all():
    found = checks(**BREAKS["Step past the threshold"])
    assert found["holds"].tolist() == [True, False, True, True, True]


def test_the_curvature_at_the_minimum_does_not_tell_the_way_through_rosenbrocks_valley():
    found = checks(**BREAKS["Not a quadratic"])
    assert found["holds"].tolist() == [False, True, True]


def test_near_the_minimum_of_a_smooth_loss_the_rates_hold():
    assert checks(problem="logistic")["holds"].all()


def test_the_network_has_no_theory_and_says_so():
    tables = run(Config(problem="network", steps=50), silent)
    assert tables["notes"]["note"].str.startswith("No theory covers the network").any()
    assert tables["rates"]["predicted"].isna().all()
    assert (tables["rates"]["final"] > 0).all()
    assert tables["phase"].empty


def test_the_phase_diagram_has_the_boundary_between_what_converges_and_what_diverges():
    phase = run(Config(dimension=5, condition=10.0), silent)["phase"]
    edge = 2 * (1 + phase["momentum"])
    # With κ = 10 and 200 steps a hundredth is reached well inside; transients matter near the edge.
    assert (phase.loc[phase["step_size"] > 1.02 * edge, "outcome"] == "diverged").all()
    inside = phase[(phase["step_size"] < 0.95 * edge) & (phase["step_size"] > 0.5)]
    assert (inside.loc[inside["momentum"] < 0.9, "outcome"] == "converged").all()


def test_a_start_that_diverges_is_counted_and_leaves_the_others_their_median():
    tables = run(Config(problem="beale", optimizers=("heavy_ball", "nesterov")), silent)
    loss = tables["loss"]
    gone = loss[loss["loss"].isna()].groupby("optimizer")["replicate"].nunique()
    note = tables["notes"]["note"].str.extract(r"^(.*) diverged from (\d+) of 10 starts").dropna()
    assert note.to_numpy().tolist() == [["Heavy ball", str(gone["heavy_ball"])]]
    assert tables["rates"]["final"].notna().all()


@pytest.mark.parametrize(
    "values", [{"step_factor": 10.0}, {"noise": 10.0}, {"learning_rate": 10.0}], ids=str
)
def test_extremes_are_drawn(values):
    config = Config(**values)
    tables = run(config, silent)
    assert [panel.key for panel in panels(tables, config)] == ["curves", "path", "phase"]
    assert verdict(tables, config)


def test_partial_tables_are_drawn_and_progress_rises(monkeypatch):
    monkeypatch.setattr("core.experiments.training.optimizer_race.PAUSE", 0.0)
    seen, config = [], Config()
    run(config, lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    partial = [tables for _, _, *rest in seen for tables in rest]
    assert len(partial) > 5
    for tables in partial:
        assert [panel.key for panel in panels(tables, config)] == ["curves", "path"]


def test_the_path_is_that_of_the_first_start():
    tables = run(Config(optimizers=("gd",), dimension=2, steps=20), silent)
    path = tables["path"].sort_values("step")
    size = 2 / (1 + 0.01)
    np.testing.assert_allclose(path["y"], -0.6 * (1 - size) ** path["step"], rtol=1e-9)
    np.testing.assert_allclose(path["x"], (1 - 0.01 * size) ** path["step"], rtol=1e-9)
