"""A run as files: every digit, every name, and the same bytes each time."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from core import run
from core.datasets.uploaded import File
from core.runs import export
from core.runs.request import request
from core.runs.software import software

SMALL = {"samples": 20, "features": 40, "replicates": 20, "seed": 3}
TRICKY = {
    "missing": [1.5, np.nan, -0.0],
    "infinite": [np.inf, -np.inf, 1.0],
    "tiny": [5e-324, 0.1 + 0.2, 1 / 3],
    "huge": [1.7976931348623157e308, 1e22, -123456789.12345679],
    "text": ['a "quoted" word', "one, two", "first line\nsecond line"],
    "greek": ["λ*", "√n (θ̂ − θ)", "日本語"],
    "spaces": [" lead", "trail ", "=1+1"],
    "truth": [True, False, True],
    "whole": [-(2**63), 2**63 - 1, 0],
    "comma, in the name": [1, 2, 3],
}


# As in tests/networks/test_export.py: the same compiled programs.
IRIS = {"data": "iris", "epochs": 2, "widths": (8,), "replicates": 3}


@pytest.fixture(scope="module")
def tables():
    return run("double-descent", **SMALL)


@pytest.fixture(scope="module")
def archived(tables):
    """The archive's files by name."""
    return unzip(export.archive(tables, request("double-descent", SMALL), software(), "https://x/y?z=1"))


def unzip(content):
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize("column", TRICKY)
def test_csv_reads_back_in_pandas(column):
    frame = pd.DataFrame({column: TRICKY[column]})
    back = pd.read_csv(io.BytesIO(export.csv(frame)))
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    if column == "missing":
        assert np.signbit(back[column][2])


def test_csv_of_all_of_them_reads_back_in_pandas():
    frame = pd.DataFrame(TRICKY)
    content = export.csv(frame)
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(content)), frame, check_exact=True)
    assert content.startswith(b'missing,infinite,tiny,huge,text,greek,spaces,truth,whole,"comma, in')
    assert b"\r" not in content


def test_csv_of_no_rows_keeps_its_columns():
    assert export.csv(pd.DataFrame({"a": [], "b": []})) == b"a,b\n"


def test_random_bits_survive_csv():
    """Any double at all, not only those of ordinary size."""
    bits = np.random.default_rng(0).integers(0, 2**64, 20_000, dtype=np.uint64).view(np.float64)
    frame = pd.DataFrame({"x": bits[np.isfinite(bits)]})
    back = pd.read_csv(io.BytesIO(export.csv(frame)))
    assert (back["x"].to_numpy().view(np.uint64) == frame["x"].to_numpy().view(np.uint64)).all()


def test_archive_holds_every_table_and_what_made_it(tables, archived):
    others = ["config.json", "versions.json", "README.md"]
    assert list(archived) == [*(f"{name}.csv" for name in tables), *others]
    for name, table in tables.items():
        assert archived[f"{name}.csv"] == export.csv(table)
    asked = request("double-descent", SMALL)
    config = json.loads(archived["config.json"])
    assert config == {
        "experiment": "double-descent",
        "version": asked.experiment.version,
        "id": asked.id,
        "config": asked.config.model_dump(mode="json"),
    }
    assert request(config["experiment"], config["config"]) == asked
    assert json.loads(archived["versions.json"]) == software()
    assert {"ermine", "python", "numpy", "scipy", "jax", "pandas"} <= software().keys()


def test_readme_names_every_column_setting_and_unit(tables, archived):
    text = archived["README.md"].decode()
    asked = request("double-descent", SMALL)
    experiment = asked.experiment
    assert text.startswith(f"# Double descent\n\n{experiment.question}\n")
    assert f"Run {asked.id}, seed 3, version {experiment.version} of the experiment." in text
    assert "https://x/y?z=1" in text
    assert export.command(asked) in text
    assert export.call(asked) in text
    for name, info in experiment.config.model_fields.items():
        assert f"- `{name}` = {getattr(asked.config, name)}" in text
        assert info.description in text
    assert "- `noise` = 1.0 units of the target (" in text
    for name, table in tables.items():
        part = text.partition(f"## {name}.csv\n")[2].partition("\n## ")[0]
        assert f"Rows: {len(table)}." in part
        for column, meaning in experiment.tables[name].columns.items():
            assert f"- `{column}`: {meaning}" in part.splitlines()


def test_archive_has_the_same_bytes_each_time(tables):
    asked = request("double-descent", SMALL)
    once = export.archive(tables, asked, software())
    copied = {name: table.copy() for name, table in tables.items()}
    assert export.archive(copied, asked, software()) == once


def test_archive_of_older_code_has_what_it_had(tables):
    """A table and a column that are no longer declared are kept, and said to be old."""
    older = {"risk": tables["risk"].assign(colour="red"), "shape": pd.DataFrame({"angle": [1.0]})}
    found = unzip(export.archive(older, request("double-descent", SMALL), software()))
    assert found["risk.csv"] == export.csv(older["risk"])
    text = found["README.md"].decode()
    assert "- `colour`: of an older version" in text
    assert "## shape.csv\n\nOf an older version. Rows: 1.\n\n- `angle`: of an older version" in text


def test_own_data_is_called_by_its_name():
    file = File.of_frame(pd.DataFrame({"my weight": [1.0, 2.0]}))
    asked = request("fit-distribution", {"data": f"upload:{file.digest}", "column": "my weight"})
    names = {file.digest: "my file.csv"}
    assert export.command(asked, names) == (
        "ermine run fit-distribution '--data=my file.csv' '--column=my weight'"
    )
    assert export.call(asked, names) == (
        'from core import run; tables = run("fit-distribution", '
        "data='my file.csv', column='my weight')"
    )


def test_a_trained_network_leaves_as_a_file_that_numpy_evaluates(tmp_path, monkeypatch):
    asked = request("fit-network", IRIS)
    made = run("fit-network", **asked.changed())
    written = export.files(made, asked)
    (tmp_path / "network.npz").write_bytes(written["network.npz"])
    monkeypatch.chdir(tmp_path)
    rows = made["predictions"]["row"].to_numpy()
    names = {"inputs": load_iris().data[rows - 1]}
    exec(written["network.py"].decode(), names)
    told = made["probabilities"].pivot(index="row", columns="class", values="probability")
    np.testing.assert_allclose(
        names["predicted"], told.loc[rows, ["setosa", "versicolor", "virginica"]], atol=1e-5
    )


def test_a_network_that_diverged_leaves_no_file():
    asked = request("fit-network", {**IRIS, "learning_rate": 1e9})
    assert not {"network.npz", "network.py"} & set(
        export.files(run("fit-network", **asked.changed()), asked)
    )
