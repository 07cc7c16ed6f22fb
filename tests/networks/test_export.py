"""A trained network as a file: the lines that are documented evaluate it with NumPy alone."""

import io

import numpy as np
import pandas as pd
import pytest

from core import run
from core.datasets.bundled import table
from core.experiment import InputError
from core.networks.export import arrays, npz, snippet

SHORT = {"epochs": 2, "widths": (7, 7), "replicates": 2}


def evaluated(tables, inputs, folder):
    """What the snippet gives for `inputs`."""
    (folder / "network.npz").write_bytes(npz(tables))
    code = snippet(tables, str(folder / "network.npz"))
    assert "core" not in code
    found = {"inputs": inputs}
    exec(code, found)
    return found["predicted"]


@pytest.mark.parametrize(
    "choices",
    [{"activation": "gelu"}, {"activation": "silu", "normalization": "layer", "residual": True}],
    ids=["plain", "layer norm, residual"],
)
def test_the_snippet_gives_the_predicted_probabilities(choices, tmp_path):
    tables = run("fit-network", data="iris", **choices, **SHORT)
    known = tables["predictions"]
    inputs = table("iris").drop(columns="target").to_numpy()[known["row"] - 1]
    probabilities = evaluated(tables, inputs, tmp_path)
    expected = tables["probabilities"]["probability"].to_numpy().reshape(len(known), 3)
    # The network computed in 32 bits.
    np.testing.assert_allclose(probabilities, expected, atol=3e-6)
    classes = arrays(tables)["classes"]
    assert list(classes[probabilities.argmax(axis=1)]) == list(known["predicted"])


@pytest.mark.parametrize("loss", ["negative-binomial"])
def test_the_snippet_gives_numbers_in_the_unit_of_the_target(loss, tmp_path):
    tables = run("fit-network", data="diabetes", loss=loss, **SHORT)
    known = tables["predictions"]
    inputs = table("diabetes").drop(columns="target").to_numpy()[known["row"] - 1]
    np.testing.assert_allclose(evaluated(tables, inputs, tmp_path), known["predicted"], rtol=1e-5)


def test_the_file_survives_a_csv_and_is_the_same_each_time():
    tables = run("fit-network", data="iris", **{**SHORT, "widths": ()})
    again = {
        name: pd.read_csv(io.StringIO(frame.to_csv(index=False)))
        for name, frame in tables.items()
        if name in ("parameters", "network")
    }
    assert npz(again) == npz(tables)
    net = arrays(tables)
    assert net["weight1"].shape == (4, 3)
    assert list(net["features"]) == list(table("iris").columns[:-1])


def test_a_network_that_is_too_large_has_no_parameters():
    tables = run("fit-network", samples=40, widths=(400, 400), epochs=1, replicates=1)
    assert tables["parameters"].empty
    with pytest.raises(
        InputError, match=r"`widths` must give a network that .* at most 100,000 numbers"
    ):
        npz(tables)
