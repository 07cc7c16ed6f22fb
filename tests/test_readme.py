"""What README.md tells a person to type works as it stands there."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.catalog import experiments
from core.cli import main

TEXT = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
# These make an environment and start servers; CI does so by itself.
ELSEWHERE = ("make ", "pip install")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def commands():
    lines = [line.partition("#")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(ELSEWHERE)]


@pytest.fixture(autouse=True)
def folder(tmp_path_factory, monkeypatch):
    """Where a person might be: a folder with a file of measurements."""
    made = tmp_path_factory.mktemp("readme")
    weight = np.random.default_rng(1).gamma(3.0, 2.0, 80)
    pd.DataFrame({"weight": weight, "height": weight + 1}).to_csv(made / "measurements.csv", index=False)
    monkeypatch.chdir(made)
    return made


def test_every_command(folder, capsys):
    """In the order they stand; `RUN` is the id that a run before it printed."""
    assert len(commands()) >= 7
    run = "RUN"
    for command in commands():
        program, *arguments = shlex.split(re.sub(r"\bRUN\b", run, command))
        assert program == "ermine"
        status = main(arguments)
        out, err = capsys.readouterr()
        assert status == 0, f"{command}\n{err}"
        assert out, command
        named = re.search(r": run ([0-9a-f]{16})$", out, re.MULTILINE)
        run = named[1] if named else run
    assert (folder / "out" / "risk.csv").is_file()
    assert (folder / "sweep" / "risk.csv").is_file()
    assert len(list(folder.glob("*.zip"))) == 1


@pytest.mark.parametrize("block", blocks("python"))
def test_every_python_block(block):
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    assert len(names["tables"]["risk"])
    assert names["tables"]["checks"]["holds"].all()


def test_every_experiment_is_named():
    assert set(re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE)) == set(experiments())
