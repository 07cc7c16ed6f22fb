"""The loss landscape: what must hold around a network and between two, and what is said if not."""

import numpy as np
import pytest

from core.experiment import Cancelled, silent
from core.experiments.training.loss_landscape import BREAKS, TABLES, Config, _problem, run
from dashboard.views.training.loss_landscape import panels, verdict

SMALL = {"data": "iris", "samples": 60, "widths": (8,), "steps": 60, "resolution": 11, "replicates": 2}


def made(**values):
    return run(Config(**{**SMALL, **values}), silent)


def held(tables, words):
    checks = tables["checks"]
    return bool(checks.loc[checks["prediction"].str.contains(words), "holds"].item())


@pytest.fixture(scope="module")
def small():
    return made()


def test_all_holds_and_all_is_drawn(small):
    assert small["checks"]["holds"].all(), small["checks"].to_string()
    assert list(small) == list(TABLES)
    keys = [panel.key for panel in panels(small, Config())]
    assert keys == ["lines", "random", "sharpest", "profile", "density", "path", "components"]
    assert len(verdict(small, Config())) == 4
    assert small["notes"].empty


def test_the_middle_of_a_plane_and_of_a_profile_are_the_network(small):
    cells = small["slice"]
    middle = cells[cells["plane"] != "path"].eval("(x + x2) ** 2 + (y + y2) ** 2 < 1e-12")
    risks = cells.loc[middle[middle].index, "risk"].to_numpy()
    profile = small["profile"]
    center = profile.loc[profile["position"] == 0, ["risk", "quadratic"]].to_numpy()
    assert len(risks) == 2
    np.testing.assert_allclose([*risks, *center.ravel()], risks[0], rtol=1e-9)
    assert small["lines"].query("position == 0 and pair == 1")["risk"].iloc[0] == pytest.approx(risks[0])


def test_the_density_integrates_to_one(small):
    at = small["density"]
    assert np.trapezoid(at["density"], at["eigenvalue"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("label", "words"),
    [("Differences over a long step", "curvature"), ("Equal weights in the quadrature", "moments")],
)
def test_a_broken_assumption_turns_its_check_red_and_no_other(label, words):
    tables = made(**BREAKS[label])
    assert not held(tables, words)
    assert (~tables["checks"]["holds"].astype(bool)).sum() == 1


def test_without_a_hidden_layer_there_is_no_barrier():
    tables = made(widths=(), loss="squared")
    assert held(tables, "convex")
    assert tables["barriers"]["barrier"].max() < 1e-9
    assert set(tables["lines"]["order"]) == {"as trained"}
    assert tables["checks"]["holds"].all()
    # The parabola is all there is.
    profile = tables["profile"]
    np.testing.assert_allclose(profile["risk"], profile["quadratic"], rtol=1e-9)


def test_a_diverged_network_is_dated_and_the_rest_is_drawn():
    tables = made(learning_rate=1e10)
    assert tables["notes"]["note"].str.contains(r"Network \d diverged at step \d").any()
    assert not tables["checks"]["holds"].all()
    panels(tables, Config())
    verdict(tables, Config())


def test_few_rows_are_all_used():
    found = _problem(Config(**{**SMALL, "samples": 500}))
    note = "There are 150 rows, fewer than the 500 asked for: all of them are used."
    assert found.notes == (note,)
    assert len(found.inputs) == len(found.targets) == 150


def test_progress_carries_partial_tables_and_cancel_passes_through(small):
    seen = []
    run(Config(**SMALL), lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    for tables in (report[2] for report in seen if len(report) > 2 and report[2]):
        assert set(tables) <= set(TABLES)
        panels(tables, Config())

    def stop(fraction, message, tables=None):
        if fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(Config(**SMALL), stop)
