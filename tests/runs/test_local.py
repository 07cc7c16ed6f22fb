"""The call, the command and the frame of a run give the same tables, bit for bit."""

import shlex

import numpy as np
import pandas as pd
import pytest

from core import Cancelled, InputError, run
from core.cli import main
from core.runs import export
from core.runs.local import own_data
from core.runs.request import request

RUNS = {
    "double-descent": {"samples": 20, "features": 40, "replicates": 20, "noise": 0.3, "seed": 11},
    "fit-distribution": {"data": "weights of mine.csv", "column": "gross weight", "replicates": 20},
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A person's folder, with a file whose names need quoting."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"gross weight": rng.gamma(2, 3, 50).round(2), "net": rng.normal(size=50)})
    frame.to_csv(tmp_path / "weights of mine.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=RUNS)
def made(request):
    """A run, its values, and what the page knows of it: the request and the name of each file."""
    name = request.param
    prepared, files = own_data(name, RUNS[name])
    return name, prepared, {f.digest: f.name for f in files}, run(name, **RUNS[name])


def test_call_and_command_give_the_same_tables(made, folder, capsys):
    name, prepared, names, tables = made
    asked = request(name, prepared)
    called = {}
    exec(export.call(asked, names), called)
    program, *arguments = shlex.split(export.command(asked, names))
    assert program == "ermine"
    assert main([*arguments, "--csv", "out"]) == 0
    assert f"run {asked.id}\n" in capsys.readouterr().out
    for table, frame in tables.items():
        pd.testing.assert_frame_equal(called["tables"][table], frame, check_exact=True)
        assert (folder / "out" / f"{table}.csv").read_bytes() == export.csv(frame), table
    written = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert written == export.files(tables, asked)


def test_a_frame_gives_what_its_file_gives(folder):
    values = RUNS["fit-distribution"]
    frame = pd.read_csv(folder / values["data"])
    by_file, by_frame = (
        run("fit-distribution", **values),
        run("fit-distribution", **{**values, "data": frame}),
    )
    for table in by_file:
        if table != "notes":
            pd.testing.assert_frame_equal(by_file[table], by_frame[table], check_exact=True)


def test_a_file_is_known_by_its_content(folder):
    first, _ = own_data("fit-distribution", {"data": "weights of mine.csv"})
    (folder / "copy.csv").write_bytes((folder / "weights of mine.csv").read_bytes())
    second, files = own_data("fit-distribution", {"data": folder / "copy.csv"})
    assert first == second
    assert files[0].name == "copy.csv"


def test_values_that_are_no_data_are_left_as_they_are():
    values = {"data": "iris-sepal-length", "column": "weights of mine.csv", "seed": 1}
    assert own_data("fit-distribution", values) == (values, [])


@pytest.mark.parametrize(
    ("values", "match"),
    [
        (
            {"data": "none.csv"},
            r"^`data` must be a data set's name or a file; there is no file none\.csv",
        ),
        ({"data": "none/here"}, r"there is no file none/here\."),
        ({"data": "irs"}, r"^`data` must be one of .*; 'irs' is not\."),
        ({"data": 3}, r"^`data` must be text; it was 3\."),
        ({"data": "upload:0123"}, r"^`data` names an uploaded file that is not here: 0123\."),
        ({"colum": "x"}, r"^`colum` is not a field of fit-distribution; did you mean `column`\?"),
    ],
    ids=["missing", "folder", "unknown", "number", "upload", "field"],
)
def test_unusable_values(values, match):
    with pytest.raises(InputError, match=match):
        run("fit-distribution", **values)


def test_progress_goes_up():
    seen = []
    run("double-descent", report=lambda done, *_, **__: seen.append(done), **RUNS["double-descent"])
    assert seen
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1


def test_report_can_end_a_run():
    def report(fraction, message, tables=None):
        raise Cancelled

    with pytest.raises(Cancelled):
        run("double-descent", report=report, **RUNS["double-descent"])
