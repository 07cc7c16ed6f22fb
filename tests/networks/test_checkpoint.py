"""A run that was stopped goes on from where it stopped, to the same numbers, bit for bit."""

import pandas as pd
import pytest

from core import run
from core.experiment import Cancelled
from core.experiments.training import fit_network
from core.networks import checkpoint

VALUES = {"epochs": 400, "samples": 200, "widths": (16,), "replicates": 2, "batch_size": 16}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A data folder of its own for checkpoints, and a report every few milliseconds."""
    monkeypatch.setattr(fit_network, "PAUSE", 0.002)
    monkeypatch.setattr(checkpoint, "home", lambda: tmp_path)
    return tmp_path / "checkpoints"


def stopped(at, **values):
    """Runs until the share `at` is done; the shares that were reported."""
    shares = []

    def report(fraction, message, tables=None):
        if message.startswith("training"):
            shares.append(fraction)
        if fraction >= at:
            raise Cancelled

    with pytest.raises(Cancelled):
        run("fit-network", report, **values)
    return shares


@pytest.mark.parametrize(
    "more",
    [{}, {"early_stopping": True, "patience": 200, "normalization": "batch", "dropout": 0.2}],
    ids=["plain", "early stopping"],
)
def test_a_cancelled_run_goes_on_and_ends_with_the_same_numbers(folder, more):
    values = VALUES | more
    whole = run("fit-network", **values)
    assert not list(folder.glob("*"))
    first = stopped(0.2, **values)
    assert len(list(folder.glob("*.npz"))) == 1
    second = stopped(first[-1] + 0.1, **values)
    assert second[0] >= first[-1], "it does not begin again"
    resumed = run("fit-network", **values)
    for name, table in whole.items():
        pd.testing.assert_frame_equal(resumed[name], table, check_exact=True)
    assert not list(folder.glob("*")), "forgotten at the end"


def test_another_configuration_starts_anew(folder):
    stopped(0.2, **VALUES)
    other = {**VALUES, "seed": 1}
    assert stopped(0.1, **other)[0] < 0.2
    assert len(list(folder.glob("*.npz"))) == 2


def test_a_file_that_cannot_be_read_is_no_checkpoint(folder):
    whole = run("fit-network", **VALUES)
    stopped(0.2, **VALUES)
    (path,) = folder.glob("*.npz")
    path.write_bytes(path.read_bytes()[:100])
    pd.testing.assert_frame_equal(run("fit-network", **VALUES)["risk"], whole["risk"])
