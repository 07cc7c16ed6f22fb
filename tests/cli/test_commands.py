"""What the commands print and write."""

import json
import re
import shlex
import zipfile

import numpy as np
import pandas as pd
import pytest

from core import run
from core.catalog import experiments
from core.experiment import CHECKS, InputError
from core.families import fit
from core.runs.request import request
from tests.cli.conftest import SMALL, strict_json


def test_list_has_every_question(ermine):
    status, out, _ = ermine("list")
    assert status == 0
    for experiment in experiments().values():
        assert re.search(rf"^  {experiment.name} +{re.escape(experiment.question)}$", out, re.MULTILINE)


def test_list_as_json(ermine):
    status, out, err = ermine("list", "--json")
    listed = strict_json(out)
    assert (status, err, list(listed)) == (0, "", ["experiments"])
    assert [e["name"] for e in listed["experiments"]] == list(experiments())
    for described in listed["experiments"]:
        assert list(described) == ["name", "chapter", "question", "fields"]
        assert list(described["fields"]) == list(experiments()[described["name"]].config.model_fields)
        for field in described["fields"].values():
            assert list(field) == ["default", "allowed", "unit", "description"]


@pytest.mark.parametrize("name", experiments())
def test_show_names_fields_breaks_and_tables(ermine, name):
    status, out, _ = ermine("show", name)
    experiment = experiments()[name]
    assert status == 0
    for field in experiment.config.model_fields:
        assert f"--{field.replace('_', '-')} (default " in out
    for text in (experiment.question, *experiment.breaks, *experiment.tables):
        assert text in out


def test_run_as_json(one_run):
    _, printed = one_run
    assert list(printed) == ["experiment", "id", "config", "tables"]
    asked = request("double-descent", {"samples": 20, "features": 40, "replicates": 20})
    assert printed["experiment"] == "double-descent"
    assert printed["id"] == asked.id
    assert printed["config"] == asked.config.model_dump(mode="json")
    assert list(printed["tables"]) == list(asked.experiment.tables)
    assert list(printed["tables"]["checks"][0]) == list(CHECKS.columns)
    # What is missing is null: an asymptotic check has no standard error.
    assert {None} <= {row["standard_error"] for row in printed["tables"]["checks"]}


def test_run_as_csv(one_run):
    folder, printed = one_run
    assert {p.name for p in folder.iterdir()} == {
        *(f"{t}.csv" for t in printed["tables"]),
        "config.json",
    }
    assert strict_json((folder / "config.json").read_text()) == {
        "experiment": "double-descent",
        "version": experiments()["double-descent"].version,
        "id": printed["id"],
        "config": printed["config"],
    }
    risk = pd.read_csv(folder / "risk.csv")
    assert risk["risk"].tolist() == [row["risk"] for row in printed["tables"]["risk"]]


def test_flags_may_stand_before_the_name(ermine, tmp_path):
    status, _, err = ermine("run", "--csv", tmp_path, *SMALL, "--seed=3", "double-descent")
    assert (status, err) == (0, "")
    assert json.loads((tmp_path / "config.json").read_text())["config"]["seed"] == 3


def test_strict_succeeds_where_every_check_holds(ermine):
    status, out, _ = ermine("run", "double-descent", "--strict")
    assert (status, "FAILS" in out, "holds" in out) == (0, False, True)


def test_strict_fails_where_an_assumption_is_broken_as_show_spells_it(ermine):
    _, shown, _ = ermine("show", "double-descent")
    spelled = next(line for line in shown.splitlines() if line.strip().startswith("Correlated"))
    flags = shlex.split(spelled.partition(": ")[2])
    status, out, _ = ermine("run", "double-descent", *flags, "--strict")
    assert (status, "FAILS" in out) == (1, True)


def test_a_failed_check_without_strict_is_no_failure(ermine):
    status, out, _ = ermine("run", "double-descent", *SMALL, "--design", "correlated")
    assert (status, "FAILS" in out) == (0, True)


def test_a_run_that_cannot_be_kept_is_printed(ermine, tmp_path, monkeypatch):
    def full(*_):
        raise InputError("The disk is full.")

    monkeypatch.setattr("core.runs.store.Store.put", full)
    status, out, err = ermine("run", "double-descent", *SMALL, "--json")
    assert (status, err) == (0, "ermine: The run was not kept. The disk is full.\n")
    assert len(strict_json(out)["tables"]["risk"])


def test_sweep_over_two_fields(ermine, tmp_path, one_run):
    over = ["--over", "noise=0.5,1", "--over", "seed=0,7"]
    status, out, err = ermine("sweep", "double-descent", *SMALL, *over, "--csv", tmp_path, "--json")
    printed = strict_json(out)
    assert status == 0
    assert err.splitlines()[-1] == "ermine: noise=1.0, seed=7 (4 of 4)"
    assert list(printed) == ["experiment", "fixed", "over", "ids", "tables"]
    assert printed["fixed"] == {"samples": 20, "features": 40, "replicates": 20}
    assert printed["over"] == {"noise": [0.5, 1.0], "seed": [0, 7]}
    assert strict_json((tmp_path / "config.json").read_text()) == {
        name: value for name, value in printed.items() if name != "tables"
    }
    folder, single = one_run
    for name, rows in single["tables"].items():
        table, alone = pd.read_csv(tmp_path / f"{name}.csv"), pd.read_csv(folder / f"{name}.csv")
        assert list(table.columns) == ["noise", "seed", *alone.columns]
        # The point with the defaults of both fields is the single run.
        point = table[(table["noise"] == 1) & (table["seed"] == 0)].drop(columns=["noise", "seed"])
        pd.testing.assert_frame_equal(
            point.reset_index(drop=True), alone, check_exact=True, check_dtype=bool(len(rows))
        )
    risk = pd.read_csv(tmp_path / "risk.csv")
    assert len(risk) == 4 * len(single["tables"]["risk"])
    assert risk.dtypes[["noise", "seed", "features"]].astype(str).tolist() == ["float64", *2 * ["int64"]]
    assert len(set(printed["ids"])) == 4
    assert single["id"] in printed["ids"]


def test_sweep_over_a_field_of_several_values(ermine, monkeypatch):
    seen = []

    def trained(asked, *_):
        seen.append(asked.config.widths)
        row = dict.fromkeys(CHECKS.columns, 0.0)
        return {"checks": CHECKS.frame([{**row, "holds": True}]), "risk": pd.DataFrame({"epoch": [1]})}

    monkeypatch.setattr("core.cli.running.carry_out", trained)
    monkeypatch.setattr("core.runs.store.Store.put", lambda *_: None)
    status, out, _ = ermine("sweep", "fit-network", "--over", "widths=8;8,4;", "--json")
    printed = strict_json(out)
    assert (status, seen) == (0, [(8,), (8, 4), ()])
    assert printed["over"] == {"widths": [[8], [8, 4], []]}
    assert [row["widths"] for row in printed["tables"]["risk"]] == ["8", "8,4", ""]


def test_fit_as_json(ermine, files):
    families = ["--family", "weibull_min", "--family", "gamma", "--family", "lognormal"]
    status, out, _ = ermine("fit", files / "good.csv", "--column", "weight", *families, "--json")
    printed = strict_json(out)
    assert (status, list(printed)) == (0, ["fits"])
    assert {f["family"] for f in printed["fits"]} == {"weibull", "gamma", "lognormal"}
    for found in printed["fits"]:
        assert list(found) == [
            *("family", "parameters", "standard_errors", "log_likelihood"),
            *("aic", "aicc", "bic", "statistics", "p_value"),
        ]
        assert found["parameters"].keys() == found["standard_errors"].keys()
        assert set(found["statistics"]) == {"ks", "cvm", "ad"}
    assert [f["aicc"] for f in printed["fits"]] == sorted(f["aicc"] for f in printed["fits"])


def test_fit_finds_the_published_figures_of_ground_beef(ermine, reference):
    """Cullen & Frey's serving sizes as fitdistrplus fits them; its figures are given to these digits."""
    families = ["--family", "weibull", "--family", "gamma", "--family", "lognormal"]
    file = reference / "data" / "fitdistrplus_groundbeef.csv"
    _, out, _ = ermine("fit", file, "--column", "serving", *families, "--json", "--confidence", "0.95")
    fits = {f["family"]: f for f in strict_json(out)["fits"]}
    assert fits["weibull"]["parameters"]["shape"] == pytest.approx(2.18561, abs=1e-5)
    assert fits["weibull"]["parameters"]["scale"] == pytest.approx(83.3467, abs=1e-3)
    assert fits["weibull"]["log_likelihood"] == pytest.approx(-1255.2247, abs=1e-4)
    assert min(fits, key=lambda name: fits[name]["aic"]) == "gamma"
    # The same refitted draws as on the page at its default seed.
    own = {"data": str(file), "column": "serving", "families": ("weibull", "gamma", "lognormal")}
    made = run("fit-distribution", **own)
    page = made["fits"].set_index("family")["p_value"]
    assert fits["gamma"]["p_value"] == page["gamma"]
    # And the same intervals of the best family.
    drawn = made["intervals"][made["intervals"]["kind"].isin(["Wald", "profile"])]
    for column in ("quantity", "kind", "low", "high"):
        assert [line[column] for line in fits["gamma"]["intervals"]] == list(drawn[column])
    _, out, _ = ermine("fit", file, "--column", "serving", *families)
    assert f"p {page['gamma']:.3g}" in out


def test_fit_of_a_million_rows(ermine, tmp_path):
    values = np.random.default_rng(0).gamma(2.0, 3.0, 1_000_000)
    file = tmp_path / "many.csv"
    file.write_text("x\n" + "\n".join(map(repr, values.tolist())) + "\n")
    status, out, _ = ermine("fit", file, "--family", "gamma", "--json")
    found = strict_json(out)["fits"][0]
    assert status == 0
    for name, true in {"shape": 2.0, "scale": 3.0}.items():
        assert abs(found["parameters"][name] - true) < 4 * found["standard_errors"][name]


def test_fit_takes_bounds_weights_and_points_of_truncation(ermine, tmp_path):
    (tmp_path / "x.csv").write_text("lo,hi,n\n1,1,3\n2.5,2.5,2\n4,,2\n,1.5,1\n3,3.5,1\n")
    options = ["--column", "lo", "--upper", "hi", "--weights", "n", "--family", "exponential", "--json"]
    _, out, err = ermine("fit", tmp_path / "x.csv", *options)
    whole = strict_json(out)["fits"][0]
    _, out, _ = ermine("fit", tmp_path / "x.csv", *options, "--seen-from", "0.5")
    part = strict_json(out)["fits"][0]
    assert "3 of 5 values are known by bounds only" in err
    again = fit(
        ([1, 2.5, 4, np.nan, 3], [1, 2.5, np.nan, 1.5, 3.5]),
        "exponential",
        weights=[3, 2, 2, 1, 1],
        truncated=(0.5, None),
    )
    assert part["parameters"] == again.parameters
    assert part["parameters"]["scale"] < whole["parameters"]["scale"]


def test_fit_says_what_it_left_out(ermine, tmp_path):
    (tmp_path / "x.csv").write_text("x\n1\n2\n\n3.5\nNA\ninf\n4\n")
    status, _, err = ermine("fit", tmp_path / "x.csv", "--family", "normal")
    assert status == 0
    assert re.search(r"of \d values are left out: \d with missing values and 1 with infinite", err)


def test_export_is_the_run_as_it_was_written(ermine, one_run, tmp_path):
    folder, printed = one_run
    target = tmp_path / "run.zip"
    assert ermine("export", printed["id"], "--to", target) == (0, f"{target}\n", "")
    with zipfile.ZipFile(target) as packed:
        assert {f"{name}.csv" for name in printed["tables"]} < set(packed.namelist())
        for path in folder.iterdir():
            assert packed.read(path.name) == path.read_bytes(), path.name
