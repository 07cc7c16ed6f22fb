"""Spectra: theory holds on noise, fails without its assumptions, and counts directions in tables."""

import numpy as np
import pandas as pd
import pytest

from core import run as carried_out
from core.datasets.uploaded import File, provided
from core.experiment import InputError, silent
from core.experiments.generalization.spectra import BREAKS, Config, run
from dashboard.views.generalization.spectra import panels, verdict

SMALL = {"samples": 100, "features": 60, "replicates": 20, "draws": 200}


def tables(**values):
    return run(Config(**{**SMALL, **values}), silent)


def of_file(frame, **values):
    file = File.of_frame(frame)
    with provided({file.digest: file.frame}):
        return run(Config(data=f"upload:{file.digest}", replicates=40, **values), silent)


def counted(found, method="line"):
    return found["directions"].set_index("method").at[method, "count"]


@pytest.mark.parametrize("values", [{}, {"matrix": "symmetric"}, {"features": 200}], ids=str)
def test_theory_holds(values):
    checks = tables(**values)["checks"]
    assert checks["holds"].all(), checks.to_string()


@pytest.mark.parametrize("label", BREAKS)
@pytest.mark.parametrize("matrix", ["covariance", "symmetric"])
def test_broken_assumption_leaves_only_what_knows_nothing_of_it(label, matrix):
    # Correlations along rows alone blur as a matrix is made symmetric.
    values = {**BREAKS[label], "correlation": 0.3 if matrix == "covariance" else 0.9}
    checks = tables(**values, matrix=matrix)["checks"]
    assert not checks["holds"].all()
    kept = checks["prediction"].str.contains("itself|Gaussian noise, in")
    assert kept.sum() == 2
    assert checks.loc[kept, "holds"].all()


def test_entries_of_light_tails_keep_the_law():
    """Universality: the spectrum does not know the law of the entries."""
    checks = tables(design="entries", tail=30.0)["checks"]
    assert checks.loc[checks["kind"] == "asymptotic", "holds"].all(), checks.to_string()


def test_directions_of_a_factor_model_are_found_in_a_file():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 3)) @ rng.standard_normal((3, 40)) + 2 * rng.standard_normal((300, 40))
    frame = pd.DataFrame(x).rename(columns="c{}".format).assign(word="a", flat=0.1)
    frame.loc[4, "c7"] = np.nan
    # Scale and unit of a column change nothing.
    frame["c3"] = 1e9 + 1e5 * frame["c3"]
    found = of_file(frame)
    assert counted(found) == counted(found, "shuffled") == 3
    assert found["checks"]["holds"].all(), found["checks"].to_string()
    assert len(found["eigenvalues"]) == 40
    notes = " ".join(found["notes"]["note"])
    assert "1 of 300 rows are left out" in notes
    assert "word" in notes
    assert "Constant columns are left out: flat" in notes
    assert set(found["loadings"]["rank"]) == {1, 2, 3}
    panel = panels(found, Config(data="iris"))[0]
    assert "3 stand above" in panel.alt


def test_columns_can_be_left_out_and_noise_has_no_direction():
    frame = pd.DataFrame(np.random.default_rng(1).standard_normal((60, 90))).add_prefix("c")
    found = of_file(frame.assign(double=frame["c0"]), leave_out="double, c1")
    assert len(found["eigenvalues"]) == 89
    assert counted(found) == 0
    assert (found["eigenvalues"]["eigenvalue"].iloc[59:] == 0).all()
    assert found["loadings"].empty
    assert verdict(found, Config(data="iris"))


def test_a_table_with_heavy_tails_is_said_not_to_suit_the_line():
    values = np.random.default_rng(2).standard_t(1.2, (200, 60))
    checks = of_file(pd.DataFrame(values).add_prefix("c"))["checks"].set_index("kind")
    assert not checks.at["bound", "holds"]
    assert checks.at["identity", "holds"]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            {"a": [1.0] * 9, "b": ["x"] * 9},
            r"^`data` must have at least 2 columns of numbers; it has 1\.$",
        ),
        ({"a": [1.0] * 9, "b": range(9)}, r"at least 2 columns that are not constant; it has 1\.$"),
        ({"a": [1.0, None, 3], "b": [1, 2, 3]}, r"at least 5 rows with a finite value .*; it has 2\.$"),
    ],
    ids=["text", "constant", "rows"],
)
def test_unusable_tables(frame, message):
    with pytest.raises(InputError, match=message):
        of_file(pd.DataFrame(frame))


def test_a_long_table_is_sampled_and_that_is_said(monkeypatch):
    monkeypatch.setattr("core.experiments.generalization.spectra.MOST_VALUES", 400)
    frame = pd.DataFrame(np.random.default_rng(3).standard_normal((300, 4))).add_prefix("c")
    assert "100 of 300 rows are used, drawn at random." in set(of_file(frame)["notes"]["note"])
    monkeypatch.setattr("core.experiments.generalization.spectra.MOST_COLUMNS", 3)
    with pytest.raises(InputError, match=r"^`data` must have at most 3 columns of numbers; it has 4\.$"):
        of_file(frame)


@pytest.mark.parametrize("data", ["simulated", "iris"])
def test_partial_tables_are_drawn(monkeypatch, data):
    monkeypatch.setattr("core.experiments.generalization.spectra.PAUSE", 0.0)
    seen, config = [], Config(**SMALL, data=data)
    run(config, lambda *said: seen.append(said))
    partial = next(said[2] for said in seen if len(said) > 2)
    assert panels(partial, config)
    assert verdict(partial, config)
    fractions = [said[0] for said in seen]
    assert fractions == sorted(fractions)


def test_unknown_data_are_refused_in_one_sentence():
    with pytest.raises(InputError, match=r"^`data` must be .*'moons' is not\.$"):
        carried_out("spectra", data="moons")
