"""The edge of stability: where it is reached, where not, and what is said then."""

import numpy as np
import pandas as pd
import pytest

from core.experiment import Cancelled, silent
from core.experiments.training.edge_of_stability import BREAKS, TABLES, Config, run
from dashboard.views.training.edge_of_stability import panels, verdict

# One program for all of them: only traced values differ.
SMALL = {"samples": 50, "features": 5, "widths": (20,), "replicates": 3, "steps": 1500}


def made(**values):
    return run(Config(**{**SMALL, **values}), silent)


def held(tables, words):
    checks = tables["checks"]
    return bool(checks.loc[checks["prediction"].str.contains(words), "holds"].item())


@pytest.mark.parametrize("rate", [0.25, 0.4])
def test_sharpness_follows_the_step_size(rate):
    tables = made(learning_rate=rate)
    assert tables["checks"]["holds"].all(), tables["checks"].to_string()
    late = tables["sharpness"].query("step > 1200")["sharpness"].median()
    assert late == pytest.approx(2 / rate, rel=0.05)
    assert tables["theory"]["sharpness"].item() == pytest.approx(2 / rate)


def test_risk_rises_only_beyond_the_threshold():
    seen = made(learning_rate=0.4)["sharpness"]
    first = seen[seen["ratio"] >= 1].groupby("replicate")["step"].min()
    before = seen[seen["step"] < seen["replicate"].map(first) - 100]
    assert (before["rises"] == 0).all()
    assert (seen["rises"] > 0).any()


@pytest.mark.parametrize("label", BREAKS)
def test_a_broken_assumption_keeps_the_sharpness_away(label):
    tables = made(**BREAKS[label], learning_rate=0.2)
    assert not held(tables, "stays there")
    assert held(tables, "neither grows nor shrinks")


def test_few_steps_are_said_to_be_few():
    tables = made(steps=100)
    note = tables["notes"]["note"].item()
    assert "In 3 of 3 replicates the sharpness did not reach the threshold within 100 steps" in note
    assert "(reached by 0 of 3 replicates)" in tables["checks"]["prediction"].iloc[0]
    labels = {f.label: f.value for f in verdict(tables, Config())}
    assert labels["Threshold reached, 0 of 3 replicates"] == "not reached"


def test_a_diverging_run_is_dated_and_drawn():
    tables = made(learning_rate=1e9)
    assert tables["notes"]["note"].str.match(r"Replicate \d diverged at step \d+\.").all()
    assert len(tables["notes"]) == 3
    assert not held(tables, "stays there")
    assert tables["risk"]["risk"].notna().all()
    verdict(tables, Config())
    panels(tables, Config())


def test_a_batch_of_all_rows_is_the_full_batch():
    full, large = made(steps=200), made(steps=200, batch_size=50)
    pd.testing.assert_frame_equal(full["sharpness"], large["sharpness"])
    assert "`batch_size` 50 is not less than the 50 rows" in large["notes"]["note"].iloc[0]


def test_replicates_do_not_depend_on_how_many_there_are():
    few, more = made(steps=200, replicates=2), made(steps=200)
    shared = more["risk"].query("replicate <= 2").reset_index(drop=True)
    np.testing.assert_allclose(few["risk"]["risk"], shared["risk"], rtol=1e-3)


def test_partial_tables_are_declared_and_progress_rises():
    seen = []
    run(Config(**SMALL), lambda *report: seen.append(report))
    fractions = [fraction for fraction, *_ in seen]
    assert fractions == sorted(fractions)
    for _, message, tables in (report for report in seen if len(report) > 2 and report[2]):
        assert message.startswith("training, step ")
        for name, frame in tables.items():
            assert list(frame.columns) == list(TABLES[name].columns)
        assert panels(tables, Config())


def test_cancel_passes_through():
    def report(fraction, message, tables=None):
        if fraction > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(Config(**{**SMALL, "steps": 50_000}), report)
