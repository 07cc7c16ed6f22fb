"""The command line as a person meets it: what it prints, how it refuses, how it ends."""

import json
import os
import pty
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

from core.catalog import experiments
from core.cli import main
from core.experiment import CHECKS, InputError
from core.runs.request import request
from core.runs.store import Store
from tests.conftest import REFERENCE

SMALL = ["--samples", "20", "--features", "40", "--replicates", "20"]
# About half a minute of work, reported several times a second.
LONG = ["double-descent", "--samples", "400", "--features", "2000", "--replicates", "200"]


@pytest.fixture
def ermine(capsys):
    """Runs the command here: exit status, standard output, standard error."""

    def call(*arguments):
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def files(tmp_path):
    """Files of a person's: a good one, and some that cannot be used."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"weight": rng.gamma(3, 2, 60), "height": rng.normal(size=60), "name": "a"})
    frame.to_csv(tmp_path / "good.csv", index=False)
    (tmp_path / "empty.csv").write_text("")
    return tmp_path


@pytest.fixture(scope="module")
def one_run(tmp_path_factory):
    """A small run by command: its folder of CSV files and what it printed as JSON."""
    folder = tmp_path_factory.mktemp("run") / "new" / "csv"
    command = ["run", "double-descent", *SMALL, "--csv", str(folder), "--json"]
    done = subprocess.run([sys.executable, "-m", "core.cli", *command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return folder, strict_json(done.stdout)


def strict_json(text):
    """JSON as every reader has it: without NaN and infinities."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def assert_one_sentence(status, out, err, match):
    assert status == 2
    assert out == ""
    assert re.fullmatch(r"ermine: [^\n]+[.?]\n", err), err
    assert "Traceback" not in err
    assert re.search(match, err), err


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


@pytest.mark.parametrize("flag", ["--learning-rate", "--learning_rate"])
def test_both_spellings_of_a_flag(ermine, flag):
    done = ermine("run", "fit-network", flag, "fast")
    assert_one_sentence(*done, r"`learning_rate` must be a number .*; it was fast\.")


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


REFUSED = {
    "no command": ("", r"required: COMMAND; see `ermine --help`"),
    "unknown command": ("walk", r"invalid choice: 'walk'"),
    "no experiment": ("run", r"required: NAME; see `ermine run --help`"),
    "unknown experiment": ("run nope", r"`nope` is not an experiment; there are .*double-descent"),
    "unknown experiment shown": ("show nope", r"`nope` is not an experiment"),
    "unknown field": ("run double-descent --sample 3", r"did you mean `samples`\?"),
    "unknown option of show": ("show double-descent --samples 3", r"`--samples` is not understood"),
    "bad value": (
        "run double-descent --samples many",
        r"`samples` must be a whole number from 20 to 400; it was many\.",
    ),
    "no value": ("run double-descent --samples", r"argument --samples: expected one argument"),
    "missing file": (
        "run fit-distribution --data {files}/none.csv",
        r"`data` must be a data set's name or a file; there is no file .*none\.csv\.",
    ),
    "endless name": ("fit {files}/" + "x" * 300, r"cannot be used: File name too long"),
    "missing file to fit": ("fit {files}/none.csv", r"there is no file .*none\.csv\."),
    "empty file": ("fit {files}/empty.csv", r"`empty.csv` must hold a table; it is empty\."),
    "text column": ("fit {files}/good.csv --column name", r"column `name` must hold numbers; .*text"),
    "unknown column": ("fit {files}/good.csv --column wieght", r"'wieght' is not one"),
    "which column": ("fit {files}/good.csv", r"`column` must say which of the 2 columns of numbers"),
    "unknown family": (
        "fit {files}/good.csv --column weight --family wiebull",
        r"not 'wiebull'; did you mean weibull\?",
    ),
    "unknown run": ("export 0123456789abcdef", r"there is no run 0123456789abcdef\."),
    "file as folder": (
        "run double-descent --csv {files}/good.csv",
        r"`--csv` must be a folder that can be written; .*good\.csv: File exists\.",
    ),
    "sweep into a file": (
        "sweep double-descent --over seed=1 --csv {files}/good.csv/x",
        r"`--csv` must be a folder .*: Not a directory\.",
    ),
    "sweep over nothing": ("sweep double-descent", r"required: --over"),
    "sweep without values": ("sweep double-descent --over noise", r"`--over` must be FIELD=A,B,C"),
    "sweep over an unknown field": (
        "sweep double-descent --over nois=1,2",
        r"`nois` is not a field of double-descent; did you mean `noise`\?",
    ),
    "sweep over a bad value": (
        "sweep double-descent --over noise=1,loud",
        r"`noise` must be a number from 0\.05 to 10; it was loud\.",
    ),
    "sweep over a fixed field": (
        "sweep double-descent --noise 1 --over noise=1,2",
        r"`noise` must be given once",
    ),
    "sweep over a field twice": (
        "sweep double-descent --over noise=1 --over noise=2",
        r"`noise` must be given once",
    ),
    "not a checkout": ("new my-question --chapter training", r"must be run in a checkout"),
}


@pytest.mark.parametrize(("command", "match"), REFUSED.values(), ids=REFUSED)
def test_refused_in_one_sentence(ermine, files, monkeypatch, command, match):
    monkeypatch.chdir(files)
    assert_one_sentence(*ermine(*shlex.split(command.format(files=files))), match)


@pytest.mark.parametrize("command", ["run double-descent", "export 0123456789abcdef"])
def test_store_of_a_newer_version_is_left_alone(ermine, tmp_path, monkeypatch, command):
    url = f"sqlite:///{tmp_path / 'ermine.db'}"
    Store(url).close()
    with sqlite3.connect(tmp_path / "ermine.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    monkeypatch.setenv("ERMINE_DATABASE_URL", url)
    assert_one_sentence(*ermine(*command.split()), r"made by a newer Ermine .*: update Ermine")


def test_home_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    environment = {**os.environ, "ERMINE_HOME": str(tmp_path / "file" / "home")}
    del environment["ERMINE_DATABASE_URL"]
    done = subprocess.run(
        [sys.executable, "-m", "core.cli", "list"], env=environment, capture_output=True, text=True
    )
    assert_one_sentence(done.returncode, done.stdout, done.stderr, r"file/home\W.*Not a directory")


def test_a_fault_of_ours_is_no_traceback_and_no_failed_check(ermine, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("core.cli.running.carry_out", broken)
    assert ermine("run", "double-descent") == (
        3,
        "",
        "ermine: ZeroDivisionError: division by zero. This is a fault of Ermine's.\n",
    )


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
            *("aic", "aicc", "bic", "statistics"),
        ]
        assert found["parameters"].keys() == found["standard_errors"].keys()
        assert set(found["statistics"]) == {"ks", "cvm", "ad"}
    assert [f["aicc"] for f in printed["fits"]] == sorted(f["aicc"] for f in printed["fits"])


def test_fit_finds_the_published_figures_of_ground_beef(ermine, reference):
    """Cullen & Frey's serving sizes as fitdistrplus fits them; its figures are given to these digits."""
    families = ["--family", "weibull", "--family", "gamma", "--family", "lognormal"]
    file = REFERENCE / "data" / "fitdistrplus_groundbeef.csv"
    _, out, _ = ermine("fit", file, "--column", "serving", *families, "--json")
    fits = {f["family"]: f for f in strict_json(out)["fits"]}
    assert fits["weibull"]["parameters"]["shape"] == pytest.approx(2.18561, abs=1e-5)
    assert fits["weibull"]["parameters"]["scale"] == pytest.approx(83.3467, abs=1e-3)
    assert fits["weibull"]["log_likelihood"] == pytest.approx(-1255.2247, abs=1e-4)
    assert min(fits, key=lambda name: fits[name]["aic"]) == "gamma"


def test_fit_of_a_million_rows(ermine, tmp_path):
    values = np.random.default_rng(0).gamma(2.0, 3.0, 1_000_000)
    file = tmp_path / "many.csv"
    file.write_text("x\n" + "\n".join(map(repr, values.tolist())) + "\n")
    status, out, _ = ermine("fit", file, "--family", "gamma", "--json")
    found = strict_json(out)["fits"][0]
    assert status == 0
    for name, true in {"shape": 2.0, "scale": 3.0}.items():
        assert abs(found["parameters"][name] - true) < 4 * found["standard_errors"][name]


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


def test_export_to_a_place_that_is_none(ermine, one_run, files):
    done = ermine("export", one_run[1]["id"], "--to", files / "good.csv" / "run.zip")
    assert_one_sentence(*done, r"`--to` must be a place that can be written; .*: Not a directory\.")


def test_interrupted_where_output_is_a_file():
    sweep = ["sweep", *LONG, "--over", "seed=1"]
    with subprocess.Popen(
        [sys.executable, "-m", "core.cli", *sweep],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline() == "ermine: seed=1 (1 of 1)\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err == "ermine: interrupted; what was under way is not kept.\n"


def test_interrupted_on_a_terminal_where_progress_shows():
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "core.cli", "run", *LONG]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        while "░".encode() not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        try:
            while more := os.read(ours, 4096):
                seen += more
        except OSError:
            pass  # Linux says so that the other end of a terminal is closed
        out = process.stdout.read()
    os.close(ours)
    text = seen.decode()
    assert (process.returncode, out) == (130, b"")
    assert re.search(r"\r\x1b\[K█*░+ +\d+% \w+", text)
    assert text.endswith("\r\x1b[K\r\nermine: interrupted; what was under way is not kept.\r\n")
    assert "Traceback" not in text
