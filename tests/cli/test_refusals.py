"""Unusable input is refused in one sentence, with status 2 and no traceback."""

import os
import shlex
import sqlite3
import subprocess
import sys

import pytest

from core.runs.store import Store
from tests.cli.conftest import assert_one_sentence

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
        [sys.executable, "-m", "core.cli", "run", "fit-network"],
        env=environment,
        capture_output=True,
        text=True,
    )
    said = r"ERMINE_HOME.*file/home: not a directory"
    assert_one_sentence(done.returncode, done.stdout, done.stderr, said)


def test_a_fault_of_ours_is_no_traceback_and_no_failed_check(ermine, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("core.cli.running.carry_out", broken)
    assert ermine("run", "double-descent") == (
        3,
        "",
        "ermine: ZeroDivisionError: division by zero. This is a fault of Ermine's.\n",
    )


@pytest.mark.parametrize("flag", ["--learning-rate", "--learning_rate"])
def test_both_spellings_of_a_flag(ermine, flag):
    done = ermine("run", "fit-network", flag, "fast")
    assert_one_sentence(*done, r"`learning_rate` must be a number .*; it was fast\.")


def test_export_to_a_place_that_is_none(ermine, one_run, files):
    done = ermine("export", one_run[1]["id"], "--to", files / "good.csv" / "run.zip")
    assert_one_sentence(*done, r"`--to` must be a place that can be written; .*: Not a directory\.")
