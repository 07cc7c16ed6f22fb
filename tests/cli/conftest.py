"""What the tests of the command line share: the command itself, run here or in its own process."""

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from core.cli import main

SMALL = ["--samples", "20", "--features", "40", "--replicates", "20"]


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


@pytest.fixture(scope="package")
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
